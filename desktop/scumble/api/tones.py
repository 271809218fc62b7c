"""Tone curves and levels as a parameter holds them: text that a form, a file and a command line can carry.

The window draws with the same functions that a plugin computes with, so that a curve does what it looks like.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAX_POINTS: Final = 32
"""How many points a curve may have."""

MIN_GAMMA, MAX_GAMMA = 0.1, 10.0
"""The bounds of a gamma in levels."""

MIN_GAP: Final = 1 / 512
"""How far apart two points of a curve, or black and white in levels, are at least: half a step of 8 bits."""

_PLACES: Final = 5

CurvePoints = tuple[tuple[float, float], ...]
"""Points (x, y) in 0…1 whose x rises."""

Tones = NDArray[np.floating[Any]]


def parse_curve(text: str) -> CurvePoints:
    """“0,0 0.5,0.6 1,1” → points. ValueError where it is no curve: 2 to 32 points in 0…1, each further right."""
    points = tuple(_point(part) for part in text.split())
    if not 2 <= len(points) <= MAX_POINTS:
        raise ValueError(f"a curve has 2 to {MAX_POINTS} points")
    gaps = [right[0] - left[0] for left, right in itertools.pairwise(points)]
    if min(gaps) < MIN_GAP - 1e-9:
        raise ValueError("each point of a curve lies further right than the one before")
    return points


def curve_text(points: CurvePoints) -> str:
    """Points → text, with as many places as 16 bits have use for."""
    return " ".join(f"{_plain(x)},{_plain(y)}" for x, y in points)


def curve_at(points: CurvePoints, values: Tones) -> Tones:
    """The natural cubic spline through the points, clipped to 0…1; level before the first and after the last.

    Formula: Press et al., Numerical Recipes, §3.3 (second derivatives from a tridiagonal system, 0 at both ends).
    """
    xs, ys = (np.array(side, np.float64) for side in zip(*points, strict=True))
    steps = np.diff(xs)
    bends = np.zeros(len(xs))
    if len(xs) > 2:
        system = np.diag((steps[:-1] + steps[1:]) / 3.0)
        system += np.diag(steps[1:-1] / 6.0, 1) + np.diag(steps[1:-1] / 6.0, -1)
        bends[1:-1] = np.linalg.solve(system, np.diff(np.diff(ys) / steps))
    inside = np.clip(np.asarray(values, np.float64), xs[0], xs[-1])
    place = np.clip(np.searchsorted(xs, inside, side="right") - 1, 0, len(steps) - 1)
    width = steps[place]
    b = (inside - xs[place]) / width
    a = 1.0 - b
    cubic = ((a**3 - a) * bends[place] + (b**3 - b) * bends[place + 1]) * width**2 / 6.0
    return np.clip(a * ys[place] + b * ys[place + 1] + cubic, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Levels:
    """What becomes black and white (`black` < `white`), the gamma between, and what they come out as; all but gamma
    in 0…1."""

    black: float = 0.0
    gamma: float = 1.0
    white: float = 1.0
    low: float = 0.0
    high: float = 1.0


def parse_levels(text: str) -> Levels:
    """“0 1 1 0 1” (black, gamma, white, low, high) → levels. ValueError where they are none."""
    numbers = [_number(part) for part in text.split()]
    if len(numbers) != 5:
        raise ValueError("levels are five numbers: black, gamma, white, low, high")
    found = Levels(*numbers)
    parts = (found.black, found.white, found.low, found.high)
    if not all(0.0 <= part <= 1.0 for part in parts) or found.white - found.black < MIN_GAP - 1e-9:
        raise ValueError("levels lie in 0 to 1, and black lies below white")
    if not MIN_GAMMA <= found.gamma <= MAX_GAMMA:
        raise ValueError(f"a gamma lies in {MIN_GAMMA} to {MAX_GAMMA}")
    return found


def levels_text(levels: Levels) -> str:
    """Levels → text."""
    return " ".join(_plain(part) for part in (levels.black, levels.gamma, levels.white, levels.low, levels.high))


def levels_at(levels: Levels, values: Tones) -> Tones:
    """low + (high - low) · ((value - black) / (white - black), clipped to 0…1) ^ (1 / gamma).

    Formula: the levels of the common editors, as in the GIMP manual, “Levels”.
    """
    span = levels.white - levels.black
    part = np.clip((np.asarray(values, np.float64) - levels.black) / span, 0.0, 1.0)
    return levels.low + (levels.high - levels.low) * part ** (1.0 / levels.gamma)


def _point(text: str) -> tuple[float, float]:
    x, _, y = text.partition(",")
    point = _number(x), _number(y)
    if not all(0.0 <= side <= 1.0 for side in point):
        raise ValueError(f"the point {text} lies outside 0 to 1")
    return point


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a plain number")
    return round(number, _PLACES)


def _plain(number: float) -> str:
    return f"{round(number, _PLACES):.{_PLACES}f}".rstrip("0").rstrip(".")
