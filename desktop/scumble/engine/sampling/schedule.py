"""Which noise levels a job passes through, and the algebra between a latent, its noise and its clean estimate."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch

from scumble.engine.sampling.samplers import SAMPLERS, follows_flow, make_scheduler

FLOW: Final = "flow_prediction"
"""What a network says that was trained by flow matching: the velocity from picture to noise."""

EVEN: Final = "even_levels"
"""A key of ours in the config of a flow whose levels, before their shift, are laid evenly down to the last step's."""

MIN_STEPS: Final = 4
"""Steps that a picture gets at least when it starts from another one; with fewer, nothing is drawn to an end."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The steps of one job. `scheduler` is its own, with state.

    `timesteps` (steps,); `alphas` (steps + 1,) float64 on the CPU: the share of signal (ᾱ, cumulative) before each
    step and, last, after all, which is 1. `prediction` is `epsilon`, `v_prediction`, `sample` or `flow_prediction`.
    Latents come and go with a variance of 1; for an `exploding` scheduler, and for a flow, they are scaled on the way.
    `settings` go with every step. `fresh` is what the scheduler's attributes were before the first.
    """

    scheduler: Any
    timesteps: torch.Tensor
    alphas: torch.Tensor
    prediction: str
    exploding: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    fresh: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.timesteps)

    @property
    def start(self) -> float:
        """What unit noise is multiplied with to be the latent before the first step."""
        return float(getattr(self.scheduler, "init_noise_sigma", 1.0)) / self._scale(float(self.alphas[0]))

    def seen(self, latent: torch.Tensor, alpha: float) -> torch.Tensor:
        """A latent at level `alpha` as the network was trained to see it."""
        return latent * self._scale(alpha) if self.prediction == FLOW else latent

    def _scale(self, alpha: float) -> float:
        """What a latent of variance 1 is multiplied with to be as the scheduler has it."""
        if self.prediction == FLOW:
            return 1.0 / (math.sqrt(alpha) + math.sqrt(1.0 - alpha))  # shares of signal and noise that add up to 1
        return 1.0 / math.sqrt(alpha) if self.exploding else 1.0

    def step(self, index: int, output: torch.Tensor, latent: torch.Tensor, alpha: float) -> tuple[torch.Tensor, float]:
        """What the UNet said of a latent at level `alpha` → the latent after the step, and its level."""
        timestep, reached = self.timesteps[index], float(self.alphas[index + 1])
        latent = latent * self._scale(alpha)
        if self.exploding:
            self.scheduler.scale_model_input(latent, timestep)  # it counts its steps by being asked
        stepped = self.scheduler.step(output, timestep, latent, return_dict=False, **self.settings)[0]
        middle = _middle(self.scheduler)
        if middle is not None:
            reached = float(1.0 / (1.0 + middle**2))
        return stepped / self._scale(reached), reached


def make_schedule(
    name: str,
    config: Mapping[str, Any],
    steps: int,
    device: torch.device,
    strength: float = 1.0,
    *,
    layout: str = "model",
    eta: float | None = None,
    seeds: Sequence[int] = (0,),
    generators: Sequence[torch.Generator] = (),
) -> Schedule:
    """A schedule of a sampler with a layout of `SCHEDULES`; with `strength` below 1, only its last steps are taken.

    `eta` is how much noise a sampler that can puts back in each step (None: as much as it does by itself). Samplers
    that draw noise take it from `generators`, one for each picture, or make it from `seeds`. Raises `ScumbleError`
    (`param-invalid`, `schedule-unsupported`).
    """
    total, begin = plan_steps(steps, strength)
    scheduler = make_scheduler(name, layout, config, list(seeds))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # diffusers makes arrays of tensors in numpy 1's way
        scheduler.set_timesteps(total, device=device, **_laid_out(scheduler, config, total))
    begin *= scheduler.order
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    timesteps = scheduler.timesteps[begin:]
    settings: dict[str, Any] = {}
    accepted = inspect.signature(scheduler.step).parameters
    if "generator" in accepted and generators:
        settings["generator"] = list(generators)
    if "eta" in accepted and eta is not None:
        settings["eta"] = eta
    flow = follows_flow(config)
    return Schedule(
        scheduler,
        timesteps,
        _levels(scheduler, timesteps, begin, flow),
        FLOW if flow else scheduler.config.prediction_type,
        SAMPLERS[name].exploding and not flow,
        settings,
        {name: [*value] if isinstance(value, list) else value for name, value in vars(scheduler).items()},
    )


def _laid_out(scheduler: Any, config: Mapping[str, Any], total: int) -> dict[str, Any]:
    """What a scheduler is told besides the number of steps."""
    if total > scheduler.config.get("original_inference_steps", total):
        return {"original_inference_steps": total}
    taken = inspect.signature(scheduler.set_timesteps).parameters
    if config.get(EVEN) and "sigmas" in taken and not scheduler.config.get("use_flow_sigmas"):
        return {"sigmas": [1.0 - step / total for step in range(total)]}
    return {}


def _middle(scheduler: Any) -> float | None:
    """The noise level that a sampler of the second order is at in the middle of a step; None at the end of one."""
    if getattr(scheduler, "state_in_first_order", True):
        return None
    between = getattr(scheduler, "sigmas_interpol", None)
    if between is None:
        return getattr(scheduler, "mid_point_sigma", None)
    # the ancestral one counts those from one place further on
    return float(between[scheduler.step_index - hasattr(scheduler, "sigmas_up")])


def _levels(scheduler: Any, timesteps: torch.Tensor, begin: int, flow: bool) -> torch.Tensor:
    """The share of signal before each step and after the last; in a flow σ of a latent is noise, the rest signal."""
    alphas = torch.ones(len(timesteps) + 1, dtype=torch.float64)
    sigmas = getattr(scheduler, "sigmas", None)
    if sigmas is not None:
        noise = sigmas.cpu().double()[begin:][: len(timesteps)]
        signal = 1.0 - noise if flow else torch.ones_like(noise)
        alphas[:-1] = signal**2 / (signal**2 + noise**2)
    else:
        alphas[:-1] = scheduler.alphas_cumprod[timesteps.cpu().long()]
    return alphas


def plan_steps(steps: int, strength: float) -> tuple[int, int]:
    """How many steps to lay out, and the first to take: `strength` is the share of the steps that is taken.

    Where fewer than `MIN_STEPS` would be left, more are laid out, so that the start has the same noise.
    """
    if strength >= 1.0:
        return steps, 0
    strength = max(strength, 0.01)
    begin = round(steps * (1.0 - strength))
    if steps - begin >= min(MIN_STEPS, steps):
        return steps, begin
    needed = min(MIN_STEPS, steps)
    total = int(needed / strength)
    return total, total - needed


def add_noise(clean: torch.Tensor, noise: torch.Tensor, alpha: float) -> torch.Tensor:
    """`clean` with as much noise as the level has whose share of signal is `alpha`: √ᾱ·x + √(1−ᾱ)·ε (DDPM, eq. 4)."""
    return torch.add(clean * math.sqrt(alpha), noise * math.sqrt(1.0 - alpha))


def split(
    output: torch.Tensor, latent: torch.Tensor, alpha: float, prediction: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """What the UNet said → (clean estimate, noise estimate) of a latent at level `alpha`.

    Source of the v form: Salimans and Ho, Progressive Distillation, appendix D; of the flow's: Esser et al., Scaling
    Rectified Flow Transformers, eq. 13, where a latent is (1 − σ)·x + σ·ε and its velocity ε − x.
    """
    signal, noise = math.sqrt(alpha), math.sqrt(1.0 - alpha)
    if prediction == FLOW:
        total = signal + noise
        return (latent - noise * output) / total, (latent + signal * output) / total
    if prediction == "v_prediction":
        return signal * latent - noise * output, signal * output + noise * latent
    if prediction == "sample":
        return output, (latent - signal * output) / noise
    return (latent - noise * output) / signal, output
