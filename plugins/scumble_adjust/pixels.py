"""Straight RGBA, uint8 or uint16, to floating point and back, and through tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.unsignedinteger[Any]]
"""`(height, width, 4)` straight RGBA, uint8 or uint16, over the whole range of the dtype."""

Floats = NDArray[np.floating[Any]]
"""The same in 0…1, float32, with or without alpha."""

Tone = Callable[[Floats], Floats]
"""What becomes of values in 0…1."""


def top(pixels: Pixels) -> int:
    """The value that means 1."""
    return int(np.iinfo(pixels.dtype).max)


def unit(pixels: Pixels) -> Floats:
    """Integers → 0…1, float32."""
    return pixels.astype(np.float32) / np.float32(top(pixels))


def whole(values: Floats, like: Pixels) -> Pixels:
    """0…1 → integers of the dtype of `like`, clipped, to nearest."""
    scaled: Floats = np.rint(np.clip(values, 0.0, 1.0) * np.float32(top(like)))
    return scaled.astype(like.dtype)


def with_colours(pixels: Pixels, colours: Floats) -> Pixels:
    """The picture with other colours, `(h, w, 3)` in 0…1, and the alpha that it had."""
    made = pixels.copy()
    made[..., :3] = whole(colours, pixels)
    return made


def through(pixels: Pixels, tones: Sequence[Tone]) -> Pixels:
    """Red, green and blue each through its tone, by tables of every value there is; alpha stays."""
    limit = top(pixels)
    grades = np.arange(limit + 1) / limit
    tables = [np.rint(np.clip(tone(grades), 0.0, 1.0) * limit).astype(pixels.dtype) for tone in tones]
    if limit == 255:
        looked_up: Pixels = cv2.LUT(pixels, np.dstack([*tables, np.arange(256, dtype=np.uint8)]))
        return looked_up
    made = pixels.copy()
    for channel, table in enumerate(tables):
        made[..., channel] = table[pixels[..., channel]]
    return made


def opaque(pixels: Pixels) -> bool:
    """Whether nothing shines through anywhere."""
    return bool(pixels[..., 3].min() == top(pixels))


def premultiplied(pixels: Pixels) -> Floats:
    """Integers → 0…1 with colours times alpha, as a filter that mixes neighbours needs them."""
    values = unit(pixels)
    values[..., :3] *= values[..., 3:]
    return values


def straightened(values: Floats) -> Floats:
    """Premultiplied → straight; colour 0 where nothing is."""
    alpha = values[..., 3:]
    colours = np.divide(values[..., :3], alpha, out=np.zeros_like(values[..., :3]), where=alpha > 1e-6)
    return np.concatenate([colours, alpha], axis=2)
