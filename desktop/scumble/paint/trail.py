"""The trail of a hand: from samples to the dabs along a smooth path, with what pen and chance do to each."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import Final, TypeAlias

from scumble.document import Rect
from scumble.paint.brush import MIN_SIZE, Brush, Sample
from scumble.paint.curve import Curve
from scumble.paint.dabs import reach_of

STEPS: Final = 64
"""Pressure, tilt and chance take effect in this many steps, so that a changing dab finds its print in the store."""

MIN_STEP: Final = 0.5
"""The least distance between dabs, in pixels."""

SHARP_TURN: Final = 0.5
"""The cosine of the turn (60°) from which on a corner stays a corner."""

FLAT: Final = 60.0
"""Degrees from upright at which a pen counts as lying flat: the most that tablets report."""

FARTHEST: Final = 1e7
"""No place of a sample is believed to be farther from the origin than this, in pixels."""

Place: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Dab:
    """One print to come: its centre, diameter, angle in degrees, and the factors 0…1 of coverage and flow."""

    x: float
    y: float
    size: float
    angle: float = 0.0
    opacity: float = 1.0
    flow: float = 1.0


class Trail:
    """Turns the samples of one stroke into dabs; the same samples give the same dabs.

    `inside` is where painting can show: dabs that reach no pixel of it are left out, however far the hand strays.
    """

    def __init__(self, brush: Brush, inside: Rect) -> None:
        self._brush = brush
        reach = reach_of(brush.size, brush.hardness) + brush.scatter * brush.size
        self._edges = (inside.x - reach, inside.y - reach, inside.right + reach, inside.bottom + reach)
        self._factors = {name: _responses(brush, name) for name in ("size", "opacity", "flow")}
        self._sensitive = brush.tilt_angle or any(self._factors.values())
        self._even = max(brush.size * brush.spacing, MIN_STEP)
        chance = brush.scatter > 0.0 or brush.angle_jitter > 0.0 or brush.size_jitter > 0.0
        self._directed = brush.follow or brush.roundness < 1.0
        self._plain = not (chance or self._directed or self._sensitive)
        self._last: Sample | None = None
        self._held: Sample | None = None
        self._heading: Place | None = None
        self._left = 0.0
        self._chance = Random()

    def add(self, sample: Sample) -> Iterator[Dab]:
        """The dabs on the way to a sample. One whose place is no number is passed over."""
        if not sample.placed:
            return
        sample = _sane(sample, self._last)
        if self._last is None:
            yield from self._begin(sample)
            return
        end = self._smoothed(self._last, sample)
        if self._held is not None and (end.x, end.y) != (self._held.x, self._held.y):
            yield from self._let_go(_angle(end.x - self._held.x, end.y - self._held.y))
        yield from self._between(self._last, end)
        self._last = end

    def turn(self) -> None:
        """Makes a corner of the last sample, whatever the direction of the next."""
        self._heading = None

    def end(self) -> Iterator[Dab]:
        """The dab of a tap whose brush follows a direction that never came."""
        yield from self._let_go(0.0)

    def _let_go(self, direction: float) -> Iterator[Dab]:
        held, self._held = self._held, None
        if held is not None and self._is_near(held, 0.0):
            yield self._dab(held.x, held.y, held, direction)

    def _begin(self, sample: Sample) -> Iterator[Dab]:
        self._last = sample
        self._chance.seed(zlib.crc32(struct.pack("<dd", sample.x, sample.y)))
        self._left = self._step(sample, 0.0)
        if self._brush.follow:
            self._held = sample
        elif self._is_near(sample, 0.0):
            yield self._dab(sample.x, sample.y, sample, 0.0)

    def _smoothed(self, last: Sample, sample: Sample) -> Sample:
        """Where the stroke goes, which is pulled along by the hand on a rope and trails it."""
        x, y = sample.x - last.x, sample.y - last.y
        if self._brush.rope > 0.0:
            pulled = max(math.hypot(x, y) - self._brush.rope, 0.0)
            part = pulled / (pulled + self._brush.rope)
            x, y = x * part, y * part
        amount = 1.0 - self._brush.smoothing
        if self._brush.rope == 0.0 and amount == 1.0:
            return sample
        return replace(sample, x=last.x + x * amount, y=last.y + y * amount)

    def _between(self, start: Sample, end: Sample) -> Iterator[Dab]:
        """Dabs between two samples, `spacing` apart along the path."""
        points = self._path(start, end)
        pieces = len(points) - 1
        near = self._is_near(start, math.hypot(end.x - start.x, end.y - start.y))
        at = self._left
        for number, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
            length = math.hypot(x1 - x0, y1 - y0)
            if length == 0.0:
                continue
            enter, leave = (0.0, 1.0) if near else self._within((x0, y0), (x1, y1))
            direction = _angle(x1 - x0, y1 - y0) if self._directed else 0.0
            if at < enter * length:
                step = self._step(start, direction)
                at += math.ceil((enter * length - at) / step) * step
            while at <= leave * length:
                part = at / length
                moment = _blend(start, end, (number + part) / pieces) if self._sensitive else end
                yield self._dab(x0 + (x1 - x0) * part, y0 + (y1 - y0) * part, moment, direction)
                at += self._step(moment, direction)
            at = max(at - length, 0.0)
        self._left = at

    def _is_near(self, sample: Sample, way: float) -> bool:
        """Whether no dab between a sample and any place so far from it can be out of reach of the canvas."""
        left, top, right, bottom = self._edges
        return left + way <= sample.x <= right - way and top + way <= sample.y <= bottom - way

    def _within(self, start: Place, end: Place) -> Place:
        """The part of a line, from 0…1 to 0…1, whose dabs can reach the canvas; (1, 0) for none (Liang–Barsky)."""
        enter, leave = 0.0, 1.0
        for axis in (0, 1):
            way = end[axis] - start[axis]
            low, high = self._edges[axis] - start[axis], self._edges[axis + 2] - start[axis]
            if way == 0.0:
                if low > 0.0 or high < 0.0:
                    return 1.0, 0.0
                continue
            near, far = sorted((low / way, high / way))
            enter, leave = max(enter, near), min(leave, far)
        return (enter, leave) if enter <= leave else (1.0, 0.0)

    def _path(self, start: Sample, end: Sample) -> list[Place]:
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

    def _factor(self, name: str, moment: Sample) -> float:
        factor = 1.0
        if not self._factors[name]:
            return factor
        for reading, table in self._factors[name]:
            factor *= table[round(reading(moment) * STEPS)]
        return _stepped(factor)

    def _size(self, moment: Sample) -> float:
        return max(self._brush.size * self._factor("size", moment), MIN_SIZE)

    def _step(self, moment: Sample, direction: float) -> float:
        """The distance to the next dab: `spacing` times what the ellipse measures along the stroke."""
        if self._plain:
            return self._even
        measure = self._size(moment)
        if self._directed:
            turn = math.radians(direction - self._angle_of(moment, direction))
            measure *= math.hypot(math.cos(turn), math.sin(turn) * self._brush.roundness)
        return max(measure * self._brush.spacing, MIN_STEP)

    def _angle_of(self, moment: Sample, direction: float) -> float:
        angle = self._brush.angle + (direction if self._brush.follow else 0.0)
        return angle + lean(moment)[1] if self._brush.tilt_angle else angle

    def _dab(self, x: float, y: float, moment: Sample, direction: float) -> Dab:
        brush, chance = self._brush, self._chance
        if self._plain:
            return Dab(x, y, brush.size, brush.angle)
        size = self._size(moment)
        angle = self._angle_of(moment, direction)
        if brush.scatter > 0.0:
            far, way = math.sqrt(chance.random()) * brush.scatter * size, chance.random() * math.tau
            x, y = x + far * math.cos(way), y + far * math.sin(way)
        if brush.angle_jitter > 0.0:
            angle += (2.0 * chance.random() - 1.0) * brush.angle_jitter
        if brush.size_jitter > 0.0:
            size = max(size * _stepped(1.0 - brush.size_jitter * chance.random()), MIN_SIZE)
        return Dab(x, y, size, angle, self._factor("opacity", moment), self._factor("flow", moment))


def lean(sample: Sample) -> tuple[float, float]:
    """How far a pen leans, 0 upright to 1 flat, and the direction in which it does, in degrees anticlockwise."""
    x, y = math.tan(math.radians(sample.tilt_x)), math.tan(math.radians(sample.tilt_y))
    return min(math.degrees(math.atan(math.hypot(x, y))) / FLAT, 1.0), _angle(x, y)


def _angle(x: float, y: float) -> float:
    """The direction of a way in document pixels, in degrees anticlockwise as it is seen."""
    return -math.degrees(math.atan2(y, x)) if x or y else 0.0


_Response: TypeAlias = tuple[Callable[[Sample], float], list[float]]


def _responses(brush: Brush, name: str) -> list[_Response]:
    """What scales size, opacity or flow: how it is read from a sample, 0…1, and the table of its curve."""
    found: list[_Response] = []
    for way, reading in (("pressure", _pressure), ("tilt", _tilt)):
        if getattr(brush, f"{way}_{name}"):
            curve: Curve = getattr(brush, f"{way}_{name}_curve")
            found.append((reading, curve.table(STEPS + 1).tolist()))
    return found


def _pressure(sample: Sample) -> float:
    return sample.pressure


def _tilt(sample: Sample) -> float:
    return lean(sample)[0]


def _stepped(factor: float) -> float:
    return round(factor * STEPS) / STEPS


def _blend(start: Sample, end: Sample, part: float) -> Sample:
    """A moment between two samples."""
    rest = 1.0 - part
    return Sample(
        end.x,
        end.y,
        start.pressure * rest + end.pressure * part,
        end.time,
        start.tilt_x * rest + end.tilt_x * part,
        start.tilt_y * rest + end.tilt_y * part,
    )


def _sane(sample: Sample, last: Sample | None) -> Sample:
    """A sample in which everything is a number and in its range, whatever the driver of a tablet says."""
    pressure = sample.pressure if not math.isnan(sample.pressure) else last.pressure if last is not None else 1.0
    tilts = [0.0 if math.isnan(tilt) else min(max(tilt, -89.0), 89.0) for tilt in (sample.tilt_x, sample.tilt_y)]
    return Sample(
        min(max(sample.x, -FARTHEST), FARTHEST),
        min(max(sample.y, -FARTHEST), FARTHEST),
        min(max(pressure, 0.0), 1.0),
        sample.time,
        *tilts,
    )
