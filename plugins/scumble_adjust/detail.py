"""Gaussian blur, unsharp mask, noise: what looks at neighbours, or at where a pixel is."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import ToolJob
from scumble_adjust.pixels import Floats, Pixels, opaque, premultiplied, straightened, top, unit, whole, with_colours

TAILS = 3.0
"""Standard deviations at which the kernel ends."""

WIDE = 12.0
"""Standard deviations, in pixels, from which a blur is calculated on a smaller picture."""

KEPT = 6.0
"""The standard deviation that is left there, at least."""

KEYS = 8
"""Keys that a pattern of noise uses, so that no two patterns share one."""


def gaussian_blur(job: ToolJob, pixels: Pixels) -> Pixels:
    """Each pixel the mean of its surroundings, weighted by a Gaussian of the standard deviation `radius`."""
    sigma = job.number("radius") * job.scale
    if sigma == 0.0:
        return pixels.copy()
    if not opaque(pixels):
        return whole(straightened(blurred(premultiplied(pixels), sigma, job.origin)), pixels)
    if pixels.dtype == np.uint8 and sigma < WIDE:
        quick: Pixels = _kernel(pixels, sigma)  # type: ignore[arg-type,assignment]  # in fixed point, within a step
        return quick
    return with_colours(pixels, blurred(np.ascontiguousarray(unit(pixels)[..., :3]), sigma, job.origin))


def unsharp_mask(job: ToolJob, pixels: Pixels) -> Pixels:
    """v + amount · (v - blurred v), where that differs by the threshold (in steps of 8 bits) or more.

    Formula: Gonzalez and Woods, Digital Image Processing, §3.6.3.
    """
    sigma, amount = job.number("radius") * job.scale, job.number("amount") / 100.0
    if sigma == 0.0 or amount == 0.0:
        return pixels.copy()
    colours = unit(pixels)[..., :3]
    if opaque(pixels):
        soft = blurred(np.ascontiguousarray(colours), sigma, job.origin)
    else:
        soft = straightened(blurred(premultiplied(pixels), sigma, job.origin))[..., :3]
    edges = colours - soft
    edges[np.abs(edges) < np.float32(job.number("threshold") / 255.0)] = 0.0
    return with_colours(pixels, colours + np.float32(amount) * edges)


def noise(job: ToolJob, pixels: Pixels) -> Pixels:
    """Adds grain that depends on the place in the document and the pattern alone: of values up to ± amount, or
    Gaussian with that standard deviation. In a smaller picture the grain of the pixels in one averages out."""
    amount = np.float32(job.number("amount") / 100.0 * job.scale)
    if amount == 0.0:
        return pixels.copy()
    height, width = pixels.shape[:2]
    columns, rows = _places(job.origin[0], width, job.scale), _places(job.origin[1], height, job.scale)
    gaussian, key = job.text("kind") == "gaussian", job.integer("pattern") * KEYS
    channels = (0, 0, 0) if job.params["monochrome"] else (0, 1, 2)
    grains = {channel: _grain(rows, columns, key + channel, gaussian) * amount for channel in set(channels)}
    made = pixels.copy()
    for place, channel in enumerate(channels):
        values = pixels[..., place].astype(np.float32) / np.float32(top(pixels))
        made[..., place] = whole(values + grains[channel], pixels)
    return made


def blurred(values: Floats, sigma: float, origin: tuple[int, int] = (0, 0)) -> Floats:
    """`(h, w, c)` float32 with a Gaussian; its edge goes on beyond it.

    A wide one is calculated on a picture made smaller by a power of two and enlarged again, whose own softness is
    taken off; the smaller pixels lie on a grid of the whole document, so that pieces fit together.
    """
    if sigma < WIDE:
        return _kernel(values, sigma)
    factor = 1 << int(math.log2(sigma / KEPT))
    height, width = values.shape[:2]
    left, above = origin[0] % factor, origin[1] % factor
    right, below = -(left + width) % factor, -(above + height) % factor
    framed = cv2.copyMakeBorder(values, above, below, left, right, cv2.BORDER_REPLICATE)
    size = framed.shape[1] // factor, framed.shape[0] // factor
    small = cv2.resize(framed, size, interpolation=cv2.INTER_AREA)
    # Averaging has the variance of a box, (n² - 1) / 12; linear enlarging that of a triangle, twice as much.
    rest = math.sqrt(max(sigma**2 - (factor**2 - 1) / 4.0, 0.25)) / factor
    large = cv2.resize(_kernel(small, rest), (framed.shape[1], framed.shape[0]), interpolation=cv2.INTER_LINEAR)
    part: Floats = np.ascontiguousarray(large[above : above + height, left : left + width])
    return part


def _kernel(values: Floats, sigma: float) -> Floats:
    side = 2 * math.ceil(TAILS * sigma) + 1
    soft: Floats = cv2.GaussianBlur(values, (side, side), sigma, borderType=cv2.BORDER_REPLICATE)
    return soft


def _places(start: int, count: int, scale: float) -> NDArray[np.uint32]:
    """Where a row or column of pixels lies in the document, modulo 2³²."""
    places = np.floor((np.arange(count, dtype=np.float64) + start) / scale)
    return places.astype(np.int64).astype(np.uint32)


def _grain(rows: NDArray[np.uint32], columns: NDArray[np.uint32], key: int, gaussian: bool) -> Floats:
    """`(rows, columns)` of random values: in -1…1, or Gaussian of variance 1 (Box and Muller, 1958)."""
    first = _hashed(rows, columns, key)
    if not gaussian:
        return first * np.float32(2.0) - np.float32(1.0)
    second = _hashed(rows, columns, key + 4)
    far = np.sqrt(np.float32(-2.0) * np.log(np.maximum(first, np.float32(2.0**-24))))
    grain: Floats = far * np.cos(second * np.float32(2.0 * math.pi))
    return grain


def _hashed(rows: NDArray[np.uint32], columns: NDArray[np.uint32], key: int) -> Floats:
    """A number in 0…1 for each place.

    The mixing is “lowbias32” (C. Wellons, Prospecting for Hash Functions, 2018), of which the columns get a round of
    their own before the rows are added.
    """
    along = _mixed(columns ^ np.uint32(key * 0x9E3779B9 & 0xFFFFFFFF))
    mixed = _mixed(along[None, :] + (rows * np.uint32(0x85EBCA6B))[:, None])
    return (mixed >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def _mixed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    values = values ^ (values >> np.uint32(16))
    values = values * np.uint32(0x7FEB352D)
    values ^= values >> np.uint32(15)
    values *= np.uint32(0x846CA68B)
    values ^= values >> np.uint32(16)
    return values
