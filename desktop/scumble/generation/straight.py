"""Stored pixels to a tool's straight ones and back at the document's depth, quickly where all is opaque."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from scumble.document import PixelFormat, Pixels

_BGRA: Final = (2, 1, 0, 3)
_RGBA: Final = (0, 1, 2, 3)


def to_straight(pixel_format: PixelFormat, stored: Pixels) -> Pixels:
    """Stored `(h, w, 4)` → straight RGBA of the same dtype; the way back gives the very same values."""
    if _opaque(pixel_format, stored, pixel_format.alpha):
        return _reordered(pixel_format, stored)
    return np.ascontiguousarray(pixel_format.to_straight(stored, pixel_format.dtype))


def from_straight(pixel_format: PixelFormat, straight: Pixels) -> Pixels:
    """Straight RGBA of the format's dtype → stored."""
    if _opaque(pixel_format, straight, 3):
        return _reordered(pixel_format, straight)
    return pixel_format.from_straight(straight)


def _opaque(pixel_format: PixelFormat, pixels: Pixels, alpha: int) -> bool:
    # a single pixel tells of most pictures that are not opaque
    return bool(pixels[0, 0, alpha] == pixel_format.maximum and pixels[..., alpha].min() == pixel_format.maximum)


def _reordered(pixel_format: PixelFormat, pixels: Pixels) -> Pixels:
    """Red and blue change places, or not: the one exchange is its own way back."""
    if pixel_format.order == _RGBA:
        return pixels.copy()
    assert pixel_format.order == _BGRA
    swapped: Pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA)
    return swapped
