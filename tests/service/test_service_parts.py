"""The parts of the service that need no engine."""

import pytest

from scumble.protocol import InFlight
from scumble.service.jobs import StepClock
from scumble.service.link import Ended


def test_the_time_left_is_unknown_at_first_and_then_the_median_of_the_steps():
    clock = StepClock()
    assert clock.left(1, 10, now=100.0) is None
    assert clock.left(2, 10, now=101.0) == 8
    assert clock.left(3, 10, now=102.0) == 7
    assert clock.left(4, 10, now=130.0) == 6  # one slow step says little
    assert clock.left(10, 10, now=136.0) == 0


def test_steps_that_were_left_out_are_reckoned_with():
    clock = StepClock()
    clock.left(0, 100, now=0.0)
    assert clock.left(10, 100, now=5.0) == pytest.approx(45)


def test_a_count_that_begins_again_is_foretold_anew():
    clock = StepClock()
    clock.left(1, 4, now=0.0)
    clock.left(2, 4, now=9.0)
    assert clock.left(1, 50, now=10.0) is None
    assert clock.left(2, 50, now=10.5) == pytest.approx(24)


@pytest.mark.parametrize(
    ("code", "words"), [(0, "exit code 0"), (3, "exit code 3"), (-11, "SIGSEGV"), (-9, "SIGKILL"), (-200, "signal 200")]
)
def test_an_end_has_a_reason(code, words):
    assert Ended(code, "").reason.split(":")[0] == words


def test_a_plugin_is_blamed_for_what_happened_in_it_but_not_for_a_kill_from_outside():
    note = InFlight("org.p", "import", "j")
    assert Ended(-11, "", note).blames_plugin
    assert not Ended(-9, "", note).blames_plugin
    assert not Ended(-11, "").blames_plugin
