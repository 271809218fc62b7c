"""What other programs call samplers and noise schedules, and what they are called here."""

from __future__ import annotations

import re
from typing import Final

SAMPLERS: Final = {
    "dpmpp2m": "dpmpp-2m",
    "dpmpp2msde": "dpmpp-2m-sde",
    "dpmpp2msdegpu": "dpmpp-2m-sde",
    "dpmppsde": "dpmpp-sde",
    "dpmppsdegpu": "dpmpp-sde",
    "euler": "euler",
    "eulera": "euler-a",
    "eulerancestral": "euler-a",
    "heun": "heun",
    "lms": "lms",
    "dpm2": "dpm2",
    "dpm2a": "dpm2-a",
    "dpm2ancestral": "dpm2-a",
    "plms": "pndm",
    "unipc": "unipc",
    "unipcbh2": "unipc",
    "deis": "deis",
    "ddim": "ddim",
    "ddpm": "ddpm",
    "lcm": "lcm",
    "tcd": "tcd",
}
"""By the name in small letters and digits alone, + written p."""

SCHEDULES: Final = {
    "karras": "karras",
    "exponential": "exponential",
    "sgmuniform": "trailing",
    "ddimuniform": "leading",
    "normal": "model",
    "automatic": "model",
}

A1111_SAMPLERS: Final = {
    "dpmpp-2m": "DPM++ 2M",
    "dpmpp-2m-sde": "DPM++ 2M SDE",
    "dpmpp-sde": "DPM++ SDE",
    "euler": "Euler",
    "euler-a": "Euler a",
    "heun": "Heun",
    "lms": "LMS",
    "dpm2": "DPM2",
    "dpm2-a": "DPM2 a",
    "pndm": "PLMS",
    "unipc": "UniPC",
    "deis": "DEIS",
    "ddim": "DDIM",
    "ddpm": "DDPM",
    "lcm": "LCM",
    "tcd": "TCD",
}
A1111_SCHEDULES: Final = {"karras": "Karras", "exponential": "Exponential", "trailing": "SGM Uniform"}


def sampler_of(name: str) -> tuple[str, str]:
    """Sampler and schedule, as they are called here, of a name that may hold both; empty where there is none."""
    plain = _plain(name)
    if plain in SAMPLERS:
        return SAMPLERS[plain], ""
    for ending, schedule in (("karras", "karras"), ("exponential", "exponential"), ("k", "karras")):
        if plain.endswith(ending) and plain.removesuffix(ending) in SAMPLERS:
            return SAMPLERS[plain.removesuffix(ending)], schedule
    return "", ""


def schedule_of(name: str) -> str:
    """A noise schedule as it is called here; empty where there is none."""
    return SCHEDULES.get(_plain(name), "")


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower().replace("+", "p"))
