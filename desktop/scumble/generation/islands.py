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
from scumble.generation.clusters import MOST, Boxes, contexts

CELL: Final = 16
"""Pixels of the document, each way, to a cell of the coarse map."""

MOST_PIECES: Final = 2000
"""Those of a selection that is more scattered than this are joined with what is near them."""


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
    """What is selected inside the canvas, in parts that are each seen in a context, from the top down; none where
    nothing is selected.

    Parts with more than about `gap` pixels between them are apart, however small. What hangs together by smaller gaps
    is cut where it is a scatter that is larger than a context needs to be, or mostly empty. There are no more than
    `MOST`; where there would be, neighbours share a context.
    """
    bounds = content_bounds(tiles) & canvas
    if bounds.empty:
        return ()
    seen, origin = reduced(tiles, bounds, CELL)
    filled = seen > 0
    pieces = _pieces(filled)
    labels = _shared(pieces, _joined(filled, gap), gap)[pieces]
    labels[~filled] = 0
    found = (Island(_bounds(tiles, labels, n, origin) & canvas, n, labels, origin) for n in range(1, labels.max() + 1))
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


def _pieces(filled: NDArray[np.bool_]) -> NDArray[np.int32]:
    """What hangs together, counted from 1."""
    found, gap = _joined(filled, 0), CELL
    while found.max() > MOST_PIECES:
        found, gap = _joined(filled, gap), 2 * gap
    return found


def _joined(filled: NDArray[np.bool_], gap: float) -> NDArray[np.int32]:
    """To which part each cell belongs that is nearer to it than half the gap; counted from 1."""
    near = filled.astype(np.uint8)
    if gap:
        away = cv2.distanceTransform(1 - near, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        near = (away <= gap / (2 * CELL)).view(np.uint8)
    return np.asarray(cv2.connectedComponents(near, connectivity=8, ltype=cv2.CV_32S)[1], np.int32)


def _shared(pieces: NDArray[np.int32], apart: NDArray[np.int32], gap: int) -> NDArray[np.int32]:
    """Which context each piece is seen in, from piece 1 on, both counted from 1. Pieces that are of one part in
    `apart` are near each other."""
    near = np.zeros(pieces.max() + 1, np.int32)
    near[pieces] = apart
    near = near[1:] - 1
    each = _rectangles(pieces)
    together = contexts(_around(each, near), gap)
    groups = [np.flatnonzero(np.isin(near, parts)) for parts in together]
    if len(groups) < MOST:
        groups = contexts(each, gap, groups)
    shared = np.zeros(len(near) + 1, np.int32)
    for number, group in enumerate(groups, 1):
        shared[group + 1] = number
    return shared


def _rectangles(pieces: NDArray[np.int32]) -> Boxes:
    """The rectangle round each piece."""
    rows, columns = np.nonzero(pieces)
    of = pieces[rows, columns] - 1
    edges = np.empty((of.max() + 1, 4), np.int64)
    edges[:, :2], edges[:, 2:] = max(pieces.shape), 0
    for column, values in enumerate((columns, rows)):
        np.minimum.at(edges[:, column], of, values)
        np.maximum.at(edges[:, column + 2], of, values + 1)
    return edges * CELL


def _around(boxes: Boxes, part: NDArray[np.int32]) -> Boxes:
    """The rectangle round all the boxes of each part."""
    edges = np.empty((part.max() + 1, 4), np.int64)
    edges[:, :2], edges[:, 2:] = boxes.max(), 0
    np.minimum.at(edges[:, :2], part, boxes[:, :2])
    np.maximum.at(edges[:, 2:], part, boxes[:, 2:])
    return edges


def _bounds(tiles: TileMap, labels: NDArray[np.int32], number: int, origin: tuple[int, int]) -> Rect:
    """The rectangle round an island's pixels: its cells' edges, moved in to where something is selected.

    Only the outermost cells are looked at, which hold something by their nature.
    """
    own = labels == number
    x, y, width, height = cv2.boundingRect(own.view(np.uint8))
    rough = Rect(origin[0] + x * CELL, origin[1] + y * CELL, width * CELL, height * CELL)
    if rough.empty:
        return rough
    own, island = own[y : y + height, x : x + width], Island(rough, number, labels, origin)

    def inner(rows: slice, columns: slice, axis: int) -> NDArray[np.intp]:
        """Where something is selected in a row or column of cells, looking along it."""
        left, top, across, down = cv2.boundingRect(own[rows, columns].astype(np.uint8))
        place = Rect(rough.x + (columns.indices(width)[0] + left) * CELL, rough.y, across * CELL, down * CELL)
        place = place.translated(0, (rows.indices(height)[0] + top) * CELL)
        return np.flatnonzero(island.selected(tiles, place).any(axis=axis))

    everywhere, first, last = slice(None), slice(0, 1), slice(-1, None)
    return Rect.from_edges(
        rough.x + int(inner(everywhere, first, 0)[0]),
        rough.y + int(inner(first, everywhere, 1)[0]),
        rough.right - CELL + int(inner(everywhere, last, 0)[-1]) + 1,
        rough.bottom - CELL + int(inner(last, everywhere, 1)[-1]) + 1,
    )
