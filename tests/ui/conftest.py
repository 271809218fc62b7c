"""The real window, over a folder of its own, driven with mouse and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from scumble.app.window import Program, build
from scumble.document import Pixels, Rect
from scumble.document.edits import add_layer
from scumble.render import flatten
from scumble.settings.paths import Paths
from scumble.ui.dialogs.new_picture import NewPicture
from scumble.ui.modes import Modes
from scumble.ui.session import DocumentSession

BOX = Rect(120, 90, 100, 60)
"""What is painted on the second layer of `painted`."""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data", tmp_path / "config", tmp_path / "cache")


@pytest.fixture
def start(qapp: QApplication, paths: Paths) -> Iterator[Callable[[], Program]]:
    """Starts the program; may be called again after it was closed."""
    started: list[Program] = []

    def start() -> Program:
        program = build(paths, service=False)
        started.append(program)
        program.window.resize(1280, 800)
        program.window.show()
        program.finish()
        QTest.qWait(20)
        return program

    yield start
    for program in started:
        program.close()
        program.window.deleteLater()
    # What a test has left on the clipboard outlives Python on the offscreen platform, which then crashes at exit.
    qapp.clipboard().clear()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()


@pytest.fixture
def program(start: Callable[[], Program]) -> Program:
    return start()


@pytest.fixture
def session(program: Program) -> DocumentSession:
    """A white picture of 400 × 300, seen at 100 %."""
    made = program.files.create(NewPicture(400, 300, (1.0, 1.0, 1.0)))
    QTest.qWait(10)
    assert program.window.canvas is not None
    program.window.commands.action("view.100").trigger()
    assert program.window.canvas.viewport.zoom == 1.0
    return made


@pytest.fixture
def hand(program: Program) -> Hand:
    return Hand(program)


class Hand:
    """A person at the window: places are in document pixels."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @property
    def canvas(self) -> QWidget:
        canvas = self.program.window.canvas
        assert canvas is not None
        return canvas

    def place(self, x: float, y: float) -> QPoint:
        return self.program.window.canvas.viewport.to_view(x, y).toPoint()

    def press(self, x: float, y: float, keys=Qt.KeyboardModifier.NoModifier, button=Qt.MouseButton.LeftButton):
        QTest.mousePress(self.canvas, button, keys, self.place(x, y))

    def move(self, x: float, y: float, keys=Qt.KeyboardModifier.NoModifier, button=Qt.MouseButton.LeftButton):
        point = QPointF(self.place(x, y))
        event = QMouseEvent(QEvent.Type.MouseMove, point, self.canvas.mapToGlobal(point), button, button, keys)
        QApplication.sendEvent(self.canvas, event)

    def release(self, x: float, y: float, keys=Qt.KeyboardModifier.NoModifier, button=Qt.MouseButton.LeftButton):
        QTest.mouseRelease(self.canvas, button, keys, self.place(x, y))

    def drag(self, *points: tuple[float, float], keys=Qt.KeyboardModifier.NoModifier) -> None:
        self.press(*points[0], keys)
        for point in points[1:]:
            self.move(*point, keys)
        self.release(*points[-1], keys)
        self.wait()

    def wait(self) -> None:
        """Until the tool has done what the hand left it with."""
        while (band := self.canvas.gestures.band) is not None and band.more:
            QApplication.processEvents()

    def key(self, key, keys=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.canvas, key, keys)

    def do(self, command: str) -> None:
        QApplication.processEvents()
        action = self.program.window.commands.action(command)
        assert action.isEnabled(), command
        action.trigger()


@pytest.fixture
def picture() -> Callable[[DocumentSession], Pixels]:
    """What is seen of a document, as stored pixels."""
    return lambda session: flatten(session.document.snapshot(), session.document.bounds)


@pytest.fixture
def mask(session):
    """The values of the selection."""
    return lambda: session.document.selection.read(session.document.bounds)


@pytest.fixture
def dialog_of(program):
    """The one dialog of a kind that is open."""

    def find(kind):
        found = [dialog for dialog in program.window.findChildren(kind) if dialog.isVisible()]
        assert len(found) == 1
        return found[0]

    return find


@pytest.fixture
def painted(session):
    """A second layer with a box of noise on it; no steps yet."""
    rng = np.random.default_rng(1)
    straight = rng.integers(0, 256, (BOX.height, BOX.width, 4), np.uint8)
    straight[..., 3] = 255
    stored = session.document.format.from_straight(straight)
    add_layer(session.document, "Box", pixels=stored, origin=(BOX.x, BOX.y))
    session.document.history.clear()
    return session


@pytest.fixture
def modes(program):
    """Which mode there is."""
    return program.window.findChild(Modes)


@pytest.fixture
def begin(hand, modes):
    """Begins a free transformation."""

    def take_up():
        hand.do("tool.transform")
        assert modes.mode is not None
        return modes.mode

    return take_up
