"""Gradients from one colour to another, or to nothing, dithered so that no bands are seen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.document import TILE, Document, Pixels, Rect, SurfaceId, tile_rect
from scumble.paint.mix import alpha_locked

Field = NDArray[np.float32]


class Shape(Enum):
    """How a gradient runs from its first point to its second."""

    LINEAR = "linear"
    REFLECTED = "reflected"
    RADIAL = "radial"
    CONICAL = "conical"


@dataclass(frozen=True, slots=True)
class Gradient:
    """From the colour `first` at `start` to `last` at `end`; straight, 0…1. `last` None fades `first` to nothing.

    A linear one runs along the line between the points; a reflected one to both sides of `start`; a radial one in
    circles round it; a conical one anticlockwise round it, from the direction of `end`.
    """

    shape: Shape
    start: tuple[float, float]
    end: tuple[float, float]
    first: tuple[float, float, float]
    last: tuple[float, float, float] | None = None

    def at(self, part: Rect) -> Field:
        """How far along the gradient each pixel of a rectangle is: float32 `(h, w)`, 0…1."""
        across = (np.arange(part.x, part.right, dtype=np.float32) + np.float32(0.5 - self.start[0]))[None, :]
        down = (np.arange(part.y, part.bottom, dtype=np.float32) + np.float32(0.5 - self.start[1]))[:, None]
        way = (self.end[0] - self.start[0], self.end[1] - self.start[1])
        length = max(math.hypot(*way), 1e-3)
        if self.shape is Shape.RADIAL:
            far = np.sqrt(across * across + down * down) * np.float32(1.0 / length)
        elif self.shape is Shape.CONICAL:
            begin = math.atan2(-way[1], way[0])
            turned = np.arctan2(-down, across) - np.float32(begin)
            far = (turned * np.float32(0.5 / math.pi)) % np.float32(1.0)
        else:
            far = across * np.float32(way[0] / length**2) + down * np.float32(way[1] / length**2)
            if self.shape is Shape.REFLECTED:
                far = np.abs(far)
        return np.asarray(np.clip(far, 0.0, 1.0, out=far))


class GradientInk:
    """Lays a gradient. What falls between two levels is decided by a noise of its own for every pixel of a tile.

    On a mask the luma of the gradient is laid; on a layer whose alpha is locked only colours change.
    """

    erases = False

    def __init__(self, document: Document, surface: SurfaceId, gradient: Gradient) -> None:
        self._gradient = gradient
        self._format = document.format
        self._locked = alpha_locked(document, surface)
        self._noise = _noise()

    def lay(self, below: Pixels, coverage: Pixels, part: Rect) -> Pixels:
        """Lays the gradient over the pixels; `part` lies in one tile."""
        top = int(np.iinfo(below.dtype).max)
        far = self._gradient.at(part)
        noise = self._noise[part.slices(tile_rect((part.x // TILE, part.y // TILE)))]
        solid = self._gradient.last is not None and bool((coverage == top).all())
        opaque = None if solid else self._opacity(far) * (coverage.astype(np.float32) * np.float32(1.0 / top))

        def moved(under: Pixels, target: Field) -> Pixels:
            if opaque is not None:
                base = under.astype(np.float32)
                target = base + (target - base) * opaque
            return np.asarray(np.rint(target + noise).astype(below.dtype))

        if below.ndim == 2:
            return moved(below, self._luma(far) * np.float32(top))
        place = self._format.alpha
        alpha = below[..., place] if self._locked else moved(below[..., place], np.full_like(far, top))
        most = alpha.astype(np.float32) if self._locked else np.float32(top)
        planes: list[Pixels] = [alpha] * 4
        for number, channel in enumerate(self._format.order[:3]):
            planes[channel] = np.minimum(moved(below[..., channel], self._colour(far, number) * most), alpha)
        return np.asarray(cv2.merge(planes))

    def _opacity(self, far: Field) -> Field | np.float32:
        return np.float32(1.0) - far if self._gradient.last is None else np.float32(1.0)

    def _colour(self, far: Field, number: int) -> Field:
        first, last = self._gradient.first, self._gradient.last or self._gradient.first
        colour: Field = far * np.float32(last[number] - first[number]) + np.float32(first[number])
        return colour

    def _luma(self, far: Field) -> Field:
        """Rec. 601."""
        red, green, blue = (self._colour(far, number) for number in range(3))
        luma: Field = red * np.float32(0.299) + green * np.float32(0.587) + blue * np.float32(0.114)
        return luma


def _noise() -> Field:
    """Interleaved gradient noise (Jimenez 2014), which is even at every scale, within half a level up and down."""
    across, down = np.arange(TILE, dtype=np.float64)[None, :], np.arange(TILE, dtype=np.float64)[:, None]
    values = 52.9829189 * ((0.06711056 * across + 0.00583715 * down) % 1.0) % 1.0
    # A little less than half a level, which 32-bit floats of 16-bit levels can tell from a half.
    return ((values - 0.5) * 0.97).astype(np.float32)
