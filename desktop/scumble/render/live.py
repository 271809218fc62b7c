"""The picture while something in it moves: at the screen's resolution, without touching the document.

What stands still is drawn once; what moves is drawn from a level of detail straight to screen pixels. It may differ
from the composite by what comes of halving before blending instead of after, and is never kept.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from scumble.document import (
    NOWHERE,
    TILE,
    Document,
    Layer,
    Pixels,
    Rect,
    SurfaceId,
    Tile,
    TileIndex,
    TileMap,
    tile_rect,
)
from scumble.document.homography import (
    Matrix,
    bounds_of,
    identity,
    in_whole_pixels,
    reached,
    scaling,
)
from scumble.document.lift import Lifted
from scumble.render.budget import Budget
from scumble.render.buffers import WHOLE
from scumble.render.plan import plan
from scumble.render.profile import Profile
from scumble.render.pyramid import Pyramid
from scumble.render.screen import SPREAD, SQUARES_FROM, ScreenTiles, Source
from scumble.render.stack import StackPainter


class LivePicture:
    """A document with what was lifted from it lying elsewhere. For the GUI thread, and until the document changes.

    `profile` says how its colours become the screen's.
    """

    def __init__(self, document: Document, lifted: Lifted) -> None:
        self._document = document
        self._lifted = lifted
        self.profile = Profile(document.structure.icc)
        self._painter = StackPainter(document.format)
        self._plan = plan(document.layers, frozenset(lifted.planes))
        self._matrix = identity()
        self._sharp = False
        self._zoom = 1.0
        self._planes: dict[SurfaceId, ScreenTiles] = {}
        self._images: dict[TileIndex, Tile] = {}
        self._prepared: set[TileIndex] = set()
        self._expected = NOWHERE

    @property
    def matrix(self) -> Matrix:
        """The map that the lifted pixels are shown through."""
        return self._matrix

    @property
    def lifted(self) -> Lifted:
        """What is shown elsewhere."""
        return self._lifted

    def move(self, matrix: Matrix, *, sharp: bool = False) -> Rect:
        """Shows them through another map, with hard-edged pixels when `sharp`; returns where the picture changes."""
        changed = self._reach(self._matrix) | self._reach(matrix)
        self._matrix, self._sharp = matrix, sharp
        for index in [*self._images]:
            if not (bounds_of(scaling(1 / self._zoom, 1 / self._zoom), tile_rect(index)) & changed).empty:
                del self._images[index]
        for plane in self._planes.values():
            plane.move(matrix, self._squares)
        return changed

    def expect(self, part: Rect) -> None:
        """All of a part of the screen, in pixels from the document's corner, will be asked for."""
        edges = (part.x // TILE, part.y // TILE, -(-part.right // TILE), -(-part.bottom // TILE))
        self._expected = Rect.from_edges(*(edge * TILE for edge in edges))
        for plane in self._planes.values():
            plane.expect(self._expected)

    def image(self, index: TileIndex, zoom: float, budget: Budget) -> QImage | None:
        """A tile of screen pixels, counted from the document's corner, at so many of them for a document pixel.

        None when there is no time to prepare it. The image is this object's own, premultiplied: draw it at once.
        """
        if zoom != self._zoom:
            self._look_from(zoom)
        tile = self._images.get(index)
        if tile is None:
            if index not in self._prepared and not budget.grant():
                return None
            self._prepared.add(index)
            pixels = self._painter.new_buffer()
            self._painter.paint(pixels, index, self._plan.layers, self._tiles, WHOLE)
            tile = self._images[index] = Tile(pixels)
            tile.freeze()
            if self.profile.converts:
                view = self._painter.view(tile)
                view.image = self.profile.shown(view.image, QRect(0, 0, TILE, TILE))
        return self._painter.image(tile)

    def opaque(self, index: TileIndex) -> bool:
        """Whether nothing shows through a tile that was drawn."""
        return index in self._images and self._painter.opaque(self._images[index])

    @property
    def _squares(self) -> bool:
        """Whether pixels that move are shown with hard edges."""
        return self._sharp or (self._zoom >= SQUARES_FROM and in_whole_pixels(self._matrix) is not None)

    def _look_from(self, zoom: float) -> None:
        self._zoom = zoom
        self._images.clear()
        self._prepared.clear()
        for plane in self._planes.values():
            plane.look_from(zoom)
            plane.move(self._matrix, self._squares)

    def _reach(self, matrix: Matrix) -> Rect:
        """Where what moves may be seen, and a few screen pixels round it."""
        margin = SPREAD * math.ceil(1 + 2 / self._zoom)
        return reached(matrix, self._lifted.bounds.expanded(SPREAD), self._document.bounds, margin)

    def _tiles(self, surface: SurfaceId) -> TileMap:
        plane = self._planes.get(surface)
        if plane is None:
            plane = self._planes[surface] = self._plane(surface)
            plane.look_from(self._zoom)
            plane.move(self._matrix, self._squares)
            plane.expect(self._expected)
        return plane

    def _plane(self, surface: SurfaceId) -> ScreenTiles:
        lifted = self._lifted.planes.get(surface)
        if lifted is not None:
            moving = Source.of(lifted.tiles, lifted.channels, lifted.dtype, moves=True)
            still = Source.of(lifted.rest, lifted.channels, lifted.dtype) if lifted.rest else None
            return ScreenTiles(still, moving, self._painter)
        layers = self._plan.stills.get(surface)
        if layers is not None:
            return ScreenTiles(self._together(layers), None, self._painter)
        real = self._document.surface(surface)
        return ScreenTiles(Source.of(real.tiles, real.channels, real.dtype), None, self._painter)

    def _together(self, layers: tuple[Layer, ...]) -> Source:
        """Layers that stand still, as one picture."""

        def draw(index: TileIndex) -> Pixels | None:
            if (tile_rect(index) & self._document.bounds).empty:
                return None
            pixels = self._painter.new_buffer()
            self._painter.paint(pixels, index, layers, lambda surface: self._document.surface(surface).tiles, WHOLE)
            return pixels

        return Source(Pyramid(draw, 4, self._document.format.dtype), self._document.bounds)
