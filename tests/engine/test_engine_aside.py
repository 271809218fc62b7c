"""When a job can be put aside, and what of it is sent meanwhile."""

import io
import threading

import pytest

from scumble.api import Cancelled, ToolJob
from scumble.engine import aside
from scumble.engine.aside import Aside, Kept
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
        with pytest.raises(PutAside), self.aside.run(SHAPE, True):
            self.aside.reached(done, lambda: standing)
        return self.control.left[1]


def test_it_leaves_its_standing_and_goes_on_from_there_alone_where_all_is_as_it_was():
    data = Job().put_aside(3)
    assert Kept.read(data).given_up == (Rung.SINGLE,)
    with Job(data).aside.run(SHAPE, True) as begun:
        assert begun == b"standing"
    for job, shape in ((Job(data, {**NUMBERS, "threads": "2"}), SHAPE), (Job(data), (2, 4, 8, 8)), (Job(), SHAPE)):
        with job.aside.run(shape, True) as begun:
            assert begun == b""


def test_what_it_gave_up_stays_given_up_and_is_told_in_the_end(tmp_path):
    stock = Stock(ModelPlaces(), SharedDevice("cpu"))
    job = ToolJob("j", "p", "t", {})
    data = Job().put_aside(3)
    for standing, notes in ((data, {"memory": Rung.SINGLE.value}), (b"", {}), (None, {})):
        context = EngineContext(job, stock, FrameWriter(io.BytesIO()), JobControl(), tmp_path, standing=standing)
        assert context.notes == notes


@pytest.mark.parametrize("damage", [lambda data: data[:-3], lambda data: b"", lambda data: b"\xc1" + data])
def test_what_is_damaged_is_a_beginning(damage):
    data = damage(Job().put_aside(3))
    with Job(data).aside.run(SHAPE, True) as begun:
        assert begun == b""


def test_only_the_first_run_that_comes_to_its_end_counts():
    job = Job(Job().put_aside(3))
    with pytest.raises(MemoryError), job.aside.run(SHAPE, True):
        raise MemoryError
    with job.aside.run(SHAPE, True) as begun:
        assert begun == b"standing"
    with job.aside.run(SHAPE, True) as begun:
        assert begun is None
    unable = Job()
    for able in (False, True):
        with unable.aside.run(SHAPE, able) as begun:
            assert begun is None


def test_a_standing_is_saved_now_and_then_unless_it_is_large(monkeypatch):
    now = 100.0
    monkeypatch.setattr(aside.time, "monotonic", lambda: now)
    job, packed = Job(), []

    def pack():
        packed.append(now)
        return bytes(aside.MAX_SAVED if now > 106.0 else 9)

    with job.aside.run(SHAPE, True):
        for step in range(1, 11):
            now += 0.8
            job.aside.reached(step, pack)
    assert [done for done, _ in job.saved] == [3, 6]
    assert len(packed) == 3
    assert Kept.read(job.saved[1][1]).run == bytes(9)


def test_a_paused_job_goes_on_to_where_it_can_be_put_aside_and_not_elsewhere():
    job, passed = Job(), []

    def step():
        job.control.check()
        passed.append("in the run")
        job.aside.reached(1, bytes)

    def work():
        with pytest.raises(PutAside), job.aside.run(SHAPE, True):
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
