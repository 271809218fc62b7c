"""Smudging: a finger that takes wet paint along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.document import NOWHERE, Document, Pixels, Rect, SurfaceId, Transaction, tile_rect
from scumble.paint.brush import Brush, Sample
from scumble.paint.dabs import Dabs, reach_of
from scumble.paint.mix import alpha_locked, check_unlocked, limits
from scumble.paint.trail import Dab, Trail

Wet = NDArray[np.float32]


class Smudge:
    """One stroke of smudging, as `Stroke`; `strength` 0…1 is how much of the paint on the finger each dab keeps.

    The finger takes up what lies under its first dab. Each later one mixes what it carries with what it finds, and
    leaves that where its print covers: premultiplied, so that clear pixels add no colour, and in fractions of a level,
    so that nothing sticks. On a layer whose alpha is locked only colours move.
    """

    def __init__(
        self,
        document: Document,
        transaction: Transaction,
        surface: SurfaceId,
        brush: Brush,
        strength: float = 0.5,
        dabs: Dabs | None = None,
    ) -> None:
        check_unlocked(document, surface)
        self._document = document
        self._edit = transaction
        self._surface = surface
        self._plane = document.surface(surface)
        self._alpha = document.format.alpha if alpha_locked(document, surface) else None
        self._brush = brush
        self._strength = strength
        self._dabs = dabs or Dabs()
        self._trail = Trail(brush, document.bounds)
        self._reach = reach_of(brush.size, brush.hardness)
        self._carried: Wet | None = None

    def add(self, sample: Sample) -> Rect:
        """Smudges on to a sample; returns the rectangle that changed, which the views have been told of already."""
        return self._smear(self._trail.add(sample))

    def turn(self) -> None:
        """Makes a corner of the last sample."""
        self._trail.turn()

    def end(self) -> Rect:
        """Ends the stroke; as `add`."""
        return self._smear(self._trail.end())

    def _smear(self, dabs: Iterable[Dab]) -> Rect:
        changed = NOWHERE
        for dab in dabs:
            changed = changed | self._rub(dab)
        self._edit.touch(self._surface, changed)
        return changed

    def _rub(self, dab: Dab) -> Rect:
        """Lays one dab of what is carried; returns what it changed."""
        brush = self._brush
        place, print_ = self._dabs.place(dab.x, dab.y, dab.size, brush.hardness, brush.roundness, dab.angle)
        window = Rect(place.x + place.width // 2, place.y + place.height // 2, 1, 1).expanded(self._reach)
        part = place & self._document.bounds
        if part.empty:
            return NOWHERE
        here = self._read(window)
        if self._carried is None:
            self._carried = here.astype(np.float32)
            return NOWHERE
        keeps = self._strength * brush.flow * dab.flow
        cv2.accumulateWeighted(here, self._carried, 1.0 - keeps)
        amount = print_[part.slices(place)].astype(np.float32) * np.float32(brush.opacity * dab.opacity / 255.0)
        limit = limits(self._document, self._surface, part)
        if limit is not None:
            amount *= limit.astype(np.float32) * np.float32(1.0 / 255.0)
        cut = part.slices(window)
        self._write(part, self._mixed(here[cut], self._carried[cut], amount))
        return part

    def _mixed(self, here: Pixels, carried: Wet, amount: Wet) -> Pixels:
        if here.ndim == 3:
            amount = amount[..., None]
        below = here.astype(np.float32)
        wet = below + (carried - below) * amount
        if self._alpha is not None:
            # The colour of the mixture, as opaque as the pixel was.
            wet *= (below[..., self._alpha] / np.maximum(wet[..., self._alpha], 1e-6))[..., None]
        mixed: Any = np.rint(wet, out=wet).astype(here.dtype)
        if self._alpha is not None:
            locked = here[..., self._alpha : self._alpha + 1]
            np.minimum(mixed, locked, out=mixed)
            mixed[..., self._alpha] = locked[..., 0]
            np.copyto(mixed, here, where=(carried[..., self._alpha] < 0.5)[..., None])
        return np.asarray(mixed)

    def _read(self, window: Rect) -> Pixels:
        """The surface as it is now; outside the canvas what lies nearest inside it."""
        inside = window & self._document.bounds
        pixels = self._plane.read(inside)
        if inside == window:
            return pixels
        sides = (
            inside.y - window.y,
            window.bottom - inside.bottom,
            inside.x - window.x,
            window.right - inside.right,
        )
        return np.asarray(cv2.copyMakeBorder(pixels, *sides, cv2.BORDER_REPLICATE))

    def _write(self, part: Rect, pixels: Pixels) -> None:
        for index in part.tiles():
            tile = tile_rect(index)
            piece = part & tile
            new = pixels[piece.slices(part)]
            if index in self._plane.tiles or new.any():
                self._edit.write(self._surface, index)[piece.slices(tile)] = new
