"""The window with its adjustments, a real service and the real light engine."""

from __future__ import annotations

import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from scumble.document import BGRA8, Document, Rect
from scumble.document.edits import add_layer, select
from scumble.plugins import Catalogue
from scumble.service import EngineSettings, ModelService
from scumble.settings import Memory, Settings
from scumble.ui.adjust.install import Adjustments, install
from scumble.ui.theme import load_theme
from scumble.ui.window import MainWindow

PLUGIN = "org.example.odd"

MANIFEST = """
manifest = 1
[plugin]
id = "org.example.odd"
title = "Odd"
runtime = "odd_plugin.runtime"
[[tools]]
id = "odd"
title = "Odd"
result = "adjustment"
model = false
light = true
shortcut = "Ctrl+Z"
inputs = [{ name = "image", kind = "layer" }]
[tools.params.what]
type = "text"
title = "What"
default = "same"
[tools.params.pause]
type = "number"
title = "Pause"
default = 0.0
minimum = 0.0
maximum = 10.0
[[tools]]
id = "slow-model"
title = "Slow model"
model = false
"""

RUNTIME = """
import os, time
import numpy as np
from scumble.api import Candidate, ToolResult, hookimpl

@hookimpl
def scumble_run_tool(tool, job, context):
    if tool == "slow-model":
        for step in range(10000):
            time.sleep(0.01)
            context.progress(step, 10000)
    what, end = job.text("what"), time.monotonic() + job.number("pause")
    while time.monotonic() < end:
        context.check_cancelled()
        time.sleep(0.005)
    image = job.inputs["image"].copy()
    if what == "die":
        os._exit(5)
    if what == "fail":
        raise ValueError("no such luck")
    if what == "small":
        image = image[:5]
    if what == "black":
        image[..., :3] = 0
    if what == "clear":
        image[...] = 0
    return ToolResult((Candidate(image),))
"""


def write_plugin(folder: Path) -> None:
    """Puts the plugin where an installer would have put it."""
    code = folder / PLUGIN / "1.0" / "odd_plugin"
    code.mkdir(parents=True)
    (folder / PLUGIN / "current").write_text("1.0")
    (code / "__init__.py").write_text("")
    (code / "scumble.toml").write_text(MANIFEST)
    (code / "runtime.py").write_text(textwrap.dedent(RUNTIME))
    info = code.parent / "odd_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[scumble.plugins]\nodd = odd_plugin\n")


@pytest.fixture(scope="module")
def plugin_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugins")
    write_plugin(folder)
    return folder


@pytest.fixture(scope="module")
def service(qapp, plugin_folder, tmp_path_factory):
    """Two engines for the tests of a module, which leave them alive."""
    made = ModelService(EngineSettings(tmp_path_factory.mktemp("engine"), plugin_folder, warm_up=False, threads=1))
    made.start()
    made.get_light_ready()
    wait(lambda: made.state == made.light_state == "idle", what="the engines' start")
    yield made
    made.shutdown()


def wait(until, seconds=20.0, what="it"):
    """Lets events be handled until something is so."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, f"{what} did not happen"
        QCoreApplication.processEvents()
        time.sleep(0.002)


def pytest_collection_modifyitems(items):
    """The offscreen platform says this of every window with a minimum size, and of panels that stay above."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


class Easel:
    """A window with adjustments, and what tests do with it."""

    def __init__(self, window: MainWindow, adjustments: Adjustments) -> None:
        self.window = window
        self.adjustments = adjustments

    @property
    def session(self):
        return self.window.session

    @property
    def document(self):
        return self.window.session.document

    @property
    def panel(self):
        return self.adjustments.panel

    @property
    def run(self):
        return self.adjustments.panel.run

    @property
    def canvas(self):
        return self.window.canvas

    def open(self, width=600, height=500, pixel_format=BGRA8, opaque=False, title="Picture"):
        """A picture of random colours, in part transparent."""
        rng = np.random.default_rng(3)
        straight = rng.integers(0, pixel_format.maximum + 1, (height, width, 4)).astype(pixel_format.dtype)
        straight[: height if opaque else height // 2, :, 3] = pixel_format.maximum
        document = Document(width, height, pixel_format)
        add_layer(document, "Ground", pixels=pixel_format.from_straight(straight))
        document.history.clear()
        return self.window.open_document(document, None, title)

    def select(self, x, y, width, height):
        select(self.document, Rect(x, y, width, height))

    def pixels(self, surface=None):
        """The stored pixels as they are now, what is only shown included."""
        plane = self.document.surface(surface or self.document.active.surface)
        return plane.read(self.document.bounds)

    def committed(self):
        return self.document.snapshot().read_colour(self.document.active.surface, self.document.bounds)

    def do(self, command):
        QCoreApplication.processEvents()
        action = self.window.commands.action(command)
        assert action.isEnabled(), command
        action.trigger()

    def adjust(self, command, exact=True, **values):
        """Opens a panel, sets values and waits for what they do to be shown."""
        self.do("adjust." + command)
        self.panel.form.set_values(values)
        if exact:
            self.settled()
        return self.panel

    def wait(self, until, seconds=20.0, what="it"):
        wait(until, seconds, what)

    def settled(self):
        wait(lambda: self.run.exact, what="the preview")

    def apply(self):
        self.panel.apply()
        self.gone()

    def gone(self):
        wait(lambda: self.panel is None, what="the end of the panel")


@pytest.fixture
def make_easel(qtbot, qapp, plugin_folder, tmp_path):
    """Makes windows with adjustments; each has a home of its own."""
    made = []

    def make(service):
        window = MainWindow(load_theme(), Settings(tmp_path / "settings.json"), Memory(tmp_path / "memory.json"))
        qtbot.addWidget(window)
        easel = Easel(window, install(window, service, Catalogue(plugin_folder)))
        window.resize(1000, 800)
        window.show()
        made.append(easel)
        return easel

    yield make
    for easel in made:
        easel.window.close()


@pytest.fixture
def easel(make_easel, service):
    return make_easel(service)


@pytest.fixture
def python():
    return sys.executable
