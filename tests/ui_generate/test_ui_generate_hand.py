"""A press of the mouse whose release goes elsewhere holds nothing up for good."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from scumble.document import Rect

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


@pytest.fixture
def pressed(qtbot):
    """A button that went down over something that has gone since."""
    elsewhere = QWidget()
    qtbot.addWidget(elsewhere)
    elsewhere.show()
    QTest.mousePress(elsewhere, LEFT)
    elsewhere.close()
    assert QGuiApplication.mouseButtons() & LEFT


def generated(bench):
    bench.open()
    bench.select()
    (result,) = bench.run(steps=1)
    bench.generation.candidates.apply(result)
    bench.wait(lambda: bench.generation.watches[bench.session].idle, what="the first look")


def paint_below(bench):
    below = bench.document.layers[0].surface
    with bench.document.history.transaction("Below") as edit:
        edit.put(below, Rect(100, 100, 20, 20), np.full((20, 20, 4), 255, np.uint8))


def test_what_is_stale_is_found_out(bench, pressed):
    generated(bench)
    paint_below(bench)
    bench.wait(lambda: bench.session.stale == {bench.document.active.id}, what="the look")


def test_results_are_applied_at_once(bench, pressed):
    bench.window.settings.set("generate.apply", True)
    bench.open()
    bench.select()
    bench.run(steps=1)
    assert bench.document.active.recipe is not None
    bench.window.settings.set("generate.apply", False)


def test_neither_happens_under_a_stroke(bench):
    generated(bench)
    layers = len(bench.document.layers)
    bench.window.settings.set("generate.apply", True)
    canvas = bench.window.canvas
    bench.pick("quick-fill", steps=5, pause=0.05)
    bench.generation.generate()
    QTest.mousePress(canvas, LEFT, pos=canvas.rect().center())
    assert bench.session.interacting
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    assert len(bench.document.layers) == layers
    QTest.mouseRelease(canvas, LEFT, pos=canvas.rect().center())
    assert not bench.session.interacting
    bench.window.settings.set("generate.apply", False)


def test_a_stroke_whose_release_went_elsewhere_ends_when_the_hand_comes_back(bench):
    bench.open()
    canvas, middle = bench.window.canvas, bench.window.canvas.rect().center()
    far, steps = QPointF(middle) + QPointF(60, 0), bench.document.history.position
    x, y = (int(place) for place in canvas.viewport.to_document(far))
    before = bench.session.colour_at(x, y)
    QTest.mousePress(canvas, LEFT, pos=middle)
    assert canvas.gestures.held
    back = QMouseEvent(QEvent.Type.MouseMove, far, canvas.mapToGlobal(far), NONE, NONE, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, back)
    assert not bench.session.interacting
    assert not bench.document.history.busy
    assert bench.document.history.position == steps + 1
    assert bench.session.colour_at(x, y) == before
