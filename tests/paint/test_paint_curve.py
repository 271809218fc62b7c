from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.paint import Brush, Curve


def test_the_straight_curve_changes_nothing():
    assert Curve().table(65) == pytest.approx(np.linspace(0, 1, 65))


inner = st.lists(st.tuples(st.floats(0.02, 0.98), st.floats(0, 1)), max_size=5, unique_by=lambda p: round(p[0], 2))


@given(inner, st.floats(0, 1), st.floats(0, 1))
def test_a_curve_passes_through_its_points_and_stays_between_them(points, first, last):
    points = [(0.0, first), *sorted((round(x, 2), y) for x, y in points), (1.0, last)]
    table = Curve(tuple(points)).table(10001)
    for x, y in points:
        assert table[round(x * 10000)] == pytest.approx(y, abs=1e-9)
    for (x0, y0), (x1, y1) in pairwise(points):
        part = table[round(x0 * 10000) : round(x1 * 10000) + 1]
        assert min(y0, y1) - 1e-9 <= part.min()
        assert part.max() <= max(y0, y1) + 1e-9
        assert (np.diff(part) * np.sign(y1 - y0) >= -1e-9).all()


@pytest.mark.parametrize(
    "points",
    [
        (),
        ((0.0, 0.0),),
        ((0.1, 0.0), (1.0, 1.0)),
        ((0.0, 0.0), (0.9, 1.0)),
        ((0.0, 0.0), (0.5, 0.5), (0.5, 0.6), (1.0, 1.0)),
        ((0.0, 0.0), (1.0, 1.2)),
        ((0.0, -0.1), (1.0, 1.0)),
        ((0.0, float("nan")), (1.0, 1.0)),
    ],
)
def test_points_that_make_no_curve_are_refused(points):
    with pytest.raises(ValueError, match="curve"):
        Curve(points)


@pytest.mark.parametrize(
    "wrong",
    [
        {"roundness": 0.0},
        {"roundness": 1.1},
        {"angle": 181},
        {"rope": -1},
        {"rope": 501},
        {"scatter": -0.1},
        {"scatter": 11},
        {"angle_jitter": 200},
        {"size_jitter": 1.5},
        {"size": float("nan")},
        {"angle": float("nan")},
    ],
)
def test_a_brush_refuses_what_it_cannot_do(wrong):
    with pytest.raises(ValueError, match="range"):
        Brush(**wrong)
