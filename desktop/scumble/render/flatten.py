"""A snapshot as one picture, all at once or tile by tile. For the GUI thread.

How near it comes to `oracle.flatten`, which rounds once, at the end: each layer blended by itself is within 1/255
(2/255 where an 8-bit layer has a mask, which is one more rounding); with 16 bits a whole stack is within 1/255; with
8 bits the picture is rounded after every layer, and many faint layers add up to a few steps.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

import numpy as np

from scumble.document import Layer, PaintLayer, Pixels, Rect, Snapshot, TileIndex, tile_rect, walk
from scumble.render.buffers import WHOLE
from scumble.render.resolve import ReadyLayer, resolve
from scumble.render.stack import StackPainter


def flatten(snapshot: Snapshot, rect: Rect) -> Pixels:
    """The visible picture in a rectangle, stored pixels `(h, w, 4)`; transparent outside the canvas."""
    return at_once(in_slices(snapshot, rect))


def in_slices(snapshot: Snapshot, rect: Rect) -> Generator[None, None, Pixels]:
    """The same, yielding after each tile, so that a caller can let the window go on."""
    out = np.zeros((rect.height, rect.width, 4), snapshot.format.dtype)
    painter, ready = _resolved(snapshot)
    for index in (rect & snapshot.structure.bounds).tiles():
        part, pixels = _tile(painter, ready, index, rect & snapshot.structure.bounds)
        out[part.slices(rect)] = pixels
        yield
    return out


def at_once(slices: Generator[None, None, Pixels]) -> Pixels:
    """What comes of slices that nothing else is done between."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            made: Pixels = end.value
            return made


def flatten_tiles(snapshot: Snapshot) -> Iterator[tuple[Rect, Pixels]]:
    """The visible picture, one tile at each step, so that a caller can stop between them.

    Yields the tile's part of the canvas and its stored pixels, which are good until the next step.
    """
    painter, ready = _resolved(snapshot)
    for index in snapshot.structure.bounds.tiles():
        yield _tile(painter, ready, index, snapshot.structure.bounds)


def merge(snapshot: Snapshot, layers: tuple[Layer, ...]) -> dict[TileIndex, Pixels]:
    """What some layers of a snapshot, the lowest first, look like together on nothing: a stored tile for each tile.

    Also outside the canvas, where a layer may have pixels too.
    """
    painter = StackPainter(snapshot.format)
    surfaces = [layer.surface for layer in walk(layers) if isinstance(layer, PaintLayer)]
    places = {index for surface in surfaces for index in snapshot.planes[surface]}
    ready = resolve(layers, snapshot.planes.__getitem__)
    made = {}
    for index in sorted(places):
        pixels = painter.new_buffer()
        painter.paint_resolved(pixels, index, ready, WHOLE)
        if pixels.any():
            made[index] = pixels
    return made


def _resolved(snapshot: Snapshot) -> tuple[StackPainter, Sequence[ReadyLayer]]:
    return StackPainter(snapshot.format), resolve(snapshot.structure.layers, snapshot.planes.__getitem__)


def _tile(painter: StackPainter, ready: Sequence[ReadyLayer], index: TileIndex, rect: Rect) -> tuple[Rect, Pixels]:
    place = tile_rect(index)
    part = place & rect
    with painter.buffer() as pixels:
        painter.paint_resolved(pixels, index, ready, part.translated(-place.x, -place.y))
        return part, pixels[part.slices(place)]
