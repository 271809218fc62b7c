"""Plane projective maps as 3 × 3 matrices, acting on column vectors (x, y, 1) in document pixels.

The pixel in column i covers i…i + 1, so that its middle is at i + ½. Formulae: Hartley and Zisserman, Multiple View
Geometry in Computer Vision, section 2.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scumble.document.geometry import Rect

Matrix: TypeAlias = NDArray[np.float64]
"""(3, 3)."""

Point: TypeAlias = tuple[float, float]

EXACT = 1e-7
"""Two numbers nearer to each other than this, for each unit of the larger, are the same but for rounding."""


def identity() -> Matrix:
    """Leaves all where it is."""
    return np.eye(3)


def from_frame(frame: Sequence[float]) -> Matrix:
    """The first two rows, one after the other, as a matrix."""
    return np.array([frame[:3], frame[3:], (0.0, 0.0, 1.0)], np.float64)


def as_frame(matrix: Matrix) -> tuple[float, float, float, float, float, float]:
    """The first two rows of an affine map, one after the other."""
    a, b, c, d, e, f = (matrix / matrix[2, 2])[:2].ravel().tolist()
    return a, b, c, d, e, f


def translation(dx: float, dy: float) -> Matrix:
    """Moves."""
    return np.array([[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]])


def about(point: Point, matrix: Matrix) -> Matrix:
    """The same map with a point in the place of the origin."""
    return translation(*point) @ matrix @ translation(-point[0], -point[1])


def scaling(sx: float, sy: float, centre: Point = (0.0, 0.0)) -> Matrix:
    """Scales both axes; negative factors flip."""
    return about(centre, np.diag([sx, sy, 1.0]))


def rotation(degrees: float, centre: Point = (0.0, 0.0)) -> Matrix:
    """Turns clockwise as seen, since y goes down; multiples of 90° are free of rounding."""
    quarters = degrees / 90.0
    if quarters == round(quarters):
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[round(quarters) % 4]
    else:
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))  # type: ignore[assignment]
    return about(centre, np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]]))


def shear(across: float, down: float, centre: Point = (0.0, 0.0)) -> Matrix:
    """Slants: x grows by `across` with every pixel down, y by `down` with every pixel across."""
    return about(centre, np.array([[1.0, across, 0.0], [down, 1.0, 0.0], [0.0, 0.0, 1.0]]))


def corners_of(rect: Rect) -> tuple[Point, Point, Point, Point]:
    """Top left, top right, bottom right, bottom left."""
    return ((rect.x, rect.y), (rect.right, rect.y), (rect.right, rect.bottom), (rect.x, rect.bottom))


def onto(rect: Rect, quad: Sequence[Point]) -> Matrix:
    """The map that takes the corners of a rectangle to four points in the order of `corners_of`.

    ValueError where they do not make a convex figure with room inside, flipped or not.
    """
    if not convex(quad):
        raise ValueError("the four points are not the corners of a convex figure")
    rows, right = [], []
    for (x, y), (u, v) in zip(corners_of(rect), quad, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    solved = np.linalg.solve(np.array(rows, np.float64), np.array(right, np.float64))
    return np.append(solved, 1.0).reshape(3, 3)


def convex(quad: Sequence[Point]) -> bool:
    """Whether four points in turn are the corners of a convex figure whose corners are all less than straight."""
    turns = []
    for place in range(4):
        (ax, ay), (bx, by), (cx, cy) = (quad[(place + step) % 4] for step in range(3))
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    least = 1e-6 * max(max(abs(turn) for turn in turns), 1e-6)
    return all(turn > least for turn in turns) or all(turn < -least for turn in turns)


def apply(matrix: Matrix, point: Point) -> Point:
    """Where a point goes."""
    x, y, w = matrix @ (point[0], point[1], 1.0)
    return float(x / w), float(y / w)


def apply_all(matrix: Matrix, points: Sequence[Point]) -> tuple[Point, ...]:
    """Where several go."""
    return tuple(apply(matrix, point) for point in points)


def inverse(matrix: Matrix) -> Matrix:
    """The way back, scaled so that its last number is 1 where it can be."""
    back: Matrix = np.linalg.inv(matrix).astype(np.float64)
    return back / back[2, 2] if abs(back[2, 2]) > 1e-12 else back


def affine(matrix: Matrix) -> bool:
    """Whether parallels stay parallel."""
    return bool(np.abs(matrix[2, :2]).max() <= 1e-12 * abs(matrix[2, 2]))


def bounds_of(matrix: Matrix, rect: Rect) -> Rect:
    """The smallest rectangle of whole pixels round where a rectangle goes, which must not cross the horizon."""
    points = apply_all(matrix, corners_of(rect))
    left, top = (min(point[axis] for point in points) for axis in (0, 1))
    right, bottom = (max(point[axis] for point in points) for axis in (0, 1))
    slack = 1e-6
    return Rect.from_edges(
        math.floor(left + slack), math.floor(top + slack), math.ceil(right - slack), math.ceil(bottom - slack)
    )


def in_whole_pixels(matrix: Matrix) -> Matrix | None:
    """The same map without its rounding errors where it takes every pixel onto another whole one, else None.

    Such are moves by whole pixels, quarter turns, flips and what they make together.
    """
    scaled = matrix / matrix[2, 2]
    near = np.rint(scaled)
    reach = np.array([[EXACT, EXACT, 1e-4], [EXACT, EXACT, 1e-4], [1e-10, 1e-10, EXACT]])
    if (np.abs(scaled - near) > reach).any() or (np.abs(near[:2, :2]).sum(axis=0) != 1).any():
        return None
    return near if (np.abs(near[:2, :2]).sum(axis=1) == 1).all() else None


def reached(matrix: Matrix, rect: Rect, limit: Rect, margin: int = 0) -> Rect:
    """The part of `limit` that a rectangle, with a margin round where it goes, may touch.

    All of it when the rectangle crosses the horizon.
    """
    depths = [float((matrix @ (x, y, 1.0))[2]) for x, y in corners_of(rect)]
    if min(depths) <= 1e-9 < max(depths) or max(abs(depth) for depth in depths) <= 1e-9:
        return limit
    return bounds_of(matrix, rect).expanded(margin) & limit


def unmoved(matrix: Matrix) -> bool:
    """Whether it leaves every pixel where it is."""
    whole = in_whole_pixels(matrix)
    return whole is not None and bool((whole == np.eye(3)).all())


def reach(matrix: Matrix, point: Point) -> tuple[float, float]:
    """How many pixels further a step of one pixel across, and one down, takes at a point: a measure of enlargement."""
    x, y, w = matrix @ (point[0], point[1], 1.0)
    across = np.hypot(matrix[0, 0] * w - x * matrix[2, 0], matrix[1, 0] * w - y * matrix[2, 0]) / (w * w)
    down = np.hypot(matrix[0, 1] * w - x * matrix[2, 1], matrix[1, 1] * w - y * matrix[2, 1]) / (w * w)
    return float(across), float(down)
