"""Hue and saturation, colour balance: what needs red, green and blue of a pixel together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from scumble.api import ToolJob
from scumble_adjust.pixels import Floats, Pixels, unit, whole, with_colours

LUMINOSITY = np.array([0.3, 0.59, 0.11], np.float32)
"""The weights of red, green and blue; W3C, Compositing and Blending Level 1, §10.2."""

BAND = 64
"""Rows that are worked on together, so that what is between stays in the processor's cache."""

RANGES = ("shadows", "midtones", "highlights")
AXES = ("red", "green", "blue")

EDGE, SOFTNESS, STRENGTH = 0.333, 0.25, 0.7
"""Where shadows end (highlights mirror it), how wide the passage is, and how much a full slider adds."""


def hue_saturation(job: ToolJob, pixels: Pixels) -> Pixels:
    """Turns the hue, scales the saturation, and moves the lightness towards white or black, in HSL.

    Formula: Foley, van Dam et al., Computer Graphics, §13.3.5 (HLS); saturation · (1 + s), clipped; lightness
    l + t · (1 - l) upward and l · (1 + t) downward.
    """
    turn, more, light = job.number("hue"), job.number("saturation") / 100.0, job.number("lightness") / 100.0
    if turn == more == light == 0.0:
        return pixels.copy()
    hls = cv2.cvtColor(np.ascontiguousarray(unit(pixels)[..., :3]), cv2.COLOR_RGB2HLS)
    hue, lightness, saturation = hls[..., 0], hls[..., 1], hls[..., 2]
    np.mod(hue + np.float32(turn), np.float32(360.0), out=hue)
    np.clip(saturation * np.float32(1.0 + more), 0.0, 1.0, out=saturation)
    lightness += np.float32(light) * ((1.0 - lightness) if light > 0 else lightness)
    return with_colours(pixels, cv2.cvtColor(hls, cv2.COLOR_HLS2RGB))


def colour_balance(job: ToolJob, pixels: Pixels) -> Pixels:
    """Adds red, green and blue, each -1…1, to shadows, midtones and highlights, by how much a pixel belongs to each.

    With lightness l = (max + min) / 2, a ramp as wide as `SOFTNESS` falls from 1 to 0 round `EDGE` for shadows,
    highlights mirror it at ½, midtones are what both leave. Luminosity is kept by SetLum of W3C, Compositing and
    Blending Level 1, §10.2.
    """
    wanted = {name: np.array([job.number(f"{name}_{axis}") for axis in AXES], np.float32) / 100.0 for name in RANGES}
    if not any(amounts.any() for amounts in wanted.values()):
        return pixels.copy()
    made = pixels.copy()
    for start in range(0, len(pixels), BAND):
        rows = slice(start, start + BAND)
        planes = balanced(unit(pixels[rows]), wanted, keep=bool(job.params["keep_luminosity"]))
        made[rows, :, :3] = np.dstack([whole(plane, pixels) for plane in planes])
    return made


def balanced(values: Floats, wanted: Mapping[str, Floats], *, keep: bool) -> list[Floats]:
    """Red, green and blue of `(h, w, 4)` with the wanted colour added to each range, each `(h, w)`."""
    before = [np.ascontiguousarray(values[..., channel]) for channel in range(3)]
    high, low = np.maximum(np.maximum(*before[:2]), before[2]), np.minimum(np.minimum(*before[:2]), before[2])
    made = [plane.copy() for plane in before]
    for name, weight in zip(RANGES, belonging((high + low) * np.float32(0.5)), strict=True):
        for plane, amount in zip(made, wanted[name] * np.float32(STRENGTH), strict=True):
            if amount:
                plane += weight * amount
    made = [np.clip(plane, 0.0, 1.0, out=plane) for plane in made]
    return with_luminosity(made, luminosity(before)) if keep else made


def belonging(light: Floats) -> tuple[Floats, Floats, Floats]:
    """How much a lightness belongs to shadows, midtones and highlights, each 0…1."""
    slope = np.float32(1.0 / SOFTNESS)
    below = np.clip((np.float32(EDGE) - light) * slope + np.float32(0.5), 0.0, 1.0)
    above = np.clip((light - np.float32(1.0 - EDGE)) * slope + np.float32(0.5), 0.0, 1.0)
    return below, (1.0 - below) * (1.0 - above), above


def luminosity(planes: Sequence[Floats]) -> Floats:
    """Of red, green and blue, each `(h, w)`."""
    red, green, blue = planes
    light: Floats = red * LUMINOSITY[0] + green * LUMINOSITY[1] + blue * LUMINOSITY[2]
    return light


def with_luminosity(planes: Sequence[Floats], wanted: Floats) -> list[Floats]:
    """Planes moved to a luminosity, and towards that grey as far as leaves them inside 0…1."""
    shift = wanted - luminosity(planes)
    moved = [plane + shift for plane in planes]
    low, high = np.minimum(np.minimum(*moved[:2]), moved[2]), np.maximum(np.maximum(*moved[:2]), moved[2])
    part = np.ones_like(wanted)
    np.divide(wanted, wanted - low, out=part, where=low < 0.0)
    up = np.divide(1.0 - wanted, high - wanted, out=np.ones_like(part), where=high > 1.0)
    np.minimum(part, up, out=part)
    return [wanted + (plane - wanted) * part for plane in moved]
