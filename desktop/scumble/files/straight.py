"""Storage ↔ straight RGBA, as `PixelFormat` defines it, at the speed that files need.

Tables of all 65 536 pairs of alpha and value stand in for the divisions of the 8-bit formats.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.document import PixelFormat, Pixels


def to_straight(pixel_format: PixelFormat, stored: Pixels) -> Pixels:
    """Storage `(h, w, 4)` → straight RGBA of the same dtype; wholly transparent pixels come out as 0."""
    if pixel_format.dtype.itemsize > 1:
        return pixel_format.to_straight(stored, pixel_format.dtype)
    return _through(_tables()[0], _reordered(stored, pixel_format.order), 3)


def from_straight(pixel_format: PixelFormat, straight: Pixels) -> Pixels:
    """Straight grey, grey with alpha, RGB or RGBA `(h, w, 1…4)`, uint8 or uint16 → storage."""
    rgba = as_rgba(straight)
    if pixel_format.dtype.itemsize > 1 or rgba.dtype != np.uint8:
        return pixel_format.from_straight(rgba)
    red, green, blue, alpha = pixel_format.order
    inverse = [0, 0, 0, 0]
    for position, channel in enumerate((red, green, blue, alpha)):
        inverse[channel] = position
    return _through(_tables()[1], _reordered(rgba, (inverse[0], inverse[1], inverse[2], inverse[3])), alpha)


def as_rgba(straight: Pixels) -> Pixels:
    """Grey, grey with alpha, RGB or RGBA → RGBA; opaque where there was no alpha."""
    channels = straight.shape[2]
    if channels == 4:
        return straight
    rgba = np.empty((*straight.shape[:2], 4), straight.dtype)
    rgba[..., :3] = straight[..., :1] if channels < 3 else straight
    rgba[..., 3] = straight[..., 1] if channels == 2 else np.iinfo(straight.dtype).max
    return rgba


def _through(table: NDArray[np.uint8], pixels: Pixels, alpha: int) -> Pixels:
    """Replaces every colour value by what the table has for it and its pixel's alpha; `pixels` is changed."""
    opacity = pixels[..., alpha]
    if opacity.size == 0 or int(opacity.min()) == 255:
        return pixels
    index = pixels.astype(np.uint16)
    index |= opacity.astype(np.uint16)[..., None] << 8
    kept = opacity.copy()
    np.take(table, index, out=pixels, mode="clip")
    pixels[..., alpha] = kept
    return pixels


def _reordered(pixels: Pixels, order: tuple[int, int, int, int]) -> Pixels:
    """A contiguous copy with channels `order[0]`, `order[1]`… of the original."""
    if order == (0, 1, 2, 3):
        return np.array(pixels, order="C")
    if order == (2, 1, 0, 3) and pixels.size:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_BGRA2RGBA))
    return np.ascontiguousarray(pixels[..., list(order)])


@lru_cache(maxsize=1)
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """By alpha · 256 + value: premultiplied → straight, and straight → premultiplied, rounded to nearest."""
    alpha, value = np.divmod(np.arange(65536, dtype=np.uint32), 256)
    divisor = np.maximum(alpha, 1)
    straight = np.where(alpha == 0, 0, np.minimum((value * 255 + divisor // 2) // divisor, 255))
    return straight.astype(np.uint8), ((value * alpha + 127) // 255).astype(np.uint8)
