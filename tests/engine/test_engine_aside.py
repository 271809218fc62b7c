"""When a job can be put aside, and what of it is sent meanwhile."""

import io
import threading

import pytest

from scumble.api import Cancelled, ToolJob
from scumble.engine import aside
from scumble.engine.aside import Aside, Kept, Run
from scumble.engine.context import EngineContext
from scumble.engine.control import JobControl, PutAside
from scumble.engine.ladder import Ladder, Rung
from scumble.engine.stock import ModelPlaces, SharedDevice, Stock
from scumble.protocol import FrameWriter

SHAPE = (1, 4, 8, 8)
NUMBERS = {"device": "cpu", "threads": "1"}


class Job:
    """Its way aside, and what was saved of it."""

    def __init__(self, kept=b"", numbers=NUMBERS, taken=()):
        self.control, self.saved, self.numbers = JobControl(), [], dict(numbers)
        ladder = Ladder(taken=taken, forced=(Rung.SINGLE,))
        self.aside = Aside(self.control, ladder, lambda: self.numbers, self.save, Kept.read(kept))

    def save(self, done, data):
        self.saved.append((done, data))

    def put_aside(self, done, standing=b"standing"):
        self.control.make_way()
        assert self.aside.begin(True)
        with pytest.raises(PutAside):
            self.aside.reached(done, lambda: Run(SHAPE, standing))
        return self.control.left[1]

    def known(self, shape=SHAPE):
        assert self.aside.begin(True)
        run = self.aside.known(shape)
        return run and run.data


def test_it_leaves_its_standing_and_goes_on_from_there_alone_where_all_is_as_it_was():
    data = Job().put_aside(3)
    assert Kept.read(data).given_up == (Rung.SINGLE,)
    assert Job(data).known() == b"standing"
    assert Job(data, {**NUMBERS, "threads": "2"}).known() is None
    assert Job(data).known((2, 4, 8, 8)) is None
    assert Job().known() is None


def test_what_it_gave_up_stays_given_up_and_is_told_in_the_end(tmp_path):
    stock = Stock(ModelPlaces(), SharedDevice("cpu"))
    job = ToolJob("j", "p", "t", {})
    data = Job().put_aside(3)
    for standing, notes in ((data, {"memory": Rung.SINGLE.value}), (b"", {}), (None, {})):
        context = EngineContext(job, stock, FrameWriter(io.BytesIO()), JobControl(), tmp_path, standing=standing)
        assert context.notes == notes


@pytest.mark.parametrize("damage", [lambda data: data[:-3], lambda data: b"", lambda data: b"\xc1" + data])
def test_what_is_damaged_is_a_beginning(damage):
    assert Job(damage(Job().put_aside(3))).known() is None


def test_runs_that_have_ended_are_known_in_their_order_and_steps_add_up():
    job = Job()
    for result in (b"one", b"two"):
        assert job.aside.begin(True)
        job.aside.end(Run(SHAPE, result), 10, known=False)
    data = job.put_aside(3)
    assert job.control.left[0] == 23
    again = Job(data)
    for expected in (b"one", b"two"):
        assert again.known() == expected
        assert again.known((2, 4, 8, 8)) is None  # a larger try that failed
        again.aside.end(again.aside.known(SHAPE), 10, known=True)
    assert again.known() == b"standing"
    other = Job(data)
    other.aside.end(Run(SHAPE, b"another"), 10, known=False)
    assert other.known() is None


def test_a_run_of_which_nothing_is_kept_is_the_end_of_it():
    job = Job()
    assert job.aside.begin(True)
    assert job.control.movable
    assert not job.aside.begin(False)
    assert not job.aside.begin(True)
    assert not job.control.movable


def test_a_standing_is_saved_now_and_then_unless_it_is_large(monkeypatch):
    now = 100.0
    monkeypatch.setattr(aside.time, "monotonic", lambda: now)
    job, packed = Job(), []

    def pack():
        packed.append(now)
        return Run(SHAPE, bytes(aside.MAX_SAVED if now > 166.0 else 9))

    now += 60.0
    assert job.aside.begin(True)
    for step in range(1, 11):
        now += 0.8
        job.aside.reached(step, pack)
    assert [done for done, _ in job.saved] == [3, 6]
    assert len(packed) == 3
    assert Kept.read(job.saved[1][1]).runs[0].data == bytes(9)


def test_a_paused_job_goes_on_to_where_it_can_be_put_aside_and_not_elsewhere():
    job, passed = Job(), []

    def step():
        job.control.check()
        passed.append("in the run")
        job.aside.reached(1, lambda: Run(SHAPE, b""))

    def work():
        assert job.aside.begin(True)
        with pytest.raises(PutAside):
            step()
        with pytest.raises(PutAside):
            job.control.check()
        passed.append("left")

    job.control.pause(True)
    worker = threading.Thread(target=work)
    worker.start()
    worker.join(0.05)
    assert not passed
    job.control.make_way()
    worker.join()
    assert passed == ["in the run", "left"]


def test_elsewhere_it_waits_and_a_cancelled_one_is_not_put_aside():
    job, ended = Job(), []

    def work():
        with pytest.raises(Cancelled):
            job.control.check()
        ended.append(job.control.left)

    job.control.pause(True)
    job.control.make_way()
    worker = threading.Thread(target=work)
    worker.start()
    worker.join(0.05)
    assert not ended
    job.control.cancel()
    worker.join()
    assert ended == [None]
