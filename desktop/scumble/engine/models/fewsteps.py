"""Models and LoRAs that were made to draw in a few steps, by what their makers call them, and what they then want.

Sources: the papers and model cards of LCM (Luo et al., Latent Consistency Models), TCD (Zheng et al., Trajectory
Consistency Distillation), SDXL-Turbo (Sauer et al., Adversarial Diffusion Distillation), SDXL-Lightning (Lin et al.),
Hyper-SD (Ren et al.) and DMD2 (Yin et al.).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from scumble.api import Suits
from scumble.engine.sampling.samplers import follows_flow


@dataclass(frozen=True, slots=True)
class Family:
    """`word` is its name among the words of a file's name. A name that others use too, such as that of a LoRA of
    lightnings, is believed where a number of steps stands beside it, or, if it is `plain`, of a whole model."""

    word: str
    suits: Suits
    plain: bool = True
    others: bool = True


FAMILIES: Final = (
    Family("lcm", Suits(4, 1.0, "lcm"), others=False),
    Family("tcd", Suits(4, 1.0, "tcd"), others=False),
    Family("dmd", Suits(4, 1.0, "lcm"), others=False),
    Family("lightning", Suits(4, 1.0, "euler", "trailing")),
    Family("hyper", Suits(4, 1.0, "ddim", "trailing"), plain=False),
    Family("turbo", Suits(4, 1.0, "euler-a", "trailing")),
)
"""In order of precedence: a LoRA that makes a Turbo of an LCM is none."""

ONE_STEP: Final = "tcd"
"""The sampler of those that were made for one step, and take more with noise put back in between."""

CFG_STEPS: Final = 5.0
"""The guidance of those that were made to keep it, which say so in their names."""

DISTILLED: Final = 8.0
"""The guidance of an LCM that has learnt it, as its authors use it; others are run without."""

SCHEDULERS: Final = {"LCMScheduler": "lcm", "TCDScheduler": "tcd"}
"""The schedulers that only such models name as theirs."""

MAX_STEPS: Final = 16

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_STEPS: Final = re.compile(r"(?<!\d)(\d{1,2})[ _-]?steps?(?![a-z])", re.IGNORECASE)


def suits_model(
    name: str, metadata: Mapping[str, str], scheduler: Mapping[str, Any], *, distilled: bool = False
) -> Suits | None:
    """What a whole model wants, by its file's name, what its maker wrote in it, and its scheduler's config; one that is
    `distilled` reads the guidance itself, and is an LCM."""
    if distilled:
        return Suits(4, DISTILLED, "lcm")
    sampler = SCHEDULERS.get(str(scheduler.get("_class_name", "")))
    named = _suits(f"{name} {metadata.get('modelspec.title', '')}", lora=False)
    if named and follows_flow(scheduler):  # whose levels are few by themselves
        return replace(named, scheduler="euler", schedule="model")
    return named or (Suits(4, 1.0, sampler) if sampler else None)


def flux_suits(transformer: Mapping[str, Any]) -> Suits:
    """What Flux wants: its kinds that are told the guidance scale as many steps as others, the other one four."""
    return Suits(28, 3.5, "euler") if transformer.get("guidance_embeds") else Suits(4, 1.0, "euler")


def suits_lora(name: str, title: str) -> Suits | None:
    """What a model wants that has this LoRA on, by the LoRA's name and title."""
    return _suits(f"{name} {title}", lora=True)


def _suits(text: str, *, lora: bool) -> Suits | None:
    words = {word.lower() for word in _WORD.findall(text)}
    counted = _STEPS.search(text)
    steps = int(counted[1]) if counted and 1 <= int(counted[1]) <= MAX_STEPS else 0
    for family in FAMILIES:
        believed = steps > 0 or not family.others or (family.plain and not lora)
        if family.word in words and believed:
            return _with_steps(family, steps, "cfg" in words)
    return None


def _with_steps(family: Family, steps: int, guided: bool) -> Suits:
    suits = family.suits
    guidance = CFG_STEPS if guided else suits.guidance
    if family.word == "hyper" and steps == 1:
        return Suits(1, guidance, ONE_STEP)
    return Suits(steps or suits.steps, guidance, suits.scheduler, suits.schedule)
