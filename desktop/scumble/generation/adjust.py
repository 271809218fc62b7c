"""An adjustment of a layer or a mask: cut into pieces for a tool, and put back together through the selection.

A piece is a block of tiles on a fixed grid, so that what is shown while a person tries values is, bit for bit, what
comes of them. Nothing here changes a document; tiles are read, and new pixels of tiles returned.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import cv2
import numpy as np

from scumble.api import ParamValue, Picture, Tool, ToolJob
from scumble.document import (
    SELECTION,
    TILE,
    Document,
    PaintLayer,
    PixelFormat,
    Pixels,
    Rect,
    Surface,
    SurfaceId,
    TileIndex,
    TileMap,
    Transaction,
    tile_rect,
)
from scumble.document.tiles import read_tiles
from scumble.generation.straight import from_straight, to_straight

BLOCK: Final = 4
"""The side of a block in tiles, where the tool looks at no surroundings; twice that for a picture from afar."""

LARGEST: Final = 16
"""The same where it looks far."""

COUNTED: Final = 1 << 20
"""About how many pixels a histogram looks at."""

LUMA: Final = (0.2126, 0.7152, 0.0722)
"""The weights of red, green and blue in luma; ITU-R BT.709."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What is adjusted, as it was when that began. Safe to read on any thread.

    `tiles` are those of `surface`, `selection` those of the selection, `selected` whether there is one. Beyond
    `bounds` the outermost pixels go on, and nothing is changed. `channels` is 4, or 1 for a mask; of a layer, alpha
    stays as it is unless `alpha`.
    """

    surface: SurfaceId
    tiles: TileMap
    selection: TileMap
    bounds: Rect
    format: PixelFormat
    channels: int
    alpha: bool

    @property
    def selected(self) -> bool:
        """Whether a selection limits what changes."""
        return bool(self.selection)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the samples that a tool gets."""
        return self.format.dtype if self.channels == 4 else np.dtype(np.uint8)

    def same(self, other: Ground) -> bool:
        """Whether nothing has happened to it: the very same tiles, selected alike."""
        return (
            (self.surface, self.bounds, self.alpha) == (other.surface, other.bounds, other.alpha)
            and _alike(self.tiles, other.tiles)
            and _alike(self.selection, other.selection)
        )


@dataclass(frozen=True, slots=True)
class Block:
    """Tiles that are computed together; `rect` is the one round them, in document pixels.

    At level n a tool gets a picture of 1 / 2ⁿ the size.
    """

    rect: Rect
    tiles: tuple[TileIndex, ...]
    margin: int
    level: int = 0

    @property
    def border(self) -> int:
        """The margin in pixels of the level."""
        return -(-self.margin >> self.level)

    @property
    def area(self) -> Rect:
        """What the tool sees, in document pixels."""
        return self.rect.expanded(self.border << self.level)


def ground_of(document: Document, surface: SurfaceId, tool: Tool) -> Ground:
    """A layer's pixels, a mask, or the selection itself, which then limits nothing; as they are after the last step, so
    that an open transaction is not seen."""
    snapshot = document.snapshot()
    tiles, plane = snapshot.planes[surface], document.surface(surface)
    layer = document.active
    locked = isinstance(layer, PaintLayer) and layer.surface == surface and layer.alpha_locked
    content = Surface(plane.channels, plane.dtype)
    content.tiles = dict(tiles)
    return Ground(
        surface,
        tiles,
        {} if surface == SELECTION else snapshot.planes[SELECTION],
        document.bounds | content.bounds(),
        document.format,
        plane.channels,
        tool.alpha and not locked,
    )


def margin_of(tool: Tool, params: Mapping[str, ParamValue]) -> int:
    """How many pixels of its surroundings a piece needs, with these values."""
    return math.ceil(sum(param.reach * float(params[name]) for name, param in tool.params.items() if param.reach))


def tiles_to_adjust(ground: Ground, margin: int) -> frozenset[TileIndex]:
    """The tiles that may come out otherwise: those with pixels, as far as they are selected.

    Of a mask these are all, since where it is empty it means black; and where alpha may change, those nearby.
    """
    if ground.channels == 1:
        wanted = set(ground.bounds.tiles())
    elif ground.alpha and margin:
        wanted = {
            near for index in ground.tiles for near in (tile_rect(index).expanded(margin) & ground.bounds).tiles()
        }
    else:
        wanted = set(ground.tiles)
    return frozenset(wanted & set(ground.selection) if ground.selected else wanted)


def blocks(tiles: frozenset[TileIndex], margin: int, level: int = 0) -> Iterator[Block]:
    """The tiles in blocks, row by row."""
    side = min(max(BLOCK * (2 if level else 1), -(-4 * margin // TILE)), LARGEST)
    groups: dict[TileIndex, list[TileIndex]] = {}
    for index in sorted(tiles, key=lambda tile: (tile[1], tile[0])):
        groups.setdefault((index[0] // side, index[1] // side), []).append(index)
    for _, group in sorted(groups.items(), key=lambda item: (item[0][1], item[0][0])):
        rect = tile_rect(group[0])
        for index in group:
            rect = rect | tile_rect(index)
        yield Block(rect, tuple(group), margin, level)


def job_for(
    job_id: str, plugin: str, tool: Tool, params: Mapping[str, ParamValue], ground: Ground, block: Block
) -> ToolJob:
    """The job that computes a block. `params` are resolved."""
    pixels = block_input(ground, block)
    height, width = pixels.shape[:2]
    area = block.area
    return ToolJob(
        job_id,
        plugin,
        tool.id,
        dict(params),
        {tool.inputs[0].name: cast(Picture, pixels)},
        (width, height),
        origin=(area.x >> block.level, area.y >> block.level),
        scale=1.0 / (1 << block.level),
    )


def block_input(ground: Ground, block: Block) -> Pixels:
    """What the tool sees, straight RGBA `(h, w, 4)`; a mask as an opaque grey picture."""
    area, cell = block.area, 1 << block.level
    inner = _whole_cells(area & ground.bounds, cell)
    if inner.empty:  # a picture smaller than a pixel of the level
        inner, cell = area & ground.bounds, 1
    if cell == 1:
        pixels = read_tiles(ground.tiles, inner, ground.channels, ground.dtype)
    else:
        pixels = _small(ground, inner, block.level)
    sides = (inner.y - area.y, area.bottom - inner.bottom, inner.x - area.x, area.right - inner.right)
    if any(sides):
        above, below, left, right = (side // cell for side in sides)
        pixels = cv2.copyMakeBorder(pixels, above, below, left, right, cv2.BORDER_REPLICATE)
    if cell < 1 << block.level:
        size = area.width >> block.level, area.height >> block.level
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    if ground.channels == 1:
        return np.ascontiguousarray(np.dstack([pixels, pixels, pixels, np.full_like(pixels, 255)]))
    return to_straight(ground.format, pixels)


def block_tiles(ground: Ground, block: Block, result: Pixels) -> dict[TileIndex, Pixels]:
    """What becomes of the block's tiles: stored pixels, or the values of a mask.

    Outside the selection and outside `bounds` they are as they were.
    """
    made: dict[TileIndex, Pixels] = {}
    for index in block.tiles:
        rows, columns = _at_level(tile_rect(index), block.level).slices(_at_level(block.area, block.level))
        before = _before(ground, index)
        after = _enlarged(_stored(ground, before, result[rows, columns]))
        made[index] = np.ascontiguousarray(_limited(ground, index, before, after))
    return made


def differs(ground: Ground, tiles: Mapping[TileIndex, Pixels]) -> bool:
    """Whether any of the tiles is not as it was."""
    return any(not np.array_equal(pixels, _before(ground, index)) for index, pixels in tiles.items())


def histogram(ground: Ground) -> np.ndarray[Any, np.dtype[np.int64]]:
    """How often each of 256 values occurs where something is and may change: `(4, 256)`, all channels together, then
    red, green, blue. Of a large picture only some of the pixels are counted."""
    counts = np.zeros((4, 256), np.int64)
    wanted = sorted(tiles_to_adjust(ground, 0))
    step = max(1, math.isqrt(max(len(wanted) * TILE * TILE // COUNTED, 1)))
    for index in wanted:
        pixels = read_tiles(ground.tiles, tile_rect(index), ground.channels, ground.dtype)[::step, ::step]
        seen = pixels[..., ground.format.alpha] > 0 if ground.channels == 4 else np.ones(pixels.shape, bool)
        if ground.selected:
            seen &= ground.selection[index].pixels[::step, ::step] > 0
        if ground.channels == 4:
            straight = to_straight(ground.format, np.ascontiguousarray(pixels))[..., :3][seen]
            values = (straight >> (8 * (straight.itemsize - 1))).astype(np.uint8)
            for channel in range(3):
                counts[1 + channel] += np.bincount(values[:, channel], minlength=256)
        else:
            counts[1:] += np.bincount(pixels[seen], minlength=256)
    counts[0] = counts[1:].sum(axis=0)
    return counts


def put_tiles(edit: Transaction, surface: SurfaceId, tiles: Mapping[TileIndex, Pixels]) -> None:
    """Puts tiles in place, which are the transaction's from then on, and tells the views, once for them all."""
    area = Rect(0, 0, 0, 0)
    for index, pixels in tiles.items():
        edit.give(surface, index, pixels)
        area = area | tile_rect(index)
    edit.touch(surface, area)


def _whole_cells(rect: Rect, cell: int) -> Rect:
    """The part of a rectangle that is made of whole pixels of a level."""
    return Rect.from_edges(
        -(-rect.x // cell) * cell, -(-rect.y // cell) * cell, rect.right // cell * cell, rect.bottom // cell * cell
    )


def _small(ground: Ground, area: Rect, level: int) -> Pixels:
    """What an area of whole cells looks like from afar, tile by tile, without gathering it at full size."""
    shape = (area.height >> level, area.width >> level)
    pixels = np.zeros((*shape, 4) if ground.channels == 4 else shape, ground.dtype)
    origin = _at_level(area, level)
    for index in area.tiles():
        tile, place = ground.tiles.get(index), tile_rect(index)
        if tile is not None:
            part = place & area
            size = part.width >> level, part.height >> level
            source = tile.pixels[part.slices(place)]
            pixels[_at_level(part, level).slices(origin)] = cv2.resize(source, size, interpolation=cv2.INTER_AREA)
    return pixels


def _at_level(rect: Rect, level: int) -> Rect:
    return Rect(rect.x >> level, rect.y >> level, rect.width >> level, rect.height >> level)


def _before(ground: Ground, index: TileIndex) -> Pixels:
    """The pixels of a tile, not to be written to."""
    tile = ground.tiles.get(index)
    if tile is not None:
        return tile.pixels
    return np.zeros((TILE, TILE, 4) if ground.channels == 4 else (TILE, TILE), ground.dtype)


def _enlarged(pixels: Pixels) -> Pixels:
    """Pixels seen from afar at the size of a tile."""
    if pixels.shape[0] == TILE:
        return pixels
    large: Pixels = cv2.resize(pixels, (TILE, TILE), interpolation=cv2.INTER_NEAREST)
    return large


def _stored(ground: Ground, before: Pixels, straight: Pixels) -> Pixels:
    """A tool's pixels of a tile as they are stored, with the alpha that they may have; of their own size as long as
    that alpha is the same everywhere."""
    if ground.channels == 1:
        red, green, blue = (straight[..., channel] for channel in range(3))
        if np.array_equal(red, green) and np.array_equal(green, blue):
            return red
        return np.rint(straight[..., :3].astype(np.float32) @ np.array(LUMA, np.float32)).astype(np.uint8)
    if not ground.alpha:
        alpha = before[..., ground.format.alpha]
        opaque = bool(alpha[0, 0] == ground.format.maximum and alpha.min() == ground.format.maximum)
        straight = straight.copy() if opaque else _enlarged(straight).copy()
        straight[..., 3] = ground.format.maximum if opaque else alpha
    return from_straight(ground.format, straight)


def _limited(ground: Ground, index: TileIndex, before: Pixels, after: Pixels) -> Pixels:
    """What was made, as far as it is selected and inside the bounds."""
    place = tile_rect(index)
    if not ground.bounds.covers(place):
        inside = (ground.bounds & place).slices(place)
        whole = before.copy()
        whole[inside] = after[inside]
        after = whole
    if not ground.selected:
        return after
    selected = ground.selection[index].pixels
    if selected.min() == 255:
        return after
    weights = selected[..., None] if ground.channels == 4 else selected
    share = weights.astype(np.float32) / np.float32(255.0)
    start = before.astype(np.float32)
    mixed = np.rint(start + (after.astype(np.float32) - start) * share).astype(before.dtype)
    return np.where(weights == 255, after, mixed)


def _alike(first: TileMap, second: TileMap) -> bool:
    return first.keys() == second.keys() and all(tile is second[index] for index, tile in first.items())
