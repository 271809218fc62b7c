"""A stranger's plugin that needs no torch, and a service with a real engine process."""

import os
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QObject, QThread, Slot

from scumble.api import ToolJob
from scumble.service import EngineSettings, ModelService

PLUGIN = "org.example.probe"

MANIFEST = """
manifest = 1
[plugin]
id = "{id}"
title = "Probe"
runtime = "{package}.runtime"
[[tools]]
id = "{tool}"
title = "Probe"
model = false
[tools.params.what]
type = "text"
title = "What"
default = "fill"
[tools.params.steps]
type = "integer"
title = "Steps"
default = 3
minimum = 1
maximum = 100000
[tools.params.pause]
type = "number"
title = "Pause"
default = 0.0
minimum = 0.0
maximum = 10.0
"""

RUNTIME = """
import os, sys, threading, time
import numpy as np
from scumble.api import Candidate, ScumbleError, ToolResult, hookimpl

print("printed at import")

def picture(job, value=7):
    width, height = job.size
    return np.full((height, width, 3), value, np.uint8)

def fill(job, context):
    for step in range(job.integer("steps")):
        time.sleep(job.number("pause"))
        context.progress(step + 1, job.integer("steps"), picture(job, step % 256)[::8, ::8])
    notes = {"thread": threading.current_thread().name, "tmp": str(context.tmp_dir), "dtype": "none"}
    return ToolResult((Candidate(picture(job), 5),), notes)

def show(job, context):
    print("a line on the standard output", flush=True)
    os.write(1, b"raw bytes on the standard output" * 100)
    assert input_is_at_end()
    context.log.warning("a line for the log")
    context.metric("loss", 3, 0.25)
    (context.tmp_dir / "file").write_text("x")
    image = job.inputs["image"]
    return ToolResult((Candidate(255 - image, 1), Candidate(image[..., :3], 2)))

def input_is_at_end():
    return sys.stdin.read() == ""

def fail(job, context):
    raise ValueError("no such luck: \\ud800")

def refuse(job, context):
    raise ScumbleError("mask-empty")

def leave(job, context):
    sys.exit(3)

def die(job, context):
    os._exit(41)

def crash(job, context):
    os.kill(os.getpid(), 11)

def spin(job, context):
    context.progress(1, 2)
    while True:
        pass

def hog(job, context):
    raise MemoryError("too much")

def nothing(job, context):
    return None

def floats(job, context):
    return ToolResult((Candidate(picture(job).astype(np.float32)),))

def small(job, context):
    return ToolResult((Candidate(picture(job)[:8]),))

def unstable_notes(job, context):
    return ToolResult((Candidate(picture(job)),), {"n": 3})

@hookimpl
def scumble_run_tool(tool, job, context):
    return globals()[job.text("what")](job, context)
"""


def install(folder: Path, runtime: str = RUNTIME, plugin: str = PLUGIN, tool: str = "probe") -> None:
    """Puts a plugin where an installer would have put it."""
    package = plugin.replace(".", "_").replace("-", "_")
    home = folder / plugin
    code = home / "1.0" / package
    code.mkdir(parents=True)
    (home / "current").write_text("1.0")
    (code / "__init__.py").write_text("")
    (code / "scumble.toml").write_text(MANIFEST.format(id=plugin, package=package, tool=tool))
    (code / "runtime.py").write_text(textwrap.dedent(runtime))
    info = home / "1.0" / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[scumble.plugins]\nprobe = {package}\n")


class Recorder(QObject):
    """Takes down every signal, on the thread of the test."""

    def __init__(self, service: ModelService) -> None:
        super().__init__()
        self.service = service
        self.events: list[tuple] = []
        self.threads: set[bool] = set()
        for name in (
            "engine_changed", "engine_info", "models_changed", "queued", "started", "progress", "metric",
            "finished", "failed", "cancelled", "paused", "tokens_counted", "plugin_faulted", "converted",
        ):  # fmt: skip
            getattr(service, name).connect(getattr(self, name))

    def note(self, *event) -> None:
        self.threads.add(QThread.currentThread() is self.thread())
        self.events.append(event)

    @Slot(str)
    def engine_changed(self, state):
        self.note("engine_changed", state)

    @Slot(object)
    def engine_info(self, info):
        self.note("engine_info", info)

    @Slot(object)
    def models_changed(self, models):
        self.note("models_changed", models)

    @Slot(str, int)
    def queued(self, job, position):
        self.note("queued", job, position)

    @Slot(str, bool)
    def paused(self, job, paused):
        self.note("paused", job, paused)

    @Slot(str)
    def started(self, job):
        self.note("started", job)

    @Slot(str, int, int, object, object)
    def progress(self, *args):
        self.note("progress", *args)

    @Slot(str, str, int, float)
    def metric(self, *args):
        self.note("metric", *args)

    @Slot(str, object)
    def finished(self, job, result):
        self.note("finished", job, result)

    @Slot(str, object)
    def failed(self, job, failure):
        self.note("failed", job, failure)

    @Slot(str)
    def cancelled(self, job):
        self.note("cancelled", job)

    @Slot(str, str, int, int)
    def tokens_counted(self, *args):
        self.note("tokens_counted", *args)

    @Slot(str, object)
    def plugin_faulted(self, plugin, failure):
        self.note("plugin_faulted", plugin, failure)

    @Slot(str, str, object)
    def converted(self, *args):
        self.note("converted", *args)

    def all(self, name, *start):
        return [event for event in self.events if event[: 1 + len(start)] == (name, *start)]

    def wait(self, name, *start, seconds=60.0):
        """The first such event, past or to come."""
        end = time.monotonic() + seconds
        while not self.all(name, *start):
            assert time.monotonic() < end, f"no {name} {start} among {[event[:2] for event in self.events]}"
            QCoreApplication.processEvents()
            time.sleep(0.002)
        return self.all(name, *start)[0]

    def spin(self, seconds):
        """Lets so much time go by."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QCoreApplication.processEvents()
            time.sleep(0.002)

    def outcome(self, job, seconds=60.0):
        """How a job ended: the name of the signal and what it carries."""
        end = time.monotonic() + seconds
        while True:
            for event in self.events:
                if event[0] in ("finished", "failed", "cancelled") and event[1] == job:
                    return event[0], *event[2:]
            assert time.monotonic() < end, f"{job} did not end: {[event[:2] for event in self.events]}"
            QCoreApplication.processEvents()
            time.sleep(0.002)


@pytest.fixture
def write_plugin():
    return install


@pytest.fixture(scope="module")
def shared_plugins(tmp_path_factory):
    """The plugins' folder of `shared`."""
    folder = tmp_path_factory.mktemp("shared")
    install(folder / "plugins")
    return folder / "plugins"


@pytest.fixture(scope="module")
def shared(qapp, shared_plugins):
    """A service for the tests of a module that leave the engine alive."""
    service = ModelService(EngineSettings(shared_plugins.parent / "home", shared_plugins, warm_up=False, threads=1))
    recorder = Recorder(service)
    service.start()
    recorder.wait("engine_changed", "idle")  # from here on, no test may leave a thread or process behind
    yield service, recorder
    service.shutdown()


@pytest.fixture
def settings(tmp_path):
    install(tmp_path / "plugins")
    return EngineSettings(home=tmp_path / "home", plugin_folder=tmp_path / "plugins", warm_up=False, threads=1)


@pytest.fixture
def make_service(qapp):
    made = []

    def make(settings):
        service = ModelService(settings)
        made.append(service)
        recorder = Recorder(service)
        service.start()
        return service, recorder

    yield make
    for service in made:
        begun = time.monotonic()
        service.shutdown()
        assert time.monotonic() - begun < 2.0
        assert service.engine_pid == 0 or not alive(service.engine_pid)


@pytest.fixture
def service(make_service, settings):
    return make_service(settings)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def job():
    """Makes jobs with ids that count up."""
    count = iter(range(1_000_000))

    def make(what="fill", size=(64, 32), inputs=None, plugin=PLUGIN, tool="probe", **params):
        return ToolJob(f"job-{next(count)}", plugin, tool, {"what": what, **params}, inputs or {}, size)

    return make


@pytest.fixture
def picture():
    return np.random.default_rng(3).integers(0, 256, (32, 64, 3), dtype=np.uint8)
