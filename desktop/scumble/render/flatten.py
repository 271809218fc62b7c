"""A snapshot as one picture, all at once or tile by tile. For the GUI thread.

How near it comes to `oracle.flatten`, which rounds once, at the end: each layer blended by itself is within 1/255
(2/255 where an 8-bit layer has a mask, which is one more rounding); with 16 bits a whole stack is within 1/255; with
8 bits the picture is rounded after every layer, and many faint layers add up to a few steps.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scumble.document import Layer, PaintLayer, Pixels, Rect, Snapshot, TileIndex, tile_rect, walk
from scumble.render.buffers import WHOLE
from scumble.render.stack import StackPainter


def flatten(snapshot: Snapshot, rect: Rect) -> Pixels:
    """The visible picture in a rectangle, stored pixels `(h, w, 4)`; transparent outside the canvas."""
    out = np.zeros((rect.height, rect.width, 4), snapshot.format.dtype)
    painter = StackPainter(snapshot.format)
    for index in (rect & snapshot.structure.bounds).tiles():
        part, pixels = _tile(painter, snapshot, index, rect)
        out[part.slices(rect)] = pixels
    return out


def flatten_tiles(snapshot: Snapshot) -> Iterator[tuple[Rect, Pixels]]:
    """The visible picture, one tile at each step, so that a caller can stop between them.

    Yields the tile's part of the canvas and its stored pixels, which are good until the next step.
    """
    painter = StackPainter(snapshot.format)
    for index in snapshot.structure.bounds.tiles():
        yield _tile(painter, snapshot, index, snapshot.structure.bounds)


def merge(snapshot: Snapshot, layers: tuple[Layer, ...]) -> dict[TileIndex, Pixels]:
    """What some layers of a snapshot, the lowest first, look like together on nothing: a stored tile for each tile.

    Also outside the canvas, where a layer may have pixels too.
    """
    painter = StackPainter(snapshot.format)
    surfaces = [layer.surface for layer in walk(layers) if isinstance(layer, PaintLayer)]
    places = {index for surface in surfaces for index in snapshot.planes[surface]}
    made = {}
    for index in sorted(places):
        pixels = painter.new_buffer()
        painter.paint(pixels, index, layers, snapshot.planes.__getitem__, WHOLE)
        if pixels.any():
            made[index] = pixels
    return made


def _tile(painter: StackPainter, snapshot: Snapshot, index: TileIndex, rect: Rect) -> tuple[Rect, Pixels]:
    place = tile_rect(index)
    part = place & rect & snapshot.structure.bounds
    with painter.buffer() as pixels:
        inner = part.translated(-place.x, -place.y)
        painter.paint(pixels, index, snapshot.structure.layers, snapshot.planes.__getitem__, inner)
        return part, pixels[part.slices(place)]
