"""Edits on the picture as a whole: cropping, canvas and picture size, flipping and turning.

What becomes of every surface is computed from a snapshot, on any thread; putting it in place is one step of the
history. Moves by whole pixels, flips and quarter turns change no pixel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scumble.document import (
    MAX_SIDE,
    SELECTION,
    TILE,
    Document,
    LayerId,
    PaintLayer,
    Rect,
    Snapshot,
    SurfaceId,
    Tile,
    TileIndex,
    TileMap,
    Transaction,
    tile_rect,
)
from scumble.document.arranging import outermost
from scumble.document.homography import Matrix, bounds_of, in_whole_pixels, rotation, scaling, translation
from scumble.document.layers import update, walk
from scumble.document.lift import Plane, lift, put_down
from scumble.document.tiles import content_bounds, read_tiles
from scumble.paint.transform import Report, Resampling, along, mapped, room_round, silent, transformed, within

RING: Final = 8
"""Pixels of the finished picture by which one that ends at the canvas is continued before it is resampled."""

_SLACK: Final = 1e-6
"""Of a pixel: less is a rounding error and needs no room."""

Surfaces = Mapping[SurfaceId, TileMap]


@dataclass(frozen=True, slots=True, eq=False)
class Reshaping:
    """Every pixel goes where `matrix` takes it, on a canvas of another size.

    What comes to lie outside that is kept where `keep_outside`. With `continued`, what reached the edge of the canvas
    reaches that of the new one; else it fades into the transparent there, as it should when a picture is turned.
    """

    matrix: Matrix
    width: int
    height: int
    resampling: Resampling = Resampling.BICUBIC
    keep_outside: bool = True
    continued: bool = False

    def __post_init__(self) -> None:
        if not (0 < self.width <= MAX_SIDE and 0 < self.height <= MAX_SIDE):
            raise ValueError(
                f"a canvas of {self.width} × {self.height} is not possible; the longest side is {MAX_SIDE}"
            )

    @property
    def canvas(self) -> Rect:
        """The new canvas."""
        return Rect(0, 0, self.width, self.height)


def cropped(rect: Rect, *, keep_outside: bool = False) -> Reshaping:
    """To a rectangle of the canvas, or of what lies round it."""
    return Reshaping(translation(-rect.x, -rect.y), rect.width, rect.height, keep_outside=keep_outside)


def canvas_resized(
    old: Rect, width: int, height: int, anchor: tuple[float, float] = (0.5, 0.5), *, keep_outside: bool = True
) -> Reshaping:
    """Another canvas round the same pixels. `anchor` is what stays in its place: 0 left or top, ½ middle, 1."""
    dx, dy = (
        math.floor((new - was) * part) for new, was, part in zip((width, height), _size(old), anchor, strict=True)
    )
    return Reshaping(translation(dx, dy), width, height, keep_outside=keep_outside)


def picture_resized(old: Rect, width: int, height: int, resampling: Resampling = Resampling.BICUBIC) -> Reshaping:
    """All pixels to another size. Shrinking averages over what a pixel covers, but for NEAREST."""
    return Reshaping(scaling(width / old.width, height / old.height), width, height, resampling, continued=True)


def flipped(old: Rect, *, across: bool) -> Reshaping:
    """Left and right change places when `across`, else top and bottom."""
    return Reshaping(_flip(old, across=across), old.width, old.height)


def turned_quarters(old: Rect, quarters: int) -> Reshaping:
    """Turned clockwise by quarter turns."""
    matrix = _quarters(old, quarters, (0, 0))
    width, height = _size(old) if quarters % 2 == 0 else _size(old)[::-1]
    return Reshaping(matrix, width, height)


def turned(old: Rect, degrees: float, resampling: Resampling = Resampling.BICUBIC) -> Reshaping:
    """Turned clockwise by any angle; the canvas grows so that all of the old one is on it."""
    if degrees % 90 == 0:
        return turned_quarters(old, round(degrees / 90))
    cos, sin = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    width = math.ceil(old.width * cos + old.height * sin - _SLACK)
    height = math.ceil(old.width * sin + old.height * cos - _SLACK)
    to_middle = translation(-old.width / 2, -old.height / 2)
    return Reshaping(translation(width / 2, height / 2) @ rotation(degrees) @ to_middle, width, height, resampling)


def remade(snapshot: Snapshot, reshaping: Reshaping, report: Report = silent) -> dict[SurfaceId, TileMap]:
    """What every surface of a document holds afterwards. Safe on any thread."""
    made: dict[SurfaceId, TileMap] = {}
    for number, (surface, plane) in enumerate(_planes(snapshot)):
        tiles: dict[TileIndex, Tile] = {}
        for part, piece in _moved(plane, snapshot.structure.bounds, reshaping):
            tiles.update(piece)
            report((number + part) / len(snapshot.planes))
        if surface == SELECTION or not reshaping.keep_outside:
            tiles = within(tiles, reshaping.canvas)
        made[surface] = tiles
    report(1.0)
    return made


def put_in_place(document: Document, reshaping: Reshaping, made: Surfaces, step: str) -> None:
    """Makes it one step of the history. What was made must come from the document as it is now."""
    with document.history.transaction(step) as edit:
        for surface, tiles in made.items():
            if tiles.keys() != document.surface(surface).tiles.keys() or any(
                document.surface(surface).tiles[index] is not tile for index, tile in tiles.items()
            ):
                edit.replace(surface, tiles)
        _resize(edit, document, reshaping)


def reshape(document: Document, reshaping: Reshaping, step: str, report: Report = silent) -> None:
    """Does it all at once."""
    put_in_place(document, reshaping, remade(document.snapshot(), reshaping, report), step)


def flip_layers(document: Document, layer_ids: Sequence[LayerId], step: str, *, across: bool) -> None:
    """Flips layers, or what is selected of them, in their place: across, else upside down."""
    lifted = lift(document, outermost(document, layer_ids))
    if not lifted.bounds.empty:
        turn = _flip(lifted.bounds, across=across)
        made = transformed(lifted, turn, Resampling.NEAREST, document.bounds)
        with document.history.transaction(step) as edit:
            put_down(edit, document, lifted, made, along(turn))


def turn_layers(
    document: Document,
    layer_ids: Sequence[LayerId],
    degrees: float,
    step: str,
    resampling: Resampling = Resampling.BICUBIC,
) -> None:
    """Turns layers, or what is selected of them, clockwise about their middle; quarter turns lose nothing."""
    lifted = lift(document, outermost(document, layer_ids))
    bounds = lifted.bounds
    if bounds.empty or degrees % 360 == 0:
        return
    if degrees % 90 == 0:
        quarters = round(degrees / 90)
        # Rounded towards zero, half a pixel that one turn adds is what the next one takes away.
        swing = int((bounds.width - bounds.height) / 2) if quarters % 2 else 0
        matrix = _quarters(bounds, quarters, (bounds.x + swing, bounds.y - swing))
    else:
        matrix = rotation(degrees, (bounds.x + bounds.width / 2, bounds.y + bounds.height / 2))
    made = transformed(lifted, matrix, resampling, document.bounds)
    with document.history.transaction(step) as edit:
        put_down(edit, document, lifted, made, along(matrix))


def _resize(edit: Transaction, document: Document, reshaping: Reshaping) -> None:
    tree = document.layers
    follow = along(reshaping.matrix)
    for layer in walk(document.layers):
        if isinstance(layer, PaintLayer) and layer.recipe is not None:
            tree = update(tree, layer.id, recipe=follow(layer.recipe))
    edit.set_structure(replace(document.structure, layers=tree, width=reshaping.width, height=reshaping.height))


def _size(rect: Rect) -> tuple[int, int]:
    return rect.width, rect.height


def _flip(rect: Rect, *, across: bool) -> Matrix:
    middle = (rect.x + rect.width / 2, rect.y + rect.height / 2)
    return scaling(-1, 1, middle) if across else scaling(1, -1, middle)


def _quarters(rect: Rect, quarters: int, corner: tuple[int, int]) -> Matrix:
    """Takes a rectangle, turned clockwise, to where its new top left corner is given."""
    turn = rotation(90 * (quarters % 4))
    box = bounds_of(turn, Rect(0, 0, rect.width, rect.height))
    return translation(corner[0] - box.x, corner[1] - box.y) @ turn @ translation(-rect.x, -rect.y)


def _planes(snapshot: Snapshot) -> Iterator[tuple[SurfaceId, Plane]]:
    colours = {layer.surface for layer in walk(snapshot.structure.layers) if isinstance(layer, PaintLayer)}
    for surface in (SELECTION, *snapshot.structure.surfaces()):
        colour = surface in colours
        dtype = snapshot.format.dtype if colour else np.dtype(np.uint8)
        yield surface, Plane(snapshot.planes[surface], {}, 4 if colour else 1, dtype)


def _moved(plane: Plane, canvas: Rect, reshaping: Reshaping) -> Iterator[tuple[float, dict[TileIndex, Tile]]]:
    content = content_bounds(plane.tiles)
    if content.empty:
        return
    clip = room_round(reshaping.canvas)
    if reshaping.continued and in_whole_pixels(reshaping.matrix) is None:
        plane, clip = _continued(plane, content, canvas, reshaping)
    yield from mapped(plane, reshaping.matrix, reshaping.resampling, clip)


def _continued(plane: Plane, content: Rect, canvas: Rect, reshaping: Reshaping) -> tuple[Plane, Rect]:
    """The plane with its outermost pixels repeated beyond each edge of the canvas that it reaches and does not cross.

    And the clip that cuts off again what they became.
    """
    new, room = reshaping.canvas, room_round(reshaping.canvas)
    across = RING << max(math.ceil(math.log2(canvas.width / new.width)), 0)
    down = RING << max(math.ceil(math.log2(canvas.height / new.height)), 0)
    tiles = dict(plane.tiles)
    left, right = content.x == canvas.x, content.right == canvas.right
    top, bottom = content.y == canvas.y, content.bottom == canvas.bottom
    for reached, at, beside in ((left, canvas.x, canvas.x - across), (right, canvas.right - 1, canvas.right)):
        if reached:
            line = Rect(at, content.y, 1, content.height)
            _repeat(tiles, plane, line, Rect(beside, content.y, across, content.height))
    wide = content.expanded(across)
    for reached, at, beside in ((top, canvas.y, canvas.y - down), (bottom, canvas.bottom - 1, canvas.bottom)):
        if reached:
            _repeat(tiles, plane, Rect(wide.x, at, wide.width, 1), Rect(wide.x, beside, wide.width, down))
    clip = Rect.from_edges(
        new.x if left else room.x,
        new.y if top else room.y,
        new.right if right else room.right,
        new.bottom if bottom else room.bottom,
    )
    return Plane(tiles, {}, plane.channels, plane.dtype), clip


def _repeat(tiles: dict[TileIndex, Tile], plane: Plane, line: Rect, over: Rect) -> None:
    """Writes a row or column of pixels again and again over a rectangle."""
    values = read_tiles(tiles, line, plane.channels, plane.dtype)
    pixels = np.broadcast_to(values, (over.height, over.width, *values.shape[2:]))
    for index in over.tiles():
        place = tile_rect(index)
        part = place & over
        old = tiles.get(index)
        whole = np.zeros((TILE, TILE, *values.shape[2:]), plane.dtype) if old is None else old.pixels.copy()
        whole[part.slices(place)] = pixels[part.slices(over)]
        tiles[index] = Tile(whole)
