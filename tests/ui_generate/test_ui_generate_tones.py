"""The editors of curves and levels, with mouse and keys, and the histogram behind them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.api import Levels, Param, Tool, parse_curve, parse_levels
from scumble.ui.generate.form import ParamForm
from scumble.ui.icons import Icons
from scumble.ui.theme import load_theme

REST = "0,0 1,1"
CURVES = Tool(
    id="c",
    title="C",
    params={
        "all": Param(type="curve", title="All channels", default=REST),
        "blue": Param(type="curve", title="Blue", default=REST),
    },
)
LEVELS = Tool(
    id="l",
    title="L",
    params={
        "all": Param(type="levels", title="All channels", default="0 1 1 0 1"),
        "red": Param(type="levels", title="Red", default="0 1 1 0 1"),
    },
)
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def make_form(qtbot):
    def make(tool):
        theme = load_theme()
        form = ParamForm(tool, theme, Icons(theme))
        qtbot.addWidget(form)
        form.resize(320, 420)
        form.show()
        return form

    return make


@pytest.fixture
def curve(make_form):
    return make_form(CURVES).fields["all"]


@pytest.fixture
def levels(make_form):
    return make_form(LEVELS).fields["all"]


def move(widget, place, buttons=LEFT):
    point = QPointF(place)
    event = QMouseEvent(QEvent.Type.MouseMove, point, widget.mapToGlobal(point), LEFT, buttons, NONE)
    QApplication.sendEvent(widget, event)


def drag(widget, start, end):
    QTest.mousePress(widget, LEFT, NONE, start)
    move(widget, (QPointF(start) + QPointF(end)) / 2)
    move(widget, end)
    QTest.mouseRelease(widget, LEFT, NONE, end)


def at(curve, x, y):
    return curve.editor.place_of((x, y)).toPoint()


def test_a_click_adds_a_point_where_it_is(curve, qtbot):
    with qtbot.waitSignal(curve.changed):
        QTest.mouseClick(curve.editor, LEFT, NONE, at(curve, 0.5, 0.75))
    points = parse_curve(curve.value())
    assert len(points) == 3
    assert points[1] == pytest.approx((0.5, 0.75), abs=0.01)
    assert "In 1" in curve.readout.text()


def test_a_point_is_dragged_also_past_its_neighbours_and_stays_a_curve(curve):
    drag(curve.editor, at(curve, 0.5, 0.5), at(curve, 0.3, 0.8))
    assert parse_curve(curve.value())[1] == pytest.approx((0.3, 0.8), abs=0.01)
    drag(curve.editor, at(curve, 0.7, 0.5), at(curve, 0.1, 0.4))
    points = parse_curve(curve.value())
    assert len(points) == 4
    assert points[1] == pytest.approx((0.1, 0.4), abs=0.01)
    assert points[2] == pytest.approx((0.3, 0.8), abs=0.01)


def test_the_ends_move_too(curve):
    drag(curve.editor, at(curve, 0.0, 0.0), at(curve, 0.2, 0.1))
    assert parse_curve(curve.value())[0] == pytest.approx((0.2, 0.1), abs=0.01)


def test_a_point_dragged_out_goes_and_one_dragged_back_in_comes_back(curve):
    drag(curve.editor, at(curve, 0.5, 0.5), at(curve, 0.5, 0.9))
    start = at(curve, 0.5, 0.9)
    QTest.mousePress(curve.editor, LEFT, NONE, start)
    move(curve.editor, QPoint(start.x(), -80))
    assert curve.value() == REST
    move(curve.editor, at(curve, 0.5, 0.6))
    assert len(parse_curve(curve.value())) == 3
    move(curve.editor, QPoint(start.x(), -80))
    QTest.mouseRelease(curve.editor, LEFT, NONE, QPoint(start.x(), -80))
    assert curve.value() == REST


def test_a_double_click_removes_but_never_the_last_two(curve):
    drag(curve.editor, at(curve, 0.5, 0.5), at(curve, 0.5, 0.9))
    QTest.mouseDClick(curve.editor, LEFT, NONE, at(curve, 0.5, 0.9))
    assert curve.value() == REST
    QTest.mouseDClick(curve.editor, LEFT, NONE, at(curve, 0.0, 0.0))
    assert curve.value() == REST


def test_the_keys_do_it_all(curve):
    editor = curve.editor
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_Insert)
    assert parse_curve(curve.value())[1] == pytest.approx((0.5, 0.5), abs=0.001)
    QTest.keyClick(editor, Qt.Key.Key_Up)
    QTest.keyClick(editor, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert parse_curve(curve.value())[1] == pytest.approx((0.5 + 10 / 255, 0.5 + 1 / 255), abs=0.001)
    QTest.keyClick(editor, Qt.Key.Key_PageUp)
    QTest.keyClick(editor, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert parse_curve(curve.value())[2] == pytest.approx((1.0, 1 - 10 / 255), abs=0.001)
    QTest.keyClick(editor, Qt.Key.Key_PageDown)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert len(parse_curve(curve.value())) == 2


def test_a_curve_takes_no_more_points_than_it_may_have(curve):
    curve.set_value(" ".join(f"{place / 31:.5f},{place / 31:.5f}" for place in range(32)))
    before = curve.value()
    QTest.mouseClick(curve.editor, LEFT, NONE, at(curve, 0.5, 0.1))
    assert curve.value() == before


def test_what_is_no_curve_is_passed_over(curve):
    curve.set_value("nonsense")
    assert curve.value() == REST


def test_the_editor_says_what_it_is_and_how_it_is_used(curve):
    assert curve.editor.accessibleName() == "All channels"
    assert "Page Up" in curve.editor.toolTip()
    assert "1 of 2" in curve.editor.accessibleDescription()
    assert curve.editor.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize("tool", [CURVES, LEVELS])
def test_one_channel_is_shown_at_a_time_and_marked_when_it_was_changed(make_form, tool):
    form = make_form(tool)
    first, second = form.fields.values()
    stack = form._stacks[next(iter(tool.params.values())).type]
    assert first.isVisible()
    assert not second.isVisible()
    stack.choice.setCurrentIndex(1)
    assert second.isVisible()
    second.set_value("0,0.5 1,1" if tool is CURVES else "0.5 1 1 0 1")
    assert stack.choice.itemText(1).endswith("•")
    assert not stack.choice.itemText(0).endswith("•")
    form.reset()
    assert not stack.choice.itemText(1).endswith("•")


@pytest.mark.parametrize(
    ("handle", "to", "expected"),
    [
        ("black", 0.25, Levels(black=0.25)),
        ("white", 0.75, Levels(white=0.75)),
        ("gamma", 0.25, Levels(gamma=2.0)),
        ("low", 0.5, Levels(low=0.5)),
        ("high", 0.5, Levels(high=0.5)),
    ],
)
def test_handles_of_levels_are_dragged(levels, handle, to, expected):
    bar = levels.bar
    tip = bar.handles()[handle].toPoint() + QPoint(0, 5)
    drag(bar, tip, QPoint(round(bar._x(to)), tip.y()))
    found = parse_levels(levels.value())
    for name in ("black", "gamma", "white", "low", "high"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=0.03)
    assert levels.spins["black"].value() == pytest.approx(found.black * 255, abs=0.5)


def test_black_and_white_never_meet(levels):
    bar = levels.bar
    tip = bar.handles()["black"].toPoint() + QPoint(0, 4)
    drag(bar, tip, QPoint(bar.width() + 50, tip.y()))
    parse_levels(levels.value())
    levels.spins["white"].setValue(3)
    found = parse_levels(levels.value())
    assert found.black < found.white


def test_numbers_of_levels_are_typed(levels, qtbot):
    for part, number in (("black", 10), ("white", 240), ("gamma", 1.5), ("low", 5), ("high", 250)):
        with qtbot.waitSignal(levels.changed):
            levels.spins[part].setValue(number)
    found = parse_levels(levels.value())
    assert (found.black * 255, found.gamma, found.white * 255) == pytest.approx((10, 1.5, 240), abs=0.01)
    assert (found.low * 255, found.high * 255) == pytest.approx((5, 250), abs=0.01)


def test_levels_at_rest_are_exactly_at_rest(levels):
    levels.spins["white"].setValue(200)
    levels.spins["white"].setValue(255)
    assert levels.value() == "0 1 1 0 1"


@pytest.mark.parametrize("tool", [CURVES, LEVELS])
def test_the_histogram_is_drawn_for_the_channel(make_form, tool):
    form = make_form(tool)
    assert form.wants_counts
    field = next(iter(form.fields.values()))
    empty = field.grab().toImage()
    counts = np.zeros((4, 256), np.int64)
    counts[0] = np.arange(256)
    form.show_counts(counts)
    shown = field.grab().toImage()
    assert shown != empty
    form.show_counts(None)
    assert field.grab().toImage() == empty


def test_a_slider_stands_where_its_number_is_from_the_start(make_form):
    tool = Tool(
        id="t", title="T", params={"x": Param(type="number", title="X", default=0.0, minimum=-100, maximum=100)}
    )
    slider = make_form(tool).fields["x"].slider
    assert slider.value() == slider.maximum() // 2
