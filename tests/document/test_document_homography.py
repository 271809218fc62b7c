from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scumble.document import Rect
from scumble.document import homography as h

coordinate = st.floats(-500, 500, allow_nan=False)
points = st.tuples(coordinate, coordinate)
rects = st.builds(Rect, st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 200), st.integers(1, 200))
bends = st.floats(-0.3, 0.3)


@st.composite
def quads(draw):
    """A rectangle with its corners pushed about, by less than folds it; sometimes flipped."""
    rect = draw(rects)
    quad = []
    for x, y in h.corners_of(rect):
        quad.append((x + draw(bends) * rect.width, y + draw(bends) * rect.height))
    if draw(st.booleans()):
        quad = [quad[1], quad[0], quad[3], quad[2]]
    assume(h.convex(quad))
    return rect, quad


@given(quads())
def test_corners_go_exactly_where_they_were_put(case):
    rect, quad = case
    matrix = h.onto(rect, quad)
    for corner, wanted in zip(h.corners_of(rect), quad, strict=True):
        assert h.apply(matrix, corner) == pytest.approx(wanted, abs=1e-6)


@given(quads(), st.floats(0, 1), st.floats(0, 1))
def test_there_and_back_again(case, across, down):
    rect, quad = case
    matrix = h.onto(rect, quad)
    point = (rect.x + across * rect.width, rect.y + down * rect.height)
    assert h.apply(h.inverse(matrix), h.apply(matrix, point)) == pytest.approx(point, abs=1e-5)


@given(st.floats(-720, 720), points, points)
def test_turning_keeps_the_centre_and_every_distance(angle, centre, point):
    matrix = h.rotation(angle, centre)
    assert h.apply(matrix, centre) == pytest.approx(centre, abs=1e-6)
    assert math.dist(h.apply(matrix, point), centre) == pytest.approx(math.dist(point, centre), abs=1e-6)


@given(points, st.floats(-5, 5), st.floats(-5, 5), points)
def test_maps_one_after_the_other_are_one_map(centre, sx, sy, point):
    first, second = h.scaling(sx, sy, centre), h.rotation(30, centre)
    assert h.apply(second @ first, point) == pytest.approx(h.apply(second, h.apply(first, point)), abs=1e-6)


def test_a_positive_angle_turns_clockwise_as_seen():
    assert h.apply(h.rotation(90), (1, 0)) == (0, 1)


@pytest.mark.parametrize("quarters", range(-4, 5))
def test_quarter_turns_are_exact(quarters):
    matrix = h.rotation(90 * quarters, (3.5, 2.5))
    assert set(np.unique(matrix[:2, :2])) <= {-1.0, 0.0, 1.0}
    assert h.in_whole_pixels(h.rotation(90 * quarters)) is not None


@pytest.mark.parametrize(
    ("matrix", "whole"),
    [
        (h.identity(), True),
        (h.translation(3, -8), True),
        (h.translation(3 + 1e-9, -8), True),
        (h.translation(0.5, 0), False),
        (h.scaling(-1, 1, (2.5, 0)), True),
        (h.scaling(-1, 1, (2.25, 0)), False),
        (h.scaling(2, 1), False),
        (h.scaling(1.0001, 1), False),
        (h.rotation(90, (4, 2)), True),
        (h.rotation(45), False),
        (h.shear(1, 0), False),
        (h.onto(Rect(0, 0, 10, 10), [(0, 0), (10, 0), (10, 10), (1, 10)]), False),
    ],
)
def test_maps_that_take_whole_pixels_onto_whole_pixels_are_known(matrix, whole):
    assert (h.in_whole_pixels(matrix) is not None) is whole


def test_turning_there_and_back_is_no_change_in_spite_of_rounding():
    matrix = h.rotation(33.3, (812.5, 77)) @ h.rotation(-33.3, (812.5, 77))
    assert h.unmoved(matrix)
    assert not h.unmoved(h.translation(1, 0))


@pytest.mark.parametrize(
    "quad",
    [
        [(0, 0), (10, 0), (0, 10), (10, 10)],
        [(0, 0), (10, 0), (3, 3), (0, 10)],
        [(0, 0), (5, 0), (10, 0), (0, 10)],
        [(0, 0), (0, 0), (0, 0), (0, 0)],
    ],
)
def test_a_folded_figure_is_refused(quad):
    with pytest.raises(ValueError, match="convex"):
        h.onto(Rect(0, 0, 10, 10), quad)


@given(quads())
def test_bounds_hold_every_corner(case):
    rect, quad = case
    bounds = h.bounds_of(h.onto(rect, quad), rect)
    for x, y in quad:
        assert bounds.x - 1e-3 <= x <= bounds.right + 1e-3
        assert bounds.y - 1e-3 <= y <= bounds.bottom + 1e-3


@given(quads(), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_reach_is_how_far_a_small_step_takes(case, across, down):
    rect, quad = case
    matrix = h.onto(rect, quad)
    point = (rect.x + across * rect.width, rect.y + down * rect.height)
    step = 1e-5
    moved = [h.apply(matrix, (point[0] + dx, point[1] + dy)) for dx, dy in ((step, 0), (0, step))]
    start = h.apply(matrix, point)
    assert h.reach(matrix, point) == pytest.approx([math.dist(end, start) / step for end in moved], rel=1e-2, abs=1e-3)


def test_what_crosses_the_horizon_may_be_anywhere():
    matrix = np.array([[1.0, 0, 0], [0, 1, 0], [-0.01, 0, 1]])
    limit = Rect(0, 0, 1000, 1000)
    assert h.reached(matrix, Rect(50, 0, 100, 10), limit) == limit
    assert h.reached(matrix, Rect(0, 0, 50, 10), limit).right == 100


@given(rects, st.floats(-180, 180))
def test_moving_turning_and_scaling_keep_parallels_and_a_bend_does_not(rect, degrees):
    assert h.affine(h.translation(3, 4) @ h.rotation(degrees) @ h.scaling(2, 0.5) @ h.shear(0.3, 0.0))
    corners = list(h.corners_of(rect))
    corners[0] = (rect.x + rect.width / 3, rect.y + rect.height / 3)
    assert not h.affine(h.onto(rect, corners))
