"""Tiles at every level of detail, halved when they are first looked at. Unlike a compositor's, those of one surface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from scumble.document import TILE, Pixels, Rect, TileIndex, tile_rect
from scumble.document.tiles import shape


class Pyramid:
    """`source` gives the pixels of a tile of level 0, None where it is empty; they must not change afterwards."""

    def __init__(self, source: Callable[[TileIndex], Pixels | None], channels: int, dtype: np.dtype[Any]) -> None:
        self._source = source
        self._channels = channels
        self._dtype = dtype
        self._levels: dict[tuple[TileIndex, int], Pixels | None] = {}

    def tile(self, index: TileIndex, level: int) -> Pixels | None:
        """Pixels of `TILE` × `TILE`, each the average of 2ⁿ × 2ⁿ of level 0; None where all is empty."""
        key = (index, level)
        if key not in self._levels:
            self._levels[key] = self._source(index) if level == 0 else self._halved(index, level)
        return self._levels[key]

    def read(self, rect: Rect, level: int) -> Pixels:
        """The pixels of a rectangle that is given in pixels of the level; a new array."""
        out = np.zeros(shape(self._channels, rect.height, rect.width), self._dtype)
        for index in rect.tiles():
            pixels = self.tile(index, level)
            if pixels is not None:
                place = tile_rect(index)
                part = place & rect
                out[part.slices(rect)] = pixels[part.slices(place)]
        return out

    def _halved(self, index: TileIndex, level: int) -> Pixels | None:
        half = TILE // 2
        out: Pixels | None = None
        for dy in (0, 1):
            for dx in (0, 1):
                child = (index[0] * 2 + dx, index[1] * 2 + dy)
                below = self._source(child) if level == 1 else self.tile(child, level - 1)
                if below is not None:
                    if out is None:
                        out = np.zeros(shape(self._channels, TILE, TILE), self._dtype)
                    quarter = Rect(dx * half, dy * half, half, half)
                    small = cv2.resize(below, (half, half), interpolation=cv2.INTER_AREA)
                    out[quarter.slices(Rect(0, 0, TILE, TILE))] = small
        return out
