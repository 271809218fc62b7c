"""Which pixels have a colour like another: the test behind filling and selecting by colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.document import TILE, Document, PixelFormat, Pixels, SurfaceId, TileIndex

Mask: TypeAlias = NDArray[np.uint8]
"""`(h, w)`: 255 inside, 0 outside."""

TileSource: TypeAlias = Callable[[TileIndex], Pixels | None]
"""Gives the stored pixels of a tile, `(TILE, TILE, 4)` of a layer or `(TILE, TILE)` of a mask; None for all zeros."""


def surface_source(document: Document, surface: SurfaceId) -> TileSource:
    """The tiles of a layer's surface, of a mask or of the selection."""
    tiles = document.surface(surface).tiles

    def read(index: TileIndex) -> Pixels | None:
        tile = tiles.get(index)
        return None if tile is None else tile.pixels

    return read


class Likeness:
    """Tells like pixels from others: every channel of the straight colour, and alpha, is at most `tolerance` away.

    `tolerance` is 0…1 of the full range, rounded to whole levels of the format. `pixel` is one stored pixel of shape
    (4,), or () of a mask. Where either is wholly transparent only alpha counts, since such a pixel has no colour.
    """

    def __init__(self, pixel: Pixels, pixel_format: PixelFormat, tolerance: float) -> None:
        self._format = pixel_format
        top = int(np.iinfo(pixel.dtype).max)
        reach = round(tolerance * top)
        if pixel.ndim == 0:
            values = [int(pixel)]
        else:
            straight = pixel_format.to_straight(pixel[None, None], pixel_format.dtype)[0, 0]
            values = [0, 0, 0, 0]
            for channel, place in enumerate(pixel_format.order):
                values[place] = int(straight[channel])
        self._low = [max(value - reach, 0) for value in values]
        self._high = [min(value + reach, top) for value in values]
        self._top = top
        self._colourless = pixel.ndim == 1 and values[pixel_format.alpha] == 0
        self._tables = self._limits() if pixel.ndim == 1 else []

    def _limits(self) -> list[tuple[int, Pixels, Pixels]]:
        """For each colour channel the least and the greatest stored value that is like, by stored alpha.

        The straight value is floor((stored · top + alpha // 2) / alpha), which is compared here without dividing.
        """
        top, alpha = self._top, self._format.alpha
        levels = np.arange(top + 1, dtype=np.int64)
        alike = (levels >= self._low[alpha]) & (levels <= self._high[alpha])
        tables = []
        for channel in self._format.order[:3]:
            low = -((levels // 2 - self._low[channel] * levels) // top)
            high = ((self._high[channel] + 1) * levels - 1 - levels // 2) // top
            if self._high[channel] == top:
                high[:] = top
            free = np.zeros_like(alike) if not self._colourless else np.ones_like(alike)
            free[0] = True
            low = np.where(alike, np.where(free, 0, low), top)
            high = np.where(alike, np.where(free, top, high), 0)
            dtype = self._format.dtype
            tables.append((channel, np.clip(low, 0, top).astype(dtype), np.clip(high, 0, top).astype(dtype)))
        return tables

    def of(self, pixels: Pixels | None) -> Mask:
        """Where stored pixels are like it; None stands for a tile of zeros."""
        if pixels is None:
            return np.full((TILE, TILE), 255 if self._empty_is_like else 0, np.uint8)
        if pixels.ndim == 2:
            return np.asarray(cv2.inRange(pixels, self._low[0], self._high[0]))
        alpha = cv2.extractChannel(pixels, self._format.alpha)
        if int(alpha.min()) == self._top and not self._colourless:
            return np.asarray(cv2.inRange(pixels, np.array(self._low, float), np.array(self._high, float)))
        like: Mask | None = None
        for channel, low, high in self._tables:
            within = cv2.inRange(cv2.extractChannel(pixels, channel), _looked_up(alpha, low), _looked_up(alpha, high))
            like = within if like is None else cv2.bitwise_and(like, within)
        assert like is not None
        return like

    @property
    def _empty_is_like(self) -> bool:
        alpha = self._format.alpha if self._tables else 0
        return self._low[alpha] == 0


def _looked_up(values: Pixels, table: Pixels) -> Pixels:
    return np.asarray(cv2.LUT(values, table)) if values.itemsize == 1 else table[values]
