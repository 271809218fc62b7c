"""Tiles put elsewhere pixel by pixel, so that nothing is lost; masks that go on where there was no canvas before."""

from __future__ import annotations

import numpy as np

from scumble.document import TILE, Pixels, Rect, Tile, TileIndex, tile_rect
from scumble.document.homography import Matrix, bounds_of, inverse
from scumble.document.lift import Plane
from scumble.document.tiles import content_bounds, read_tiles


def rearranged(plane: Plane, whole: Matrix) -> dict[TileIndex, Tile]:
    """The tiles of a plane through a map that takes whole pixels onto whole pixels; bit for bit the same values."""
    back = inverse(whole)
    made: dict[TileIndex, Tile] = {}
    for index in plane.tiles:
        for target in bounds_of(whole, tile_rect(index)).tiles():
            if target in made:
                continue
            source = bounds_of(back, tile_rect(target))
            if (whole[:2, :2] == np.eye(2)).all() and source.x % TILE == 0 and source.y % TILE == 0:
                made[target] = plane.tiles[source.x // TILE, source.y // TILE]
                continue
            pixels = _oriented(read_tiles(plane.tiles, source, plane.channels, plane.dtype), whole)
            if pixels.any():
                made[target] = Tile(np.ascontiguousarray(pixels))
    return made


def _oriented(pixels: Pixels, whole: Matrix) -> Pixels:
    if whole[0, 0] == 0:
        pixels = pixels.swapaxes(0, 1)
    across, down = whole[0, :2].sum(), whole[1, :2].sum()
    return pixels[:: int(down), :: int(across)]


def within(tiles: dict[TileIndex, Tile], canvas: Rect) -> dict[TileIndex, Tile]:
    """The tiles with nothing outside the canvas."""
    kept: dict[TileIndex, Tile] = {}
    for index, tile in tiles.items():
        place = tile_rect(index)
        part = place & canvas
        if part == place:
            kept[index] = tile
        elif not part.empty:
            kept[index] = Tile(np.zeros_like(tile.pixels))
            kept[index].pixels[part.slices(place)] = tile.pixels[part.slices(place)]
    return kept


def extended(tiles: dict[TileIndex, Tile], known: Rect, canvas: Rect) -> dict[TileIndex, Tile]:
    """A mask that goes on beyond `known` as it is at its edge, over all of `canvas`.

    One that has values outside `known` says itself what is to be seen there, and stays as it is.
    """
    if known.empty or known.covers(canvas) or not known.covers(content_bounds(tiles)):
        return tiles
    made = dict(tiles)
    white = Tile(np.full((TILE, TILE), 255, np.uint8))
    white.freeze()
    for index in canvas.tiles():
        place = tile_rect(index)
        part = place & canvas
        if known.covers(part):
            continue
        rows = np.clip(np.arange(part.y, part.bottom), known.y, known.bottom - 1)
        columns = np.clip(np.arange(part.x, part.right), known.x, known.right - 1)
        near = Rect.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        values = read_tiles(tiles, near, 1, white.pixels.dtype)[np.ix_(rows - near.y, columns - near.x)]
        if part == place and values.min() == 255:
            made[index] = white
        elif values.any():
            made[index] = tiles[index].copy() if index in tiles else Tile(np.zeros((TILE, TILE), np.uint8))
            made[index].pixels[part.slices(place)] = values
    return made
