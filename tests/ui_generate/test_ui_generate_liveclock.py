"""When live painting runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.ui.generate.liveclock import LONGEST, OFTEN, PAUSE, REMEMBERED, SLOW, LiveClock


def test_nothing_is_due_before_a_change_and_after_a_run_has_begun():
    clock = LiveClock()
    assert clock.due(5.0) is None
    clock.changed(5.0)
    assert clock.due(5.0) == pytest.approx(OFTEN)
    assert clock.due(6.0) == 0.0
    clock.begun()
    assert clock.due(6.0) is None


def test_quick_runs_follow_the_hand_and_slow_ones_wait_for_a_pause():
    clock = LiveClock()
    clock.ran(SLOW)
    clock.changed(1.0)
    clock.changed(1.09)
    assert clock.due(1.09) == pytest.approx(0.01)
    clock.ran(SLOW + 0.2)
    assert clock.due(1.09) == pytest.approx(PAUSE)
    clock.changed(1.2)
    assert clock.due(1.2) == pytest.approx(PAUSE)


def test_nobody_who_paints_on_waits_longer_than_three_seconds():
    clock = LiveClock()
    clock.ran(9.0)
    times = [0.2 * step for step in range(16)]
    for now in times:
        clock.changed(now)
    assert clock.due(times[-1]) == pytest.approx(LONGEST - times[-1])


def test_the_mean_is_of_the_last_runs():
    clock = LiveClock()
    assert clock.mean == 0.0
    clock.ran(100.0)
    for _ in range(REMEMBERED):
        clock.ran(1.0)
    assert clock.mean == 1.0


@given(st.lists(st.floats(0, 9), max_size=20), st.lists(st.floats(0, 5), min_size=1), st.floats(0, 60))
def test_what_is_due_is_never_past_and_never_later_than_the_longest(runs, changes, later):
    clock = LiveClock()
    for seconds in runs:
        clock.ran(seconds)
    times = sorted(changes)
    for now in times:
        clock.changed(now)
    due = clock.due(times[-1] + later)
    assert 0.0 <= due <= max(times[0] + LONGEST - times[-1] - later, 0.0) + 1e-9
