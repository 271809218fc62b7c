"""Hue and saturation, colour balance: what needs red, green and blue of a pixel together."""

from __future__ import annotations

import cv2
import numpy as np

from scumble.api import ToolJob
from scumble_adjust.pixels import Floats, Pixels, unit, with_colours

LUMINOSITY = np.array([0.3, 0.59, 0.11], np.float32)
"""The weights of red, green and blue; W3C, Compositing and Blending Level 1, §10.2."""

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
    colours = unit(pixels)[..., :3]
    light = (colours.max(axis=2, keepdims=True) + colours.min(axis=2, keepdims=True)) / 2.0
    made = colours.copy()
    for name, weight in zip(RANGES, belonging(light), strict=True):
        if wanted[name].any():
            made += weight * (wanted[name] * np.float32(STRENGTH))
    np.clip(made, 0.0, 1.0, out=made)
    if job.params["keep_luminosity"]:
        made = with_luminosity(made, colours @ LUMINOSITY)
    return with_colours(pixels, made)


def belonging(light: Floats) -> tuple[Floats, Floats, Floats]:
    """How much a lightness belongs to shadows, midtones and highlights, each 0…1."""
    below = np.clip((EDGE - light) / SOFTNESS + 0.5, 0.0, 1.0)
    above = np.clip((light - 1.0 + EDGE) / SOFTNESS + 0.5, 0.0, 1.0)
    return below, (1.0 - below) * (1.0 - above), above


def with_luminosity(colours: Floats, wanted: Floats) -> Floats:
    """`(h, w, 3)` moved to a luminosity `(h, w)`, and towards that grey as far as leaves them inside 0…1."""
    goal = wanted[..., None]
    moved = colours + (goal - (colours @ LUMINOSITY)[..., None])
    low, high = moved.min(axis=2, keepdims=True), moved.max(axis=2, keepdims=True)
    one = np.ones_like(low)
    down = np.divide(goal, goal - low, out=one.copy(), where=low < 0.0)
    up = np.divide(1.0 - goal, high - goal, out=one.copy(), where=high > 1.0)
    inside: Floats = goal + (moved - goal) * np.minimum(down, up)
    return inside
