"""The denoising loop, and its reverse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch

from scumble.api import AttentionHook, Mask, OnStep
from scumble.engine.sampling.attention import hooked
from scumble.engine.sampling.schedule import Schedule, add_noise, split

REFINEMENTS: Final = 2
"""How often an inversion asks the UNet at each step. With 20 steps on the starter model two bring the round trip's
error from 20–40 % to 1–3 %."""

DAMPING: Final = 0.7
"""The share of the remaining error that each refinement corrects."""


@dataclass(frozen=True, slots=True)
class Added:
    """What the UNet of SDXL reads beside the text's states: `pooled` (2, width), negative and positive, and `sizes`
    (1, 6): height and width of the original, top and left of the crop, height and width wanted (Podell et al., SDXL,
    section 2.2). Flux may be told the guidance scale, `guidance` (1,)."""

    pooled: torch.Tensor
    sizes: torch.Tensor
    guidance: torch.Tensor | None = None

    def named(self, rows: slice, copies: int) -> dict[str, Any]:
        """As the UNet takes them, for so many copies of those rows of the prompt."""
        pooled = self.pooled[rows].repeat_interleave(copies, dim=0)
        named = {"text_embeds": pooled, "time_ids": self.sizes.expand(len(pooled), -1)}
        if self.guidance is not None:
            named["guidance"] = self.guidance.expand(len(pooled))
        return {"added_cond_kwargs": named}


@dataclass(frozen=True, slots=True)
class Predictor:
    """The UNet with classifier-free guidance (Ho and Salimans, eq. 6).

    `prompt` (2, tokens, width): negative and positive. With `guidance` 1 the negative is not computed, nor outside the
    `interval`, a share 0…1 of the steps (Kynkäänniemi et al., Applying Guidance in a Limited Interval). `rescale` 0…1
    takes the guided prediction's deviation back to that of the positive one (Lin et al., Common Diffusion Noise
    Schedules, eq. 15 and 16). `extra` (1, channels, h, w) is appended to the latent's channels, as an inpainting UNet
    wants it; `added` is what SDXL reads besides.
    """

    unet: Any
    prompt: torch.Tensor
    guidance: float = 1.0
    extra: torch.Tensor | None = None
    rescale: float = 0.0
    interval: tuple[float, float] = (0.0, 1.0)
    added: Added | None = None

    def __call__(self, latent: torch.Tensor, timestep: torch.Tensor, progress: float = 0.0) -> torch.Tensor:
        """A latent (batch, channels, h, w) float32 and its timestep → the UNet's prediction, float32.

        `progress` is the share of the steps that is done.
        """
        batch = len(latent)
        if self.extra is not None:
            latent = torch.cat([latent, self.extra.expand(batch, -1, -1, -1)], dim=1)
        first, last = self.interval
        if self.guidance == 1.0 or not first <= progress < last:
            return self._positive(latent, timestep)
        negative, positive = self._both(latent, timestep)
        guided = negative + self.guidance * (positive - negative)
        if self.rescale > 0.0:
            over = (1, 2, 3)
            tamed = guided * (positive.std(over, keepdim=True) / guided.std(over, keepdim=True))
            guided = torch.lerp(guided, tamed, self.rescale)
        return guided

    def _positive(self, latent: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        return self._run(latent, timestep, slice(1, 2))

    def _both(self, latent: torch.Tensor, timestep: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        negative, positive = self._run(torch.cat([latent, latent]), timestep, slice(0, 2)).chunk(2)
        return negative, positive

    def _run(self, latent: torch.Tensor, timestep: torch.Tensor, rows: slice) -> torch.Tensor:
        """The UNet with those rows of the prompt, each for as many latents as there are to it."""
        kind, prompt = self.prompt.dtype, self.prompt[rows]
        copies = len(latent) // len(prompt)
        text = prompt.repeat_interleave(copies, dim=0)
        more = self.added.named(rows, copies) if self.added is not None else {}
        output: torch.Tensor = self.unet(
            latent.to(kind), timestep, encoder_hidden_states=text, return_dict=False, **more
        )[0]
        return output.float()


@dataclass(frozen=True, slots=True)
class Keep:
    """The part of a picture that stays: `known` latents, where and until when.

    `noise` is what `known` is noised with, the same at every step, so that the kept area follows one trajectory.
    `free` (1, 1, h, w) in 0…1 is the share of the steps, counted from the end, in which a cell may change
    (Levin and Fried, Differential Diffusion): 1 is free throughout, 0 never.
    """

    known: torch.Tensor
    noise: torch.Tensor
    free: torch.Tensor

    def blend(self, latent: torch.Tensor, alpha: float, progress: float) -> torch.Tensor:
        """`latent`, but `known` at the noise level `alpha` where cells are not free yet at `progress` in 0…1."""
        free = (self.free > 0) & (self.free >= 1.0 - progress)
        return torch.where(free, latent, add_noise(self.known, self.noise, alpha))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands between two steps: how many are `done`, the `latent` (batch, channels, h, w) by then, and its
    level `alpha`. With what the scheduler remembers it can be saved (`sampling.resume`)."""

    done: int
    latent: torch.Tensor
    alpha: float


@torch.no_grad()
def denoise(
    predict: Predictor,
    schedule: Schedule,
    latent: torch.Tensor | Standing,
    *,
    keep: Keep | None = None,
    attention_hook: AttentionHook | None = None,
    on_step: OnStep | None = None,
    on_standing: Callable[[Standing], None] | None = None,
) -> torch.Tensor:
    """Takes `latent` (batch, channels, h, w), at the noise level of the schedule's first step, to a clean one; or goes
    on from where a run like this one stood.

    Where `keep` never frees a cell, the result is exactly its `known`. `on_standing` is told after each step but the
    last, and may raise, which is how a run is paused.
    """
    steps = len(schedule)
    standing = latent if isinstance(latent, Standing) else _begun(schedule, latent, keep)
    latent, alpha = standing.latent, standing.alpha
    with hooked(predict.unet, attention_hook) as shared:
        for index in range(standing.done, steps):
            if shared is not None:
                shared.step = index
            output = predict(schedule.seen(latent, alpha), schedule.timesteps[index], index / steps)
            clean, _ = split(output, latent, alpha, schedule.prediction)
            latent, alpha = schedule.step(index, output, latent, alpha)
            if keep is not None:
                progress = (index + 1) / steps
                latent = keep.blend(latent, alpha, progress)
                clean = keep.blend(clean, 1.0, progress)
            if on_step is not None:
                on_step(index + 1, steps, clean)
            if on_standing is not None and index + 1 < steps:
                on_standing(Standing(index + 1, latent, alpha))
    return latent


def _begun(schedule: Schedule, latent: torch.Tensor, keep: Keep | None) -> Standing:
    """Before the first step."""
    alpha = float(schedule.alphas[0])
    return Standing(0, latent if keep is None else keep.blend(latent, alpha, 0.0), alpha)


@torch.no_grad()
def invert(
    predict: Predictor, schedule: Schedule, latent: torch.Tensor, *, attention_hook: AttentionHook | None = None
) -> torch.Tensor:
    """DDIM inversion: a clean latent → the noise that `schedule` denoises to it.

    A step down is z' = f(z); its z is found as a fixed point (Pan et al., Accelerated Iterative Diffusion Inversion,
    section 3) with damping, because the undamped iteration swings where a step is long. The hook sees the steps
    numbered as `denoise` does, and each of them `REFINEMENTS` times.
    """
    levels = [*schedule.alphas.tolist()[:-1], float(schedule.scheduler.final_alpha_cumprod)]
    clean = noise = None
    with hooked(predict.unet, attention_hook) as shared:
        for index in reversed(range(len(schedule))):
            if shared is not None:
                shared.step = index
            guess = latent if clean is None or noise is None else add_noise(clean, noise, levels[index])
            for _ in range(REFINEMENTS):
                output = predict(guess, schedule.timesteps[index])
                clean, noise = split(output, guess, levels[index], schedule.prediction)
                guess = guess + DAMPING * (latent - add_noise(clean, noise, levels[index + 1]))
            latent = guess
    return latent


def make_generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """One for each picture, on the CPU, so that neither the batch nor the device changes what is drawn."""
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


def draw_noise(
    generators: Sequence[torch.Generator], shape: tuple[int, int, int], device: torch.device
) -> torch.Tensor:
    """Normal noise (generators, channels, h, w) float32, each picture's from its own generator."""
    drawn = [torch.randn((1, *shape), generator=generator) for generator in generators]
    return torch.cat(drawn).to(device)


def mix_noise(noise: torch.Tensor, other: torch.Tensor, share: float) -> torch.Tensor:
    """Noise (batch, channels, h, w) on its way to `other` (1, channels, h, w), a `share` 0…1 of it, along the arc
    between the two, so that its deviation stays (Shoemake, Animating Rotation with Quaternion Curves, section 3.3)."""
    if share <= 0.0:
        return noise
    if share >= 1.0:
        return other.expand_as(noise)
    one, two = noise.flatten(1).double(), other.expand_as(noise).flatten(1).double()
    cosine = torch.nn.functional.cosine_similarity(one, two)[:, None]
    angle = torch.acos(cosine.clamp(-1.0, 1.0)).clamp(min=1e-4)  # where both are alike there is no arc
    mixed = (torch.sin((1.0 - share) * angle) * one + torch.sin(share * angle) * two) / torch.sin(angle)
    return mixed.to(noise.dtype).reshape(noise.shape)


def free_cells(mask: Mask, factor: int, device: torch.device) -> torch.Tensor:
    """A mask (height, width) → (1, 1, height / factor, width / factor) in 0…1: the greatest value in each cell, so
    that what is wholly selected is wholly free."""
    height, width = mask.shape
    cells = mask.reshape(height // factor, factor, width // factor, factor).max(axis=(1, 3))
    return torch.from_numpy(cells.astype(np.float32) / 255.0)[None, None].to(device)
