"""A stroke: samples in, dabs along a smooth path, tiles out.

Dabs gather in a buffer of coverage of their own; each pixel of the surface is then the pixel before the stroke moved
towards the colour by that coverage, so that a stroke that crosses itself does not get darker than its opacity.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scumble.document import NOWHERE, TILE, Document, Pixels, Rect, SurfaceId, TileIndex, Transaction, tile_rect
from scumble.paint.brush import MIN_SIZE, Brush, Sample
from scumble.paint.dabs import Dabs
from scumble.paint.mix import check_unlocked, depth_table, limits, looked_up, mix, target_colour

PRESSURE_STEPS = 64
"""Pressure takes effect in this many steps, so that a changing diameter finds its prints in the store."""

MIN_STEP = 0.5
"""The least distance between dabs, in pixels."""

SHARP_TURN = 0.5
"""The cosine of the turn (60°) from which on a corner stays a corner."""


class Stroke:
    """One stroke on a surface, inside a transaction that the caller commits or rolls back.

    Paints a layer's colours, a layer mask or the selection; on the latter two with the luma of `colour`, thus white
    adds. `erase` takes away from either. What is selected limits it, except on the selection itself, and so does the
    canvas. The same samples make the same pixels. ValueError when the layer, or a group round it, is locked.
    """

    def __init__(
        self,
        document: Document,
        transaction: Transaction,
        surface: SurfaceId,
        brush: Brush,
        colour: tuple[float, float, float] = (1.0, 1.0, 1.0),
        erase: bool = False,
        dabs: Dabs | None = None,
    ) -> None:
        check_unlocked(document, surface)
        self._document = document
        self._edit = transaction
        self._surface = surface
        self._plane = document.surface(surface)
        self._bounds = document.bounds
        self._brush = brush
        self._dabs = dabs or Dabs()
        self._colour = target_colour(document, surface, colour, erase)
        self._erase = erase
        self._table = depth_table(self._plane.dtype, brush.opacity)
        self._depth = depth_table(self._plane.dtype)
        self._coverage: dict[TileIndex, NDArray[np.uint8]] = {}
        self._before: dict[TileIndex, Pixels | None] = {}
        self._last: Sample | None = None
        self._heading: tuple[float, float] | None = None
        self._left = 0.0

    def add(self, sample: Sample) -> Rect:
        """Paints on to a sample; returns the rectangle that changed, which the views have been told of already."""
        if self._last is None:
            self._last = sample
            self._left = self._step(sample.pressure)
            return self._apply(self._stamp(sample.x, sample.y, sample.pressure))
        sample = self._smoothed(self._last, sample)
        touched: dict[TileIndex, Rect] = {}
        for x, y, pressure in self._dabs_between(self._last, sample):
            for index, part in self._stamp(x, y, pressure).items():
                touched[index] = touched.get(index, NOWHERE) | part
        self._last = sample
        return self._apply(touched)

    def _smoothed(self, last: Sample, sample: Sample) -> Sample:
        amount = 1.0 - self._brush.smoothing
        if amount == 1.0:
            return sample
        x, y = last.x + (sample.x - last.x) * amount, last.y + (sample.y - last.y) * amount
        return Sample(x, y, sample.pressure, sample.time)

    def _dabs_between(self, start: Sample, end: Sample) -> Iterator[tuple[float, float, float]]:
        """Places and pressures of the dabs that fall between two samples, `spacing` apart along the path."""
        points = self._path(start, end)
        pieces = len(points) - 1
        at = self._left
        for number, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
            length = math.hypot(x1 - x0, y1 - y0)
            while at <= length and length > 0.0:
                part = at / length
                pressure = start.pressure + (end.pressure - start.pressure) * (number + part) / pieces
                yield x0 + (x1 - x0) * part, y0 + (y1 - y0) * part, pressure
                at += self._step(pressure)
            at -= length
        self._left = at

    def _path(self, start: Sample, end: Sample) -> list[tuple[float, float]]:
        """Points of a curve between two samples that leaves the first as the stroke arrived there.

        A cubic Hermite curve whose tangents are the chord before and the chord itself: it passes through every
        sample, has no corners but the sharp turns of the hand, and needs no look ahead, so that ink keeps up.
        """
        dx, dy = end.x - start.x, end.y - start.y
        length = math.hypot(dx, dy)
        straight = [(start.x, start.y), (end.x, end.y)]
        if length == 0.0:
            return straight
        heading, self._heading = self._heading, (dx / length, dy / length)
        if heading is None or length < 2.0 or (heading[0] * dx + heading[1] * dy) / length < SHARP_TURN:
            return straight
        pieces = min(max(math.ceil(length / 4.0), 3), 48)
        leave_x, leave_y = heading[0] * length, heading[1] * length
        points = []
        for number in range(pieces + 1):
            t = number / pieces
            leaving, arriving = t * (1 - t) ** 2, t * t * (t - 1)
            along = t * t * (3 - 2 * t) + arriving
            points.append((start.x + along * dx + leaving * leave_x, start.y + along * dy + leaving * leave_y))
        return points

    def _size(self, pressure: float) -> float:
        if not self._brush.pressure_size:
            return self._brush.size
        return max(self._brush.size * _stepped(pressure), MIN_SIZE)

    def _step(self, pressure: float) -> float:
        return max(self._size(pressure) * self._brush.spacing, MIN_STEP)

    def _stamp(self, x: float, y: float, pressure: float) -> dict[TileIndex, Rect]:
        """Adds a dab to the coverage; returns the part of each tile that it touched."""
        place, dab = self._dabs.place(x, y, self._size(pressure), self._brush.hardness)
        if self._brush.pressure_opacity:
            dab = looked_up(dab, depth_table(dab.dtype, _stepped(pressure)))
        touched: dict[TileIndex, Rect] = {}
        inside = place & self._bounds
        for index in inside.tiles():
            tile = tile_rect(index)
            part = inside & tile
            coverage = self._coverage.get(index)
            if coverage is None:
                coverage = self._coverage[index] = np.zeros((TILE, TILE), np.uint8)
            piece, print_ = coverage[part.slices(tile)], dab[part.slices(place)]
            if not (print_ > piece).any():
                continue
            if self._brush.flow < 1.0:
                rise = np.maximum(print_, piece) - piece
                piece += np.ceil(rise * np.float32(self._brush.flow)).astype(np.uint8)
            else:
                np.maximum(piece, print_, out=piece)
            touched[index] = part
        return touched

    def _apply(self, touched: dict[TileIndex, Rect]) -> Rect:
        """Carries the coverage of the touched parts over to the surface."""
        written: list[Rect] = []
        for index, part in touched.items():
            tile = tile_rect(index)
            amount = looked_up(self._coverage[index][part.slices(tile)], self._table)
            limit = limits(self._document, self._surface, part)
            if limit is not None:
                amount = mix(np.zeros_like(amount), amount, looked_up(limit, self._depth))
            before = self._original(index)
            if (before is None and self._erase) or not amount.any():
                continue
            pixels = self._edit.write(self._surface, index)[part.slices(tile)]
            below = np.zeros_like(pixels) if before is None else before[part.slices(tile)]
            pixels[...] = mix(below, self._colour, amount)
            written.append(part)
        return self._tell(written)

    def _original(self, index: TileIndex) -> Pixels | None:
        """The tile as it was when this stroke first came to it; None where there was none."""
        if index not in self._before:
            tile = self._plane.tiles.get(index)
            pixels = None if tile is None else tile.pixels
            # Only a tile that an earlier stroke of the same transaction made can still change.
            self._before[index] = pixels.copy() if pixels is not None and pixels.flags.writeable else pixels
        return self._before[index]

    def _tell(self, written: list[Rect]) -> Rect:
        """Touches one rectangle, or many where one would be mostly empty."""
        whole = NOWHERE
        for part in written:
            whole = whole | part
        if whole.area > 2 * sum(part.area for part in written):
            for part in written:
                self._edit.touch(self._surface, part)
        else:
            self._edit.touch(self._surface, whole)
        return whole


def _stepped(pressure: float) -> float:
    return round(min(max(pressure, 0.0), 1.0) * PRESSURE_STEPS) / PRESSURE_STEPS
