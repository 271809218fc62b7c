"""The islands of a selection: parts that lie so far apart that each is better seen in a context of its own.

They are found on a map that is sixteen times coarser and made from the tiles that hold something, so that the cost
follows what is selected and not the size of the canvas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import Mask
from scumble.document import TILE, Rect
from scumble.document.tiles import TileMap, content_bounds, read_tiles

CELL: Final = 16
"""Pixels of the document, each way, to a cell of the coarse map."""

MOST: Final = 16
"""More islands than this are taken together with their neighbours: a speckled selection is not a hundred jobs."""


@dataclass(frozen=True, slots=True, eq=False)
class Island:
    """`bounds` is the rectangle round its pixels. Which pixels are its own is known cell by cell: those of `cells`
    `(rows, columns)`, whose corner is at `origin` in document pixels, that have its `number`."""

    bounds: Rect
    number: int
    cells: NDArray[np.int32]
    origin: tuple[int, int]

    def selected(self, tiles: TileMap, box: Rect) -> Mask:
        """The selection over a box, without the other islands."""
        mask = read_tiles(tiles, box, 1, np.dtype(np.uint8))
        own = Rect(*self.origin, self.cells.shape[1] * CELL, self.cells.shape[0] * CELL) & box
        kept = np.zeros_like(mask)
        rows = (np.arange(own.y, own.bottom) - self.origin[1]) // CELL
        columns = (np.arange(own.x, own.right) - self.origin[0]) // CELL
        mine = self.cells[np.ix_(rows, columns)] == self.number
        kept[own.slices(box)] = np.where(mine, mask[own.slices(box)], 0)
        return kept


def islands(tiles: TileMap, canvas: Rect, gap: int) -> tuple[Island, ...]:
    """The islands of a selection inside the canvas, from the top down: more than about `gap` pixels lie between any
    two of them. None where nothing is selected."""
    bounds = content_bounds(tiles) & canvas
    if bounds.empty:
        return ()
    seen, origin = reduced(tiles, bounds, CELL)
    filled = seen > 0
    count, labels = _joined(filled, gap)
    while count > MOST:
        gap *= 2
        count, labels = _joined(filled, gap)
    labels[~filled] = 0
    found = (Island(_bounds(tiles, labels, n, origin) & canvas, n, labels, origin) for n in range(1, count + 1))
    return tuple(sorted((one for one in found if not one.bounds.empty), key=lambda one: (one.bounds.y, one.bounds.x)))


def reduced(tiles: TileMap, box: Rect, shrink: int) -> tuple[Mask, tuple[int, int]]:
    """The selection over a box, seen from afar: the largest value of each square of `shrink` pixels, a power of two up
    to 256; and where in the document the first square begins."""
    origin = box.x // shrink * shrink, box.y // shrink * shrink
    rows, columns = -(-(box.bottom - origin[1]) // shrink), -(-(box.right - origin[0]) // shrink)
    out = np.zeros((rows, columns), np.uint8)
    side = TILE // shrink
    whole = Rect(origin[0] // shrink, origin[1] // shrink, columns, rows)
    for index in box.tiles():
        tile = tiles.get(index)
        if tile is not None:
            lines = tile.pixels.reshape(side, shrink, TILE).max(axis=1)
            place = Rect(index[0] * side, index[1] * side, side, side)
            part = place & whole
            out[part.slices(whole)] = lines.reshape(side, side, shrink).max(axis=2)[part.slices(place)]
    return out, origin


def _joined(filled: NDArray[np.bool_], gap: int) -> tuple[int, NDArray[np.int32]]:
    """How many islands there are, and to which each cell belongs that is nearer to it than half the gap."""
    away = cv2.distanceTransform((~filled).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    near = (away * CELL <= gap / 2).astype(np.uint8)
    count, labels = cv2.connectedComponents(near, connectivity=8, ltype=cv2.CV_32S)
    return count - 1, np.asarray(labels, np.int32)


def _bounds(tiles: TileMap, labels: NDArray[np.int32], number: int, origin: tuple[int, int]) -> Rect:
    """The rectangle round an island's pixels: its cells' edges, moved in to where something is selected.

    Only the outermost cells are looked at, which hold something by their nature.
    """
    x, y, width, height = cv2.boundingRect((labels == number).astype(np.uint8))
    rough = Rect(origin[0] + x * CELL, origin[1] + y * CELL, width * CELL, height * CELL)
    if rough.empty:
        return rough
    island = Island(rough, number, labels, origin)
    sides = (
        (Rect(rough.x, rough.y, CELL, rough.height), 0),
        (Rect(rough.x, rough.y, rough.width, CELL), 1),
        (Rect(rough.right - CELL, rough.y, CELL, rough.height), 0),
        (Rect(rough.x, rough.bottom - CELL, rough.width, CELL), 1),
    )
    left, top, right, bottom = (np.flatnonzero(island.selected(tiles, side).any(axis=axis)) for side, axis in sides)
    return Rect.from_edges(
        rough.x + int(left[0]),
        rough.y + int(top[0]),
        rough.right - CELL + int(right[-1]) + 1,
        rough.bottom - CELL + int(bottom[-1]) + 1,
    )
