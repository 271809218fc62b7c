"""Regions of like colour, found tile by tile: what a fill pours into, and what a magic wand selects.

A contiguous region is grown over a graph whose nodes are the connected parts of each tile, so that no tile is looked
at that the region does not reach, and none twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.document import NOWHERE, TILE, PixelFormat, Rect, TileIndex, tile_rect
from scumble.paint.likeness import Likeness, Mask, TileSource
from scumble.paint.windows import Growth, dilated, distance, gathered, mapped

Labels = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Region:
    """`tiles` hold how far each pixel belongs to it: uint8 `(TILE, TILE)`, 255 wholly; absent ones are 0."""

    tiles: Mapping[TileIndex, Mask] = field(default_factory=dict)

    @property
    def bounds(self) -> Rect:
        """The smallest rectangle round it; empty for an empty region."""
        bounds = NOWHERE
        for index, mask in self.tiles.items():
            place = tile_rect(index)
            if bounds.covers(place):
                continue
            x, y, width, height = cv2.boundingRect(mask)
            bounds = bounds | Rect(x, y, width, height).translated(place.x, place.y)
        return bounds

    def read(self, rect: Rect) -> Mask:
        """A rectangle of it, uint8 `(h, w)`."""
        return gathered(self.tiles.get, rect)


def similar(
    source: TileSource,
    pixel_format: PixelFormat,
    bounds: Rect,
    seed: tuple[int, int],
    tolerance: float,
    *,
    contiguous: bool = True,
    gap: int = 0,
    grow: int = 0,
    smooth: bool = False,
) -> Region:
    """The pixels inside `bounds` whose colour is like that of the pixel `seed` (x, y); empty where that lies outside.

    `tolerance` 0…1 is how far each channel of the straight colour, and alpha, may be away (`Likeness`). `contiguous`
    keeps to pixels that hang together, side by side, with the seed; then openings of up to `gap` pixels in what
    surrounds it count as closed. `grow` 0… widens the region by pixels. `smooth` adds a rim of one pixel that belongs
    to it in part. Reads nothing but `source`, each tile at most once.
    """
    steps = growing(
        source,
        pixel_format,
        bounds,
        seed,
        tolerance,
        contiguous=contiguous,
        gap=gap,
        grow=grow,
        smooth=smooth,
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            region: Region = end.value
            return region


def growing(
    source: TileSource,
    pixel_format: PixelFormat,
    bounds: Rect,
    seed: tuple[int, int],
    tolerance: float,
    *,
    contiguous: bool = True,
    gap: int = 0,
    grow: int = 0,
    smooth: bool = False,
) -> Growth[Region]:
    """As `similar`, a tile at each step, so that a caller can stop between them; the region is what it returns."""
    if not bounds.contains(*seed):
        return Region()
    x, y = seed
    start = source((x // TILE, y // TILE))
    channels = np.zeros(4, pixel_format.dtype) if start is None else start[y % TILE, x % TILE]
    likeness = Likeness(np.asarray(channels), pixel_format, tolerance)
    like = _Kept(lambda index: _inside(likeness.of(source(index)), index, bounds))
    if not contiguous:
        tiles = yield from _everywhere(like, bounds)
    elif gap > 0:
        tiles = yield from _poured(like, bounds, seed, gap)
    else:
        tiles = yield from _connected(like, bounds, seed)
    if grow > 0:
        tiles = yield from mapped(tiles, bounds, grow + 1, lambda window, _: dilated(window, grow))
    if smooth:
        tiles = yield from mapped(tiles, bounds, 1, lambda window, _: np.maximum(window, cv2.blur(window, (3, 3))))
    return Region(tiles)


class _Kept:
    """A function of a tile that is computed once for each."""

    def __init__(self, compute: Callable[[TileIndex], Mask]) -> None:
        self._compute = compute
        self._masks: dict[TileIndex, Mask] = {}

    def __call__(self, index: TileIndex) -> Mask:
        mask = self._masks.get(index)
        if mask is None:
            mask = self._masks[index] = self._compute(index)
        return mask


def _inside(mask: Mask, index: TileIndex, bounds: Rect) -> Mask:
    """A mask of a tile with nothing outside the bounds."""
    place = tile_rect(index)
    if bounds.covers(place):
        return mask
    cut = np.zeros_like(mask)
    part = (place & bounds).slices(place)
    cut[part] = mask[part]
    return cut


_ONE_PART: Final = np.ones((TILE, TILE), np.int32)
"""The labels of a tile that belongs together as a whole."""


class _Parts:
    """The connected parts of each tile that a region has come to; `reached` says which of them belong to it."""

    def __init__(self, like: Callable[[TileIndex], Mask]) -> None:
        self._like = like
        self.labels: dict[TileIndex, Labels] = {}
        self.reached: dict[TileIndex, NDArray[np.bool_]] = {}

    def of(self, index: TileIndex) -> Labels:
        """The number of the part that each pixel of a tile lies in; 0 for none."""
        labels = self.labels.get(index)
        if labels is None:
            mask = self._like(index)
            if mask.all():
                count, labels = 2, _ONE_PART
            else:
                count, labels = cv2.connectedComponents(mask, connectivity=4, ltype=cv2.CV_32S)
            self.labels[index] = labels
            self.reached[index] = np.zeros(count, np.bool_)
        return labels

    def masks(self) -> dict[TileIndex, Mask]:
        """What was reached."""
        masks = {}
        for index, reached in self.reached.items():
            if reached.any():
                labels, table = self.labels[index], reached.astype(np.uint8) * np.uint8(255)
                masks[index] = self._like(index) if labels is _ONE_PART else table[labels]
        return masks


_SIDES = (
    ((-1, 0), (slice(None), 0), (slice(None), -1)),
    ((1, 0), (slice(None), -1), (slice(None), 0)),
    ((0, -1), (0, slice(None)), (-1, slice(None))),
    ((0, 1), (-1, slice(None)), (0, slice(None))),
)
"""For each neighbour of a tile: the way there, our edge, and the edge of the neighbour that lies at it."""


def _everywhere(like: Callable[[TileIndex], Mask], bounds: Rect) -> Growth[dict[TileIndex, Mask]]:
    """All pixels that are like the seed."""
    tiles = {}
    for index in bounds.tiles():
        mask = like(index)
        if mask.any():
            tiles[index] = mask
        yield
    return tiles


def _connected(like: Callable[[TileIndex], Mask], bounds: Rect, seed: tuple[int, int]) -> Growth[dict[TileIndex, Mask]]:
    """The pixels that hang together with the seed, which must be one of them."""
    parts = _Parts(like)
    grid = set(bounds.tiles())
    first = (seed[0] // TILE, seed[1] // TILE)
    part = parts.of(first)[seed[1] % TILE, seed[0] % TILE]
    parts.reached[first][part] = True
    waiting = {first}
    while waiting:
        yield
        index = waiting.pop()
        labels, here = parts.of(index), parts.reached[index]
        for (dx, dy), ours, theirs in _SIDES:
            neighbour = (index[0] + dx, index[1] + dy)
            edge = here[labels[ours]]
            if neighbour not in grid or not edge.any():
                continue
            touched = parts.of(neighbour)[theirs][edge]
            reached = parts.reached[neighbour]
            new = touched[(touched > 0) & ~reached[touched]]
            if len(new):
                reached[new] = True
                waiting.add(neighbour)
    return parts.masks()


def _poured(
    like: Callable[[TileIndex], Mask], bounds: Rect, seed: tuple[int, int], gap: int
) -> Growth[dict[TileIndex, Mask]]:
    """As `_connected`, through openings wider than `gap` alone.

    The core of the region is what lies farther from its walls than half a gap; what hangs together with the seed there
    is widened again to the walls: an opening by a disc, with its corners filled. A seed in a place that is narrower
    than the gap takes the nearest core that it hangs together with, or else a smaller gap.
    """
    wall = (gap + 1) / 2
    reach = math.ceil(wall) + 2

    def core_of(index: TileIndex) -> Mask:
        place = tile_rect(index)
        window = place.expanded(reach) & bounds
        part = (place & bounds).slices(window)
        mask = np.zeros((TILE, TILE), np.uint8)
        mask[(place & bounds).slices(place)] = (distance(gathered(like, window)) > wall)[part]
        return mask * np.uint8(255)

    core = _Kept(core_of)
    start = _nearest_core(like, core, bounds, seed, reach)
    if start is None:
        smaller = _poured(like, bounds, seed, gap // 2) if gap > 1 else _connected(like, bounds, seed)
        return (yield from smaller)
    corners = math.ceil(wall / 2)

    def widened(window: Mask, rect: Rect) -> Mask:
        walls = gathered(like, rect)
        mask = cv2.bitwise_and(dilated(window, wall), walls)
        cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
        for _ in range(corners):
            mask = cv2.bitwise_and(cv2.dilate(mask, cross), walls)
        return np.asarray(mask)

    found = yield from _connected(core, bounds, start)
    return (yield from mapped(found, bounds, reach + corners, widened))


def _nearest_core(
    like: Callable[[TileIndex], Mask],
    core: Callable[[TileIndex], Mask],
    bounds: Rect,
    seed: tuple[int, int],
    reach: int,
) -> tuple[int, int] | None:
    """The nearest pixel of the core that can be reached from the seed without going far."""
    window = Rect(*seed, 1, 1).expanded(2 * reach) & bounds
    x, y = seed[0] - window.x, seed[1] - window.y
    _, labels = cv2.connectedComponents(gathered(like, window), connectivity=4)
    rows, columns = np.nonzero((gathered(core, window) > 0) & (labels == labels[y, x]))
    if not len(rows):
        return None
    best = int(((rows - y) ** 2 + (columns - x) ** 2).argmin())
    return int(columns[best]) + window.x, int(rows[best]) + window.y
