from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.document import Rect
from scumble.paint import Brush, Curve, Sample
from scumble.paint.trail import Trail, lean

INSIDE = Rect(0, 0, 600, 500)


def dabs_of(brush, *samples):
    trail = Trail(brush, INSIDE)
    found = [list(trail.add(Sample(*sample) if isinstance(sample, tuple) else sample)) for sample in samples]
    return [*found, list(trail.end())]


def flat(lists):
    return [dab for dabs in lists for dab in dabs]


def test_plain_dabs_are_even():
    dabs = flat(dabs_of(Brush(size=20, spacing=0.5), (100, 100), (200, 100)))
    assert [dab.x for dab in dabs] == pytest.approx([100 + 10 * step for step in range(11)])
    assert {(dab.y, dab.size, dab.angle, dab.opacity, dab.flow) for dab in dabs} == {(100, 20, 0, 1, 1)}


def test_curves_shape_what_pressure_does():
    brush = Brush(
        size=100,
        pressure_size=True,
        pressure_opacity=True,
        pressure_flow=True,
        pressure_size_curve=Curve(((0.0, 0.5), (1.0, 1.0))),
        pressure_opacity_curve=Curve(((0.0, 1.0), (1.0, 0.0))),
        pressure_flow_curve=Curve(((0.0, 0.0), (0.5, 1.0), (1.0, 1.0))),
    )
    for pressure, size, opacity, flow in ((0.0, 50, 1.0, 0.0), (0.5, 75, 0.5, 1.0), (1.0, 100, 0.0, 1.0)):
        (dab,) = flat(dabs_of(brush, (100, 100, pressure)))
        assert (dab.size, dab.opacity, dab.flow) == pytest.approx((size, opacity, flow))


def test_pressure_goes_over_between_two_samples():
    dabs = flat(dabs_of(Brush(size=10, spacing=1.0, pressure_opacity=True), (100, 100, 0.0), (200, 100, 1.0)))
    opacities = [dab.opacity for dab in dabs]
    assert opacities == pytest.approx(np.linspace(0, 1, 11), abs=1 / 64)


def test_tilt_scales_by_its_amount_and_turns_by_its_direction():
    brush = Brush(size=50, tilt_size=True, tilt_opacity=True, tilt_flow=True, tilt_angle=True, angle=10, roundness=0.5)
    (upright,) = flat(dabs_of(brush, Sample(100, 100)))
    assert (upright.size, upright.opacity, upright.flow, upright.angle) == (1.0, 0.0, 0.0, 10.0)
    (right,) = flat(dabs_of(brush, Sample(100, 100, tilt_x=60)))
    assert (right.size, right.opacity, right.flow, right.angle) == pytest.approx((50, 1, 1, 10))
    (down,) = flat(dabs_of(brush, Sample(100, 100, tilt_y=30)))
    assert (down.size, down.angle) == pytest.approx((25, -80))


def test_a_pen_leans_where_both_tilts_say():
    amount, direction = lean(Sample(0, 0, tilt_x=30, tilt_y=-30))
    assert direction == pytest.approx(45)
    assert amount == pytest.approx(math.degrees(math.atan(math.hypot(*(math.tan(math.radians(30)),) * 2))) / 60)
    assert lean(Sample(0, 0, tilt_x=90))[0] == 1.0


def test_following_turns_with_the_path_and_waits_for_a_direction():
    brush = Brush(size=10, spacing=0.5, follow=True, roundness=0.2, angle=5)
    tap, right, up, end = dabs_of(brush, (100, 100), (120, 100), (120, 80))
    assert (tap, end) == ([], [])
    assert (right[0].x, right[0].angle) == (100, 5)
    assert {dab.angle for dab in right} == {5}
    assert {round(dab.angle) for dab in up} == {95}


def test_a_tap_of_a_following_brush_is_painted_at_the_end():
    brush = Brush(size=10, follow=True, angle=30)
    first, again, end = dabs_of(brush, (100, 100), (100, 100))
    assert (first, again) == ([], [])
    assert [(dab.x, dab.angle) for dab in end] == [(100, 30)]


def test_scatter_strays_within_its_reach_and_jitter_within_its_range():
    brush = Brush(size=20, spacing=0.1, scatter=1.5, angle_jitter=30, size_jitter=0.5, roundness=0.5)
    dabs = flat(dabs_of(brush, (100, 250), (500, 250)))
    away = [dab.y - 250 for dab in dabs]
    assert -30 <= min(away) < -15
    assert 15 < max(away) <= 30
    assert -30 <= min(dab.angle for dab in dabs) < -20
    assert 20 < max(dab.angle for dab in dabs) <= 30
    assert 10 <= min(dab.size for dab in dabs) < 12
    assert 18 < max(dab.size for dab in dabs) <= 20


def test_chance_follows_from_the_beginning_of_the_stroke():
    brush = Brush(size=20, scatter=1.0, angle_jitter=90, size_jitter=0.3)
    stroke = [(100, 100), (200, 120), (250, 300)]
    assert dabs_of(brush, *stroke) == dabs_of(brush, *stroke)
    other = [(x + 1, y) for x, y in stroke]
    assert [dab.angle for dab in flat(dabs_of(brush, *other))] != [dab.angle for dab in flat(dabs_of(brush, *stroke))]


def test_a_rope_lets_the_hand_tremble_and_pulls_the_stroke_along():
    brush = Brush(size=4, spacing=0.5, rope=30)
    trembling = dabs_of(brush, (100, 100), (110, 105), (90, 110), (120, 100))
    assert [len(dabs) for dabs in trembling] == [1, 0, 0, 0, 0]
    pulled = flat(dabs_of(brush, (100, 100), (200, 100)))
    assert pulled[-1].x == pytest.approx(170, abs=2)
    still = flat(dabs_of(brush, (100, 100), (100, 100)))
    assert len(still) == 1


def test_far_outside_nothing_is_made_and_the_way_back_is_painted():
    brush = Brush(size=20, spacing=0.2)
    start = time.process_time()
    lists = dabs_of(brush, (300, 250), (9e6, 250), (9e6, -9e6), (-9e6, 260), (1e300, -1e300), (300, 300))
    assert time.process_time() - start < 1.0
    for dabs in lists:
        assert len(dabs) < 2000
        for dab in dabs:
            assert -20 <= dab.x <= 620
            assert -20 <= dab.y <= 520
    assert lists[0]
    assert lists[1]
    assert lists[1][-1].x > 600


def test_dabs_that_come_back_from_outside_stay_evenly_spaced():
    brush = Brush(size=10, spacing=1.0)
    dabs = flat(dabs_of(brush, (-500, 100), (300, 100)))
    assert np.diff([dab.x for dab in dabs]) == pytest.approx(10)
    assert dabs[-1].x == pytest.approx(300, abs=10)


nothing = float("nan")
endless = float("inf")


@pytest.mark.parametrize("place", [(nothing, 50), (50, nothing), (endless, 50), (50, -endless)])
def test_a_place_that_is_no_number_is_passed_over(place):
    brush = Brush(size=10, pressure_size=True)
    plain = dabs_of(brush, (10, 10), (100, 100))
    assert flat(dabs_of(brush, place, (10, 10), place, (100, 100), place)) == flat(plain)


wild = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(-50, 650))
samples = st.lists(st.builds(Sample, x=wild, y=wild, pressure=wild, tilt_x=wild, tilt_y=wild), max_size=6)
brushes = st.builds(
    Brush,
    size=st.floats(4, 100),
    spacing=st.floats(0.1, 2),
    pressure_size=st.booleans(),
    pressure_flow=st.booleans(),
    tilt_opacity=st.booleans(),
    tilt_angle=st.booleans(),
    follow=st.booleans(),
    smoothing=st.sampled_from([0.0, 0.5, 0.95]),
    rope=st.sampled_from([0.0, 10.0]),
    scatter=st.sampled_from([0.0, 2.0]),
    angle_jitter=st.sampled_from([0.0, 180.0]),
    size_jitter=st.sampled_from([0.0, 1.0]),
)


@settings(max_examples=80, deadline=None)
@given(brushes, samples)
def test_whatever_a_driver_says_dabs_are_in_range(brush, samples):
    for dab in flat(dabs_of(brush, *samples)):
        assert 1.0 <= dab.size <= brush.size
        assert 0.0 <= dab.opacity <= 1.0
        assert 0.0 <= dab.flow <= 1.0
        assert math.isfinite(dab.x)
        assert math.isfinite(dab.y)
        assert math.isfinite(dab.angle)
        away = brush.size * (1 + 2 * brush.scatter) + 2
        assert -away <= dab.x <= 600 + away
        assert -away <= dab.y <= 500 + away


def test_pressure_that_is_no_number_is_the_last_one():
    brush = Brush(size=10, pressure_opacity=True)
    (first,) = flat(dabs_of(brush, (100, 100, nothing)))
    assert first.opacity == 1.0
    later = flat(dabs_of(brush, (100, 100, 0.25), (110, 100, nothing), (120, 100, 7.0)))
    assert later[3].opacity == 0.25
    assert later[-1].opacity == pytest.approx(1.0, abs=0.2)
