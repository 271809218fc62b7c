"""Inks: what a stroke or a fill lays on a surface where it covers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from scumble.document import Document, Pixels, Rect, SurfaceId
from scumble.paint.mix import alpha_locked, mix, over, target_colour, tinted


class Ink(Protocol):
    """Lays paint on pixels."""

    @property
    def erases(self) -> bool:
        """Whether it can only take away, so that where nothing is nothing need be done."""
        ...

    def lay(self, below: Pixels, coverage: Pixels, part: Rect) -> Pixels:
        """The pixels of `part` of the document after painting.

        `below` `(h, w, 4)` or `(h, w)` is what was there; `coverage` `(h, w)`, in the full range of its dtype, says how
        far. The result is a new array.
        """
        ...


class Colour:
    """One straight colour, 0…1 (its luma on masks), or with `erase` nothing at all.

    ValueError for erasing on a layer that keeps its transparency.
    """

    def __init__(
        self, document: Document, surface: SurfaceId, colour: tuple[float, float, float], erase: bool = False
    ) -> None:
        self._colour = target_colour(document, surface, colour, erase)
        self._alpha = document.format.alpha
        self._locked = alpha_locked(document, surface)
        self.erases = erase
        if erase and self._locked:
            raise ValueError("nothing can be erased from a layer that keeps its transparency")

    def lay(self, below: Pixels, coverage: Pixels, part: Rect) -> Pixels:
        """Moves the pixels towards the colour."""
        if self._locked:
            return tinted(below, self._colour, coverage, self._alpha)
        return mix(below, self._colour, coverage)


class Picture:
    """Paint of many colours: `read` gives the stored, premultiplied pixels of a rectangle, `(h, w, 4)`.

    On a mask the luma of what it gives is laid, as far as it is opaque; there it may also give values, `(h, w)`.
    """

    erases = False

    def __init__(self, document: Document, surface: SurfaceId, read: Callable[[Rect], Pixels]) -> None:
        self._read = read
        self._format = document.format
        self._locked = alpha_locked(document, surface)

    def lay(self, below: Pixels, coverage: Pixels, part: Rect) -> Pixels:
        """Lays the picture over the pixels."""
        paint = self._read(part)
        alpha = self._format.alpha
        if paint.ndim == 2:
            return mix(below, paint, coverage)
        if below.ndim == 2:
            return _as_grey(below, self._format.to_straight(paint), coverage)
        lay = tinted if self._locked else over
        return lay(below, paint, coverage, alpha)


def _as_grey(below: Pixels, straight: Pixels, coverage: Pixels) -> Pixels:
    """A mask moved towards the luma (Rec. 601) of straight 8-bit RGBA."""
    luma = np.rint(straight[..., :3] @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return mix(below, luma, mix(np.zeros_like(coverage), coverage, np.ascontiguousarray(straight[..., 3])))
