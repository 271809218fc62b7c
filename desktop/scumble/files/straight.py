"""Storage ↔ straight RGBA, as `PixelFormat` defines it, at the speed that files need.

8-bit pixels are converted a few rows at a time, so that what lies in between stays in the cache of the processor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from scumble.document import PixelFormat, Pixels
from scumble.document.tiles import whole_pixels

_ROWS: Final = 8
_SPARSE: Final = 3
"""Fewer than one pixel in so many: then it is quicker to pick them out than to convert all."""


def to_straight(pixel_format: PixelFormat, stored: Pixels) -> Pixels:
    """Storage `(h, w, 4)` → straight RGBA of the same dtype; wholly transparent pixels come out as 0."""
    if pixel_format.dtype.itemsize > 1:
        return pixel_format.to_straight(stored, pixel_format.dtype)
    return _where_translucent(_reordered(stored, pixel_format.order), 3, _divide)


def from_straight(pixel_format: PixelFormat, straight: Pixels) -> Pixels:
    """Straight grey, grey with alpha, RGB or RGBA `(h, w, 1…4)`, uint8 or uint16 → storage."""
    rgba = as_rgba(straight)
    if pixel_format.dtype.itemsize > 1 or rgba.dtype != np.uint8:
        return pixel_format.from_straight(rgba)
    red, green, blue, alpha = pixel_format.order
    inverse = [0, 0, 0, 0]
    for position, channel in enumerate((red, green, blue, alpha)):
        inverse[channel] = position
    ordered = _reordered(rgba, (inverse[0], inverse[1], inverse[2], inverse[3]))
    return _where_translucent(ordered, alpha, _multiply)


def as_rgba(straight: Pixels) -> Pixels:
    """Grey, grey with alpha, RGB or RGBA → RGBA; opaque where there was no alpha."""
    channels = straight.shape[2]
    if channels == 4:
        return straight
    rgba = np.empty((*straight.shape[:2], 4), straight.dtype)
    rgba[..., :3] = straight[..., :1] if channels < 3 else straight
    rgba[..., 3] = straight[..., 1] if channels == 2 else np.iinfo(straight.dtype).max
    return rgba


def _where_translucent(pixels: Pixels, alpha: int, convert: Callable[[Pixels, Pixels], None]) -> Pixels:
    """Converts 8-bit pixels in place. Only what is neither opaque nor transparent needs sums: often that is little."""
    flat = whole_pixels(pixels).reshape(-1)
    opacity = pixels[..., alpha].reshape(-1)
    if opacity.size == 0 or int(opacity.min()) == 255:
        return pixels
    between = np.flatnonzero((opacity - np.uint8(1)) < 254)
    np.copyto(flat, 0, where=opacity == 0)
    if between.size * _SPARSE < opacity.size:
        picked = flat[between].view(np.uint8).reshape(-1, 4)
        _convert(picked, alpha, convert)
        flat[between] = whole_pixels(picked[None])[0]
        return pixels
    for top in range(0, pixels.shape[0], _ROWS):
        _convert(pixels[top : top + _ROWS], alpha, convert)
    return pixels


def _convert(pixels: Pixels, alpha: int, convert: Callable[[Pixels, Pixels], None]) -> None:
    opacity = pixels[..., alpha].copy()
    convert(pixels, opacity)
    pixels[..., alpha] = opacity


def _multiply(rows: Pixels, opacity: Pixels) -> None:
    """value · alpha / 255, rounded to nearest, without a division: exact for all products of two bytes."""
    product = rows.astype(np.uint16)
    product *= opacity[..., None]
    product += 128
    product += product >> 8
    product >>= 8
    rows[:] = product


def _divide(rows: Pixels, opacity: Pixels) -> None:
    """value · 255 / alpha, rounded to nearest with halves up, at most 255.

    The half of a unit that is added keeps whole quotients clear of the error of the reciprocal, so that cutting off
    the fraction is exact.
    """
    reciprocal = np.float32(1.0) / np.maximum(opacity, 1).astype(np.float32)
    half = ((opacity >> 1).astype(np.float32) + np.float32(0.5)) * reciprocal
    reciprocal *= np.float32(255.0)
    quotient = np.empty(opacity.shape, np.float32)
    for channel in range(rows.shape[-1]):
        np.multiply(rows[..., channel], reciprocal, out=quotient)
        quotient += half
        np.minimum(quotient, np.float32(255.0), out=quotient)
        rows[..., channel] = quotient


def _reordered(pixels: Pixels, order: tuple[int, int, int, int]) -> Pixels:
    """A contiguous copy with channels `order[0]`, `order[1]`… of the original."""
    if order == (0, 1, 2, 3):
        return np.array(pixels, order="C")
    if order == (2, 1, 0, 3) and pixels.size:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_BGRA2RGBA))
    return np.ascontiguousarray(pixels[..., list(order)])
