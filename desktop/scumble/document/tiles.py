"""Tiles and surfaces: sparse maps of tiles that are copied when first written.

A committed tile never changes (`pixels.writeable` is False), so that undo, snapshots and caches can share it. Only a
`Transaction` hands out tiles to write.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scumble.document.geometry import NOWHERE, TILE, Rect, TileIndex, tile_rect
from scumble.document.pixels import PixelFormat, Pixels


class Tile:
    """`pixels` is `(TILE, TILE, 4)` in the document's format, or `(TILE, TILE)` uint8, C-contiguous.

    `view` belongs to whoever draws: what it derived from the pixels (a wrapped image, smaller copies) lives and dies
    with the tile.
    """

    __slots__ = ("_content", "pixels", "view")

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        self.view: Any = None
        self._content: Rect | None = None

    @property
    def frozen(self) -> bool:
        """Whether the tile is committed; one that is not belongs to the open transaction."""
        return not self.pixels.flags.writeable

    def freeze(self) -> None:
        """Makes the pixels read-only for good."""
        self.pixels.flags.writeable = False

    @property
    def content(self) -> Rect:
        """The smallest rectangle round every pixel other than 0, from the tile's corner; kept once committed."""
        if self._content is not None:
            return self._content
        solid = whole_pixels(self.pixels)
        columns, rows = np.flatnonzero(solid.any(axis=0)), np.flatnonzero(solid.any(axis=1))
        found = NOWHERE
        if len(columns):
            found = Rect.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        if self.frozen:
            self._content = found
        return found

    def copy(self) -> Tile:
        """A writable tile with the same pixels."""
        return Tile(self.pixels.copy())


TileMap = Mapping[TileIndex, Tile]


class Surface:
    """A sparse plane of pixels: a layer's colours (`channels` 4) or a mask (`channels` 1, uint8). Absent tiles are 0.

    Reading is for everyone; `tiles` is changed by the history alone.
    """

    __slots__ = ("channels", "dtype", "tiles")

    def __init__(self, channels: int, dtype: np.dtype[Any]) -> None:
        self.channels = channels
        self.dtype = dtype
        self.tiles: dict[TileIndex, Tile] = {}

    @classmethod
    def for_colour(cls, pixel_format: PixelFormat) -> Surface:
        """An empty surface for a layer's colours."""
        return cls(4, pixel_format.dtype)

    @classmethod
    def for_mask(cls) -> Surface:
        """An empty surface for a mask or selection."""
        return cls(1, np.dtype(np.uint8))

    def empty_tile(self) -> Tile:
        """A new writable tile of zeros."""
        return Tile(np.zeros(shape(self.channels, TILE, TILE), self.dtype))

    def read(self, rect: Rect) -> Pixels:
        """A copy of the pixels of a rectangle, which may reach outside the document."""
        return read_tiles(self.tiles, rect, self.channels, self.dtype)

    def bounds(self) -> Rect:
        """The smallest rectangle that holds every pixel other than 0, found by looking at the edge tiles."""
        return content_bounds(self.tiles)


def shape(channels: int, height: int, width: int) -> tuple[int, ...]:
    """The array shape of a piece of a surface."""
    return (height, width, channels) if channels > 1 else (height, width)


def read_tiles(tiles: TileMap, rect: Rect, channels: int, dtype: np.dtype[Any]) -> Pixels:
    """Gathers a rectangle from tiles into one new array."""
    out = np.zeros(shape(channels, max(rect.height, 0), max(rect.width, 0)), dtype)
    for index in rect.tiles():
        tile = tiles.get(index)
        if tile is not None:
            place = tile_rect(index)
            part = place & rect
            out[part.slices(rect)] = tile.pixels[part.slices(place)]
    return out


def shifted(tiles: TileMap, dx: int, dy: int) -> dict[TileIndex, Tile]:
    """Tiles that hold the same pixels elsewhere; the very same tiles where they have not moved."""
    if (dx, dy) == (0, 0):
        return dict(tiles)
    moved: dict[TileIndex, Tile] = {}
    for index in tiles:
        for target in tile_rect(index).translated(dx, dy).tiles():
            if target not in moved:
                like = tiles[index].pixels
                channels = like.shape[2] if like.ndim == 3 else 1
                moved[target] = Tile(read_tiles(tiles, tile_rect(target).translated(-dx, -dy), channels, like.dtype))
    return moved


def content_bounds(tiles: TileMap) -> Rect:
    """The smallest rectangle round every non-zero pixel of a tile map."""
    bounds = NOWHERE
    outer = {min(tiles, default=(0, 0))[0], max(tiles, default=(0, 0))[0]}
    for index, tile in sorted(tiles.items(), key=lambda item: item[0][0] not in outer):
        place = tile_rect(index)
        if bounds.covers(place):
            continue
        if not tile.content.empty:
            bounds = bounds | tile.content.translated(place.x, place.y)
    return bounds


def whole_pixels(pixels: Pixels) -> Pixels:
    """C-contiguous pixels as one unsigned integer each, `(h, w)`: 0 where every channel is 0."""
    if pixels.ndim == 2:
        return pixels
    return pixels.view(f"u{pixels.shape[2] * pixels.itemsize}")[..., 0]
