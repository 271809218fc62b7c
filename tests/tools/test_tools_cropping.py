from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.document import Rect
from scumble.tools.cropping import RATIOS, Frame, dragged, hit
from scumble.tools.transforming import ON_BOX, Handle

CANVAS = Rect(0, 0, 400, 300)
START = Frame(Rect(100, 60, 200, 120), CANVAS)
moves = st.tuples(st.integers(-90, 90), st.integers(-50, 50))
places = st.tuples(st.integers(-100, 500), st.integers(-100, 400))


def drag(frame, handle, by, near=0.0, **keys):
    grip = frame.place(handle)
    return dragged(frame, handle, grip, (grip[0] + by[0], grip[1] + by[1]), near, **keys).rect


@pytest.mark.parametrize("handle", ON_BOX)
def test_handles_are_found_where_they_are(handle):
    x, y = START.place(handle)
    assert hit(START, (x + 3, y - 3), 6) is handle
    assert hit(START, (150, 90), 6) is Handle.INSIDE
    assert hit(START, (20, 20), 6) is Handle.OUTSIDE


@given(moves, st.sampled_from(ON_BOX))
def test_a_handle_moves_its_own_edges_alone(by, handle):
    rect, old = drag(START, handle, by), START.rect
    across, down = handle.value
    assert rect.x == old.x + (by[0] if across == 0 else 0)
    assert rect.right == old.right + (by[0] if across == 1 else 0)
    assert rect.y == old.y + (by[1] if down == 0 else 0)
    assert rect.bottom == old.bottom + (by[1] if down == 1 else 0)


@given(moves, st.sampled_from(ON_BOX))
def test_with_alt_the_middle_stays(by, handle):
    rect = drag(START, handle, by, centred=True)
    assert (rect.x + rect.right, rect.y + rect.bottom) == (400, 240)


@given(moves, st.sampled_from(ON_BOX), st.sampled_from([width / height for width, height in RATIOS]), st.booleans())
def test_a_ratio_is_kept(by, handle, ratio, centred):
    frame = START.with_ratio(ratio)
    rect = drag(frame, handle, by, centred=centred)
    assert abs(rect.width - rect.height * ratio) <= 1.5 * max(ratio, 1)


@given(st.sampled_from([width / height for width, height in RATIOS]))
def test_choosing_a_ratio_keeps_the_middle_and_stays_inside(ratio):
    rect = START.with_ratio(ratio).rect
    assert START.rect.covers(rect)
    assert abs(rect.x + rect.right - 400) <= 2
    assert abs(rect.y + rect.bottom - 240) <= 2
    assert abs(rect.width - rect.height * ratio) <= 1.5 * max(ratio, 1)


@given(places, places)
def test_outside_a_new_frame_is_drawn(start, end):
    rect = dragged(START, Handle.OUTSIDE, start, end, 0.0).rect
    assert rect.x == min(start[0], end[0])
    assert rect.width == max(abs(start[0] - end[0]), 1)
    assert rect.height == max(abs(start[1] - end[1]), 1)


@given(places, places)
def test_a_square_that_is_drawn_begins_where_the_hand_began(start, end):
    rect = dragged(START, Handle.OUTSIDE, start, end, 0.0, square=True).rect
    assert abs(rect.width - rect.height) <= 1
    assert start[0] in (rect.x, rect.right) or rect.width == 1
    assert start[1] in (rect.y, rect.bottom) or rect.height == 1


@given(moves)
def test_inside_the_frame_is_moved(by):
    grip = (200, 100)
    assert dragged(START, Handle.INSIDE, grip, (200 + by[0], 100 + by[1]), 0.0).rect == START.rect.translated(*by)


def test_edges_fall_onto_the_edge_of_the_canvas():
    assert drag(START, Handle.LEFT, (-97, 0), near=5).x == 0
    assert drag(START, Handle.LEFT, (-90, 0), near=5).x == 10
    assert drag(START, Handle.BOTTOM_RIGHT, (104, 118), near=5) == Rect.from_edges(100, 60, 400, 300)
    moved = dragged(START, Handle.INSIDE, (150, 90), (53, 94), 5.0).rect
    assert moved == Rect(0, 64, 200, 120)


def test_an_edge_can_be_dragged_past_the_other_and_beyond_the_canvas():
    assert drag(START, Handle.LEFT, (250, 0)) == Rect.from_edges(300, 60, 350, 180)
    assert drag(START, Handle.RIGHT, (300, 0)).right == 600


def test_a_size_that_is_typed_keeps_the_corner():
    assert START.with_size(64, 48).rect == Rect(100, 60, 64, 48)
    assert START.with_size(0, 10**6).rect == Rect(100, 60, 1, 32768)
