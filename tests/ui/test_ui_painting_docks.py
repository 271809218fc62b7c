"""The docks of brushes and colours as parts of the window: they fit its column, and can be used with keys alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QDockWidget, QLabel, QWidget

from scumble.ui.docks.brush import ResetLabel
from scumble.ui.widgets import tab_stops

DOCKS = ("colour", "presets", "brush")


def dock(program, name) -> QDockWidget:
    outer = program.window.findChild(QDockWidget, name)
    outer.raise_()
    QTest.qWait(20)
    return outer


def cut_texts(root: QWidget):
    """Labels, buttons and fields that have less room than their text needs."""
    for widget in root.findChildren(QWidget):
        if not widget.isVisible():
            continue
        metrics = widget.fontMetrics()
        if type(widget) in (QLabel, ResetLabel) and not widget.wordWrap():
            fits = metrics.horizontalAdvance(widget.text()) <= widget.width() + 1
        elif isinstance(widget, QAbstractButton) and widget.text():
            fits = widget.sizeHint().width() <= widget.width() + 1
        elif isinstance(widget, QAbstractSpinBox):
            fits = metrics.horizontalAdvance(widget.text()) <= widget.lineEdit().width()
        else:
            continue
        if not fits:
            yield widget.text()


@pytest.mark.parametrize("name", DOCKS)
def test_they_fit_into_a_column_of_300(program, session, name):
    program.window.resize(1440, 900)
    outer = dock(program, name)
    outer.widget().grab()
    assert outer.minimumSizeHint().width() <= 300
    outer.widget().resize(300, 330)
    QTest.qWait(20)
    inner = outer.widget()
    assert list(cut_texts(inner)) == []
    for child in inner.findChildren(QWidget):
        if child.isVisible() and child.parentWidget() is inner and name != "brush":
            assert inner.rect().contains(child.geometry()), child


def test_the_column_has_room_for_layers_below(program, session):
    program.window.resize(1440, 900)
    QTest.qWait(30)
    for name in DOCKS:
        above = dock(program, name)
        layers = program.window.findChild(QDockWidget, "layers")
        assert above.height() >= 280
        assert layers.height() >= 250
        assert above.geometry().bottom() < layers.geometry().top()


@pytest.mark.parametrize("name", DOCKS)
def test_every_stop_of_the_tab_key_has_a_name(program, session, name):
    inner = dock(program, name).widget()
    if name == "colour":
        inner.show_chooser("sliders")
    stops = [stop for stop in tab_stops(inner) if stop.isVisible()]
    assert len(stops) >= 6
    for stop in stops:
        if stop.objectName() == "qt_scrollarea_viewport" or type(stop).__name__ == "QScrollArea":
            continue
        text = stop.text() if isinstance(stop, QAbstractButton) else ""
        assert stop.accessibleName() or stop.toolTip() or text, stop


def test_the_tab_key_walks_down_the_brush_dock(program, session):
    inner = dock(program, "brush").widget()
    inner.sliders["size"].slider.setFocus()
    order = []
    for _ in range(8):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        order.append(QApplication.focusWidget().accessibleName())
    assert list(dict.fromkeys(order))[:5] == ["Size", "Hardness", "Roundness", "Angle", "Angle and roundness"]


def test_the_commands_are_in_the_menu(program, session):
    texts = [action.text() for action in program.window.menus["tools"].actions()]
    for title in ("Previous brush preset", "Reload brush preset", "Save brush as preset…"):
        assert title in texts


def test_the_docks_can_be_hidden_and_shown(program):
    names = {action.text() for action in program.window.menus["docks"].actions()}
    assert {"Colour", "Brushes", "Brush"} <= names


def test_nothing_is_drawn_for_docks_that_are_not_seen(program, session, qtbot):
    dock(program, "colour")
    preview = program.window.findChild(QDockWidget, "brush").widget().preview
    program.window.tools.change_brush(size=51.0)
    qtbot.wait(120)
    assert preview.drawing
    dock(program, "brush")
    qtbot.waitUntil(lambda: not preview.drawing, timeout=5000)


def test_drawing_a_chooser_is_cheap(program, session):
    """A drag in a chooser repaints it for each event; the median must be far below a frame."""
    import statistics
    import time

    inner = dock(program, "colour").widget()
    for kind in ("wheel", "square", "sliders"):
        inner.show_chooser(kind)
        QTest.qWait(20)
        taken = []
        for step in range(21):
            begun = time.perf_counter()
            inner.mixer.mix(hue=step / 21, saturation=0.5, value=0.7)
            getattr(inner, kind).repaint()
            taken.append(time.perf_counter() - begun)
        assert statistics.median(taken) < 0.016, kind
