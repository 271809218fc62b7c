"""Curves and levels: what they do to a value, against formulae worked out in another way."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.api import Levels, curve_at, curve_text, levels_at, levels_text, parse_curve, parse_levels

GRADES = np.linspace(0.0, 1.0, 257)
POINTS = st.lists(
    st.tuples(st.integers(0, 60), st.floats(0, 1)), min_size=2, max_size=12, unique_by=lambda point: point[0]
).map(lambda points: tuple((x / 60, y) for x, y in sorted(points)))


def spline(points, values):
    """The natural cubic through the points, from the 4 (n - 1) conditions of its pieces, without any shortcut."""
    count = len(points) - 1
    rows, right = [], []

    def row(value, **at):
        line = np.zeros(4 * count)
        for place, numbers in at.items():
            start = 4 * int(place[1:])
            line[start : start + 4] += numbers
        rows.append(line)
        right.append(value)

    for piece, ((x0, y0), (x1, y1)) in enumerate(itertools.pairwise(points)):
        step = x1 - x0
        row(y0, **{f"p{piece}": (1, 0, 0, 0)})
        row(y1, **{f"p{piece}": (1, step, step**2, step**3)})
        if piece < count - 1:
            row(0, **{f"p{piece}": (0, 1, 2 * step, 3 * step**2), f"p{piece + 1}": (0, -1, 0, 0)})
            row(0, **{f"p{piece}": (0, 0, 2, 6 * step), f"p{piece + 1}": (0, 0, -2, 0)})
    last = points[-1][0] - points[-2][0]
    row(0, p0=(0, 0, 2, 0))
    row(0, **{f"p{count - 1}": (0, 0, 2, 6 * last)})
    parts = np.linalg.solve(np.array(rows), np.array(right)).reshape(count, 4)
    out = []
    for value in np.clip(values, points[0][0], points[-1][0]):
        piece = max(place for place in range(count) if points[place][0] <= value)
        out.append(np.polyval(parts[piece][::-1], value - points[piece][0]))
    return np.clip(out, 0, 1)


@given(POINTS)
def test_a_curve_is_the_natural_cubic_through_its_points(points):
    assert np.allclose(curve_at(points, GRADES), spline(points, GRADES), atol=1e-6)
    assert np.allclose(curve_at(points, np.array([x for x, _ in points])), [y for _, y in points], atol=1e-9)


@given(POINTS)
def test_a_curve_stays_in_range_and_level_beyond_its_ends(points):
    made = curve_at(points, GRADES)
    assert made.min() >= 0
    assert made.max() <= 1
    assert np.allclose(made[points[0][0] > GRADES], points[0][1])
    assert np.allclose(made[points[-1][0] < GRADES], points[-1][1])


@pytest.mark.parametrize("text", ["0,0 1,1", "0,0 0.3,0.3 1,1", "0,0 0.1,0.1 0.2,0.2 0.9,0.9 1,1"])
def test_points_on_the_diagonal_change_nothing(text):
    for limit in (255, 65535):
        grades = np.arange(limit + 1) / limit
        assert np.array_equal(np.rint(curve_at(parse_curve(text), grades) * limit), np.arange(limit + 1))


@given(POINTS)
def test_a_curve_is_read_back_as_it_was_written(points):
    text = curve_text(points)
    assert curve_text(parse_curve(text)) == text


def test_levels_stretch_bend_and_place():
    made = levels_at(Levels(0.2, 2.0, 0.8, 0.1, 0.9), np.array([0.0, 0.2, 0.35, 0.8, 1.0]))
    assert np.allclose(made, [0.1, 0.1, 0.1 + 0.8 * 0.25**0.5, 0.9, 0.9])


def test_levels_may_turn_the_picture_round():
    assert np.allclose(levels_at(Levels(low=1.0, high=0.0), GRADES), 1 - GRADES)


def test_levels_at_rest_change_nothing():
    grades = np.arange(65536) / 65535
    assert np.array_equal(np.rint(levels_at(Levels(), grades) * 65535), np.arange(65536))


SETTINGS = st.builds(Levels, st.floats(0, 0.4), st.floats(0.1, 10), st.floats(0.6, 1), st.floats(0, 1), st.floats(0, 1))


@given(SETTINGS)
def test_levels_are_read_back_as_they_were_written(levels):
    text = levels_text(levels)
    assert levels_text(parse_levels(text)) == text
