"""A window that generates, with a real service and plugins that need no torch."""

import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from scumble.document import BGRA8, Rect
from scumble.document.document import Document
from scumble.document.edits import add_layer, select
from scumble.plugins import Catalogue
from scumble.service import EngineSettings, ModelService
from scumble.settings import Memory, Settings
from scumble.ui.generate import Generation, install
from scumble.ui.theme import load_theme
from scumble.ui.window import MainWindow

PLUGIN = "org.example.quick"

MANIFEST = """
manifest = 1
[plugin]
id = "org.example.quick"
title = "Quick"
summary = "Tools for tests."
runtime = "quick_plugin.runtime"
[permissions]
network = { reason = "It looks up nothing at all." }
[[tools]]
id = "quick-fill"
title = "Quick fill"
summary = "Fills the selection with a pattern."
result = "masked-layer"
model = false
inputs = [ { name = "image", kind = "canvas" }, { name = "mask", kind = "selection" } ]
[tools.params.prompt]
type = "prompt"
title = "Prompt"
default = ""
[tools.params.steps]
type = "integer"
title = "Steps"
default = 3
minimum = 1
maximum = 1000
[tools.params.pause]
type = "number"
title = "Pause"
default = 0.0
minimum = 0.0
maximum = 1.0
advanced = true
[tools.params.count]
type = "integer"
title = "Pictures"
default = 1
minimum = 1
maximum = 8
[tools.params.fails]
type = "boolean"
title = "Fails"
default = false
[tools.params.seed]
type = "seed"
title = "Seed"
default = -1
[[tools]]
id = "quick-vary"
title = "Quick vary"
model = false
inputs = [ { name = "image", kind = "canvas" } ]
[tools.params.strength]
type = "number"
title = "Strength"
default = 1.0
minimum = 0.0
maximum = 1.0
[tools.params.seed]
type = "seed"
title = "Seed"
default = -1
[[tools]]
id = "quick-double"
title = "Quick double"
result = "picture"
model = false
inputs = [ { name = "image", kind = "canvas" } ]
[[tools]]
id = "quick-like"
title = "Quick like"
model = false
inputs = [ { name = "image", kind = "layer" }, { name = "style", kind = "picture", title = "Style picture" } ]
[[tools]]
id = "quick-new"
title = "Quick new"
model = false
[tools.params.width]
type = "size"
title = "Width"
default = 96
minimum = 64
maximum = 512
[tools.params.height]
type = "size"
title = "Height"
default = 64
minimum = 64
maximum = 512
[tools.params.seed]
type = "seed"
title = "Seed"
default = -1
[[tools]]
id = "quick-refine"
title = "Quick refine"
result = "masked-layer"
model = false
inputs = [ { name = "image", kind = "canvas" }, { name = "mask", kind = "selection" } ]
[tools.params.prompt]
type = "prompt"
title = "Prompt"
default = ""
[tools.params.strength]
type = "number"
title = "Strength"
default = 1.0
minimum = 0.0
maximum = 1.0
[tools.params.steps]
type = "integer"
title = "Steps"
default = 3
minimum = 1
maximum = 1000
[tools.params.pause]
type = "number"
title = "Pause"
default = 0.0
[tools.params.seed]
type = "seed"
title = "Seed"
default = -1
"""

RUNTIME = """
import time
import numpy as np
from scumble.api import Candidate, ToolResult, hookimpl

def fill(job, context):
    steps = job.integer("steps")
    width, height = job.size
    for step in range(steps):
        time.sleep(job.number("pause"))
        context.progress(step + 1, steps, np.full((height // 8, width // 8, 3), 40 * step % 256, np.uint8))
    if job.params["fails"]:
        raise ValueError("no paint left")
    made = []
    for index in range(job.integer("count")):
        seed = job.integer("seed") + index
        made.append(Candidate(context.rng(seed).integers(0, 256, (height, width, 3), np.uint8), seed))
    return ToolResult(tuple(made), {"dtype": "none"})

def refine(job, context):
    image, strength, seed = job.inputs["image"][..., :3], job.number("strength"), job.integer("seed")
    for step in range(job.integer("steps")):
        time.sleep(job.number("pause"))
        context.progress(step + 1, job.integer("steps"), None)
    if job.text("prompt") == "fail":
        raise ValueError("no paint left")
    noise = context.rng(seed).integers(0, 256, image.shape, np.uint8) ^ len(job.text("prompt"))
    return ToolResult((Candidate(np.rint(image * (1 - strength) + noise * strength).astype(np.uint8), seed),))

@hookimpl
def scumble_run_tool(tool, job, context):
    if tool == "quick-refine":
        return refine(job, context)
    if tool == "quick-vary":
        return ToolResult((Candidate(255 - job.inputs["image"], job.integer("seed")),))
    if tool == "quick-double":
        return ToolResult((Candidate(job.inputs["image"].repeat(2, 0).repeat(2, 1)),))
    if tool == "quick-like":
        image = job.inputs["image"].copy()
        image[...] = job.inputs["style"][..., :3].reshape(-1, 3).mean(0)
        return ToolResult((Candidate(image),))
    if tool == "quick-new":
        width, height = job.size
        return ToolResult((Candidate(np.full((height, width, 3), 99, np.uint8)),))
    return fill(job, context)
"""


def write_plugin(folder: Path) -> None:
    """Puts the plugin where an installer would have put it."""
    code = folder / PLUGIN / "1.0" / "quick_plugin"
    code.mkdir(parents=True)
    (folder / PLUGIN / "current").write_text("1.0")
    (code / "__init__.py").write_text("")
    (code / "scumble.toml").write_text(MANIFEST)
    (code / "runtime.py").write_text(textwrap.dedent(RUNTIME))
    info = code.parent / "quick_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: quick-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[scumble.plugins]\nquick = quick_plugin\n")


@pytest.fixture(scope="module")
def plugin_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugins")
    write_plugin(folder)
    return folder


@pytest.fixture(scope="module")
def service(qapp, plugin_folder, tmp_path_factory):
    """One engine for the tests of a module, which leave it alive."""
    home = tmp_path_factory.mktemp("engine")
    made = ModelService(EngineSettings(home, plugin_folder, warm_up=False, threads=1))
    made.start()
    wait(lambda: made.state == "idle", what="the engine's start")
    yield made
    made.shutdown()


@pytest.fixture
def catalogue(plugin_folder):
    return Catalogue(plugin_folder)


def wait(until, seconds=20.0, what="it"):
    """Lets events be handled until something is so."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, f"{what} did not happen"
        QCoreApplication.processEvents()
        time.sleep(0.002)


def pytest_collection_modifyitems(items):
    """The offscreen platform says this of every window with a minimum size."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))


class Bench:
    """A window with generating in it, and what tests do with it."""

    def __init__(self, window: MainWindow, generation: Generation) -> None:
        self.window = window
        self.generation = generation

    @property
    def session(self):
        return self.window.session

    @property
    def document(self):
        return self.window.session.document

    def open(self, width=256, height=256, pixel_format=BGRA8, title="Picture"):
        document = Document(width, height, pixel_format)
        pixels = np.empty((height, width, 4), pixel_format.dtype)
        pixels[:] = pixel_format.solid(0.2, 0.4, 0.6)
        add_layer(document, "Ground", pixels=pixels)
        document.history.clear()
        return self.window.open_document(document, None, title)

    def select(self, x=80, y=80, width=60, height=50):
        select(self.document, Rect(x, y, width, height))

    def pick(self, tool, **values):
        self.generation.dock.pick(tool)
        self.generation.dock.form.set_values(values)

    def wait(self, until, seconds=20.0, what="it"):
        wait(until, seconds, what)

    def asked(self):
        """The one job there is, once it is prepared."""
        (job,) = self.generation.board.jobs
        self.wait(lambda: job.asked is not None, what="the preparation")
        return job

    def run(self, tool="quick-fill", **values):
        """Generates and waits for the candidates."""
        self.pick(tool, **values)
        before = len(self.generation.candidates.offered)
        self.generation.generate()
        assert self.generation.board.jobs, self.generation.dock.message.text.text()
        self.wait(lambda: not self.generation.board.jobs, what="the job")
        return self.generation.candidates.offered[before:]


@pytest.fixture
def make_bench(qtbot, qapp, catalogue, tmp_path):
    """Makes windows that generate; each has a home of its own."""
    made = []

    def make(service, catalogue=catalogue, data=None):
        window = MainWindow(load_theme(), Settings(tmp_path / "settings.json"), Memory(tmp_path / "memory.json"))
        qtbot.addWidget(window)
        bench = Bench(window, install(window, service, catalogue, data=data or tmp_path))
        window.resize(1200, 800)
        window.show()
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.generation.board.cancel_all()
        bench.window.close()


@pytest.fixture
def bench(make_bench, service):
    return make_bench(service)


@pytest.fixture
def python():
    return sys.executable
