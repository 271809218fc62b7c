from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.document import Rect
from scumble.paint import Dabs
from scumble.paint.dabs import reach_of, render_dab, render_ellipse


def moments(dab):
    """Centre, and the directions and lengths (standard deviations) of the axes of a print."""
    side = dab.shape[0]
    axis = np.arange(side) - side // 2
    weight = dab.astype(float)
    total = weight.sum()
    x, y = (weight.sum(0) * axis).sum() / total, (weight.sum(1) * axis).sum() / total
    right, down = axis[None, :] - x, axis[:, None] - y
    spread = [[(weight * a * b).sum() / total for b in (right, -down)] for a in (right, -down)]
    values, vectors = np.linalg.eigh(spread)
    angle = math.degrees(math.atan2(vectors[1, 1], vectors[0, 1])) % 180
    return (x, y), angle, np.sqrt(values)


@pytest.mark.parametrize("angle", [0, 20, 45, 90, 135, 170])
@pytest.mark.parametrize("hardness", [0.0, 0.5, 1.0])
def test_an_ellipse_has_its_angle_and_its_axes(angle, hardness):
    dab = render_ellipse(60.0, hardness, 0.3, angle, 0.5, 0.5)
    (x, y), found, (short, long) = moments(dab)
    assert (abs(x), abs(y)) < (0.2, 0.2)
    assert abs((found - angle + 90) % 180 - 90) < 1.5
    assert short / long == pytest.approx(0.3, abs=0.02)
    if hardness == 1.0:
        assert dab.sum() / 255 == pytest.approx(math.pi * 30 * 9, rel=0.01)


def test_an_angle_is_anticlockwise_as_seen():
    dab = render_ellipse(41.0, 1.0, 0.2, 45.0, 0.5, 0.5)
    middle = dab.shape[0] // 2
    assert dab[middle - 10, middle + 10] == 255
    assert dab[middle + 10, middle + 10] == 0


def test_the_edge_of_a_hard_ellipse_is_a_pixel_wide_on_every_side():
    dab = render_ellipse(80.0, 1.0, 0.25, 0.0, 0.5, 0.5)
    middle = dab.shape[0] // 2
    for line in (dab[middle], dab[:, middle]):
        assert np.count_nonzero((line > 0) & (line < 255)) <= 4
        assert line.max() == 255


def test_an_ellipse_thinner_than_a_pixel_is_faint_and_whole():
    dab = render_ellipse(40.0, 1.0, 0.02, 0.0, 0.5, 0.5)
    middle = dab.shape[0] // 2
    assert 100 < dab[middle, middle] < 250
    assert np.count_nonzero(dab[middle]) > 36


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 200), st.floats(0, 1), st.floats(0.02, 1), st.floats(0, 180), st.floats(0, 1), st.floats(0, 1))
def test_prints_fit_their_square_and_agree_where_an_ellipse_is_round(size, hardness, roundness, angle, x, y):
    dab = render_ellipse(size, hardness, roundness, angle, x, y)
    assert dab.shape == (2 * reach_of(size, hardness) + 1,) * 2
    edge = np.concatenate((dab[0], dab[-1], dab[:, 0], dab[:, -1]))
    assert edge.max(initial=0) <= 140
    round_ = render_ellipse(size, hardness, 1.0, angle, x, y).astype(int)
    assert np.abs(round_ - render_dab(size, hardness, x, y)).max() <= 3


def test_a_store_keeps_turned_prints_apart_and_half_turns_together():
    dabs = Dabs()
    _, first = dabs.place(10, 10, 30.0, 1.0, 0.5, 0.0)
    assert dabs.place(10, 10, 30.0, 1.0, 0.5, 180.0)[1] is first
    assert dabs.place(10, 10, 30.0, 1.0, 0.5, -180.0)[1] is first
    assert not np.array_equal(dabs.place(10, 10, 30.0, 1.0, 0.5, 90.0)[1], first)
    assert dabs.place(10, 10, 30.0, 1.0, 1.0, 30.0)[1] is dabs.place(10, 10, 30.0, 1.0, 1.0, 60.0)[1]


def test_large_dabs_lie_on_whole_pixels():
    dabs = Dabs()
    place, dab = dabs.place(600.2, 600.9, 300.0, 0.5)
    again, same = dabs.place(600.8, 600.1, 300.0, 0.5)
    assert same is dab
    assert place == again == Rect(600 - dab.shape[0] // 2, 600 - dab.shape[0] // 2, *dab.shape)
