"""Whole-pixel rectangles, and the grid of tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

TILE: Final = 256
"""The side of a tile in pixels."""

TileIndex = tuple[int, int]
"""Column and row of a tile; tile (tx, ty) covers pixels from (tx·TILE, ty·TILE). Negative indices are legal."""


@dataclass(frozen=True, slots=True, order=True)
class Rect:
    """A rectangle of pixels: left, top, width, height. Empty when a side is 0 or less."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def from_edges(cls, left: int, top: int, right: int, bottom: int) -> Rect:
        """From edges; right and bottom are exclusive."""
        return cls(left, top, right - left, bottom - top)

    @property
    def right(self) -> int:
        """The first column outside."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row outside."""
        return self.y + self.height

    @property
    def empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.width <= 0 or self.height <= 0

    @property
    def area(self) -> int:
        """How many pixels it holds."""
        return max(self.width, 0) * max(self.height, 0)

    def __and__(self, other: Rect) -> Rect:
        """The part common to both; of size 0 × 0 when there is none."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Rect.from_edges(left, top, max(left, right), max(top, bottom))

    def __or__(self, other: Rect) -> Rect:
        """The smallest rectangle round both; an empty one adds nothing."""
        if self.empty:
            return other
        if other.empty:
            return self
        return Rect.from_edges(
            min(self.x, other.x),
            min(self.y, other.y),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def covers(self, other: Rect) -> bool:
        """Whether the other lies wholly inside; an empty one always does."""
        return other.empty or (self & other) == other

    def translated(self, dx: int, dy: int) -> Rect:
        """The same rectangle elsewhere."""
        return Rect(self.x + dx, self.y + dy, self.width, self.height)

    def expanded(self, margin: int) -> Rect:
        """Grown by a margin on every side (shrunk by a negative one)."""
        return Rect(self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin)

    def slices(self, origin: Rect) -> tuple[slice, slice]:
        """Rows and columns of this rectangle in an array that covers `origin`."""
        top, left = self.y - origin.y, self.x - origin.x
        return slice(top, top + self.height), slice(left, left + self.width)

    def tiles(self) -> Iterator[TileIndex]:
        """The tiles that it touches, row by row."""
        if self.empty:
            return
        for ty in range(self.y // TILE, (self.bottom - 1) // TILE + 1):
            for tx in range(self.x // TILE, (self.right - 1) // TILE + 1):
                yield tx, ty


NOWHERE: Final = Rect(0, 0, 0, 0)
"""The empty rectangle."""


def tile_rect(index: TileIndex) -> Rect:
    """The pixels of a tile."""
    return Rect(index[0] * TILE, index[1] * TILE, TILE, TILE)
