"""The sums of painting: pixels moved towards colours by a coverage, in whole numbers, rounded to nearest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.document import SELECTION, Document, PaintLayer, Pixels, Rect, SurfaceId, path_to, walk

BAND: Final = 16000
"""Pixels of 8 bits a channel that are summed at once; of 16 bits half as many."""


def mix(below: Pixels, colour: Pixels, coverage: Pixels) -> Pixels:
    """`below` + (`colour` − `below`) × `coverage`, each in the full range of one unsigned dtype.

    `below` is `(h, w, 4)` premultiplied or `(h, w)`; `colour` one such pixel, shape (4,) or (), or as many as `below`;
    `coverage` `(h, w)`. With one opaque colour this is the Porter-Duff operator *over*, with zeros *destination-out*.
    """
    if below.shape[0] * below.shape[1] * below.itemsize <= BAND:
        return _mixed(below, colour, coverage)
    mixed = np.empty_like(below)
    for band in bands(below):
        paint = colour if colour.ndim < below.ndim else colour[band]
        mixed[band] = _mixed(below[band], paint, coverage[band])
    return mixed


def _mixed(below: Pixels, colour: Pixels, coverage: Pixels) -> Pixels:
    bits = 8 * below.dtype.itemsize
    wide: Any = np.uint16 if bits == 8 else np.uint32
    # Rows of numbers, whatever they mean: numpy is several times slower on an innermost axis of four.
    rows = (below.shape[0], -1)
    if below.ndim == 3:
        coverage = cv2.merge((coverage, coverage, coverage, coverage))
        colour = _row(colour, below.shape[1]) if colour.ndim == 1 else colour.reshape(rows)
    amount: Any = coverage.reshape(rows).astype(wide)
    total: Any = below.astype(wide).reshape(rows)
    total *= wide(np.iinfo(below.dtype).max) - amount
    amount *= colour.astype(wide)
    total += amount
    return _divided(total, bits, below)


def bands(pixels: Pixels) -> Iterator[slice]:
    """Rows of an array in pieces whose sums fit the nearest cache, which is three times as quick as all at once."""
    height = max(BAND // max(pixels.shape[1] * pixels.itemsize, 1), 1)
    for top in range(0, pixels.shape[0], height):
        yield slice(top, top + height)


def times(pixels: Pixels, coverage: Pixels) -> Pixels:
    """`pixels` `(h, w, 4)`, or one pixel `(4,)`, × `coverage` `(h, w)`; both in the range of one dtype."""
    result = np.empty((*coverage.shape, 4), coverage.dtype)
    for band in bands(coverage):
        result[band] = _times(pixels if pixels.ndim == 1 else pixels[band], coverage[band])
    return result


def _times(pixels: Pixels, coverage: Pixels) -> Pixels:
    bits = 8 * coverage.dtype.itemsize
    wide: Any = np.uint16 if bits == 8 else np.uint32
    rows = (coverage.shape[0], -1)
    spread = cv2.merge((coverage, coverage, coverage, coverage))
    total: Any = spread.reshape(rows).astype(wide)
    total *= (_row(pixels, coverage.shape[1]) if pixels.ndim == 1 else pixels.reshape(rows)).astype(wide)
    return _divided(total, bits, spread)


def coat_over(covered: NDArray[np.uint16], coat: NDArray[np.uint16]) -> None:
    """Lays one more coat on what is covered already, in place: 1 − (1 − `covered`) × (1 − `coat`), of 65535.

    Rounded up, so that the thinnest coat adds something wherever there is room.
    """
    for band in bands(covered):
        room = (~covered[band]).astype(np.uint32)
        room *= coat[band]
        room += np.uint32(65535)
        room >>= np.uint32(16)
        covered[band] += room.astype(np.uint16)


def narrowed(values: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """16 bits to 8, rounded to nearest."""
    narrow = np.empty(values.shape, np.uint8)
    for band in bands(values):
        # The same as a division by 257, several times as quick.
        wide = values[band].astype(np.uint32)
        wide *= np.uint32(255)
        wide += np.uint32(32895)
        wide >>= np.uint32(16)
        narrow[band] = wide
    return narrow


def over(below: Pixels, paint: Pixels, coverage: Pixels, alpha: int) -> Pixels:
    """Porter-Duff *over* of `paint` × `coverage`: pixels `(h, w, 4)`, premultiplied, with alpha at position `alpha`."""
    laid = times(paint, coverage)
    rest = ~laid[..., alpha]
    return np.asarray(cv2.add(laid, times(below, np.ascontiguousarray(rest))))


def tinted(below: Pixels, paint: Pixels, coverage: Pixels, alpha: int) -> Pixels:
    """As `over`, with every pixel as opaque as it was: colours change where there is something, alpha nowhere."""
    laid = times(paint, coverage)
    opaque = np.ascontiguousarray(below[..., alpha])
    rest = np.ascontiguousarray(~laid[..., alpha])
    changed: Pixels = np.asarray(cv2.add(times(laid, opaque), times(below, rest)))
    # Two roundings may add up to one level more than alpha, which no premultiplied colour may exceed.
    np.minimum(changed, opaque[..., None], out=changed)
    changed[..., alpha] = opaque
    return changed


def _row(pixel: Pixels, width: int) -> Pixels:
    row = np.empty((width, len(pixel)), pixel.dtype)
    row[:] = pixel
    return row.reshape(-1)


def _divided(total: Any, bits: int, like: Pixels) -> Pixels:
    """Products of two values of the full range of a dtype → that range, rounded to nearest."""
    wide = total.dtype.type
    total += wide(1 << (bits - 1))
    total += total >> wide(bits)
    total >>= wide(bits)
    divided: Pixels = total.astype(like.dtype).reshape(like.shape)
    return divided


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


def alpha_locked(document: Document, surface: SurfaceId) -> bool:
    """Whether a surface holds the colours of a layer that keeps its transparency."""
    layers = (layer for layer in walk(document.layers) if isinstance(layer, PaintLayer))
    return any(layer.alpha_locked for layer in layers if layer.surface == surface)
