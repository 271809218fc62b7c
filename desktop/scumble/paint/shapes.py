"""Outlines filled with exact coverage, straight into the tiles of a mask.

The sum of signed areas: each piece of an edge adds to its pixel the area at its right, and to all pixels further
right its height; a running sum along the row is the coverage (Levien, “Inside the fastest font renderer in the
world”, 2016). Tiles that no edge touches are never computed but filled with what comes in at their left side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scumble.document import TILE, Rect, Tile, TileIndex, tile_rect

Outline: TypeAlias = Sequence[tuple[float, float]]
"""Corners in document pixels; the last is joined to the first."""

Floats: TypeAlias = NDArray[np.float64]

FLATNESS = 0.01
"""How far, in pixels, the corners' chords may lie from the curve that they stand for."""


def polygon(outline: Outline, bounds: Rect, *, smooth: bool = True) -> dict[TileIndex, Tile]:
    """The mask of what an outline encloses inside `bounds`: 255 inside, partly covered pixels between.

    An outline that crosses itself encloses what it goes round more often one way than the other. Without `smooth` a
    pixel is selected when more than half of it is covered.
    """
    points = np.asarray(outline, np.float64).reshape(-1, 2)
    if len(points) < 3 or bounds.empty:
        return {}
    pieces = _pieces(points, bounds)
    tiles: dict[TileIndex, Tile] = {}
    if not len(pieces.row):
        return tiles
    solid = Tile(np.full((TILE, TILE), 255, np.uint8))
    solid.freeze()
    rows = range(int(pieces.row.min()) // TILE, int(pieces.row.max()) // TILE + 1)
    for ty in rows:
        _fill_band(pieces.taken(pieces.row // TILE == ty), ty, bounds, solid, tiles, smooth)
    return tiles


def rectangle(rect: Rect) -> dict[TileIndex, Tile]:
    """The mask of a rectangle of whole pixels."""
    tiles: dict[TileIndex, Tile] = {}
    solid = Tile(np.full((TILE, TILE), 255, np.uint8))
    solid.freeze()
    for index in rect.tiles():
        place = tile_rect(index)
        part = place & rect
        if part == place:
            tiles[index] = solid
        else:
            values = np.zeros((TILE, TILE), np.uint8)
            values[part.slices(place)] = 255
            tiles[index] = Tile(values)
    return tiles


def ellipse(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    """Corners of the ellipse in a box, so many that no chord lies further than `FLATNESS` from the curve."""
    across, down = abs(right - left) / 2, abs(bottom - top) / 2
    radius = max(across, down, FLATNESS)
    step = 2.0 * math.acos(max(1.0 - FLATNESS / radius, 0.0))
    count = max(math.ceil(2.0 * math.pi / step), 8)
    x, y = (left + right) / 2, (top + bottom) / 2
    angles = np.arange(count) * (2.0 * math.pi / count)
    return list(zip((x + across * np.cos(angles)).tolist(), (y + down * np.sin(angles)).tolist(), strict=True))


class _Pieces:
    """Parts of edges that lie in one pixel each: the pixel, the signed height, and the area at the right, signed."""

    def __init__(self, row: NDArray[Any], column: NDArray[Any], height: Floats, area: Floats) -> None:
        self.row, self.column, self.height, self.area = row, column, height, area

    def taken(self, chosen: NDArray[np.bool_]) -> _Pieces:
        """Some of them."""
        return _Pieces(self.row[chosen], self.column[chosen], self.height[chosen], self.area[chosen])


def _pieces(points: Floats, bounds: Rect) -> _Pieces:
    """Cuts the edges along the grid of pixels; what lies left of `bounds` is moved to its left side."""
    ends = np.roll(points, -1, axis=0)
    x0, y0, x1, y1 = points[:, 0], points[:, 1], ends[:, 0], ends[:, 1]
    x0, y0, x1, y1 = _within_rows(x0, y0, x1, y1, bounds)
    for side in (bounds.x, bounds.right):
        x0, y0, x1, y1 = _parted(x0, y0, x1, y1, side)
    x0, x1 = np.clip(x0, bounds.x, bounds.right), np.clip(x1, bounds.x, bounds.right)
    x0, y0, x1, y1 = _cut(x0, y0, x1, y1)
    y0, x0, y1, x1 = _cut(y0, x0, y1, x1)
    row = np.floor((y0 + y1) / 2).astype(np.int64)
    column = np.floor((x0 + x1) / 2).astype(np.int64)
    height = y1 - y0
    area = height * (1.0 - ((x0 + x1) / 2 - column))
    kept = height != 0.0
    return _Pieces(row[kept], column[kept], height[kept], area[kept])


def _within_rows(x0: Floats, y0: Floats, x1: Floats, y1: Floats, bounds: Rect) -> tuple[Floats, Floats, Floats, Floats]:
    """The parts of edges between the upper and the lower side of `bounds`."""
    slope = np.divide(x1 - x0, y1 - y0, out=np.zeros_like(x0), where=y1 != y0)
    top, bottom = np.clip(y0, bounds.y, bounds.bottom), np.clip(y1, bounds.y, bounds.bottom)
    start, end = x0 + (top - y0) * slope, x0 + (bottom - y0) * slope
    kept = top != bottom
    return start[kept], top[kept], end[kept], bottom[kept]


def _parted(x0: Floats, y0: Floats, x1: Floats, y1: Floats, side: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Edges that pass an upright line, cut in two there."""
    passes = (x0 - side) * (x1 - side) < 0.0
    slope = np.divide(y1 - y0, x1 - x0, out=np.zeros_like(x0), where=passes)
    middle = y0 + (side - x0) * slope
    return (
        np.concatenate([x0, np.full(int(passes.sum()), float(side))]),
        np.concatenate([y0, middle[passes]]),
        np.concatenate([np.where(passes, float(side), x1), x1[passes]]),
        np.concatenate([np.where(passes, middle, y1), y1[passes]]),
    )


def _cut(a0: Floats, b0: Floats, a1: Floats, b1: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Cuts lines from (a0, b0) to (a1, b1) wherever b passes a whole number; returned as (a0, b0, a1, b1)."""
    low, high = np.minimum(b0, b1), np.maximum(b0, b1)
    first = np.floor(low)
    count = np.maximum(np.ceil(high) - first, 1.0).astype(np.int64)
    line = np.repeat(np.arange(len(a0)), count)
    number = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    upper = np.maximum(first[line] + number, low[line])
    lower = np.minimum(first[line] + number + 1.0, high[line])
    down = b1[line] >= b0[line]
    start, end = np.where(down, upper, lower), np.where(down, lower, upper)
    length = b1 - b0
    slope = np.divide(a1 - a0, length, out=np.zeros_like(a0), where=length != 0.0)[line]
    level = (length == 0.0)[line]
    a_start = np.where(level, a0[line], a0[line] + (start - b0[line]) * slope)
    a_end = np.where(level, a1[line], a0[line] + (end - b0[line]) * slope)
    return a_start, start, a_end, end


def _fill_band(pieces: _Pieces, ty: int, bounds: Rect, solid: Tile, tiles: dict[TileIndex, Tile], smooth: bool) -> None:
    """The tiles of one row of tiles, from the first that an edge touches to where nothing goes on."""
    carry = np.zeros(TILE)
    touched = np.unique(pieces.column // TILE)
    for tx in range(int(touched[0]), (bounds.right - 1) // TILE + 1):
        index = (tx, ty)
        place = tile_rect(index)
        inside = place & bounds
        if tx in touched:
            cover = _accumulated(pieces.taken(pieces.column // TILE == tx), place, carry)
        elif not carry.any():
            continue
        elif inside == place and (np.abs(carry) > 1.0 - 1e-9).all():
            tiles[index] = solid
            continue
        else:
            cover = np.broadcast_to(carry[:, None], (TILE, TILE))
        values = _stored(cover, smooth)
        whole = np.zeros((TILE, TILE), np.uint8)
        part = inside.slices(place)
        whole[part] = values[part]
        if whole.any():
            tiles[index] = Tile(whole)


def _accumulated(pieces: _Pieces, place: Rect, carry: Floats) -> Floats:
    """Signed coverage of a tile, `(TILE, TILE)`; `carry` goes in from the left and is left as it goes out."""
    width = TILE + 1
    at = (pieces.row - place.y) * width + pieces.column - place.x
    sums = (
        np.bincount(at, pieces.area, TILE * width)
        + np.bincount(at + 1, pieces.height - pieces.area, TILE * width + 1)[: TILE * width]
    )
    rows = sums.reshape(TILE, width)
    np.add(rows[:, 0], carry, out=rows[:, 0])
    np.cumsum(rows, axis=1, out=rows)
    carry[:] = rows[:, -1]
    # What is left of adding and taking away again is no coverage.
    carry[np.abs(carry) < 1e-9] = 0.0
    return np.asarray(rows[:, :TILE])


def _stored(cover: Floats, smooth: bool) -> NDArray[np.uint8]:
    amount = np.minimum(np.abs(cover), 1.0)
    if not smooth:
        return np.where(amount > 0.5, np.uint8(255), np.uint8(0))
    return np.rint(amount * 255.0).astype(np.uint8)
