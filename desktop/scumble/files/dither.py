"""From 16 to 8 bits a channel without bands: an ordered dither, the same for the same picture every time.

Each pixel is rounded by a threshold of a 64 × 64 pattern instead of at the half. Source of the pattern: interleaved
gradient noise, J. Jimenez, "Next Generation Post Processing in Call of Duty", SIGGRAPH 2014.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scumble.document import BGRA8, RGBA16, Document, Pixels, Surface, SurfaceId, Tile
from scumble.document.layers import Group, Layer, PaintLayer
from scumble.files.notes import Note, Opened

_SIDE: Final = 64
_STEP: Final = 257
"""Of 16 bits in one of 8."""


def dithered(opened: Opened) -> Opened:
    """The same document with 8 bits a channel, and a note that says so; as it is where it has no more."""
    source = opened.document
    if source.format is not RGBA16:
        return opened
    document = Document(source.width, source.height, BGRA8)
    with document.history.transaction("Open") as edit:
        moved: dict[SurfaceId, SurfaceId] = {}
        for surface in source.structure.surfaces():
            plane = source.surface(surface)
            moved[surface] = edit.add_surface(_eight_bits(plane) if plane.channels > 1 else plane)
        layers = tuple(_relinked(document, layer, moved) for layer in source.layers)
        edit.set_structure(replace(source.structure, layers=layers, selections=()))
    document.history.clear()
    return Opened(document, (*opened.notes, Note.of("note-dithered")))


def to_8_bits(stored: Pixels) -> Pixels:
    """A piece of RGBA16, `(h, w, 4)` premultiplied, whose corner lies at a multiple of 64 → BGRA8.

    Whole steps stay exactly what they are, and no colour exceeds its alpha.
    """
    height, width = stored.shape[:2]
    tiled = np.tile(thresholds(), (-(-height // _SIDE), -(-width // _SIDE)))[:height, :width, None]
    eight = (stored.astype(np.uint32) + tiled) // _STEP
    red, green, blue, alpha = (RGBA16.order.index(channel) for channel in range(4))
    out = np.empty((height, width, 4), np.uint8)
    for source, target in zip((red, green, blue, alpha), BGRA8.order, strict=True):
        out[..., target] = eight[..., source]
    return out


def thresholds() -> NDArray[np.uint32]:
    """What is added before the fraction is cut off, `(64, 64)`, 0…256, every value about as often."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE].astype(np.float64)
    noise = np.modf(52.9829189 * np.modf(0.06711056 * x + 0.00583715 * y)[0])[0]
    ranks = np.empty(noise.size, np.uint32)
    ranks[np.argsort(noise, axis=None, kind="stable")] = np.arange(noise.size, dtype=np.uint32)
    return np.asarray(ranks * _STEP // noise.size).reshape(_SIDE, _SIDE)


def _eight_bits(plane: Surface) -> Surface:
    made = Surface.for_colour(BGRA8)
    for index, tile in plane.tiles.items():
        pixels = to_8_bits(tile.pixels)
        if pixels.any():
            made.tiles[index] = Tile(pixels)
    return made


def _relinked(document: Document, layer: Layer, moved: dict[SurfaceId, SurfaceId]) -> Layer:
    """The layer with ids of the other document."""
    own = document.new_layer_id()
    mask = None if layer.mask is None else moved[layer.mask]
    if isinstance(layer, Group):
        children = tuple(_relinked(document, child, moved) for child in layer.children)
        return replace(layer, id=own, mask=mask, children=children)
    assert isinstance(layer, PaintLayer)
    return replace(layer, id=own, mask=mask, surface=moved[layer.surface])
