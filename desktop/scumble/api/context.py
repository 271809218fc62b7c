"""What a tool may ask of the engine while it runs: `JobContext`, and a diffusion model as a small Protocol."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scumble.api.jobs import Mask, Picture
from scumble.api.manifest import FileKind

Tensor: TypeAlias = Any
"""A `torch.Tensor`; not named as such, because the window imports this module and never torch."""

Latent: TypeAlias = Any
"""A `torch.Tensor` of shape (batch, channels, height / factor, width / factor), scaled as the model's UNet expects."""

PromptedMask: TypeAlias = tuple[Tensor, Mask, float]
"""A conditioning as `encode_prompt` gives it, where it holds, and its strength 0…1."""

OnStep: TypeAlias = Callable[[int, int, Latent], None]
"""Called after each step with the number of steps done, the number of steps, and the predicted clean latent."""


@dataclass(frozen=True, slots=True)
class Suits:
    """The settings that a model was made for, where others would draw badly, by their names in `Model.denoise`."""

    steps: int
    guidance: float
    scheduler: str
    schedule: str = "model"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What there is to know about a model without loading it.

    `native` is the side, in pixels, that it was trained at; `factor` how many pixels a latent cell spans; `tokens` how
    many its text encoder reads; `suits` what a model for a few steps wants, None for all others.
    """

    id: str
    title: str
    family: str
    native: int
    factor: int
    latent_channels: int
    inpainting: bool = False
    tokens: int = 77
    sha256: str = ""
    suits: Suits | None = None


@dataclass(frozen=True, slots=True)
class AttentionSite:
    """Where in the UNet an attention hook is called: `part` is down, mid or up; `index` counts self-attention layers
    of that part in order of execution; `name` is the module's own. `cross` tells attention to the text from
    self-attention."""

    name: str
    part: str
    index: int
    cross: bool


class AttentionHook(Protocol):
    """May read and replace query, key and value, each `(batch, heads, tokens, channels)`, at every site and step.

    `step` counts from 0 in denoising order, also during an inversion, so that what was kept under a step on the way
    up is found under it on the way down. An inversion refines each step, and calls again: the last call counts.
    """

    def __call__(
        self, site: AttentionSite, step: int, query: Tensor, key: Tensor, value: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Returns the three that attention then uses."""
        ...


class Model(Protocol):
    """A latent diffusion model, loaded. Every method raises `Cancelled` soon after the job is cancelled."""

    @property
    def info(self) -> ModelInfo:
        """What it is."""
        ...

    def encode_prompt(self, prompt: str, negative: str = "", clip_skip: int = 0) -> Tensor:
        """The conditioning for classifier-free guidance, in the form that `denoise` takes.

        `(word:1.2)` weighs a word and BREAK begins another window of tokens. `<lora:name:0.8>` in the prompt switches a
        LoRA on for these states and for what is drawn with them. `clip_skip` takes the text encoder's states from as
        many layers below the last.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens the longest window of a text has, start and end included."""
        ...

    def encode(self, picture: Picture) -> Latent:
        """A picture whose sides are multiples of 8 → its latent (mean of the posterior), batch 1."""
        ...

    def decode(self, latent: Latent) -> list[Picture]:
        """Latents → pictures `(height, width, 3)`, one for each of the batch."""
        ...

    def preview(self, latent: Latent) -> Picture:
        """A quick picture of the first latent of a batch: `(height / factor, width / factor, 3)`, or larger where a
        decoder for previews lies with the models."""
        ...

    def denoise(
        self,
        prompt: Tensor,
        *,
        size: tuple[int, int],
        seeds: Sequence[int],
        vary: tuple[int, float] = (0, 0.0),
        steps: int,
        guidance: float = 7.5,
        scheduler: str = "dpmpp-2m",
        strength: float = 1.0,
        schedule: str = "model",
        eta: float | None = None,
        rescale: float = 0.0,
        interval: tuple[float, float] = (0.0, 1.0),
        full_every: int = 1,
        start: Latent | None = None,
        known: Latent | Picture | None = None,
        mask: Mask | None = None,
        regions: Sequence[PromptedMask] = (),
        attention_hook: AttentionHook | None = None,
        on_step: OnStep | None = None,
    ) -> Latent:
        """The denoising loop; returns clean latents, one for each seed.

        `size` is (width, height) in pixels. With `strength` 1 it starts from noise; below, from `known` with as much
        noise as fits. `vary` is another seed and how much of the way to its noise, 0…1, that of each seed is taken.
        `schedule` lays the noise levels out otherwise than the model's own (`karras`, `exponential`,
        `trailing`…). `eta` is how much noise a sampler that can puts back at each step. `rescale` 0…1 tames the
        contrast of strong guidance, `interval` is the share of the steps in which guidance is applied. Where
        `full_every` is above 1, only one in so many steps runs the whole UNet, more of the early ones than of the late;
        that is quicker and draws less finely.
        `known` is a latent, or a picture of that size, which an inpainting model then reads as it is.
        `mask` (255 = free to change) keeps `known` where it is 0, by latent blending, or natively in an inpainting
        model; grey values free a cell for the corresponding part of the steps, the last ones. `regions` have
        prompts and strengths of their own, each as far as its mask covers; elsewhere those of the call hold. A prompt
        more costs one more pass of the UNet. `start` replaces the initial noisy latent. The same seed gives the same
        picture, alone or in a batch.

        A job may be put aside between two steps: the tool is stopped by `Cancelled`, and called anew when the job goes
        on. Whatever it did it does again, and must do alike; but runs that had ended then return at once what they did,
        and the next begins where it was, so that `on_step` is told of the steps that are left.
        """
        ...

    def invert(
        self, latent: Latent, prompt: Tensor, *, steps: int, attention_hook: AttentionHook | None = None
    ) -> Latent:
        """DDIM inversion: the noise from which `denoise(start=…, scheduler="ddim", guidance=1)` comes back here."""
        ...


class JobContext(Protocol):
    """The engine, as a tool sees it. Valid until the hook returns."""

    @property
    def device(self) -> str:
        """`cpu`, `cuda`, `mps`…, as torch names it."""
        ...

    @property
    def dtype(self) -> str:
        """`float32`, `bfloat16` or `float16`: what models compute in."""
        ...

    @property
    def tmp_dir(self) -> Path:
        """An empty folder of this job's own, deleted after it."""
        ...

    @property
    def log(self) -> logging.Logger:
        """Where to write what a developer may want to know."""
        ...

    @property
    def model(self) -> Model:
        """The job's model, loaded at the first look. Raises `ScumbleError` (`model-missing`, `model-broken`)."""
        ...

    @property
    def eraser(self) -> str:
        """The name of an erase model on this machine, which fills holes without a prompt; empty where there is none."""
        ...

    def erase(self, picture: Picture, mask: Mask) -> Picture:
        """The picture `(height, width, 3)` filled by that model where the mask is above 0, and else as it was.

        Raises `ScumbleError` (`model-none`, `model-broken`) and `Cancelled`.
        """
        ...

    def find_file(self, kind: FileKind, name: str) -> Path:
        """The file of weights of that kind and name, such as a parameter of type `file` holds. Safetensors, and so data
        alone; its content is still a stranger's. Raises `ScumbleError` (`file-missing`).
        """
        ...

    def progress(self, step: int, steps: int, preview: Picture | None = None) -> None:
        """Tells the window that `step` of `steps` is done. Also raises `Cancelled`, like `check_cancelled`."""
        ...

    def check_cancelled(self) -> None:
        """Raises `Cancelled` if a person has cancelled the job. To be called at least every 100 ms of work."""
        ...

    def rng(self, seed: int) -> np.random.Generator:
        """A random generator that depends on the seed alone."""
        ...

    def metric(self, name: str, step: int, value: float) -> None:
        """A figure that the window may plot, such as a training loss."""
        ...


def as_picture(values: NDArray[np.floating[Any]]) -> Picture:
    """Floating-point channels in 0…1 → a picture; values outside are clipped, rounding is to nearest."""
    return np.ascontiguousarray(np.rint(np.clip(values, 0.0, 1.0) * 255.0).astype(np.uint8))
