"""Free transformation as a model without widgets: a box with handles, and what turning or typing makes of it.

Places are in document pixels; the box's own pixels are those before the transformation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np

from scumble.document import Rect
from scumble.document.homography import (
    Matrix,
    Point,
    apply,
    apply_all,
    convex,
    corners_of,
    identity,
    rotation,
    scaling,
    shear,
    translation,
    unmoved,
)

FARTHEST: Final = 200_000.0
"""Pixels from the document's corner that a corner of the box may be dragged to."""

PIVOT_REACH: Final = 0.7
"""How near the pivot must be to be taken, as a part of what is near enough for a handle."""


class Handle(Enum):
    """What can be taken hold of. Those on the box tell their place on it, 0…1 across and down."""

    TOP_LEFT = (0.0, 0.0)
    TOP = (0.5, 0.0)
    TOP_RIGHT = (1.0, 0.0)
    RIGHT = (1.0, 0.5)
    BOTTOM_RIGHT = (1.0, 1.0)
    BOTTOM = (0.5, 1.0)
    BOTTOM_LEFT = (0.0, 1.0)
    LEFT = (0.0, 0.5)
    PIVOT = "pivot"
    INSIDE = "inside"
    OUTSIDE = "outside"

    @property
    def corner(self) -> bool:
        """Whether it sits at a corner."""
        return isinstance(self.value, tuple) and 0.5 not in self.value

    @property
    def side(self) -> bool:
        """Whether it sits in the middle of a side."""
        return isinstance(self.value, tuple) and 0.5 in self.value


ON_BOX: Final = tuple(handle for handle in Handle if handle.corner or handle.side)
"""The eight round the box, clockwise from the top left."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A shape in numbers: left and top of the upright rectangle round it; its sides, a flipped one's width below 0;
    the angle of its top side and its slant, in degrees.

    Of a shape in perspective they describe the parallelogram that its top left corner makes.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float
    skew: float


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A box, the map that it went through so far, and the point, in the box's own pixels, that it turns about."""

    box: Rect
    matrix: Matrix
    pivot: Point

    @classmethod
    def untouched(cls, box: Rect) -> Shape:
        """As a transformation begins; it turns about the middle."""
        return cls(box, identity(), (box.x + box.width / 2, box.y + box.height / 2))

    @property
    def corners(self) -> tuple[Point, ...]:
        """Where the four corners are, clockwise from the top left."""
        return apply_all(self.matrix, corners_of(self.box))

    @property
    def centre(self) -> Point:
        """Where the pivot is."""
        return apply(self.matrix, self.pivot)

    @property
    def unchanged(self) -> bool:
        """Whether every pixel is where it was."""
        return unmoved(self.matrix)

    @property
    def perspective(self) -> bool:
        """Whether its opposite sides are no longer parallel."""
        return bool(np.abs(self.matrix[2, :2]).max() > 1e-9)

    def place(self, handle: Handle) -> Point:
        """Where a handle is; the middle of the box for those that have no place of their own."""
        if handle is Handle.PIVOT:
            return self.centre
        return apply(self.matrix, self.own(handle))

    def own(self, handle: Handle) -> Point:
        """A handle in the box's own pixels."""
        across, down = handle.value if isinstance(handle.value, tuple) else (0.5, 0.5)
        return self.box.x + across * self.box.width, self.box.y + down * self.box.height

    def through(self, matrix: Matrix) -> Shape | None:
        """Taken further by a map; None where that cannot be."""
        return self._with(matrix @ self.matrix)

    def within(self, matrix: Matrix) -> Shape | None:
        """With a map of the box's own pixels put before its own."""
        return self._with(self.matrix @ matrix)

    def replaced(self, matrix: Matrix) -> Shape | None:
        """With another map in the place of its own; None where that cannot be."""
        return self._with(matrix)

    def _with(self, matrix: Matrix) -> Shape | None:
        shape = replace(self, matrix=matrix / matrix[2, 2]) if abs(matrix[2, 2]) > 1e-12 else self
        depths = [(shape.matrix @ (x, y, 1.0))[2] for x, y in corners_of(self.box)]
        if min(depths) <= 1e-9 or not convex(shape.corners):
            return None
        return shape if max(abs(edge) for corner in shape.corners for edge in corner) <= FARTHEST else None


def hit(shape: Shape, point: Point, near: float) -> Handle:
    """What is at a point; `near` is how far from a handle one may be, in document pixels."""

    def distance(handle: Handle) -> float:
        return math.dist(shape.place(handle), point)

    for handles in ([handle for handle in ON_BOX if handle.corner], [handle for handle in ON_BOX if handle.side]):
        nearest = min(handles, key=distance)
        if distance(nearest) <= near:
            return nearest
    if distance(Handle.PIVOT) <= near * PIVOT_REACH:
        return Handle.PIVOT
    return Handle.INSIDE if inside(shape.corners, point) else Handle.OUTSIDE


def inside(quad: tuple[Point, ...], point: Point) -> bool:
    """Whether a point lies in a convex figure."""
    turns = []
    for place, (ax, ay) in enumerate(quad):
        bx, by = quad[(place + 1) % len(quad)]
        turns.append((bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax))
    return all(turn >= 0 for turn in turns) or all(turn <= 0 for turn in turns)


def figures(shape: Shape) -> Figures:
    """The shape in numbers."""
    corners = shape.corners
    linear = _linear(shape)
    across, down = linear[:, 0], linear[:, 1]
    determinant = across[0] * down[1] - across[1] * down[0]
    sign = 1.0 if determinant > 0 else -1.0
    width = math.hypot(*across) * sign
    height = determinant / width
    slant = float(across @ down) / (width * height)
    angle = math.degrees(math.atan2(across[1] * sign, across[0] * sign))
    return Figures(
        min(x for x, _ in corners),
        min(y for _, y in corners),
        width * shape.box.width,
        height * shape.box.height,
        angle,
        math.degrees(math.atan(slant)),
    )


def with_figures(shape: Shape, wanted: Figures) -> Shape | None:
    """The shape with other numbers, its pivot staying where it is unless x or y differ; None where it cannot be."""
    now = figures(shape)
    if not wanted.width or not wanted.height or abs(wanted.skew) >= 89.0:
        return None
    linear = np.eye(3)
    linear[:2, :2] = _linear(shape)
    turned = rotation(wanted.angle) @ shear(math.tan(math.radians(wanted.skew)), 0.0)
    made = turned @ scaling(wanted.width / shape.box.width, wanted.height / shape.box.height)
    centre = shape.centre
    same = (wanted.width, wanted.height, wanted.angle, wanted.skew) == (now.width, now.height, now.angle, now.skew)
    change = np.eye(3) if same else translation(*centre) @ made @ np.linalg.inv(linear) @ translation(*_minus(centre))
    return shape.through(translation(wanted.x - now.x, wanted.y - now.y) @ change)


def turned_by_quarters(shape: Shape, quarters: int) -> Shape | None:
    """Turned clockwise about its pivot, onto whole pixels so that nothing is lost by it."""
    return _on_whole_pixels(shape.through(rotation(90.0 * quarters, shape.centre)))


def flipped(shape: Shape, *, across: bool) -> Shape | None:
    """Left and right exchanged, or top and bottom, about its pivot and onto whole pixels."""
    factors = (-1.0, 1.0) if across else (1.0, -1.0)
    return _on_whole_pixels(shape.through(scaling(*factors, shape.centre)))


def _on_whole_pixels(shape: Shape | None) -> Shape | None:
    """A shape that differs from whole pixels only by where it lies is put there."""
    if shape is None:
        return None
    near = np.rint(shape.matrix)
    if shape.perspective or np.abs(near - shape.matrix)[:2, :2].max() > 1e-9:
        return shape
    return replace(shape, matrix=near)


def _linear(shape: Shape) -> Matrix:
    """The two sides that meet at the top left corner, for each pixel of the box; the map itself without perspective."""
    if not shape.perspective:
        linear: Matrix = shape.matrix[:2, :2] / shape.matrix[2, 2]
        return linear
    top_left, top_right, _, bottom_left = (np.array(corner) for corner in shape.corners)
    across, down = (top_right - top_left) / shape.box.width, (bottom_left - top_left) / shape.box.height
    return np.stack([across, down], axis=1)


def _minus(point: Point) -> Point:
    return -point[0], -point[1]
