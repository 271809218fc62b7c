"""What a view shows: composited tiles at every level of detail, made on demand, kept, and mended where they changed.

A tile of level n covers `TILE`·2ⁿ pixels of the document on each side. Level 0 is drawn from the layers; each higher
one is the average of 2 × 2 pixels of the one below, in premultiplied values, so that it looks like the picture from
farther away.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
from PySide6.QtGui import QImage

from scumble.document import NOWHERE, TILE, ChangeSet, Document, Pixels, Rect, SurfaceId, TileIndex, TileMap, tile_rect
from scumble.render.stack import WHOLE, StackPainter, wrap

DEFAULT_BUDGET: Final = 512 << 20
"""Bytes of composited tiles that are kept."""

_Key: TypeAlias = tuple[TileIndex, int]


@dataclass(slots=True, eq=False)
class _Entry:
    pixels: Pixels
    image: QImage
    stale: Rect


class Compositor:
    """Composited tiles of a document. Belongs to the GUI thread; listens to the document until `close`."""

    def __init__(self, document: Document, budget: int = DEFAULT_BUDGET) -> None:
        self._document = document
        self._painter = StackPainter(document.format)
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._capacity = max(budget // self._painter.new_buffer().nbytes, 16)
        self._levels = 1
        self._disconnect = document.changed.connect(self.invalidate)

    def close(self) -> None:
        """Stops listening and lets the tiles go."""
        self._disconnect()
        self._entries.clear()

    def image(self, index: TileIndex, level: int = 0) -> QImage:
        """The composite of a tile, `TILE` × `TILE`, premultiplied, transparent outside the canvas.

        The image is the compositor's own: draw it at once, and neither paint on it nor keep a copy of it.
        """
        return self._fresh(index, level).image

    def invalidate(self, change: ChangeSet) -> None:
        """Marks what a change touched; it is drawn again when it is next asked for."""
        if change.size:
            self._entries.clear()
            return
        area = change.area & self._document.bounds
        for level in range(self._levels):
            for index, part in parts_at_level(area, level):
                entry = self._entries.get((index, level))
                if entry is not None:
                    entry.stale = entry.stale | part

    def _fresh(self, index: TileIndex, level: int) -> _Entry:
        key = (index, level)
        entry = self._entries.get(key)
        if entry is None:
            pixels = self._painter.new_buffer()
            entry = _Entry(pixels, wrap(pixels, self._painter.image_format), WHOLE)
            self._entries[key] = entry
            self._levels = max(self._levels, level + 1)
            if len(self._entries) > self._capacity:
                self._entries.popitem(last=False)
        else:
            self._entries.move_to_end(key)
        if not entry.stale.empty:
            stale, entry.stale = entry.stale, NOWHERE
            if level == 0:
                self._draw(entry.pixels, index, stale)
            else:
                self._reduce(entry.pixels, index, level, stale)
        return entry

    def _draw(self, pixels: Pixels, index: TileIndex, stale: Rect) -> None:
        place = tile_rect(index)
        part = (stale.translated(place.x, place.y) & self._document.bounds).translated(-place.x, -place.y)
        if part != stale:
            pixels[stale.slices(WHOLE)] = 0
        if not part.empty:
            self._painter.paint(pixels, index, self._document.layers, self._tiles, part)

    def _reduce(self, pixels: Pixels, index: TileIndex, level: int, stale: Rect) -> None:
        half = TILE // 2
        for dy in (0, 1):
            for dx in (0, 1):
                quarter = Rect(dx * half, dy * half, half, half)
                part = stale & quarter
                if part.empty:
                    continue
                child = (index[0] * 2 + dx, index[1] * 2 + dy)
                inner = part.translated(-quarter.x, -quarter.y)
                if (extent(child, level - 1) & self._document.bounds).empty:
                    pixels[part.slices(WHOLE)] = 0
                    continue
                source = self._fresh(child, level - 1).pixels
                big = Rect(inner.x * 2, inner.y * 2, inner.width * 2, inner.height * 2)
                size = (inner.width, inner.height)
                pixels[part.slices(WHOLE)] = cv2.resize(source[big.slices(WHOLE)], size, interpolation=cv2.INTER_AREA)

    def _tiles(self, surface: SurfaceId) -> TileMap:
        return self._document.surface(surface).tiles


def extent(index: TileIndex, level: int) -> Rect:
    """The pixels of the document that a tile of a level covers."""
    side = TILE << level
    return Rect(index[0] * side, index[1] * side, side, side)


def at_level(area: Rect, level: int) -> Rect:
    """The pixels of a level that show a part of `area`, which is in document pixels."""
    if area.empty:
        return NOWHERE
    return Rect.from_edges(area.x >> level, area.y >> level, -(-area.right >> level), -(-area.bottom >> level))


def parts_at_level(area: Rect, level: int) -> Iterator[tuple[TileIndex, Rect]]:
    """The tiles of a level that show a part of `area`, each with that part in the tile's own pixels."""
    shown = at_level(area, level)
    for index in shown.tiles():
        place = tile_rect(index)
        yield index, (shown & place).translated(-place.x, -place.y)


def local_part(area: Rect, index: TileIndex, level: int) -> Rect:
    """The pixels of one tile of a level, in its own coordinates, that show a part of `area`."""
    place = tile_rect(index)
    part = at_level(area, level) & place
    return NOWHERE if part.empty else part.translated(-place.x, -place.y)
