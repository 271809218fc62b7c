"""What other programs call samplers and noise schedules, and what they are called here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SAMPLERS: Final = {
    "dpmpp2m": "dpmpp-2m",
    "dpmpp2msde": "dpmpp-2m-sde",
    "dpmpp2s": "dpmpp-2s",
    "dpmpp3m": "dpmpp-3m",
    "dpmppsde": "dpmpp-sde",
    "euler": "euler",
    "eulera": "euler-a",
    "eulerancestral": "euler-a",
    "heun": "heun",
    "lms": "lms",
    "dpm2": "dpm2",
    "dpm2a": "dpm2-a",
    "dpm2ancestral": "dpm2-a",
    "pndm": "pndm",
    "plms": "pndm",
    "sasolver": "sa-solver",
    "unipc": "unipc",
    "unipcbh2": "unipc",
    "deis": "deis",
    "ddim": "ddim",
    "ddpm": "ddpm",
    "lcm": "lcm",
    "tcd": "tcd",
}
"""By the name in small letters and digits alone, + written p."""

NEAREST: Final = {
    "dpmpp2sa": "dpmpp-2s",
    "dpmpp2sancestral": "dpmpp-2s",
    "dpmpp2msdeheun": "dpmpp-2m-sde",
    "dpmpp3msde": "dpmpp-2m-sde",
    "dpmfast": "dpmpp-2s",
    "heunpp2": "heun",
    "expheun2x0": "heun",
    "expheun2x0sde": "dpmpp-sde",
    "restart": "heun",
    "ipndm": "pndm",
    "ipndmv": "pndm",
    "resmultistep": "dpmpp-2m",
    "resmultistepancestral": "dpmpp-2m-sde",
    "gradientestimation": "euler",
    "ersde": "dpmpp-2m-sde",
    "seeds2": "dpmpp-sde",
    "seeds3": "dpmpp-sde",
    "sasolverpece": "sa-solver",
    "eulerdy": "euler",
    "eulersmea": "euler",
    "eulersmeady": "euler",
}
"""For those that there are not here, the one of the same kind and order that puts back noise as they do, or not; of
one that guides differently (CFG++) the plain one is the nearest. DPM adaptive, which counts no steps, has none.
Source: what diffusers' documentation says of its schedulers, and the papers of the rest."""

SCHEDULES: Final = {
    "karras": "karras",
    "exponential": "exponential",
    "polyexponential": "exponential",
    "sgmuniform": "trailing",
    "simple": "trailing",
    "ddimuniform": "leading",
    "ddim": "leading",
    "normal": "model",
    "uniform": "model",
    "automatic": "model",
}

A1111_SAMPLERS: Final = {
    "dpmpp-2m": "DPM++ 2M",
    "dpmpp-2m-sde": "DPM++ 2M SDE",
    "dpmpp-sde": "DPM++ SDE",
    "dpmpp-2s": "DPM++ 2S",
    "dpmpp-3m": "DPM++ 3M",
    "euler": "Euler",
    "euler-a": "Euler a",
    "heun": "Heun",
    "lms": "LMS",
    "dpm2": "DPM2",
    "dpm2-a": "DPM2 a",
    "pndm": "PLMS",
    "sa-solver": "SA-Solver",
    "unipc": "UniPC",
    "deis": "DEIS",
    "ddim": "DDIM",
    "ddpm": "DDPM",
    "lcm": "LCM",
    "tcd": "TCD",
}
A1111_SCHEDULES: Final = {"karras": "Karras", "exponential": "Exponential", "trailing": "SGM Uniform"}


@dataclass(frozen=True, slots=True)
class FoundSampler:
    """A sampler as it is called here, the schedule that its name holds, if any, and whether it is no more than the
    nearest."""

    sampler: str
    schedule: str = ""
    near: bool = False


def sampler_of(name: str) -> FoundSampler | None:
    """What a name means, which may hold a schedule too; None where nothing here is like it."""
    for plain, schedule in _readings(_plain(name)):
        if plain in SAMPLERS:
            return FoundSampler(SAMPLERS[plain], schedule)
        kin = plain.removesuffix("cfgpp")
        if found := NEAREST.get(kin) or SAMPLERS.get(kin):
            return FoundSampler(found, schedule, near=True)
    return None


def _readings(plain: str) -> Iterator[tuple[str, str]]:
    """The ways to take a name apart: the `k` of k-diffusion before it, where its noise is made and the schedule behind
    it."""
    for start in ("", "k"):
        named = plain.removeprefix(start)
        yield named.removesuffix("gpu"), ""
        for ending, schedule in (("karras", "karras"), ("exponential", "exponential"), ("k", "karras")):
            if named.endswith(ending):
                yield named.removesuffix(ending), schedule


def schedule_of(name: str) -> str:
    """A noise schedule as it is called here; empty where there is none."""
    return SCHEDULES.get(_plain(name), "")


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower().replace("+", "p"))
