"""Surfaces in tiles of screen pixels, at any zoom and through any map. For the GUI thread."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import cv2
import numpy as np
from PySide6.QtGui import QPainter

from scumble.document import (
    NOWHERE,
    TILE,
    Pixels,
    Rect,
    Tile,
    TileIndex,
    TileMap,
    tile_rect,
)
from scumble.document.homography import (
    Matrix,
    identity,
    in_whole_pixels,
    inverse,
    reach,
    reached,
    scaling,
    translation,
)
from scumble.document.tiles import content_bounds
from scumble.render.buffers import wrap
from scumble.render.compositor import at_level
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


class Source:
    """Something that can be looked at through any map: `content` holds all of it."""

    def __init__(self, pyramid: Pyramid, content: Rect, *, moves: bool = False) -> None:
        self._pyramid = pyramid
        self._content = content
        self._moves = moves
        self._held: tuple[int, Pixels] | None = None

    @classmethod
    def of(cls, tiles: TileMap, channels: int, dtype: np.dtype[Any], *, moves: bool = False) -> Source:
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


class ScreenTiles(Mapping[TileIndex, Tile]):
    """A surface in tiles of screen pixels, made as they are asked for: what moves over what stands still."""

    def __init__(self, still: Source | None, moving: Source | None, painter: StackPainter) -> None:
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

    def _moved(self, moving: Source, place: Rect) -> Pixels | None:
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
