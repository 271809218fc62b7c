"""What a hand does and what it holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from scumble.paint.curve import Curve

MIN_SIZE: Final = 1.0
MAX_SIZE: Final = 2000.0
"""Diameters of a brush, in pixels."""

MIN_ROUNDNESS: Final = 0.02
"""How flat the ellipse of a brush can be."""

MAX_SCATTER: Final = 10.0
"""How far dabs can stray, in diameters."""

MAX_ROPE: Final = 500.0
"""The longest rope between hand and stroke, in pixels."""


STRAIGHT_LINE: Final = Curve()
"""The pen's pressure or tilt as it is."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A moment of a gesture: a place in document pixels, the pen's pressure 0…1, and seconds from its beginning.

    `tilt_x` and `tilt_y` are degrees, -90…90, by which the pen leans to the right and towards the hand.
    """

    x: float
    y: float
    pressure: float = 1.0
    time: float = 0.0
    tilt_x: float = 0.0
    tilt_y: float = 0.0

    @property
    def placed(self) -> bool:
        """Whether its place is a finite one; a broken driver reports others."""
        return math.isfinite(self.x) and math.isfinite(self.y)


@dataclass(frozen=True, slots=True)
class Brush:
    """A brush with an elliptic dab. ValueError for a value out of its range.

    *Dab.* `size` is the diameter in pixels, 1…2000. `hardness` 0…1 is the part of the radius that is solid.
    `roundness` 0.02…1 is the ellipse's short axis as a part of the long one; 1 is round. `angle` -180…180 degrees turns
    the long axis anticlockwise from the horizontal; with `follow` from the direction of the stroke, and with
    `tilt_angle` from the direction in which the pen leans (where both are on, from the sum).

    *Paint.* `opacity` 0…1 caps what the stroke covers; `flow` 0…1 (not 0) is how far each dab goes towards that.
    Without `build_up` (wash) dabs of one stroke that overlap get no darker than the darkest of them once `flow` is 1;
    with it every dab lays another coat of `flow` × `opacity` over what the stroke has laid already.

    *Path.* `spacing` 0…10 (not 0) is the distance between dabs as a part of the diameter. `smoothing` 0…1 (not 1) makes
    the stroke trail the hand; `rope` 0…500 pixels lets the hand move that far before it pulls the stroke along.

    *Chance.* `scatter` 0…10 is how far a dab may stray from the path, in diameters; `angle_jitter` 0…180 how many
    degrees it may be turned either way; `size_jitter` 0…1 by which part it may be smaller. Chance follows from where a
    stroke begins, so that the same samples make the same pixels.

    *Pen.* `pressure_size`, `pressure_opacity` and `pressure_flow` let the pressure scale diameter, coverage and flow by
    the curves `pressure_size_curve`, … (input: pressure; output: the factor). `tilt_size`, `tilt_opacity` and
    `tilt_flow` do so with the pen's tilt (input: 0 upright, 1 leaning by 60° or more; `tilt_size_curve`, …).
    """

    size: float = 40.0
    hardness: float = 0.8
    opacity: float = 1.0
    flow: float = 1.0
    spacing: float = 0.1
    smoothing: float = 0.0
    pressure_size: bool = False
    pressure_opacity: bool = False
    pressure_flow: bool = False
    pressure_size_curve: Curve = STRAIGHT_LINE
    pressure_opacity_curve: Curve = STRAIGHT_LINE
    pressure_flow_curve: Curve = STRAIGHT_LINE
    tilt_size: bool = False
    tilt_opacity: bool = False
    tilt_flow: bool = False
    tilt_size_curve: Curve = STRAIGHT_LINE
    tilt_opacity_curve: Curve = STRAIGHT_LINE
    tilt_flow_curve: Curve = STRAIGHT_LINE
    tilt_angle: bool = False
    roundness: float = 1.0
    angle: float = 0.0
    follow: bool = False
    build_up: bool = False
    rope: float = 0.0
    scatter: float = 0.0
    angle_jitter: float = 0.0
    size_jitter: float = 0.0

    def __post_init__(self) -> None:
        fits = (
            MIN_SIZE <= self.size <= MAX_SIZE
            and 0.0 <= self.hardness <= 1.0
            and 0.0 <= self.opacity <= 1.0
            and 0.0 < self.flow <= 1.0
            and 0.0 < self.spacing <= 10.0
            and 0.0 <= self.smoothing < 1.0
            and MIN_ROUNDNESS <= self.roundness <= 1.0
            and -180.0 <= self.angle <= 180.0
            and 0.0 <= self.rope <= MAX_ROPE
            and 0.0 <= self.scatter <= MAX_SCATTER
            and 0.0 <= self.angle_jitter <= 180.0
            and 0.0 <= self.size_jitter <= 1.0
        )
        if not fits:
            raise ValueError(f"a value is out of its range: {self}")
