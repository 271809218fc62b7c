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
from scumble.render.budget import Budget
from scumble.render.buffers import WHOLE, wrap
from scumble.render.stack import StackPainter

DEFAULT_BUDGET: Final = 512 << 20
"""Bytes of composited tiles that are kept."""

_Key: TypeAlias = tuple[TileIndex, int]


@dataclass(slots=True, eq=False)
class _Entry:
    pixels: Pixels
    image: QImage
    stale: Rect
    drawn: bool = False


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
        entry = self._fresh(index, level, Budget())
        assert entry is not None
        return entry.image

    def image_within(self, budget: Budget, index: TileIndex, level: int) -> QImage | None:
        """The same, or None when the budget ran out; what was drawn by then is there for the next call."""
        entry = self._fresh(index, level, budget)
        return None if entry is None else entry.image

    def at_hand(self, index: TileIndex, level: int) -> tuple[QImage, Rect] | None:
        """What there is of a tile without any drawing, and the part of that image which shows the tile.

        It is the tile as it was before the latest changes, or a piece of a coarser one; None when there is neither.
        """
        for above in range(self._levels - level):
            entry = self._entries.get(((index[0] >> above, index[1] >> above), level + above))
            if entry is not None and entry.drawn:
                side, last = TILE >> above, (1 << above) - 1
                return entry.image, Rect((index[0] & last) * side, (index[1] & last) * side, side, side)
        return None

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

    def _fresh(self, index: TileIndex, level: int, budget: Budget) -> _Entry | None:
        entry = self._entry((index, level))
        if entry.stale.empty:
            return entry
        if level == 0:
            if not budget.grant():
                return None
            self._draw(entry.pixels, index, entry.stale)
        elif not self._reduce(entry.pixels, index, level, entry.stale, budget):
            return None
        entry.stale, entry.drawn = NOWHERE, True
        return entry

    def _entry(self, key: _Key) -> _Entry:
        entry = self._entries.get(key)
        if entry is None:
            pixels = self._painter.new_buffer()
            entry = _Entry(pixels, wrap(pixels, self._painter.image_format), WHOLE)
            self._entries[key] = entry
            self._levels = max(self._levels, key[1] + 1)
            if len(self._entries) > self._capacity:
                self._entries.popitem(last=False)
        else:
            self._entries.move_to_end(key)
        return entry

    def _draw(self, pixels: Pixels, index: TileIndex, stale: Rect) -> None:
        place = tile_rect(index)
        part = (stale.translated(place.x, place.y) & self._document.bounds).translated(-place.x, -place.y)
        if part != stale:
            pixels[stale.slices(WHOLE)] = 0
        if not part.empty:
            self._painter.paint(pixels, index, self._document.layers, self._tiles, part)

    def _reduce(self, pixels: Pixels, index: TileIndex, level: int, stale: Rect, budget: Budget) -> bool:
        """Averages the four tiles below where this one is stale; False, and nothing done, without budget for them."""
        half = TILE // 2
        found: list[tuple[Rect, Rect, Pixels | None]] = []
        for dy in (0, 1):
            for dx in (0, 1):
                quarter = Rect(dx * half, dy * half, half, half)
                part = stale & quarter
                if part.empty:
                    continue
                child = (index[0] * 2 + dx, index[1] * 2 + dy)
                inner = part.translated(-quarter.x, -quarter.y)
                if (extent(child, level - 1) & self._document.bounds).empty:
                    found.append((part, inner, None))
                    continue
                below = self._fresh(child, level - 1, budget)
                if below is None:
                    return False
                found.append((part, inner, below.pixels))
        for part, inner, source in found:
            _average(pixels[part.slices(WHOLE)], source, inner)
        return True

    def _tiles(self, surface: SurfaceId) -> TileMap:
        return self._document.surface(surface).tiles


def _average(target: Pixels, source: Pixels | None, part: Rect) -> None:
    """2 × 2 pixels of the source to one of the target, which shows its `part`; zeros where there is no source."""
    if source is None:
        target[:] = 0
        return
    big = Rect(part.x * 2, part.y * 2, part.width * 2, part.height * 2)
    target[:] = cv2.resize(source[big.slices(WHOLE)], (part.width, part.height), interpolation=cv2.INTER_AREA)


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
