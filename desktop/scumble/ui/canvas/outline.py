"""The selection's outline as marching ants."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from scumble.document import TILE, Document, Rect, TileIndex, tile_rect
from scumble.render.compositor import at_level
from scumble.ui.canvas.tiles import level_of, mask_at_level
from scumble.ui.canvas.viewport import Viewport

INTERVAL: Final = 120
"""Milliseconds between two steps of the ants."""

PERIOD: Final = 8
"""Screen pixels from one ant to the next; a tile is a whole number of them."""


@dataclass(frozen=True, slots=True)
class _Ants:
    """The outline in one tile of screen pixels: indices into the table of colours. `place` is the part with edges."""

    image: QImage
    place: Rect


class SelectionOutline:
    """An overlay, kept in tiles of screen pixels as the picture is, so that its cost does not grow with its length.

    A pixel of the outline holds its place in the pattern, and another table of colours moves the ants on. `shift` is
    how many pixels further it is shown while it is dragged. A frame spends `budget` seconds on finding outlines, and
    where that does not reach, it is `unfinished`.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._tables = [_table(phase) for phase in range(PERIOD)]
        self._phase = 0
        self._zoom = 0.0
        self._tiles: dict[TileIndex, _Ants | None] = {}
        self.shown = True
        self.veiled = False
        self.shift: tuple[int, int] | None = None
        self.budget = math.inf
        self.unfinished = False
        self._diagonal = _pattern()

    def forget(self, area: Rect | None = None) -> None:
        """The selection has changed, in a rectangle of the document or everywhere."""
        if area is None or not self._zoom:
            self._tiles.clear()
            return
        reach = 1 << level_of(self._zoom)
        around = area.expanded(reach)
        edges = (around.x, around.y, -around.right, -around.bottom)
        left, top, right, bottom = (math.floor(edge * self._zoom) for edge in edges)
        # An outline lies between pixels: one more of them on every side.
        changed = Rect.from_edges(left, top, -right, -bottom).expanded(1)
        for index in [index for index in self._tiles if not (tile_rect(index) & changed).empty]:
            del self._tiles[index]

    def step(self) -> None:
        """Moves the ants on."""
        self._phase = (self._phase + 1) % PERIOD

    def complete(self, viewport: Viewport) -> None:
        """Finds all that is in sight, however long that takes."""
        budget, self.budget = self.budget, math.inf
        self._seen(viewport, QRectF(0, 0, *viewport.size))
        self.budget, self.unfinished = budget, False

    def region(self, viewport: Viewport) -> QRegion:
        """Where the outline is in the view."""
        region = QRegion()
        if self.shift is not None:
            return QRegion(0, 0, *viewport.size)
        for ants in self._seen(viewport, QRectF(0, 0, *viewport.size)):
            region += viewport.from_screen_rect(ants.place).toAlignedRect()
        return region

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws the outline where the painter's clip is."""
        part = painter.clipBoundingRect() if painter.hasClipping() else QRectF(0, 0, *viewport.size)
        if self.shift is not None:
            way = viewport.to_view(*self.shift) - viewport.to_view(0, 0)
            painter.translate(way)
            part.translate(-way)
        upright = viewport.upright
        if viewport.turned:
            painter.setTransform(viewport.turning, True)
        for ants in self._seen(viewport, part):
            ants.image.setColorTable(self._tables[self._phase])
            inner = ants.place.translated(-(ants.place.x // TILE) * TILE, -(ants.place.y // TILE) * TILE)
            source = QRectF(inner.x, inner.y, inner.width, inner.height)
            painter.drawImage(upright.from_screen_rect(ants.place), ants.image, source)

    def _seen(self, viewport: Viewport, part: QRectF) -> list[_Ants]:
        if not (self.shown or self.shift) or self.veiled or not self._document.selection.tiles:
            return []
        if viewport.zoom != self._zoom:
            self._zoom = viewport.zoom
            self._tiles.clear()
        found: list[_Ants] = []
        until = time.perf_counter() + self.budget
        # The border of what reaches the edge of the canvas lies one pixel outside on two sides.
        for index in (viewport.to_screen_rect(part.toAlignedRect()) & viewport.picture.expanded(1)).tiles():
            if index not in self._tiles and time.perf_counter() > until:
                self.unfinished = True
                continue
            if index not in self._tiles:
                self._tiles[index] = self._find(index)
            ants = self._tiles[index]
            if ants is not None:
                found.append(ants)
        return found

    def _find(self, index: TileIndex) -> _Ants | None:
        """The outline in a tile: pixels with a neighbour to the left, above or between that lies on the other side."""
        place = tile_rect(index)
        if self._is_even(place):
            return None
        inside = self._inside(Rect.from_edges(place.x - 1, place.y - 1, place.right, place.bottom))
        here = inside[1:, 1:]
        edges = (here != inside[1:, :-1]) | (here != inside[:-1, 1:]) | (here != inside[:-1, :-1])
        columns, rows = np.flatnonzero(edges.any(axis=0)), np.flatnonzero(edges.any(axis=1))
        if not len(columns):
            return None
        indices = np.where(edges, self._diagonal, np.uint8(0))
        image = QImage(indices.data, TILE, TILE, indices.strides[0], QImage.Format.Format_Indexed8)
        around = Rect.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        return _Ants(image, around.translated(place.x, place.y))

    def _is_even(self, place: Rect) -> bool:
        """Whether it is plain at a glance that no outline passes: nothing is there, or one and the same tile."""
        reach = 1 << level_of(self._zoom)
        edges = (place.x - 1, place.y - 1, -place.right - 1, -place.bottom - 1)
        left, top, right, bottom = (math.floor(edge / self._zoom) for edge in edges)
        source = Rect.from_edges(left, top, -right, -bottom).expanded(reach)
        tiles = self._document.selection.tiles
        found = {id(tiles.get(index)) for index in source.tiles()}
        if found == {id(None)}:
            return True
        first = tiles.get((source.x // TILE, source.y // TILE))
        return len(found) == 1 and first is not None and bool((first.pixels == first.pixels[0, 0]).all())

    def _inside(self, place: Rect) -> NDArray[np.bool_]:
        """Which screen pixels are more than half selected."""
        level = level_of(self._zoom)
        cell = self._zoom * (1 << level)
        columns = np.floor((np.arange(place.x, place.right) + 0.5) / cell).astype(np.intp)
        rows = np.floor((np.arange(place.y, place.bottom) + 0.5) / cell).astype(np.intp)
        source = Rect.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        inside = np.zeros((source.height, source.width), np.bool_)
        part = source & at_level(self._document.bounds, level)
        if not part.empty:
            inside[part.slices(source)] = mask_at_level(self._document.selection, part, level) > 127
        return inside[np.ix_(rows - source.y, columns - source.x)]


def _pattern() -> NDArray[np.uint8]:
    """1…PERIOD along the diagonal of a tile."""
    along = np.arange(TILE)
    return ((along[:, None] + along) % PERIOD + 1).astype(np.uint8)


def _table(phase: int) -> list[int]:
    """Nothing for 0; half the period black, half white."""
    black, white = QColor("black").rgba(), QColor("white").rgba()
    return [0, *(black if (place - phase) % PERIOD < PERIOD // 2 else white for place in range(PERIOD))]
