"""The curve editor, with mouse and keys."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from scumble.api import Param, curve_at, parse_curve
from scumble.paint import Curve
from scumble.ui.curve import STRAIGHT, CurveEditor, CurveRules
from scumble.ui.generate.curvefield import CurveField
from scumble.ui.theme import load_theme

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def editor(qtbot):
    made = CurveEditor(load_theme(), "Size")
    qtbot.addWidget(made)
    made.resize(216, 136)
    made.show()
    made.heard = []
    made.changed.connect(made.heard.append)
    return made


def at(editor, x, y):
    return editor.place_of((x, y)).toPoint()


def drag(editor, start, *way):
    QTest.mousePress(editor, LEFT, pos=at(editor, *start))
    for point in way:
        QTest.mouseMove(editor, point if isinstance(point, QPoint) else at(editor, *point))
    QTest.mouseRelease(editor, LEFT, pos=QPoint(5, 5))


def test_a_click_adds_a_point_and_a_drag_moves_it(editor):
    QTest.mouseClick(editor, LEFT, pos=at(editor, 0.5, 0.8))
    assert len(editor.points) == 3
    assert editor.points[1] == pytest.approx((0.5, 0.8), abs=0.02)
    assert editor.heard == [editor.points]
    drag(editor, editor.points[1], (0.3, 0.2))
    assert editor.points[1] == pytest.approx((0.3, 0.2), abs=0.02)
    Curve(editor.points)


def test_the_ends_move_only_up_and_down(editor):
    drag(editor, (0.0, 0.0), (0.5, 0.4))
    drag(editor, (1.0, 1.0), (0.2, 0.6))
    assert editor.points[0] == pytest.approx((0.0, 0.4), abs=0.02)
    assert editor.points[1] == pytest.approx((1.0, 0.6), abs=0.02)
    assert (editor.points[0][0], editor.points[1][0]) == (0.0, 1.0)


def test_dragged_out_it_goes_and_dragged_back_it_comes(editor):
    QTest.mouseClick(editor, LEFT, pos=at(editor, 0.5, 0.8))
    drag(editor, editor.points[1], QPoint(100, -60), (0.4, 0.3))
    assert editor.points[1] == pytest.approx((0.4, 0.3), abs=0.02)
    drag(editor, editor.points[1], QPoint(100, 300))
    assert editor.points == STRAIGHT
    drag(editor, (1.0, 1.0), QPoint(500, -90))
    assert editor.points == STRAIGHT


def test_a_point_may_pass_its_neighbours(editor):
    for x in (0.3, 0.6):
        QTest.mouseClick(editor, LEFT, pos=at(editor, x, 0.5))
    drag(editor, editor.points[1], (0.8, 0.9))
    assert [point[0] for point in editor.points] == pytest.approx([0.0, 0.6, 0.8, 1.0], abs=0.02)


def test_everything_works_with_keys(editor):
    QTest.keyClick(editor, Qt.Key.Key_Insert)
    assert editor.points == ((0.0, 0.0), (0.5, pytest.approx(0.5, abs=0.01)), (1.0, 1.0))
    assert editor.chosen == 1
    QTest.keyClick(editor, Qt.Key.Key_Up, SHIFT)
    QTest.keyClick(editor, Qt.Key.Key_Right)
    assert editor.points[1] == pytest.approx((0.51, 0.6), abs=0.01)
    assert "Point 2 of 3" in editor.accessibleDescription()
    QTest.keyClick(editor, Qt.Key.Key_PageUp)
    QTest.keyClick(editor, Qt.Key.Key_Down)
    QTest.keyClick(editor, Qt.Key.Key_Left)
    assert editor.points[2] == (1.0, 0.99)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert len(editor.points) == 3
    QTest.keyClick(editor, Qt.Key.Key_PageDown)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert editor.points == ((0.0, 0.0), (1.0, 0.99))
    QTest.keyClick(editor, Qt.Key.Key_Home)
    assert editor.points == STRAIGHT
    heard = len(editor.heard)
    QTest.keyClick(editor, Qt.Key.Key_Home)
    assert len(editor.heard) == heard


def test_there_is_no_room_for_endless_points(editor):
    for _ in range(3 * CurveRules().most):
        QTest.keyClick(editor, Qt.Key.Key_Insert)
    assert 5 < len(editor.points) <= CurveRules().most
    Curve(editor.points)


def test_between_points_that_are_close_there_is_no_room(editor):
    editor.show_points(((0.0, 0.0), (0.5, 0.5), (0.512, 0.5), (0.9, 0.9), (1.0, 1.0)))
    place = editor.place_of((0.506, 0.5)).toPoint()
    QTest.mousePress(editor, LEFT, pos=at(editor, 0.9, 0.9))
    editor.mouseMoveEvent(_move(editor, QPointF(editor.place_of((0.506, 0.2)))))
    Curve(editor.points)
    assert len(editor.points) == 5
    editor.mouseMoveEvent(_move(editor, QPointF(editor.place_of((0.7, 0.2)))))
    assert editor.points[3] == pytest.approx((0.7, 0.2), abs=0.02)
    QTest.mouseRelease(editor, LEFT, pos=place)


def test_a_double_click_removes_a_point(editor):
    editor.show_points(((0.0, 0.0), (0.5, 0.9), (1.0, 1.0)))
    QTest.mouseDClick(editor, LEFT, pos=at(editor, 0.5, 0.9))
    assert editor.points == STRAIGHT
    QTest.mouseDClick(editor, LEFT, pos=at(editor, 0.0, 0.0))
    assert editor.points == STRAIGHT


def test_ends_that_are_free_move_sideways_and_go(qtbot):
    free = CurveEditor(load_theme(), "Red", CurveRules(free=True))
    qtbot.addWidget(free)
    free.resize(216, 216)
    drag(free, (0.0, 0.0), (0.2, 0.1))
    assert free.points[0] == pytest.approx((0.2, 0.1), abs=0.02)
    drag(free, (1.0, 1.0), (0.7, 0.8))
    assert free.points[-1] == pytest.approx((0.7, 0.8), abs=0.02)
    QTest.mouseClick(free, LEFT, pos=at(free, 0.45, 0.2))
    free._choose(0)
    QTest.keyClick(free, Qt.Key.Key_Delete)
    assert [point[0] for point in free.points] == pytest.approx([0.45, 0.7], abs=0.02)
    QTest.keyClick(free, Qt.Key.Key_Delete)
    assert len(free.points) == 2
    QTest.keyClick(free, Qt.Key.Key_Left, SHIFT)
    assert free.points[0][0] == pytest.approx(0.35, abs=0.02)


def test_showing_points_says_nothing_and_draws_them(editor):
    before = editor.grab().toImage()
    editor.show_points(((0.0, 1.0), (1.0, 0.0)))
    assert editor.heard == []
    after = editor.grab().toImage()
    assert before != after
    ink = after.pixelColor(at(editor, 0.25, 0.75))
    assert ink.lightness() > 150


@settings(max_examples=60, deadline=None)
@given(
    free=st.booleans(),
    acts=st.lists(
        st.tuples(st.sampled_from(["press", "move", "release", "key"]), st.integers(-80, 300), st.integers(-80, 220)),
        max_size=40,
    ),
)
def test_whatever_a_hand_does_it_stays_a_curve(qapp, acts, free):
    keys = (Qt.Key.Key_Delete, Qt.Key.Key_Insert, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_PageDown)
    editor = CurveEditor(load_theme(), "Size", CurveRules(free=free, gap=0.05))
    editor.resize(216, 136)
    for act, x, y in acts:
        if act == "press":
            QTest.mousePress(editor, LEFT, pos=QPoint(x, y))
        elif act == "move":
            QTest.mouseMove(editor, QPoint(x, y))
            editor.mouseMoveEvent(_move(editor, QPointF(x, y)))
        elif act == "release":
            QTest.mouseRelease(editor, LEFT, pos=QPoint(x, y))
        else:
            QTest.keyClick(editor, keys[x % len(keys)])
        inputs = [point[0] for point in editor.points]
        assert all(after - before > 0.0499 for before, after in pairwise(inputs))
        assert free or (inputs[0], inputs[-1]) == (0.0, 1.0)
        assert all(0.0 <= value <= 1.0 for point in editor.points for value in point)
        assert len(inputs) >= 2
        assert 0 <= editor.chosen < len(editor.points)
    editor.grab()
    editor.deleteLater()


def _move(editor, point):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    none = Qt.KeyboardModifier.NoModifier
    return QMouseEvent(QEvent.Type.MouseMove, point, editor.mapToGlobal(point), LEFT, LEFT, none)


@pytest.fixture
def tone(qtbot):
    field = CurveField(Param(type="curve", title="Red", default="0,0 1,1"), "red", load_theme())
    qtbot.addWidget(field)
    field.resize(300, 340)
    field.show()
    return field


def test_a_tone_curve_is_the_text_of_its_parameter(tone):
    heard = []
    tone.changed.connect(lambda: heard.append(tone.value()))
    QTest.mouseClick(tone.editor, LEFT, pos=at(tone.editor, 0.5, 0.75))
    assert len(heard) == 1
    points = parse_curve(heard[0])
    assert points[1] == pytest.approx((0.5, 0.75), abs=0.01)
    assert tone.readout.text() == f"In {round(points[1][0] * 255)}   Out {round(points[1][1] * 255)}"
    QTest.keyClick(tone.editor, Qt.Key.Key_PageUp)
    assert tone.readout.text() == "In 255   Out 255"
    QTest.keyClick(tone.editor, Qt.Key.Key_Down)
    assert tone.readout.text() == "In 255   Out 254"
    QTest.keyClick(tone.editor, Qt.Key.Key_Left, SHIFT)
    assert tone.readout.text() == "In 245   Out 254"
    tone.set_value("0,0.2 0.5,0.9 1,1")
    assert tone.editor.points == ((0.0, 0.2), (0.5, 0.9), (1.0, 1.0))
    assert tone.editor.accessibleName() == "Red"


def test_a_tone_curve_is_drawn_in_its_channel_as_it_is_computed(tone):
    tone.set_value("0,0 0.5,0.9 1,1")
    shot = tone.editor.grab().toImage()
    for x in (0.2, 0.8):
        y = float(curve_at(tone.editor.points, np.array([x]))[0])
        seen = shot.pixelColor(at(tone.editor, x, y))
        assert seen.red() > seen.blue() + 20, x
