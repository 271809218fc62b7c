"""Operations on masks in tiles that look at the neighbourhood of a pixel, a tile with a halo at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from typing import TypeAlias, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.document import TILE, Rect, TileIndex, tile_rect
from scumble.paint.likeness import Mask

T = TypeVar("T")
Growth: TypeAlias = Generator[None, None, T]
"""Work that can be stopped at each step."""


def gathered(tile: Callable[[TileIndex], Mask | None], rect: Rect) -> Mask:
    """One array of a rectangle, from masks of tiles."""
    out = np.zeros((rect.height, rect.width), np.uint8)
    for index in rect.tiles():
        mask = tile(index)
        if mask is not None:
            part = tile_rect(index) & rect
            out[part.slices(rect)] = mask[part.slices(tile_rect(index))]
    return out


def distance(mask: Mask) -> NDArray[np.float32]:
    """How far each pixel is from the nearest one that is 0; infinitely far where there is none."""
    if mask.all():
        return np.full(mask.shape, np.inf, np.float32)
    return np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE))


def dilated(mask: Mask, radius: float) -> Mask:
    """Widened by a disc."""
    return (distance(cv2.bitwise_not(mask)) <= radius).astype(np.uint8) * np.uint8(255)


def mapped(
    tiles: Mapping[TileIndex, Mask], bounds: Rect, halo: int, change: Callable[[Mask, Rect], Mask]
) -> Growth[dict[TileIndex, Mask]]:
    """Each tile, and each beside one, after an operation on its window: the tile with a halo, inside the bounds.

    The operation looks no farther than the halo, and leaves a window alone that is all 0 or all 255.
    """
    steps = range(-math.ceil(halo / TILE), math.ceil(halo / TILE) + 1)
    grid = set(bounds.tiles())
    near = {(x + dx, y + dy) for x, y in tiles for dx in steps for dy in steps} & grid
    changed: dict[TileIndex, Mask] = {}
    for index in sorted(near):
        yield
        place = tile_rect(index)
        window = place.expanded(halo) & bounds
        mask = gathered(tiles.get, window)
        if not mask.any():
            continue
        if not mask.all():
            mask = change(mask, window)
        out = np.zeros((TILE, TILE), np.uint8)
        out[(place & bounds).slices(place)] = mask[(place & bounds).slices(window)]
        if out.any():
            changed[index] = out
    return changed
