"""What may change: the mask that the model gets and the mask that the new layer wears.

Both hold the selection wholly: where it is 255 they are 255. Both fade outward only. A mask is uint8 `(h, w)`, and
lengths are in its pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import Mask
from scumble.document import Rect

REACH = 6
"""The radius of the disc of which larger discs are composed; a sum of small discs costs far less than a large one."""


@dataclass(frozen=True, slots=True)
class Blend:
    """How a generated region meets its surroundings: the selection grown by `grow` px, then faded over `feather`."""

    grow: int = 0
    feather: int = 0

    @property
    def reach(self) -> int:
        """How far outside the selection a pixel may change."""
        return self.grow + self.feather

    def as_mapping(self) -> dict[str, float]:
        """The form in which a recipe keeps it."""
        return {"grow": self.grow, "feather": self.feather}

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Blend:
        """From a recipe; what it does not name is 0."""
        return cls(max(round(values.get("grow", 0)), 0), max(round(values.get("feather", 0)), 0))


def default_blend(selection: Rect, *, native: int | None, strength: float = 1.0) -> Blend:
    """Grow and feather that suit a selection with these bounds: a tenth of its diagonal, with a floor."""
    side = native or 512
    diagonal = math.hypot(selection.width, selection.height)
    feather = max(int(0.10 * strength * diagonal), round(side / 16 * strength))
    return Blend(grow=max(side // 128, 1) + feather // 4, feather=feather)


def grown(selection: Mask, radius: int) -> Mask:
    """Each pixel becomes the largest within `radius` of it (a disc)."""
    if radius <= 0:
        return selection.copy()
    peak = int(selection.max(initial=0))
    if not ((selection == 0) | (selection == peak)).all():
        return _dilated(selection, radius)
    near = _distance(selection == peak) <= radius
    return np.where(near, peak, 0).astype(np.uint8) if peak else selection.copy()


def composite_mask(selection: Mask, blend: Blend) -> Mask:
    """The layer mask: the selection grown, then a smooth fall to 0 over the feather. With (0, 0) the selection itself.

    Where it is above 0 is the affected area; nothing else in the document may change.
    """
    return _faded(selection, blend, lambda t: (1.0 - t) ** 2 * (1.0 + 2.0 * t))


def denoise_mask(selection: Mask, blend: Blend) -> Mask:
    """The mask for the model: as the layer mask, with a straight fall, so that it is nowhere below it by much and
    greater than 0 wherever that is."""
    straight = _faded(selection, blend, lambda t: 1.0 - t)
    return np.asarray(np.maximum(straight, composite_mask(selection, blend)), np.uint8)


def scaled(mask: Mask, size: tuple[int, int]) -> Mask:
    """The mask at (width, height)."""
    if (mask.shape[1], mask.shape[0]) == size:
        return mask.copy()
    smaller = size[0] * size[1] < mask.size
    resized = cv2.resize(mask, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)


def bounds_of(mask: Mask, box: Rect) -> Rect:
    """The rectangle round every pixel above 0, in the coordinates of which `box` is the mask's place."""
    x, y, width, height = cv2.boundingRect(mask)
    return Rect(box.x + x, box.y + y, width, height)


def outline(mask: Mask) -> list[NDArray[np.float32]]:
    """The borders of the area above 0: closed rings `(n, 2)` of x, y along the edges of its pixels.

    Traced on a grid of twice the resolution, on which pixel edges are points; an inner corner is cut by half a pixel.
    """
    height, width = mask.shape
    grid = np.zeros((2 * height + 1, 2 * width + 1), np.uint8)
    inside = mask > 0
    for dy in range(3):
        for dx in range(3):
            part = grid[dy : dy + 2 * height : 2, dx : dx + 2 * width : 2]
            np.maximum(part, inside, out=part)
    rings, _ = cv2.findContours(grid, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return [ring[:, 0, :].astype(np.float32) / 2 for ring in rings]


def _faded(selection: Mask, blend: Blend, fall: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> Mask:
    """The grown selection, and outside its most selected part `fall(t)` of that value, t from 0 to 1."""
    solid = grown(selection, blend.grow)
    peak = int(solid.max(initial=0))
    if blend.feather <= 0 or peak == 0:
        return solid
    away = np.minimum(_distance(solid == peak) / np.float32(blend.feather + 1), np.float32(1.0))
    faded = np.rint(fall(away) * np.float32(peak)).astype(np.uint8)
    return np.asarray(np.maximum(solid, faded), np.uint8)


def _distance(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Euclidean distance in pixels of each pixel to the nearest one inside."""
    outside = np.where(inside, 0, 255).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def _dilated(values: Mask, radius: int) -> Mask:
    out = values
    while radius > 0:
        part = min(radius, REACH)
        rows, columns = np.ogrid[-part : part + 1, -part : part + 1]
        disc = (rows**2 + columns**2 <= part**2).astype(np.uint8)
        out = np.asarray(cv2.dilate(out, disc), np.uint8)
        radius -= part
    return out
