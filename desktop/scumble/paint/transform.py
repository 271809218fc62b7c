"""Layers through a plane projective map: exact where every pixel goes onto another, else resampled once.

Values are premultiplied while they are resampled, and what lies outside a layer is transparent, so that edges come out
smooth. Shrinking averages over all that a pixel covers; enlarging interpolates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

import cv2
import numpy as np

from scumble.document import NOWHERE, SELECTION, TILE, Pixels, Rect, SurfaceId, Tile, TileIndex, TileMap, tile_rect
from scumble.document.homography import (
    Matrix,
    affine,
    bounds_of,
    corners_of,
    in_whole_pixels,
    inverse,
    reach,
    reached,
    scaling,
    translation,
)
from scumble.document.lift import Lifted, Plane, laid_over, moved_along
from scumble.document.recipe import Recipe
from scumble.document.tiles import content_bounds, read_tiles
from scumble.paint.rearranging import rearranged, within


class Resampling(Enum):
    """How values between pixels are found."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    LANCZOS = "lanczos"


METHODS: Final = {
    Resampling.NEAREST: cv2.INTER_NEAREST,
    Resampling.BILINEAR: cv2.INTER_LINEAR,
    Resampling.BICUBIC: cv2.INTER_CUBIC,
    Resampling.LANCZOS: cv2.INTER_LANCZOS4,
}

BLOCK: Final = 4
"""Tiles on each side of the pieces in which a layer is resampled."""

GATHERED: Final = 1 << 26
"""Pixels of a layer that are put into one array; a larger layer is read piece by piece."""

LONGEST: Final = 32000
"""The longest side of an array that OpenCV resamples from."""

MOST_SAMPLES: Final = 8
"""On each axis, for one pixel of a layer that is shrunk."""

SLACK: Final = 0.25
"""How much more than a pixel of the layer one sample may stand for."""

SPREAD: Final = 4
"""Pixels of the layer that a resampled one looks at to each side, at the most."""

Report = Callable[[float], None]
"""Told how much is done, 0…1. It may raise to stop the work."""


def silent(_part: float) -> None:
    """For who does not want to know."""


def transformed(
    lifted: Lifted, matrix: Matrix, resampling: Resampling, canvas: Rect, report: Report = silent
) -> dict[SurfaceId, dict[TileIndex, Tile]]:
    """What every surface holds once that which was taken up is put down through a map. Safe on any thread.

    Moves by whole pixels, quarter turns and flips lose nothing, not even outside the canvas; any other map keeps what
    comes to lie less than a canvas away from it. `matrix` must not take `lifted.bounds` over the horizon.
    """
    made: dict[SurfaceId, dict[TileIndex, Tile]] = {}
    for number, (surface, plane) in enumerate(lifted.planes.items()):
        clip = canvas if surface == SELECTION else room_round(canvas)
        tiles: dict[TileIndex, Tile] = {}
        for part, piece in mapped(plane, matrix, resampling, clip):
            tiles.update(piece)
            report((number + part) / len(lifted.planes))
        if surface == SELECTION:
            tiles = within(tiles, canvas)
        made[surface] = _joined(tiles, plane.rest)
    return made


def room_round(canvas: Rect) -> Rect:
    """Where pixels are kept when they are resampled: the canvas, and as much again on every side."""
    return Rect(canvas.x - canvas.width, canvas.y - canvas.height, 3 * canvas.width, 3 * canvas.height)


def mapped(
    plane: Plane, matrix: Matrix, resampling: Resampling, clip: Rect, frame: Rect = NOWHERE
) -> Iterator[tuple[float, dict[TileIndex, Tile]]]:
    """The tiles of a plane elsewhere, a piece at a time with how much is done; `clip` holds where it is resampled.

    What reaches the edge of a `frame` is taken to go on beyond it, so that a picture keeps its edges when it is scaled.
    """
    whole = in_whole_pixels(matrix)
    if whole is not None:
        yield 1.0, rearranged(plane, whole)
        return
    content = content_bounds(plane.tiles)
    if not content.empty:
        yield from _Resampler(plane, content | frame, matrix, resampling, framed=not frame.empty).pieces(clip)


def along(matrix: Matrix) -> Callable[[Recipe], Recipe]:
    """How the recipe of a generated layer follows its pixels.

    One that is moved or scaled can still be blended anew; of one that is turned or bent the place alone goes along.
    """

    def follow(recipe: Recipe) -> Recipe:
        box = bounds_of(matrix, recipe.box)
        upright = affine(matrix) and not matrix[0, 1] and not matrix[1, 0]
        if not upright or matrix[0, 0] <= 0 or matrix[1, 1] <= 0 or box.empty:
            return Recipe(
                **{name: getattr(recipe, name) for name in recipe.__slots__} | {"box": box, "selection": None}
            )
        return moved_along(recipe, box)

    return follow


def _joined(moved: dict[TileIndex, Tile], rest: TileMap) -> dict[TileIndex, Tile]:
    """What was moved over what stayed."""
    for index, below in rest.items():
        above = moved.get(index)
        moved[index] = below if above is None else Tile(laid_over(above.pixels, below.pixels))
    return moved


@dataclass(frozen=True, slots=True)
class _Detail:
    """How finely a piece is sampled: from the layer halved `level` times, with so many samples a pixel."""

    level: int
    across: int
    down: int


class _Resampler:
    """One plane through one map."""

    def __init__(
        self, plane: Plane, content: Rect, matrix: Matrix, resampling: Resampling, *, framed: bool = False
    ) -> None:
        self._spread = 0 if framed else SPREAD
        self._border = cv2.BORDER_REPLICATE if framed else cv2.BORDER_CONSTANT
        self._plane = plane
        self._content = content
        self._matrix = matrix
        self._back = inverse(matrix)
        self._resampling = resampling
        self._whole: Pixels | None = None
        self._levels: dict[int, tuple[Rect, Pixels]] = {}

    def pieces(self, clip: Rect) -> Iterator[tuple[float, dict[TileIndex, Tile]]]:
        """The tiles that are not empty, block by block."""
        area = reached(self._matrix, self._content.expanded(self._spread), clip)
        side = BLOCK * TILE
        blocks = [
            Rect(x * side, y * side, side, side) & area
            for y in range(area.y // side, -(-area.bottom // side))
            for x in range(area.x // side, -(-area.right // side))
        ]
        for number, block in enumerate(blocks):
            pixels = self._block(block)
            yield (number + 1) / len(blocks), {} if pixels is None else dict(self._tiles(block, pixels))

    def _tiles(self, block: Rect, pixels: Pixels) -> Iterator[tuple[TileIndex, Tile]]:
        for index in block.tiles():
            place = tile_rect(index)
            part = place & block
            piece = pixels[part.slices(block)]
            if piece.any():
                whole = np.zeros((TILE, TILE, *pixels.shape[2:]), pixels.dtype)
                whole[part.slices(place)] = piece
                yield index, Tile(whole)

    def _block(self, block: Rect) -> Pixels | None:
        """The pixels of a block; None where nothing comes to lie."""
        detail = self._detail(block)
        margin = SPREAD << detail.level
        need = reached(self._back, block, self._content.expanded(margin), margin) & self._content
        if need.empty:
            return None
        origin, source = self._source(need, detail.level)
        step = 1 << detail.level
        road = (
            translation(-0.5, -0.5)
            @ scaling(1 / step, 1 / step)
            @ translation(-origin.x, -origin.y)
            @ self._back
            @ translation(block.x, block.y)
            @ scaling(1 / detail.across, 1 / detail.down)
            @ translation(0.5, 0.5)
        )
        size = (block.width * detail.across, block.height * detail.down)
        fine = min(detail.across, detail.down) > 1
        method = cv2.INTER_LINEAR if fine and self._rings else METHODS[self._resampling]
        pixels = _warped(source, road, size, method, self._border)
        if self._rings and not fine and pixels.ndim == 3:
            self._take_rims(pixels, source, road)
        if detail.across * detail.down > 1:
            pixels = cv2.resize(pixels, (block.width, block.height), interpolation=cv2.INTER_AREA)
        return pixels

    @property
    def _rings(self) -> bool:
        """Whether the method overshoots at edges."""
        return self._resampling in (Resampling.BICUBIC, Resampling.LANCZOS)

    def _take_rims(self, pixels: Pixels, source: Pixels, road: Matrix) -> None:
        """Where alpha overshoots 1, the colours are taken back with it; cut off alone it would leave a bright rim.

        That can only be where something ends, and only there is it worth the time.
        """
        maximum = np.float32(np.iinfo(source.dtype).max)
        whole = Rect(0, 0, pixels.shape[1], pixels.shape[0])
        for index in whole.tiles():
            part = tile_rect(index) & whole
            target = pixels[part.slices(whole)]
            if not target[..., 3].any() or int(target[..., 3].min()) == maximum:
                continue
            size = (part.width, part.height)
            place, way = _needed(road @ translation(part.x, part.y), size, source)
            floats = _warped(source[place].astype(np.float32), way, size, METHODS[self._resampling], self._border)
            alpha = floats[..., 3:]
            floats[..., :3] *= maximum / np.maximum(alpha, maximum)
            np.minimum(floats[..., :3], np.maximum(alpha, 0.0), out=floats[..., :3])
            np.clip(floats, 0.0, maximum, out=floats)
            target[:] = np.rint(floats, out=floats)

    def _detail(self, block: Rect) -> _Detail:
        """Enough samples for what one pixel covers, of a coarser layer where that would be very many."""
        if self._resampling is Resampling.NEAREST:
            return _Detail(0, 1, 1)
        middle = (block.x + block.width / 2, block.y + block.height / 2)
        steps = [reach(self._back, point) for point in (*corners_of(block), middle)]
        across, down = (max(step[axis] for step in steps if math.isfinite(step[axis])) for axis in (0, 1))
        level = max(math.floor(math.log2(max(min(across, down), 1e-9))) - 1, 0)
        counts = (min(max(math.ceil(step / (1 << level) - SLACK), 1), MOST_SAMPLES) for step in (across, down))
        return _Detail(level, *counts)

    def _source(self, need: Rect, level: int) -> tuple[Rect, Pixels]:
        """Pixels of the layer that hold what is needed, halved so many times, and what they show of the document."""
        if level in self._levels:
            return self._levels[level]
        content = self._content
        small = content.area <= GATHERED and max(content.width, content.height) <= LONGEST
        step = 1 << level
        held = content if small else need
        held = Rect.from_edges(
            held.x // step * step, held.y // step * step, -(-held.right // step) * step, -(-held.bottom // step) * step
        )
        pixels = read_tiles(self._plane.tiles, held, self._plane.channels, self._plane.dtype)
        if level:
            size = (held.width // step, held.height // step)
            pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        if small:
            self._levels[level] = (held, pixels)
        return held, pixels


def _needed(road: Matrix, size: tuple[int, int], source: Pixels) -> tuple[tuple[slice, slice], Matrix]:
    """The part of an array that a warp of that size looks at, and the way into that part."""
    whole = Rect(0, 0, source.shape[1], source.shape[0])
    part = reached(road, Rect(0, 0, *size), whole, SPREAD)
    return part.slices(whole), translation(-part.x, -part.y) @ road


def _warped(source: Pixels, road: Matrix, size: tuple[int, int], method: int, border: int) -> Pixels:
    """An array of `size` (width, height) each of whose pixels is found in the source by `road`."""
    pixels: Pixels = cv2.warpPerspective(source, road, size, flags=method | cv2.WARP_INVERSE_MAP, borderMode=border)
    return pixels
