"""The small parts of the engine: checks of results, faults, devices, the context of a job."""

import io
import itertools
import threading

import numpy as np
import pytest

from scumble.api import Cancelled, Candidate, ScumbleError, Tool, ToolJob, ToolResult
from scumble.engine import context, devices
from scumble.engine.context import EngineContext
from scumble.engine.control import JobControl
from scumble.engine.faults import MAX_DETAILS, MAX_REASON, clean, is_out_of_memory, reason, report
from scumble.engine.ladder import Ladder
from scumble.engine.results import MAX_CANDIDATES, checked_result
from scumble.engine.stock import ModelPlaces, SharedDevice, Stock
from scumble.protocol import FrameReader, FrameWriter, InFlight, Metric, Progress, ToWindow

JOB = ToolJob("j", "org.p", "t", {}, {}, (16, 8))
IMAGE = np.zeros((8, 16, 3), np.uint8)
LAYER = Tool(id="t", title="T")
PICTURE = Tool(id="t", title="T", result="picture")


def result(*images, **options):
    return ToolResult(tuple(Candidate(image) for image in images), **options)


def test_a_good_result_passes_as_it_is():
    good = result(IMAGE, np.zeros((8, 16, 4), np.uint8), notes={"scheduler": "ddim"})
    assert checked_result(good, LAYER, JOB, "P") is good
    assert checked_result(result(np.zeros((3, 5, 3), np.uint8)), PICTURE, JOB, "P")


@pytest.mark.parametrize(
    "bad",
    [
        None,
        IMAGE,
        ToolResult(()),
        ToolResult([Candidate(IMAGE)]),
        ToolResult((IMAGE,)),
        ToolResult((Candidate(IMAGE),) * (MAX_CANDIDATES + 1)),
        ToolResult((Candidate(IMAGE, 1.5),)),
        ToolResult((Candidate(IMAGE, 1 << 63),)),
        ToolResult((Candidate(IMAGE),), None),
        ToolResult((Candidate(IMAGE),), {1: "x"}),
        result(None),
        result(IMAGE.tolist()),
        result(IMAGE[..., 0]),
        result(IMAGE[..., :2]),
        result(IMAGE[:, :0]),
        result(IMAGE.astype(float)),
        result(IMAGE, IMAGE[:4]),
    ],
)
def test_a_bad_result_is_refused(bad):
    with pytest.raises(ScumbleError) as caught:
        checked_result(bad, LAYER, JOB, "P")
    assert caught.value.code == "plugin-bad-result"


@pytest.mark.parametrize(
    ("error", "memory"),
    [
        (MemoryError(), True),
        (np.exceptions.AxisError("x"), False),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("could not create a primitive"), True),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA"), True),
        (ValueError("out of memory"), False),
    ],
)
def test_memory_errors_are_told_from_others(error, memory):
    assert is_out_of_memory(error) == memory


def test_reasons_and_reports_fit_into_a_message():
    assert reason(ValueError("one\ntwo")) == "ValueError: one"
    assert reason(ValueError()) == "ValueError"
    assert len(reason(ValueError("x" * 10_000))) == MAX_REASON
    assert len(report(ValueError("x" * MAX_DETAILS * 2))) <= MAX_DETAILS
    assert clean("\ud800") == "?"


def test_the_processor_is_always_there():
    device = devices.choose_device("cpu")
    assert (device.name, device.dtype) == ("cpu", "float32")
    assert device.dtype_for(64) == "float32"
    assert device.dtype_for(devices.LARGE) == device.large_dtype
    assert device.reason


def test_a_device_that_is_not_there_gives_way_and_says_so():
    import torch

    absent = next(name for name in ("mps", "xpu", "cuda") if not getattr(torch, name).is_available())
    device = devices.choose_device(absent)
    assert absent in device.reason
    assert device.name == "cpu" or absent != "cuda"


class Setup:
    def __init__(self, folder):
        self.stream = io.BytesIO()
        self.control = JobControl()
        stock = Stock(ModelPlaces(), SharedDevice("cpu"))
        self.context = EngineContext(JOB, stock, FrameWriter(self.stream), self.control, folder)

    def messages(self):
        self.stream.seek(0)
        reader = FrameReader(self.stream, ToWindow)
        return [frame.message for frame in iter(reader.read, None)]


@pytest.fixture
def setup(tmp_path):
    return Setup(tmp_path)


def test_steps_and_previews_are_thinned_out_but_first_and_last_are_sent(setup, monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr(context.time, "monotonic", lambda: next(clock) / 128)
    for step in range(1, 101):
        setup.context.progress(step, 100, IMAGE)
    messages = setup.messages()
    assert [message.step for message in messages] == list(range(1, 101, 3))
    assert [message.step for message in messages if message.preview is not None] == [*range(1, 100, 15), 100]


def test_a_quick_job_tells_its_end(setup):
    for step in range(1, 51):
        setup.context.progress(step, 50, IMAGE)
    messages = setup.messages()
    assert (messages[0].step, messages[-1].step) == (1, 50)
    assert messages[-1].preview == 0


def test_everything_raises_once_the_job_is_cancelled(setup):
    setup.context.check_cancelled()
    setup.control.cancel()
    for call in (setup.context.check_cancelled, lambda: setup.context.progress(1, 2)):
        with pytest.raises(Cancelled):
            call()
    assert setup.messages() == []


def test_a_paused_job_waits_and_goes_on_or_stops(setup):
    setup.control.pause(True)
    passed = []
    for ending in (lambda: setup.control.pause(False), setup.control.cancel):
        worker = threading.Thread(target=lambda: passed.append(_cancelled(setup.context.check_cancelled)))
        setup.control.pause(True)
        worker.start()
        worker.join(0.05)
        assert worker.is_alive()
        ending()
        worker.join()
    assert passed == [False, True]


def _cancelled(check):
    try:
        check()
    except Cancelled:
        return True
    return False


def test_what_is_no_picture_is_no_preview(setup):
    with pytest.raises(TypeError, match="float64"):
        setup.context.progress(1, 2, IMAGE.astype(float))


def test_steps_and_figures_are_kept_within_what_the_window_takes(setup):
    setup.context.progress(-3, 1 << 40)
    setup.context.progress(1 << 41, 1 << 40)
    setup.context.metric("loss", 7, np.float32(0.5))
    assert setup.messages() == [
        Progress(job="j", step=0, steps=2**31 - 1),
        Progress(job="j", step=2**31 - 1, steps=2**31 - 1),
        Metric(job="j", name="loss", step=7, value=0.5),
    ]


def test_the_generator_depends_on_the_seed_alone(setup):
    draw = [setup.context.rng(seed).integers(1 << 30, size=4).tolist() for seed in (7, 7, 8, -1)]
    assert draw[0] == draw[1]
    assert len({tuple(one) for one in draw}) == 3


def test_a_job_without_a_model_says_so(setup):
    with pytest.raises(ScumbleError) as caught:
        _ = setup.context.model
    assert caught.value.code == "model-none"


def test_device_and_dtype_are_the_stocks(setup):
    assert (setup.context.device, setup.context.dtype) == ("cpu", "float32")
    assert setup.context.log.name == "scumble.plugin.org.p"


def test_a_model_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(ScumbleError) as caught:
        Stock(ModelPlaces((tmp_path,)), SharedDevice("cpu")).load("none", lambda: None, Ladder())
    assert caught.value.code == "model-missing"


def test_the_note_lies_there_only_while_a_plugin_runs(tmp_path):
    note = InFlight("org.p", "import", "j")
    with note.held(tmp_path):
        assert InFlight.left(tmp_path) == note
    assert InFlight.left(tmp_path) is None
    with pytest.raises(ValueError, match="x"), note.held(tmp_path):
        raise ValueError("x")
    assert InFlight.left(tmp_path) is None
    (tmp_path / "inflight.json").write_bytes(b"{")
    assert InFlight.left(tmp_path) is None
