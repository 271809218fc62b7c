"""The one sum of painting: pixels moved towards a colour by a coverage, in whole numbers, rounded to nearest."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.document import SELECTION, Document, Pixels, Rect, SurfaceId, path_to, walk


def mix(below: Pixels, colour: Pixels, coverage: Pixels) -> Pixels:
    """`below` + (`colour` − `below`) × `coverage`, each in the full range of one unsigned dtype.

    `below` is `(h, w, 4)` premultiplied or `(h, w)`; `colour` one such pixel, shape (4,) or (); `coverage` `(h, w)`.
    With a colour this is the Porter-Duff operator *over*, with zeros *destination-out*.
    """
    bits = 8 * below.dtype.itemsize
    wide: Any = np.uint16 if bits == 8 else np.uint32
    # Rows of numbers, whatever they mean: numpy is several times slower on an innermost axis of four.
    rows = (below.shape[0], -1)
    if below.ndim == 3:
        coverage = cv2.merge((coverage, coverage, coverage, coverage))
        colour = np.tile(colour, below.shape[1])
    amount: Any = coverage.reshape(rows).astype(wide)
    total: Any = below.astype(wide).reshape(rows)
    total *= wide(np.iinfo(below.dtype).max) - amount
    amount *= colour.astype(wide)
    total += amount
    total += wide(1 << (bits - 1))
    total += total >> wide(bits)
    total >>= wide(bits)
    mixed: Pixels = total.astype(below.dtype).reshape(below.shape)
    return mixed


def depth_table(dtype: np.dtype[Any], factor: float = 1.0) -> Pixels:
    """A table from an 8-bit coverage to one in the full range of `dtype`, times a factor 0…1."""
    table: Pixels = np.rint(np.arange(256) * (factor * int(np.iinfo(dtype).max) / 255)).astype(dtype)
    return table


def looked_up(values: NDArray[np.uint8], table: Pixels) -> Pixels:
    """The entries of a table of 256 at 8-bit values; a new array."""
    return np.asarray(cv2.LUT(values, table))


def target_colour(document: Document, surface: SurfaceId, colour: tuple[float, float, float], erase: bool) -> Pixels:
    """The stored pixel that painting moves a surface towards; a mask takes the luma of the colour (Rec. 601)."""
    plane = document.surface(surface)
    if erase:
        return np.zeros((4,) if plane.channels > 1 else (), plane.dtype)
    if plane.channels > 1:
        return document.format.solid(*colour)
    luma = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
    return np.asarray(round(min(max(luma, 0.0), 1.0) * 255), np.uint8)


def check_unlocked(document: Document, surface: SurfaceId) -> None:
    """ValueError when the layer of a surface, or a group round it, is locked."""
    for layer in walk(document.layers):
        if surface == layer.mask or surface == getattr(layer, "surface", None):
            locked = [node.name for node in path_to(document.layers, layer.id) if node.locked]
            if locked:
                raise ValueError(f"“{locked[0]}” is locked")


def limits(document: Document, surface: SurfaceId, part: Rect) -> NDArray[np.uint8] | None:
    """How far painting on a surface may go inside a rectangle: the selection there, or None for everywhere."""
    if surface == SELECTION or not document.selection.tiles:
        return None
    return document.selection.read(part)
