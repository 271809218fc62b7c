"""A plugin that cannot be imported is switched off in the running program, which says so and works on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from scumble.app.window import Program, build
from scumble.settings.paths import Paths

PLUGIN = "org.example.broken"

MANIFEST = """
manifest = 1
[plugin]
id = "org.example.broken"
title = "Broken"
runtime = "broken_plugin.runtime"
[[tools]]
id = "broken"
title = "Broken tool"
model = false
"""


def write_plugin(folder: Path) -> None:
    code = folder / PLUGIN / "1.0" / "broken_plugin"
    code.mkdir(parents=True)
    (folder / PLUGIN / "current").write_text("1.0")
    (code / "__init__.py").write_text("")
    (code / "scumble.toml").write_text(MANIFEST)
    (code / "runtime.py").write_text("raise RuntimeError('worn out')\n")
    info = code.parent / "broken_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[scumble.plugins]\nbroken = broken_plugin\n")


@pytest.fixture
def program(qapp: QApplication, tmp_path: Path) -> Iterator[Program]:
    paths = Paths(tmp_path / "data", tmp_path / "config", tmp_path / "cache")
    write_plugin(paths.plugins)
    made = build(paths)
    made.window.show()
    made.finish()
    yield made
    made.close()
    made.window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_it_is_switched_off_and_the_engine_comes_back(program: Program) -> None:
    generation, service = program.generation, program.service
    assert generation is not None
    assert service is not None
    dock = generation.dock
    wait(lambda: service.state == "idle")
    first = service.engine_pid
    assert "broken" in dock.picker.buttons
    dock.pick("broken")
    generation.generate()
    wait(lambda: "broken" not in dock.picker.buttons)
    note = program.window.messages.notes[-1]
    assert "“Broken” misbehaved and was switched off" in note.text
    wait(lambda: service.state == "idle" and service.engine_pid != first)
    dialog = generation.manage_plugins(PLUGIN)
    assert dialog.title.text() == "Broken"
    assert "worn out" in dialog.fault.text()
    dialog.close()


def wait(until, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        QCoreApplication.processEvents()
        time.sleep(0.005)
