"""Masks as sparse tiles: combined, changed by what lies near, moved; each reads and makes tiles only where it must.

Every function takes committed tiles and returns new ones, so that any thread may call it; `put` makes one step of the
history from what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from scumble.document import BGRA8, SELECTION, TILE, Document, PaintLayer, Rect, SurfaceId, Tile, TileIndex, TileMap
from scumble.document import tile_rect as place_of
from scumble.document.tiles import content_bounds, read_tiles
from scumble.paint.morphology import Values, bordered, feathered, grown, reach, shrunk, smoothed
from scumble.paint.regions import Region, similar

MASK: Final = np.dtype(np.uint8)

HALF: Final = 128
"""A pixel that is selected by this much or more lies inside the outline."""

BLOCK: Final = 8
"""The most tiles on a side that are computed at once."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a mask by its neighbourhood: `kind` is grow, shrink, feather, border or smooth, `amount` in pixels.

    Beyond the canvas the mask goes on as at its edge; with `at_edges` nothing is selected there.
    """

    kind: str
    amount: float
    at_edges: bool = False


KINDS: Final[dict[str, Callable[[Values, float], Values]]] = {
    "grow": grown,
    "shrink": shrunk,
    "feather": feathered,
    "border": bordered,
    "smooth": smoothed,
}


def changed(tiles: TileMap, bounds: Rect, change: Change) -> dict[TileIndex, Tile]:
    """The tiles of a mask after a change, inside `bounds`. ValueError for a kind that there is none of."""
    made: dict[TileIndex, Tile] = {}
    for part in changing(tiles, bounds, change):
        made.update(part)
    return made


def changing(tiles: TileMap, bounds: Rect, change: Change) -> Iterator[dict[TileIndex, Tile]]:
    """`changed`, a block of tiles at each step, so that a caller can stop or go on with something else between."""
    if change.kind not in KINDS:
        raise ValueError(f"a mask cannot be changed by “{change.kind}”")
    halo = reach(change.kind, change.amount)
    plain = evenness(tiles)
    near = content_bounds(tiles).expanded(halo) & bounds
    side = min(max(1, -(-4 * halo // TILE)), BLOCK)
    corners = {(tx // side * side, ty // side * side) for tx, ty in near.tiles()}
    for corner in sorted(corners, key=lambda place: (place[1], place[0])):
        block = Rect(corner[0] * TILE, corner[1] * TILE, side * TILE, side * TILE) & bounds
        yield _changed_block(tiles, plain, block, bounds, change, halo)


def combined(old: TileMap, new: TileMap, mode: str) -> dict[TileIndex, Tile]:
    """Two masks as one: `mode` is replace, add (maximum), subtract, or intersect (minimum)."""
    if mode == "replace":
        return dict(new)
    if mode == "add":
        return {index: _either(old.get(index), new.get(index)) for index in {*old, *new}}
    if mode == "subtract":
        taken = {index: _less(tile, new.get(index)) for index, tile in old.items()}
    elif mode == "intersect":
        taken = {index: _both(tile, new[index]) for index, tile in old.items() if index in new}
    else:
        raise ValueError(f"masks cannot be combined by “{mode}”")
    return {index: tile for index, tile in taken.items() if tile is not None}


def inverted(tiles: TileMap, bounds: Rect) -> dict[TileIndex, Tile]:
    """What is not selected, inside `bounds`."""
    whole = _solid()
    made: dict[TileIndex, Tile] = {}
    for index in bounds.tiles():
        place = place_of(index)
        part = place & bounds
        tile = tiles.get(index)
        if tile is None and part == place:
            made[index] = whole
            continue
        values = np.zeros((TILE, TILE), np.uint8)
        rows = part.slices(place)
        values[rows] = 255 if tile is None else 255 - tile.pixels[rows]
        if values.any():
            made[index] = Tile(values)
    return made


def without_holes(tiles: TileMap, bounds: Rect) -> dict[TileIndex, Tile]:
    """With all that the mask encloses selected as well: what cannot be reached from outside it.

    First through pixels less than half selected, which finds the holes; then through those not wholly selected, which
    finds the soft rim between a hole and what lies round it.
    """
    near = content_bounds(tiles) & bounds
    if near.empty:
        return {}
    made = dict(tiles)
    for limit in (HALF - 1, 254):
        outside = _reached_from_outside(made, near, limit)
        for index in near.tiles():
            made.update(_filled_tile(made, index, near, outside.tiles.get(index), limit))
    return made


def _reached_from_outside(tiles: TileMap, near: Rect, limit: int) -> Region:
    """What hangs together with the surroundings of `near` through values of at most `limit`."""

    def read(index: TileIndex) -> Values:
        tile = tiles.get(index)
        return nothing if tile is None else tile.pixels

    nothing = np.zeros((TILE, TILE), np.uint8)
    return similar(read, BGRA8, near.expanded(1), (near.x - 1, near.y - 1), limit / 255)


def _filled_tile(
    tiles: TileMap, index: TileIndex, near: Rect, outside: Values | None, limit: int
) -> dict[TileIndex, Tile]:
    place = place_of(index)
    tile = tiles.get(index)
    values = np.zeros((TILE, TILE), np.uint8) if tile is None else tile.pixels
    inside = np.zeros((TILE, TILE), np.bool_)
    inside[(near & place).slices(place)] = True
    if outside is not None:
        inside &= outside == 0
    inside &= values <= limit
    return {index: Tile(np.where(inside, np.uint8(255), values))} if inside.any() else {}


def evenness(tiles: TileMap) -> Mapping[TileIndex, int | None]:
    """The value of each tile that has but one, None for the others."""
    return {index: _even(tile) for index, tile in tiles.items()}


def slid(tiles: TileMap, dx: int, dy: int) -> dict[TileIndex, Tile]:
    """The mask elsewhere, by whole pixels; nothing is cut off."""
    if (dx, dy) == (0, 0):
        return dict(tiles)
    plain = evenness(tiles)
    solid = next((tiles[index] for index, value in plain.items() if value == 255), None)
    made: dict[TileIndex, Tile] = {}
    for target in {target for index in tiles for target in place_of(index).translated(dx, dy).tiles()}:
        source = place_of(target).translated(-dx, -dy)
        values = {plain.get(index, 0) for index in source.tiles()}
        if values == {255} and solid is not None:
            made[target] = solid
        elif values != {0}:
            made[target] = Tile(read_tiles(tiles, source, 1, MASK))
    return made


def clipped(tiles: TileMap, bounds: Rect) -> dict[TileIndex, Tile]:
    """The mask without what lies outside `bounds`."""
    made: dict[TileIndex, Tile] = {}
    for index, tile in tiles.items():
        place = place_of(index)
        part = place & bounds
        if part == place:
            made[index] = tile
        elif not part.empty:
            values = np.zeros((TILE, TILE), np.uint8)
            values[part.slices(place)] = tile.pixels[part.slices(place)]
            made[index] = Tile(values)
    return made


def opaque(document: Document, layer: PaintLayer) -> dict[TileIndex, Tile]:
    """How opaque a layer's pixels are, as a mask inside the canvas; its layer mask and opacity are left out."""
    made: dict[TileIndex, Tile] = {}
    shift = 8 * (document.format.dtype.itemsize - 1)
    for index, tile in document.surface(layer.surface).tiles.items():
        alpha = tile.pixels[..., document.format.alpha]
        values = np.ascontiguousarray(alpha if not shift else (alpha.astype(np.uint32) * 255 + 32767) // 65535)
        made[index] = Tile(values.astype(np.uint8))
    return clipped(made, document.bounds)


def from_values(values: Values, place: Rect) -> dict[TileIndex, Tile]:
    """Tiles of an array `(h, w)` that covers `place`; those of nothing but 0 are left out."""
    made: dict[TileIndex, Tile] = {}
    whole = _solid()
    for index in place.tiles():
        tile = place_of(index)
        part = tile & place
        piece = values[part.slices(place)]
        if not piece.any():
            continue
        if part == tile and piece.min() == 255:
            made[index] = whole
            continue
        pixels = np.zeros((TILE, TILE), np.uint8)
        pixels[part.slices(tile)] = piece
        made[index] = Tile(pixels)
    return made


def put(document: Document, tiles: TileMap, step: str, surface: SurfaceId = SELECTION) -> None:
    """Makes these tiles the selection, or another mask, in one step; no step when that changes nothing."""
    with document.history.transaction(step) as edit:
        edit.replace(surface, settled(document.surface(surface).tiles, tiles))


def settled(old: TileMap, new: TileMap) -> dict[TileIndex, Tile]:
    """`new`, with the old tile wherever the values are the same, so that a step keeps only what differs."""
    made: dict[TileIndex, Tile] = {}
    for index, tile in new.items():
        before = old.get(index)
        same = before is not None and (before is tile or np.array_equal(before.pixels, tile.pixels))
        made[index] = before if before is not None and same else tile
    return made


def _changed_block(
    tiles: TileMap, plain: Mapping[TileIndex, int | None], block: Rect, bounds: Rect, change: Change, halo: int
) -> dict[TileIndex, Tile]:
    wide = block.expanded(halo)
    inner = wide & bounds
    found = {plain.get(index, 0) for index in inner.tiles()}
    beyond = change.at_edges and inner != wide
    if found == {0}:
        return {}
    if found == {255} and not beyond:
        return {} if change.kind == "border" else {index: tiles[index] for index in block.tiles()}
    values = read_tiles(tiles, inner, 1, MASK)
    margins = (inner.y - wide.y, wide.bottom - inner.bottom, inner.x - wide.x, wide.right - inner.right)
    how = cv2.BORDER_CONSTANT if change.at_edges else cv2.BORDER_REPLICATE
    padded = cv2.copyMakeBorder(values, *margins, how, value=0) if any(margins) else values
    result = KINDS[change.kind](padded, change.amount)
    return from_values(np.ascontiguousarray(result[block.slices(wide)]), block)


def _even(tile: Tile) -> int | None:
    """The value of a tile that has but one."""
    first = int(tile.pixels[0, 0])
    return first if (tile.pixels == first).all() else None


def _either(first: Tile | None, second: Tile | None) -> Tile:
    if first is None or second is None:
        found = first or second
        assert found is not None
        return found
    return Tile(np.maximum(first.pixels, second.pixels))


def _less(tile: Tile, taken: Tile | None) -> Tile | None:
    if taken is None:
        return tile
    values = np.minimum(tile.pixels, 255 - taken.pixels)
    return Tile(values) if values.any() else None


def _both(first: Tile, second: Tile) -> Tile | None:
    values = np.minimum(first.pixels, second.pixels)
    return Tile(values) if values.any() else None


def _solid() -> Tile:
    """One tile of nothing but 255, for as many places as there are."""
    tile = Tile(np.full((TILE, TILE), 255, np.uint8))
    tile.freeze()
    return tile
