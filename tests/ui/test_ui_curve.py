"""The curve editor, with mouse and keys."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from scumble.paint import Curve
from scumble.ui.curve import MOST, STRAIGHT, CurveEditor
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
    return editor.place(x, y).toPoint()


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
    assert editor.marked == 1
    QTest.keyClick(editor, Qt.Key.Key_Up, SHIFT)
    QTest.keyClick(editor, Qt.Key.Key_Right)
    assert editor.points[1] == pytest.approx((0.51, 0.6), abs=0.01)
    assert "Point 2 of 3" in editor.accessibleDescription()
    QTest.keyClick(editor, Qt.Key.Key_PageDown)
    QTest.keyClick(editor, Qt.Key.Key_Down)
    QTest.keyClick(editor, Qt.Key.Key_Left)
    assert editor.points[2] == (1.0, 0.99)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert len(editor.points) == 3
    QTest.keyClick(editor, Qt.Key.Key_PageUp)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert editor.points == ((0.0, 0.0), (1.0, 0.99))
    QTest.keyClick(editor, Qt.Key.Key_Home)
    assert editor.points == STRAIGHT
    heard = len(editor.heard)
    QTest.keyClick(editor, Qt.Key.Key_Home)
    assert len(editor.heard) == heard


def test_there_is_no_room_for_endless_points(editor):
    for _ in range(3 * MOST):
        QTest.keyClick(editor, Qt.Key.Key_Insert)
    assert 5 < len(editor.points) <= MOST
    Curve(editor.points)


def test_showing_points_says_nothing_and_draws_them(editor):
    before = editor.grab().toImage()
    editor.show_points(((0.0, 1.0), (1.0, 0.0)))
    assert editor.heard == []
    after = editor.grab().toImage()
    assert before != after
    ink = after.pixelColor(at(editor, 0.25, 0.75))
    assert ink.lightness() > 150


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["press", "move", "release", "key"]), st.integers(-80, 300), st.integers(-80, 220)),
        max_size=40,
    )
)
def test_whatever_a_hand_does_it_stays_a_curve(qapp, acts):
    keys = (Qt.Key.Key_Delete, Qt.Key.Key_Insert, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_PageDown)
    editor = CurveEditor(load_theme(), "Size")
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
        Curve(editor.points)
        assert 0 <= editor.marked < len(editor.points)
    editor.grab()
    editor.deleteLater()


def _move(editor, point):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    none = Qt.KeyboardModifier.NoModifier
    return QMouseEvent(QEvent.Type.MouseMove, point, editor.mapToGlobal(point), LEFT, LEFT, none)
