"""The picture while something in it moves: at the screen's resolution, without touching the document.

What stands still is drawn once; what moves is drawn from a level of detail straight to screen pixels. It may differ
from the composite by what comes of halving before blending instead of after, and is never kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import cv2
import numpy as np
from PySide6.QtGui import QImage, QPainter

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
    inverse,
    reach,
    reached,
    scaling,
    translation,
)
from scumble.document.lift import Lifted
from scumble.document.tiles import content_bounds
from scumble.render.budget import Budget
from scumble.render.buffers import WHOLE, wrap
from scumble.render.compositor import at_level
from scumble.render.plan import plan
from scumble.render.pyramid import Pyramid
from scumble.render.stack import StackPainter

SQUARES_FROM: Final = 2.0
"""From this zoom on, pixels are shown as squares."""

SPREAD: Final = 2
"""Pixels of a level of detail that a screen pixel looks at to each side."""


HELD: Final = 1 << 24
"""Pixels of a level that are kept in one array while it moves."""

LONGEST: Final = 32000
"""The longest side of an array that OpenCV resamples from."""


class LivePicture:
    """A document with what was lifted from it lying elsewhere. For the GUI thread, and until the document changes."""

    def __init__(self, document: Document, lifted: Lifted) -> None:
        self._document = document
        self._lifted = lifted
        self._painter = StackPainter(document.format)
        self._plan = plan(document.layers, frozenset(lifted.planes))
        self._matrix = identity()
        self._sharp = False
        self._zoom = 1.0
        self._planes: dict[SurfaceId, _ScreenTiles] = {}
        self._images: dict[TileIndex, QImage] = {}
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
        image = self._images.get(index)
        if image is None:
            if index not in self._prepared and not budget.grant():
                return None
            self._prepared.add(index)
            pixels = self._painter.new_buffer()
            self._painter.paint(pixels, index, self._plan.layers, self._tiles, WHOLE)
            image = self._images[index] = wrap(pixels, self._painter.image_format)
        return image

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

    def _plane(self, surface: SurfaceId) -> _ScreenTiles:
        lifted = self._lifted.planes.get(surface)
        if lifted is not None:
            moving = _Source.of(lifted.tiles, lifted.channels, lifted.dtype, moves=True)
            still = _Source.of(lifted.rest, lifted.channels, lifted.dtype) if lifted.rest else None
            return _ScreenTiles(still, moving, self._painter)
        layers = self._plan.stills.get(surface)
        if layers is not None:
            return _ScreenTiles(self._together(layers), None, self._painter)
        real = self._document.surface(surface)
        return _ScreenTiles(_Source.of(real.tiles, real.channels, real.dtype), None, self._painter)

    def _together(self, layers: tuple[Layer, ...]) -> _Source:
        """Layers that stand still, as one picture."""

        def draw(index: TileIndex) -> Pixels | None:
            if (tile_rect(index) & self._document.bounds).empty:
                return None
            pixels = self._painter.new_buffer()
            self._painter.paint(pixels, index, layers, lambda surface: self._document.surface(surface).tiles, WHOLE)
            return pixels

        return _Source(Pyramid(draw, 4, self._document.format.dtype), self._document.bounds)


class _Source:
    """Something that can be looked at through any map: `content` holds all of it."""

    def __init__(self, pyramid: Pyramid, content: Rect, *, moves: bool = False) -> None:
        self._pyramid = pyramid
        self._content = content
        self._moves = moves
        self._held: tuple[int, Pixels] | None = None

    @classmethod
    def of(cls, tiles: TileMap, channels: int, dtype: np.dtype[Any], *, moves: bool = False) -> _Source:
        """The tiles of a surface; `moves` says that it will be looked at through many maps."""

        def pixels(index: TileIndex) -> Pixels | None:
            tile = tiles.get(index)
            return None if tile is None else tile.pixels

        return cls(Pyramid(pixels, channels, dtype), content_bounds(tiles), moves=moves)

    def seen_in(self, back: Matrix, place: Rect) -> Rect:
        """The whole tiles of a part of the screen where something of it may be seen."""
        part = reached(inverse(back), self._content, place, SPREAD)
        return Rect.from_edges(
            part.x // TILE * TILE,
            part.y // TILE * TILE,
            -(-part.right // TILE) * TILE,
            -(-part.bottom // TILE) * TILE,
        )

    def through(self, back: Matrix, place: Rect, *, squares: bool) -> Pixels | None:
        """A part of the screen, from which `back` leads to the document; None where nothing is seen."""
        across, down = reach(back, (place.x + place.width / 2, place.y + place.height / 2))
        level = max(math.floor(math.log2(max(math.sqrt(across * down), 1e-9)) + 0.25), 0)
        step = 1 << level
        need = reached(back, place, self._content, SPREAD * step) & self._content
        if need.empty:
            return None
        whole = in_whole_pixels(back) if level == 0 else None
        if whole is not None and (whole[:2, :2] == identity()[:2, :2]).all():
            return self._pyramid.read(place.translated(int(whole[0, 2]), int(whole[1, 2])), 0)
        origin, pixels = self._pixels(need, level)
        way = (
            translation(-0.5 - origin[0], -0.5 - origin[1])
            @ scaling(1 / step, 1 / step)
            @ back
            @ translation(place.x + 0.5, place.y + 0.5)
        )
        method = cv2.INTER_NEAREST if squares else cv2.INTER_LINEAR
        seen: Pixels = cv2.warpPerspective(
            pixels,
            way,
            (place.width, place.height),
            flags=method | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
        )
        return seen

    def _pixels(self, need: Rect, level: int) -> tuple[tuple[int, int], Pixels]:
        """What is needed of a level, with its corner; of one that is looked at again and again, all at once."""
        wanted = at_level(need, level)
        if not self._moves:
            return (wanted.x, wanted.y), self._pyramid.read(wanted, level)
        whole = at_level(self._content, level)
        if whole.area > HELD or max(whole.width, whole.height) > LONGEST:
            return (wanted.x, wanted.y), self._pyramid.read(wanted, level)
        if self._held is None or self._held[0] != level:
            self._held = (level, self._pyramid.read(whole, level))
        return (whole.x, whole.y), self._held[1]


class _ScreenTiles(Mapping[TileIndex, Tile]):
    """A surface in tiles of screen pixels, made as they are asked for: what moves over what stands still."""

    def __init__(self, still: _Source | None, moving: _Source | None, painter: StackPainter) -> None:
        self._still = still
        self._moving = moving
        self._painter = painter
        self._zoom = 1.0
        self._still_back = self._back = identity()
        self._still_squares = self._squares = False
        self._still_tiles: dict[TileIndex, Tile | None] = {}
        self._tiles: dict[TileIndex, Tile | None] = {}
        self._expected = NOWHERE
        self._sheet: tuple[Rect, Pixels | None] | None = None

    def expect(self, part: Rect) -> None:
        """All of a part of the screen will be asked for, so that what moves is drawn there at one go."""
        if part != self._expected:
            self._expected, self._sheet = part, None

    def look_from(self, zoom: float) -> None:
        """At so many screen pixels for a document pixel."""
        self._zoom = zoom
        self._still_back = scaling(1 / zoom, 1 / zoom)
        self._still_squares = zoom >= SQUARES_FROM
        self._still_tiles.clear()
        self._tiles.clear()
        self._sheet = None

    def move(self, matrix: Matrix, squares: bool) -> None:
        """What moves is elsewhere."""
        self._back, self._squares = inverse(scaling(self._zoom, self._zoom) @ matrix), squares
        if self._moving is not None:
            self._tiles.clear()
            self._sheet = None

    def __getitem__(self, index: TileIndex) -> Tile:
        if index not in self._tiles:
            self._tiles[index] = self._made(index)
        tile = self._tiles[index]
        if tile is None:
            raise KeyError(index)
        return tile

    def __iter__(self) -> Iterator[TileIndex]:
        return iter(self._tiles)

    def __len__(self) -> int:
        return len(self._tiles)

    def _made(self, index: TileIndex) -> Tile | None:
        below = self._at_rest(index)
        above = self._moved(self._moving, tile_rect(index)) if self._moving is not None else None
        if above is None:
            return below
        if below is None:
            return Tile(above)
        joined = below.copy()
        with QPainter(self._painter.image(joined)) as painter:
            painter.drawImage(0, 0, wrap(above, self._painter.image_format))
        return joined

    def _moved(self, moving: _Source, place: Rect) -> Pixels | None:
        if not self._expected.covers(place):
            return moving.through(self._back, place, squares=self._squares)
        if self._sheet is None:
            part = moving.seen_in(self._back, self._expected)
            seen = None if part.empty else moving.through(self._back, part, squares=self._squares)
            self._sheet = (part, seen)
        part, pixels = self._sheet
        if pixels is None or not part.covers(place):
            return None
        return np.ascontiguousarray(pixels[place.slices(part)])

    def _at_rest(self, index: TileIndex) -> Tile | None:
        if index not in self._still_tiles:
            pixels = None
            if self._still is not None:
                pixels = self._still.through(self._still_back, tile_rect(index), squares=self._still_squares)
            tile = self._still_tiles[index] = None if pixels is None else Tile(pixels)
            if tile is not None:
                tile.freeze()  # so that what lies below an opaque one is left out
        return self._still_tiles[index]
