"""Selecting on the real canvas, with mouse and keys."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy import array_equal as same
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolBar

from scumble.document import Rect
from scumble.document.edits import select
from scumble.ui.families import FamilyButton
from scumble.ui.toolbox import FACES, SELECTING

SHIFT, ALT, CTRL = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def mask(session):
    return lambda: session.document.selection.read(session.document.bounds)


def click(hand, x, y, keys=Qt.KeyboardModifier.NoModifier):
    hand.move(x, y, keys, button=Qt.MouseButton.NoButton)
    hand.press(x, y, keys)
    hand.release(x, y, keys)


def settle(program):
    """Until what a tool does in slices is done."""
    while program.window.canvas.gestures.active:
        QTest.qWait(1)


def double_click(hand, x, y):
    click(hand, x, y)
    QTest.mouseDClick(hand.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, hand.place(x, y))


def test_an_ellipse_is_dragged(program, session, hand, mask):
    hand.do("tool.select-ellipse")
    hand.press(50, 50)
    hand.move(150, 110)
    QTest.qWait(5)
    band = program.window.canvas.gestures.band
    assert band is not None
    assert band.oval
    hand.release(150, 110)
    assert mask().sum() / 255 == pytest.approx(math.pi * 50 * 30, rel=0.03)
    assert session.document.history.names == ("Select",)


def test_shift_makes_a_circle_after_the_press(session, hand):
    hand.do("tool.select-ellipse")
    hand.press(50, 50)
    hand.move(150, 60, SHIFT)
    hand.release(150, 60, SHIFT)
    bounds = session.document.selection_bounds
    assert bounds.width == pytest.approx(bounds.height, abs=1)


def test_the_space_bar_moves_what_is_being_drawn(session, hand):
    hand.do("tool.select")
    hand.press(50, 50)
    hand.move(100, 80)
    QTest.qWait(5)
    QTest.keyPress(hand.canvas, Qt.Key.Key_Space)
    hand.move(120, 90)
    QTest.qWait(5)
    QTest.keyRelease(hand.canvas, Qt.Key.Key_Space)
    hand.release(120, 90)
    bounds = session.document.selection_bounds
    assert (bounds.x, bounds.y) == pytest.approx((70, 60), abs=1)


def test_a_lasso_is_drawn(session, hand, mask):
    hand.do("tool.lasso")
    hand.drag((50, 50), (150, 50), (150, 150), (50, 150))
    assert mask().sum() / 255 == pytest.approx(100 * 100, rel=0.03)


@pytest.mark.parametrize("ending", ["enter", "double click", "start", "tool"])
def test_a_polygon_is_clicked(program, session, hand, mask, ending):
    hand.do("tool.lasso-polygon")
    click(hand, 50, 50)
    click(hand, 150, 50)
    assert program.window.canvas.gestures.active
    assert session.document.selection_bounds.empty
    if ending == "double click":
        double_click(hand, 50, 150)
    else:
        click(hand, 50, 150)
        if ending == "enter":
            hand.key(Qt.Key.Key_Return)
        elif ending == "start":
            click(hand, 52, 51)
        else:
            hand.do("tool.brush")
    assert not program.window.canvas.gestures.active
    assert mask().sum() / 255 == pytest.approx(100 * 100 / 2, rel=0.04)
    assert session.document.history.names == ("Select",)


def test_backspace_takes_a_corner_back_and_fills_nothing(program, session, hand, mask, picture):
    before = picture(session)
    hand.do("tool.lasso-polygon")
    click(hand, 50, 50)
    click(hand, 150, 50)
    click(hand, 300, 290)
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier)
    override.ignore()
    QApplication.sendEvent(hand.canvas, override)
    assert override.isAccepted()
    hand.key(Qt.Key.Key_Backspace)
    click(hand, 50, 150)
    hand.key(Qt.Key.Key_Return)
    assert mask().sum() / 255 == pytest.approx(100 * 100 / 2, rel=0.04)
    assert same(picture(session), before)


def test_escape_gives_a_polygon_up(program, session, hand):
    hand.do("tool.lasso-polygon")
    for place in ((50, 50), (150, 50), (100, 150)):
        click(hand, *place)
    hand.key(Qt.Key.Key_Escape)
    assert not program.window.canvas.gestures.active
    assert session.document.history.names == ()


def test_the_wand_and_like_colours(program, session, hand, mask):
    for place in ((50, 50), (200, 150)):
        hand.drag(place, place)
    hand.do("tool.wand")
    program.window.tools.change_options(smooth_edges=False, tolerance=0.5)
    click(hand, 50, 50)
    settle(program)
    assert 100 < (mask() > 0).sum() < 600
    assert session.document.selection_bounds.x < 50 < session.document.selection_bounds.right
    hand.do("tool.select-colour")
    click(hand, 350, 20)
    settle(program)
    assert mask()[50, 50] == mask()[150, 200] == 0
    assert mask()[250, 350] == 255


def test_the_outline_is_dragged_and_nudged(session, hand, picture):
    select(session.document, Rect(50, 50, 80, 60))
    before = picture(session)
    hand.do("tool.lasso")
    hand.drag((70, 70), (90, 80), (110, 100))
    assert session.document.selection_bounds == Rect(90, 80, 80, 60)
    hand.key(Qt.Key.Key_Left)
    hand.key(Qt.Key.Key_Down, SHIFT)
    assert session.document.selection_bounds == Rect(89, 90, 80, 60)
    assert same(picture(session), before)
    assert session.document.history.names[1:] == ("Move selection",) * 3
    session.document.history.go_to(1)
    assert session.document.selection_bounds == Rect(50, 50, 80, 60)


def test_selecting_tools_share_a_place_in_the_tool_bar(program, session, hand):
    window = program.window
    bar = window.findChild(QToolBar, "tools")
    buttons = list(bar.findChildren(FamilyButton))
    button = next(b for b in buttons if window.commands.action("tool.select") in b.actions_offered)
    family = [face for face in FACES.values() if face.family == SELECTING]
    assert [action.objectName() for action in button.actions_offered] == [face.command.id for face in family]
    assert len(family) >= 6
    hand.do("tool.lasso")
    assert button.defaultAction() is window.commands.action("tool.lasso")
    assert button.isChecked()
    hand.do("tool.brush")
    assert button.defaultAction() is window.commands.action("tool.lasso")
    assert not button.isChecked()
    button.click()
    assert window.tools.tool == "lasso"
    entries = button.menu().actions()
    entries[1].trigger()
    assert window.tools.tool == "select-ellipse"
    assert all(not entry.icon().isNull() for entry in entries)
    assert "\tL" in entries[2].text()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_family_opens_with_keys_and_with_the_right_button(program, session):
    button = program.window.findChild(QToolBar, "tools").findChildren(FamilyButton)[0]
    opened = []

    def close() -> None:
        opened.append(button.menu().isVisible())
        button.menu().close()

    for event in ("key", "button"):
        QTimer.singleShot(30, close)
        if event == "key":
            QTest.keyClick(button, Qt.Key.Key_Right)
        else:
            place = QPoint(5, 5)
            QApplication.sendEvent(
                button, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, button.mapToGlobal(place))
            )
    assert opened == [True, True]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_right_button_offers_what_one_does_with_a_selection(program, session, hand):
    select(session.document, Rect(50, 50, 80, 60))
    QTest.qWait(5)
    canvas = program.window.canvas
    offered = []

    def ask():
        place = hand.place(60, 60)
        QApplication.sendEvent(
            canvas, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, canvas.mapToGlobal(place))
        )
        menus = [menu for menu in program.window.findChildren(QMenu) if menu.isVisible()]
        offered.append([action.objectName() for menu in menus for action in menu.actions() if action.objectName()])
        for menu in menus:
            menu.close()
        QTest.qWait(5)

    hand.do("tool.brush")
    ask()
    hand.do("tool.select")
    ask()
    assert offered[0] == []
    assert {"select.invert", "select.grow", "edit.fill", "edit.clear", "tool.transform", "select.keep"} <= set(
        offered[1]
    )


def test_the_status_bar_tells_the_size_of_the_selection(program, session, hand):
    label = program.window.status._selected
    hand.do("tool.select")
    hand.press(50, 50)
    hand.move(150, 110)
    QTest.qWait(5)
    assert label.text() == "Selection 100 × 60"
    hand.release(150, 110)
    QTest.qWait(5)
    assert label.text() == "Selection 100 × 60"
    hand.do("select.none")
    QTest.qWait(5)
    assert label.text() == ""


def test_reselecting_brings_the_last_selection_back(program, session, hand, mask):
    commands = program.window.commands
    assert not commands.action("select.again").isEnabled()
    select(session.document, Rect(50, 50, 80, 60), np.full((60, 80), 200, np.uint8))
    before = mask()
    hand.do("select.none")
    hand.drag((10, 10), (20, 20))
    hand.do("select.again")
    assert same(mask(), before)
    QTest.qWait(5)
    assert not commands.action("select.again").isEnabled()
    hand.do("edit.undo")
    assert not mask().any()


def test_inverting_twice_is_as_before(session, hand, mask):
    select(session.document, Rect(50, 50, 80, 60), np.full((60, 80), 200, np.uint8))
    before = mask()
    hand.do("select.invert")
    assert mask()[60, 60] == 55
    assert mask()[0, 0] == 255
    hand.do("select.invert")
    assert same(mask(), before)


def test_all_none_holes_and_opaque(program, session, hand, mask):
    hand.do("select.all")
    assert mask().min() == 255
    select(session.document, Rect(50, 50, 80, 60), mode="subtract")
    hand.do("select.holes")
    assert mask().min() == 255
    hand.do("layer.add")
    hand.drag((100, 100), (100, 100))
    hand.do("select.opaque")
    assert session.document.selection_bounds.area < 40 * 40
    assert mask()[100, 100] == 255
    hand.do("layer.add")
    hand.do("select.opaque")
    assert "transparent" in program.window.messages.notes[-1].text


def test_a_soft_selection_limits_painting(session, hand, picture):
    document = session.document
    select(document, Rect(50, 50, 100, 100), np.full((100, 100), 128, np.uint8))
    hand.do("edit.fill")
    assert tuple(picture(session)[100, 100]) == (127, 127, 127, 255)
    assert tuple(picture(session)[10, 10]) == (255, 255, 255, 255)
