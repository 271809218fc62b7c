"""What a selection can be asked to become, as sums over one array of values: 0 not selected, 255 selected.

Each function takes `(h, w)` uint8 and returns a new array of the same shape. What lies beyond the array's edge is
taken to be like the edge, by a blur only nearly: a caller pads the array by `reach` with what it wants there. Partly
selected pixels stay what they are: growing takes the largest value within reach, which for 0 and 255 is the plain
Euclidean distance.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.uint8]

FINE = 3.0
"""Up to this σ, in pixels, blurring is a true Gaussian; above it three running means stand for it."""

COARSE = 8.0
"""A blur is done in cells that are no more than a part of this of its σ."""

NEAR = 48.0
"""Up to this radius the largest value is found sooner by looking at all of the disc than by way of a distance."""


def grown(values: Values, radius: float) -> Values:
    """At each pixel the largest value within `radius` pixels, centre to centre."""
    if radius < 1.0 or not values.any():
        return values.copy()
    if radius > NEAR and bool(((values == 0) | (values == 255)).all()):
        return _grown_hard(values, radius)
    return _grown_soft(values, radius)


def shrunk(values: Values, radius: float) -> Values:
    """At each pixel the smallest value within `radius` pixels, centre to centre."""
    return 255 - grown(255 - values, radius)


def feathered(values: Values, radius: float) -> Values:
    """With an edge that fades over about `radius` pixels on either side: a Gaussian of σ = `radius` / 2."""
    if radius <= 0.0:
        return values.copy()
    sigma = radius / 2.0
    deep = values.astype(np.uint16) * np.uint16(257)
    if sigma <= FINE:
        side = 2 * math.ceil(3.0 * sigma) + 1
        deep = cv2.GaussianBlur(deep, (side, side), sigma, borderType=cv2.BORDER_REPLICATE)
    else:
        deep = _blurred(deep, sigma)
    return ((deep.astype(np.uint32) + 128) // 257).astype(np.uint8)


def bordered(values: Values, width: float) -> Values:
    """A frame along the edge, `width` pixels wide, of which the odd one lies outside."""
    outside, inside = math.ceil(width / 2.0), math.floor(width / 2.0)
    frame: Values = np.minimum(grown(values, outside), 255 - shrunk(values, inside))
    return frame


def smoothed(values: Values, radius: float) -> Values:
    """With corners rounded and specks and dents smaller than `radius` gone; the edge is as sharp as before.

    A blur of σ = `radius` / 2, made steep again where half is selected: on a straight edge it rises by
    255 / (σ·√(2π)) a pixel, which is brought back to one pixel from 0 to 255.
    """
    if radius <= 0.0:
        return values.copy()
    steepness = max(radius / 2.0 * math.sqrt(2.0 * math.pi), 1.0)
    soft = feathered(values, radius).astype(np.float32)
    steep: Values = np.clip(np.rint((soft - 127.5) * np.float32(steepness) + 127.5), 0, 255).astype(np.uint8)
    return steep


def reach(operation: str, amount: float) -> int:
    """How far, in whole pixels, a pixel's new value depends on its neighbours: the halo that a piece needs."""
    if operation in ("feather", "smooth"):
        sigma = amount / 2.0
        cell, rest = _cells(sigma)
        return math.ceil(3.0 * sigma) if sigma <= FINE else cell * (sum(side // 2 for side in _means(rest)) + 2)
    if operation == "border":
        return math.ceil(amount / 2.0)
    return math.ceil(amount)


def _grown_hard(values: Values, radius: float) -> Values:
    distance = np.asarray(cv2.distanceTransform(255 - values, cv2.DIST_L2, cv2.DIST_MASK_PRECISE))
    # Squares of distances are whole numbers: nothing lies between `radius` and this.
    limit = math.sqrt(math.floor(radius * radius + 1e-6) + 0.5)
    return np.asarray((distance < limit).view(np.uint8) * np.uint8(255))


def _grown_soft(values: Values, radius: float) -> Values:
    """The largest value of a disc, row of the disc by row, each the larger of two runs whose length is a power of 2."""
    height, width = values.shape
    whole = math.floor(radius)
    # 0 adds nothing to a maximum, so that the edge need not be repeated.
    padded = cv2.copyMakeBorder(values, whole, whole, whole, whole, cv2.BORDER_CONSTANT, value=0)
    runs = [padded]
    while 2 << (len(runs) - 1) <= 2 * whole + 1:
        half = 1 << (len(runs) - 1)
        runs.append(np.maximum(runs[-1][:, :-half], runs[-1][:, half:]))
    result = np.zeros_like(values)
    for dy in range(whole + 1):
        reach = math.floor(math.sqrt(max(radius * radius - dy * dy, 0.0)) + 1e-9)
        length = 2 * reach + 1
        power = length.bit_length() - 1
        start = whole - reach
        first = runs[power][:, start : start + width]
        second = runs[power][:, start + length - (1 << power) :][:, :width]
        row = np.maximum(first, second)
        np.maximum(result, row[whole - dy : whole - dy + height], out=result)
        np.maximum(result, row[whole + dy : whole + dy + height], out=result)
    return result


def _blurred(deep: NDArray[np.uint16], sigma: float) -> NDArray[np.uint16]:
    """Three running means, over cells of several pixels where the blur is so wide that it makes no difference.

    The array's corner must be one of a cell's, wherever a piece of a larger array is to be as in the whole.
    """
    height, width = deep.shape
    cell, rest = _cells(sigma)
    if cell > 1:
        deep = cv2.copyMakeBorder(deep, 0, -height % cell, 0, -width % cell, cv2.BORDER_REPLICATE)
        whole = (deep.shape[1], deep.shape[0])
        deep = cv2.resize(deep, (whole[0] // cell, whole[1] // cell), interpolation=cv2.INTER_AREA)
    for side in _means(rest):
        deep = cv2.blur(deep, (side, side), borderType=cv2.BORDER_REPLICATE)
    if cell > 1:
        deep = cv2.resize(deep, whole, interpolation=cv2.INTER_LINEAR)[:height, :width]
    return np.asarray(deep)


def _cells(sigma: float) -> tuple[int, float]:
    """The side of a cell, a power of 2, and the σ in cells that is left to blur.

    The mean over a cell and the way back, which is linear, have the variances cell² / 12 and cell² / 6.
    """
    cell = 1
    while cell < 32 and sigma / (2 * cell) >= COARSE:
        cell *= 2
    return cell, (math.sqrt(sigma * sigma - cell * cell / 4.0) / cell if cell > 1 else sigma)


def _means(sigma: float) -> tuple[int, int, int]:
    """Sides of three running means that together have the variance σ² as nearly as odd sides can.

    Kovesi, “Fast almost-Gaussian filtering”, 2010.
    """
    ideal = math.sqrt(4.0 * sigma * sigma + 1.0)
    low = math.floor(ideal)
    low -= 1 - low % 2
    count = round((12.0 * sigma * sigma - 3 * low * low - 12 * low - 9) / (-4 * low - 4))
    first, second, third = (low if number < count else low + 2 for number in range(3))
    return first, second, third
