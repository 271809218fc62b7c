"""Work that is done on another thread while a gesture goes on."""

from threading import Event, current_thread

import pytest

from scumble.tools import Band, Phase, Pointer
from scumble.tools.slices import aside

SHOWN = Band(((1.0, 2.0), (3.0, 4.0)))
RELEASE = Pointer(0, 0, Phase.RELEASE)
MORE = Pointer(0, 0, Phase.MORE)


def ended(gesture, event):
    """What a gesture returns on an event."""
    with pytest.raises(StopIteration) as end:
        gesture.send(event)
    return end.value.value


def test_what_is_done_at_once_needs_no_turn():
    threads = []

    def work(_stop):
        threads.append(current_thread())
        return 7

    gesture = aside(work, Pointer(0, 0, Phase.FINISH), SHOWN)
    assert ended(gesture, None) == 7
    assert threads[0] is not current_thread()


def test_the_band_stays_in_sight_until_the_work_is_done():
    gate = Event()
    gesture = aside(lambda _stop: gate.wait(30), RELEASE, SHOWN)
    for event in (None, MORE, Pointer(9, 9, Phase.MOVE)):
        band = gesture.send(event)
        assert band.more
        assert band.points == SHOWN.points
    gate.set()
    assert ended(gesture, Pointer(0, 0, Phase.FINISH)) is True


def test_closing_tells_the_work_to_stop_and_does_not_wait_for_it():
    stopped, begun = [], Event()

    def work(stop):
        begun.set()
        stopped.append(stop)
        stop.wait(30)

    gesture = aside(work, RELEASE, SHOWN)
    next(gesture)
    assert begun.wait(30)
    gesture.close()
    assert stopped[0].is_set()


def test_a_fault_of_the_work_is_the_gestures():
    def work(_stop):
        raise MemoryError("too large")

    with pytest.raises(MemoryError, match="too large"):
        next(aside(work, Pointer(0, 0, Phase.FINISH), SHOWN))
