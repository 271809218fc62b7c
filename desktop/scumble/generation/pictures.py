"""Stored pixels to a tool's pictures and back, at another size where need be."""

from __future__ import annotations

import cv2
import numpy as np

from scumble.api import Picture
from scumble.document import PixelFormat, Pixels
from scumble.generation.straight import to_straight


def resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Pixels `(h, w, c)` or `(h, w)` of any unsigned dtype at (width, height): area mean down, Lanczos up.

    Of four channels the last is alpha.
    """
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels.copy()
    shrinks = size[0] * size[1] < width * height
    out: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4)
    solid = np.iinfo(pixels.dtype).max
    if not shrinks and pixels.shape[2:] == (4,) and pixels[..., 3].min() == solid:
        out[..., 3] = solid  # the weights of 8 bits do not add up to 1 at every size
    return out


def to_picture(stored: Pixels, pixel_format: PixelFormat, size: tuple[int, int], *, alpha: bool = False) -> Picture:
    """Stored pixels → a tool's straight 8-bit picture at (width, height).

    Without `alpha` what is transparent comes out over white, as paper, `(h, w, 3)`; with it, `(h, w, 4)` unless every
    pixel is opaque.
    """
    scaled = resized(stored, size)
    transparent = bool(scaled[..., pixel_format.alpha].min(initial=pixel_format.maximum) < pixel_format.maximum)
    if not transparent and pixel_format.maximum == np.iinfo(np.uint8).max:
        return np.ascontiguousarray(to_straight(pixel_format, scaled)[..., :3])
    scaled = legal(scaled, pixel_format)
    if transparent and not alpha:
        paper = pixel_format.maximum - scaled[..., pixel_format.alpha]
        scaled = scaled + paper[..., None]
        scaled[..., pixel_format.alpha] = pixel_format.maximum
    straight = pixel_format.to_straight(scaled)
    return np.ascontiguousarray(straight if transparent and alpha else straight[..., :3])


def to_stored(picture: Picture, pixel_format: PixelFormat, size: tuple[int, int]) -> Pixels:
    """A tool's picture → stored pixels at (width, height), resized at the depth of the format."""
    stored = resized(pixel_format.from_straight(picture), size)
    return stored if picture.shape[2] == 3 else legal(stored, pixel_format)


def legal(stored: Pixels, pixel_format: PixelFormat) -> Pixels:
    """No colour above its alpha, which a filter that overshoots may leave."""
    return np.minimum(stored, stored[..., pixel_format.alpha, None])
