"""Levels, curves, brightness and contrast, invert: each value by itself, through a table."""

from __future__ import annotations

import math

import numpy as np

from scumble.api import ToolJob, curve_at, levels_at
from scumble_adjust.pixels import Floats, Pixels, Tone, through

CHANNELS = ("red", "green", "blue")

STEEPEST = 89.99
"""Degrees of the line of full contrast, which would be upright."""


def levels(job: ToolJob, pixels: Pixels) -> Pixels:
    """The levels of all channels, then those of each; see `levels_at`."""
    every = job.levels("all")

    def tone(name: str) -> Tone:
        own = job.levels(name)
        return lambda values: levels_at(own, levels_at(every, values))

    return through(pixels, [tone(name) for name in CHANNELS])


def curves(job: ToolJob, pixels: Pixels) -> Pixels:
    """The curve of all channels, then that of each; see `curve_at`."""
    every = job.curve("all")

    def tone(name: str) -> Tone:
        own = job.curve(name)
        return lambda values: curve_at(own, curve_at(every, values))

    return through(pixels, [tone(name) for name in CHANNELS])


def brightness_contrast(job: ToolJob, pixels: Pixels) -> Pixels:
    """Brightness b moves values towards white (v + b · (1 - v)) or black (v · (1 + b)); contrast c turns the line
    round middle grey: (v - ½) · tan((c + 1) · π / 4) + ½. Both are in -1…1.

    Formula: “brightness-contrast” as the GIMP's documentation describes it.
    """
    bright, contrast = job.number("brightness") / 100.0, job.number("contrast") / 100.0
    slope = math.tan(math.radians(min((contrast + 1.0) * 45.0, STEEPEST)))

    def tone(values: Floats) -> Floats:
        lit = values + bright * (1.0 - values) if bright > 0 else values * (1.0 + bright)
        return (lit - 0.5) * slope + 0.5

    return through(pixels, [tone] * 3)


def invert(_job: ToolJob, pixels: Pixels) -> Pixels:
    """The colour opposite: what white has more."""
    made = pixels.copy()
    np.invert(pixels[..., :3], out=made[..., :3])
    return made
