"""What a hand does and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIN_SIZE: Final = 1.0
MAX_SIZE: Final = 2000.0
"""Diameters of a brush, in pixels."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A moment of a gesture: a place in document pixels, the pen's pressure 0…1, and seconds from its beginning."""

    x: float
    y: float
    pressure: float = 1.0
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Brush:
    """A round brush. ValueError for a value out of its range.

    `size` is the diameter in pixels, 1…2000. `hardness` 0…1 is the part of the radius that is solid. `opacity` 0…1
    caps what the whole stroke covers; `flow` 0…1 (not 0) is how far each dab goes towards that. `spacing` is the
    distance between dabs as a part of the diameter. `smoothing` 0…1 (not 1) makes the stroke trail the hand.
    `pressure_size` and `pressure_opacity` let the pen's pressure scale diameter and coverage.
    """

    size: float = 40.0
    hardness: float = 0.8
    opacity: float = 1.0
    flow: float = 1.0
    spacing: float = 0.1
    smoothing: float = 0.0
    pressure_size: bool = False
    pressure_opacity: bool = False

    def __post_init__(self) -> None:
        fits = (
            MIN_SIZE <= self.size <= MAX_SIZE
            and 0.0 <= self.hardness <= 1.0
            and 0.0 <= self.opacity <= 1.0
            and 0.0 < self.flow <= 1.0
            and 0.0 < self.spacing <= 10.0
            and 0.0 <= self.smoothing < 1.0
        )
        if not fits:
            raise ValueError(f"a value is out of its range: {self}")
