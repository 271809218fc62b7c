from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scumble.document import Rect
from scumble.document.homography import apply, in_whole_pixels, inverse
from scumble.tools.dragging import Keys, dragged
from scumble.tools.transforming import (
    ON_BOX,
    Figures,
    Handle,
    Shape,
    figures,
    flipped,
    hit,
    turned_by_quarters,
    with_figures,
)

BOX = Rect(100, 50, 200, 120)
START = Shape.untouched(BOX)
CORNERS = [handle for handle in ON_BOX if handle.corner]
SIDES = [handle for handle in ON_BOX if handle.side]
OPPOSITE = {
    Handle.TOP_LEFT: Handle.BOTTOM_RIGHT,
    Handle.TOP_RIGHT: Handle.BOTTOM_LEFT,
    Handle.BOTTOM_RIGHT: Handle.TOP_LEFT,
    Handle.BOTTOM_LEFT: Handle.TOP_RIGHT,
    Handle.TOP: Handle.BOTTOM,
    Handle.BOTTOM: Handle.TOP,
    Handle.LEFT: Handle.RIGHT,
    Handle.RIGHT: Handle.LEFT,
}
shifts = st.tuples(st.floats(-60, 60), st.floats(-40, 40))


def turned(degrees=30.0):
    shape = with_figures(START, replace(figures(START), angle=degrees))
    assert shape is not None
    return shape


def bent():
    shape = dragged(START, Handle.TOP_LEFT, (100, 50), (130, 80), Keys(ctrl=True))
    assert shape is not None
    assert shape.perspective
    return shape


def drag(shape, handle, by, **keys):
    grip = shape.place(handle)
    return dragged(shape, handle, grip, (grip[0] + by[0], grip[1] + by[1]), Keys(**keys))


@pytest.mark.parametrize("shape", [START, turned(), bent()], ids=["upright", "turned", "bent"])
@pytest.mark.parametrize("handle", ON_BOX)
def test_a_handle_is_found_where_it_is_and_near_it(shape, handle):
    x, y = shape.place(handle)
    assert hit(shape, (x + 2, y - 2), 5) is handle


def test_what_is_found_elsewhere():
    assert hit(START, START.centre, 5) is Handle.PIVOT
    assert hit(START, (150, 70), 5) is Handle.INSIDE
    assert hit(START, (20, 20), 5) is Handle.OUTSIDE
    corner = START.place(Handle.TOP_LEFT)
    assert hit(START, (corner[0] - 6, corner[1]), 5) is Handle.OUTSIDE
    assert hit(START, (corner[0] - 6, corner[1]), 10) is Handle.TOP_LEFT


@given(shifts, st.sampled_from(ON_BOX), st.sampled_from([0.0, 30.0, -120.0]))
def test_a_dragged_handle_is_under_the_pointer_and_the_opposite_one_stays(by, handle, angle):
    shape = turned(angle) if angle else START
    moved = drag(shape, handle, by)
    assert moved is not None
    assert moved.place(OPPOSITE[handle]) == pytest.approx(shape.place(OPPOSITE[handle]), abs=1e-6)
    if handle.corner:
        wanted = (shape.place(handle)[0] + by[0], shape.place(handle)[1] + by[1])
        assert moved.place(handle) == pytest.approx(wanted, abs=1e-6)


@given(shifts, st.sampled_from(SIDES))
def test_a_side_scales_one_axis(by, handle):
    moved = drag(START, handle, by)
    assert moved is not None
    level = handle in (Handle.LEFT, Handle.RIGHT)
    assert (figures(moved).height if level else figures(moved).width) == pytest.approx(120 if level else 200)


@given(shifts, st.sampled_from(CORNERS), st.booleans())
def test_shift_keeps_the_ratio_and_frees_it_when_linked(by, handle, linked):
    kept = drag(START, handle, by, shift=not linked, linked=linked)
    assert kept is not None
    assert figures(kept).width / figures(kept).height == pytest.approx(200 / 120)
    free = drag(START, handle, (37, 11), shift=linked, linked=linked)
    assert free is not None
    assert figures(free).width / figures(free).height != pytest.approx(200 / 120)


@given(shifts, st.sampled_from(ON_BOX))
def test_alt_scales_about_the_pivot(by, handle):
    moved = drag(START, handle, by, alt=True)
    assert moved is not None
    assert moved.centre == pytest.approx(START.centre)
    middle = [sum(corner[axis] for corner in moved.corners) / 4 for axis in (0, 1)]
    assert middle == pytest.approx(START.centre)


def test_dragging_past_the_opposite_side_flips():
    moved = drag(START, Handle.RIGHT, (-300, 0))
    assert moved is not None
    assert figures(moved).width == pytest.approx(-100)
    assert moved.place(Handle.LEFT) == START.place(Handle.LEFT)


@pytest.mark.parametrize("handle", ON_BOX)
def test_nothing_shrinks_to_less_than_a_pixel(handle):
    opposite = START.place(OPPOSITE[handle])
    moved = dragged(START, handle, START.place(handle), opposite, Keys())
    assert moved is not None
    assert abs(figures(moved).width) >= 1 - 1e-9
    assert abs(figures(moved).height) >= 1 - 1e-9


def test_a_drag_inside_moves_by_whole_pixels_and_with_shift_along_one_axis():
    moved = dragged(START, Handle.INSIDE, (150.2, 70.9), (163.4, 66.0), Keys())
    assert moved is not None
    assert (moved.matrix == [[1, 0, 13], [0, 1, -5], [0, 0, 1]]).all()
    level = dragged(START, Handle.INSIDE, (150, 70), (163, 66), Keys(shift=True))
    assert level is not None
    assert (level.matrix[:2, 2] == (13, 0)).all()


@given(st.floats(-179, 179), st.floats(20, 300))
def test_a_drag_outside_turns_about_the_pivot(angle, distance):
    centre = START.centre
    grip = (centre[0] + distance, centre[1])
    radians = math.radians(angle)
    point = (centre[0] + distance * math.cos(radians), centre[1] + distance * math.sin(radians))
    moved = dragged(START, Handle.OUTSIDE, grip, point, Keys())
    assert moved is not None
    assert figures(moved).angle == pytest.approx(angle, abs=1e-6)
    assert moved.centre == pytest.approx(centre)
    snapped = dragged(turned(7.0), Handle.OUTSIDE, grip, point, Keys(shift=True))
    assert snapped is not None
    remainder = figures(snapped).angle % 15
    assert min(remainder, 15 - remainder) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("shape", [START, turned(), bent()], ids=["upright", "turned", "bent"])
def test_the_pivot_is_dragged_without_moving_anything_else(shape):
    moved = dragged(shape, Handle.PIVOT, shape.centre, (140, 90), Keys())
    assert moved is not None
    assert moved.centre == pytest.approx((140, 90))
    assert moved.corners == shape.corners
    turn = turned_by_quarters(moved, 1)
    assert turn is not None
    assert math.dist(turn.centre, (140, 90)) < 1


@given(shifts, st.sampled_from(CORNERS))
def test_ctrl_on_a_corner_moves_that_corner_alone(by, handle):
    assume(any(abs(part) > 1 for part in by))
    moved = drag(START, handle, by, ctrl=True)
    assert moved is not None
    for corner in CORNERS:
        x, y = START.place(corner)
        wanted = (x + by[0], y + by[1]) if corner is handle else (x, y)
        assert moved.place(corner) == pytest.approx(wanted, abs=1e-5)


def test_ctrl_and_shift_on_a_corner_move_its_neighbour_the_other_way():
    moved = drag(START, Handle.TOP_LEFT, (20, 3), ctrl=True, shift=True)
    assert moved is not None
    assert moved.place(Handle.TOP_LEFT) == pytest.approx((120, 50))
    assert moved.place(Handle.TOP_RIGHT) == pytest.approx((280, 50))
    assert moved.place(Handle.BOTTOM_RIGHT) == pytest.approx((300, 170))
    down = drag(START, Handle.TOP_LEFT, (2, 20), ctrl=True, shift=True)
    assert down is not None
    assert down.place(Handle.BOTTOM_LEFT) == pytest.approx((100, 150))


@given(shifts, st.sampled_from(SIDES))
def test_ctrl_on_a_side_moves_both_of_its_corners(by, handle):
    moved = drag(START, handle, by, ctrl=True)
    assert moved is not None
    assert not moved.perspective
    assert moved.place(OPPOSITE[handle]) == pytest.approx(START.place(OPPOSITE[handle]), abs=1e-6)
    x, y = START.place(handle)
    assert moved.place(handle) == pytest.approx((x + by[0], y + by[1]), abs=1e-5)


@given(shifts, st.sampled_from(SIDES), st.sampled_from([0.0, 25.0]))
def test_ctrl_and_shift_on_a_side_slant_along_it(by, handle, angle):
    shape = turned(angle) if angle else START
    moved = drag(shape, handle, by, ctrl=True, shift=True)
    assert moved is not None
    assert not moved.perspective
    assert moved.place(OPPOSITE[handle]) == pytest.approx(shape.place(OPPOSITE[handle]), abs=1e-6)
    assert np.linalg.det(moved.matrix) == pytest.approx(1.0)


def test_a_corner_cannot_be_dragged_so_far_that_the_box_folds():
    assert drag(START, Handle.TOP_LEFT, (190, 110), ctrl=True) is None
    assert drag(START, Handle.TOP_LEFT, (500, 500), ctrl=True) is None
    assert drag(START, Handle.RIGHT, (1e7, 0)) is None


@given(
    st.floats(-300, 300),
    st.floats(-300, 300),
    st.floats(2, 900),
    st.floats(2, 900),
    st.floats(-179, 179),
    st.floats(-80, 80),
    st.booleans(),
)
def test_numbers_that_are_typed_are_the_numbers_that_are_shown(x, y, width, height, angle, skew, mirrored):
    shape = START
    for name, value in {"width": -width if mirrored else width, "height": height, "angle": angle, "skew": skew}.items():
        changed = with_figures(shape, replace(figures(shape), **{name: value}))
        assert changed is not None
        assert changed.centre == pytest.approx(shape.centre, abs=1e-5)
        shape = changed
    for name, value in {"x": x, "y": y}.items():
        shape = with_figures(shape, replace(figures(shape), **{name: value}))
    wanted = Figures(x, y, -width if mirrored else width, height, angle, skew)
    seen = figures(shape)
    for name in ("x", "y", "width", "height", "skew"):
        assert getattr(seen, name) == pytest.approx(getattr(wanted, name), rel=1e-5, abs=1e-4)
    assert (seen.angle - angle) % 360 == pytest.approx(0, abs=1e-4) or (seen.angle - angle) % 360 == pytest.approx(
        360, abs=1e-4
    )


def test_impossible_numbers_are_refused():
    now = figures(START)
    for wrong in ({"width": 0}, {"height": 0}, {"skew": 89.5}, {"width": 1e9}):
        assert with_figures(START, replace(now, **wrong)) is None


@pytest.mark.parametrize("box", [Rect(0, 0, 5, 4), Rect(-3, 7, 11, 11), Rect(10, 20, 100, 33)])
def test_turns_and_flips_land_on_whole_pixels(box):
    start = Shape.untouched(box)
    shape = start
    for _ in range(4):
        shape = turned_by_quarters(shape, 1)
        assert in_whole_pixels(shape.matrix) is not None
    assert shape.matrix[:2, :2].tolist() == [[1, 0], [0, 1]]
    for across in (True, False):
        twice = flipped(flipped(start, across=across), across=across)
        assert in_whole_pixels(flipped(start, across=across).matrix) is not None
        assert twice.unchanged


def test_there_and_back_is_unchanged():
    shape = turned(33.0)
    assert not shape.unchanged
    back = with_figures(shape, replace(figures(shape), angle=0.0))
    assert back is not None
    assert back.unchanged
    assert START.unchanged


@given(shifts, shifts)
def test_every_drag_in_a_session_is_one_map_in_the_end(first, second):
    """What was dragged twice is the box through one matrix, and the box's own pixels can be found again."""
    shape = drag(START, Handle.BOTTOM_RIGHT, first)
    shape = drag(shape, Handle.OUTSIDE, second)
    assume(shape is not None)
    for corner in CORNERS:
        assert apply(inverse(shape.matrix), shape.place(corner)) == pytest.approx(shape.own(corner), abs=1e-5)
