"""The samplers and the noise schedules by the names that people know, as diffusers' classes and their settings."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from scumble.api import ScumbleError


@dataclass(frozen=True, slots=True)
class Sampler:
    """`kind` is the class in `diffusers.schedulers`. With `exploding` its latents are the signal plus noise that grows
    (Karras et al., Elucidating the Design Space, section 2), otherwise signal and noise keep the variance of 1."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    exploding: bool = False


SAMPLERS: Final[Mapping[str, Sampler]] = MappingProxyType(
    {
        "euler": Sampler("EulerDiscreteScheduler", exploding=True),
        "euler-a": Sampler("EulerAncestralDiscreteScheduler", exploding=True),
        "heun": Sampler("HeunDiscreteScheduler", exploding=True),
        "lms": Sampler("LMSDiscreteScheduler", exploding=True),
        "dpmpp-2m": Sampler("DPMSolverMultistepScheduler"),
        "dpmpp-2m-sde": Sampler("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
        "dpmpp-sde": Sampler("DPMSolverSDEScheduler", exploding=True),
        "dpmpp-2s": Sampler("DPMSolverSinglestepScheduler"),
        "dpmpp-3m": Sampler("DPMSolverMultistepScheduler", {"solver_order": 3}),
        "dpm2": Sampler("KDPM2DiscreteScheduler", exploding=True),
        "dpm2-a": Sampler("KDPM2AncestralDiscreteScheduler", exploding=True),
        "pndm": Sampler("PNDMScheduler", {"skip_prk_steps": True}),
        "sa-solver": Sampler("SASolverScheduler"),
        "unipc": Sampler("UniPCMultistepScheduler"),
        "deis": Sampler("DEISMultistepScheduler"),
        "ddim": Sampler("DDIMScheduler"),
        "ddpm": Sampler("DDPMScheduler"),
        "lcm": Sampler("LCMScheduler"),
        "tcd": Sampler("TCDScheduler"),
    }
)
"""Those whose every step leaves the latent at a known noise level, as latent blending needs it."""

_FLOW: Final = {"use_flow_sigmas": True, "prediction_type": "flow_prediction"}

FLOW_SAMPLERS: Final[Mapping[str, Sampler]] = MappingProxyType(
    {
        "euler": Sampler("FlowMatchEulerDiscreteScheduler"),
        "heun": Sampler("FlowMatchHeunDiscreteScheduler"),
        "lcm": Sampler("FlowMatchLCMScheduler"),
        "dpmpp-2m": Sampler("DPMSolverMultistepScheduler", _FLOW),
        "dpmpp-2m-sde": Sampler("DPMSolverMultistepScheduler", {**_FLOW, "algorithm_type": "sde-dpmsolver++"}),
        "unipc": Sampler("UniPCMultistepScheduler", _FLOW),
        "deis": Sampler("DEISMultistepScheduler", _FLOW),
    }
)
"""The same names for models that were trained to follow a straight flow from noise to picture."""

SCHEDULES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "model": {},
        "karras": {"use_karras_sigmas": True},
        "exponential": {"use_exponential_sigmas": True},
        "trailing": {"timestep_spacing": "trailing"},
        "leading": {"timestep_spacing": "leading"},
        "linspace": {"timestep_spacing": "linspace"},
        "linear": {"beta_schedule": "linear"},
        "scaled-linear": {"beta_schedule": "scaled_linear"},
        "cosine": {"beta_schedule": "squaredcos_cap_v2"},
    }
)
"""How the noise levels are laid out; `model` is as the model was made. The last three are levels of training, for
models whose files name the wrong ones."""


def follows_flow(config: Mapping[str, Any]) -> bool:
    """Whether a scheduler's config is that of a model trained by flow matching (Lipman et al., Flow Matching)."""
    return str(config.get("_class_name", "")).startswith("FlowMatch") or bool(config.get("use_flow_sigmas"))


def shifted(config: Mapping[str, Any], tokens: int) -> Mapping[str, Any]:
    """A config whose shift is that for a latent of so many tokens, where a model wants more of it for larger ones
    (Esser et al., Scaling Rectified Flow Transformers, section 5.3.2)."""
    if not config.get("use_dynamic_shifting"):
        return config
    ends = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
    shifts = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
    logarithm = shifts[0] + (shifts[1] - shifts[0]) * (tokens - ends[0]) / (ends[1] - ends[0])
    return {**config, "use_dynamic_shifting": False, "shift": math.exp(logarithm)}


def make_scheduler(sampler: str, schedule: str, config: Mapping[str, Any], seeds: list[int]) -> Any:
    """A fresh scheduler from the model's own config.

    Raises `ScumbleError`: `param-invalid` for an unknown name, `schedule-unsupported` where the two do not go together,
    `sampler-unsupported` where the sampler does not suit the model.
    """
    import diffusers.schedulers

    if sampler not in SAMPLERS:
        raise ScumbleError("param-invalid", name="scheduler", value=sampler, expected=" or ".join(SAMPLERS))
    if schedule not in SCHEDULES:
        raise ScumbleError("param-invalid", name="schedule", value=schedule, expected=" or ".join(SCHEDULES))
    flow = follows_flow(config)
    if flow and sampler not in FLOW_SAMPLERS:
        raise ScumbleError("sampler-unsupported", sampler=sampler, others=", ".join(FLOW_SAMPLERS))
    chosen = (FLOW_SAMPLERS if flow else SAMPLERS)[sampler]
    kind = getattr(diffusers.schedulers, chosen.kind)
    known = inspect.signature(kind).parameters
    # the levels of a flow are laid out by its shift alone
    if not set(SCHEDULES[schedule]) <= (set() if flow else set(known)):
        raise ScumbleError("schedule-unsupported", schedule=schedule, sampler=sampler)
    given = {
        "clip_sample": False,  # the classes' default suits pixels, not latents
        **config,
        "flow_shift": config.get("shift", 1.0),
        **chosen.options,
        **SCHEDULES[schedule],
        "noise_sampler_seed": seeds,
    }
    return kind(**{key: value for key, value in given.items() if key in known})
