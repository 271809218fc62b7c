"""A curve from 0…1 to 0…1 that a person draws: what the pen's pressure or tilt does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

CurvePoint: TypeAlias = tuple[float, float]
"""Where a curve passes: input and output, each 0…1."""

STRAIGHT: Final[tuple[CurvePoint, ...]] = ((0.0, 0.0), (1.0, 1.0))
"""The points of the curve that changes nothing."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Passes smoothly through `points`, whose inputs rise from 0 to 1; it never leaves the range of its points.

    ValueError for fewer than two points, inputs that do not rise from 0 to 1, or an output outside 0…1. Between points
    it is a cubic Hermite curve with the tangents of Fritsch and Carlson (1980), so that it rises and falls only where
    its points do.
    """

    points: tuple[CurvePoint, ...] = STRAIGHT

    def __post_init__(self) -> None:
        inputs = [point[0] for point in self.points]
        rises = all(before < after for before, after in pairwise(inputs))
        if len(inputs) < 2 or inputs[0] != 0.0 or inputs[-1] != 1.0 or not rises:
            raise ValueError(f"the inputs of a curve rise from 0 to 1: {self.points}")
        if not all(0.0 <= point[1] <= 1.0 for point in self.points):
            raise ValueError(f"the outputs of a curve are 0…1: {self.points}")

    def table(self, entries: int = 256) -> NDArray[np.float64]:
        """The outputs for `entries` inputs that are evenly spread over 0…1, as float64 in 0…1."""
        x = np.array([point[0] for point in self.points], np.float64)
        y = np.array([point[1] for point in self.points], np.float64)
        steps = np.diff(x)
        slopes = np.diff(y) / steps
        tangents = _tangents(steps, slopes)
        at = np.linspace(0.0, 1.0, entries)
        piece = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(steps) - 1)
        step = steps[piece]
        t = (at - x[piece]) / step
        left = y[piece] * (1 + 2 * t) * (1 - t) ** 2 + tangents[piece] * step * t * (1 - t) ** 2
        right = y[piece + 1] * t * t * (3 - 2 * t) + tangents[piece + 1] * step * t * t * (t - 1)
        return np.clip(left + right, 0.0, 1.0)


def _tangents(steps: NDArray[np.float64], slopes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slopes at the points: 0 at a turn, otherwise the weighted harmonic mean of the slopes on both sides."""
    tangents = np.concatenate((slopes[:1], np.zeros(len(slopes) - 1), slopes[-1:]))
    before, after = slopes[:-1], slopes[1:]
    same = (np.sign(before) == np.sign(after)) & (np.minimum(abs(before), abs(after)) > 1e-9)
    near, far = 2 * steps[1:] + steps[:-1], steps[1:] + 2 * steps[:-1]
    inner = tangents[1:-1]
    inner[same] = ((near + far)[same]) / (near[same] / before[same] + far[same] / after[same])
    return tangents
