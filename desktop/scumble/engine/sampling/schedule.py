"""Which noise levels a job passes through, and the algebra between a latent, its noise and its clean estimate."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch

from scumble.api import ScumbleError

SCHEDULERS: Final = {"dpmpp-2m": "DPMSolverMultistepScheduler", "ddim": "DDIMScheduler"}
"""Our names → diffusers' classes. Both keep the variance, so that one algebra serves them."""

MIN_STEPS: Final = 4
"""Steps that a picture gets at least when it starts from another one; with fewer, nothing is drawn to an end."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The steps of one job. `scheduler` is its own, with state.

    `timesteps` (steps,) int64; `alphas` (steps + 1,) float64 on the CPU: the share of signal (ᾱ, cumulative) before
    each step and, last, after all, which is 1. `prediction` is `epsilon`, `v_prediction` or `sample`.
    """

    scheduler: Any
    timesteps: torch.Tensor
    alphas: torch.Tensor
    prediction: str

    def __len__(self) -> int:
        return len(self.timesteps)


def make_schedule(
    name: str, config: Mapping[str, Any], steps: int, device: torch.device, strength: float = 1.0
) -> Schedule:
    """A fresh scheduler from the model's own config; with `strength` below 1, only its last steps are taken.

    Raises `ScumbleError` (`param-invalid`) for a scheduler that is not in `SCHEDULERS`.
    """
    total, begin = plan_steps(steps, strength)
    scheduler = _make(name, config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # diffusers makes arrays of tensors in numpy 1's way
        scheduler.set_timesteps(total, device=device)
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    timesteps = scheduler.timesteps[begin:]
    alphas = torch.ones(len(timesteps) + 1, dtype=torch.float64)
    alphas[:-1] = scheduler.alphas_cumprod[timesteps.cpu().long()]
    return Schedule(scheduler, timesteps, alphas, scheduler.config.prediction_type)


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

    Source of the v form: Salimans and Ho, Progressive Distillation, appendix D.
    """
    signal, noise = math.sqrt(alpha), math.sqrt(1.0 - alpha)
    if prediction == "v_prediction":
        return signal * latent - noise * output, signal * output + noise * latent
    if prediction == "sample":
        return output, (latent - signal * output) / noise
    return (latent - noise * output) / signal, output


def _make(name: str, config: Mapping[str, Any]) -> Any:
    import diffusers.schedulers

    if name not in SCHEDULERS:
        raise ScumbleError("param-invalid", name="scheduler", value=name, expected=" or ".join(SCHEDULERS))
    kind = getattr(diffusers.schedulers, SCHEDULERS[name])
    known = inspect.signature(kind).parameters
    given = {"clip_sample": False} | dict(config)  # the classes' default suits pixels, not latents
    return kind(**{key: value for key, value in given.items() if key in known})
