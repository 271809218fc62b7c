"""Tabs, menus of the right button, the question before changes are lost, and the history by keyboard."""

from __future__ import annotations

import pytest
from numpy import array_equal as same
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox

from scumble.ui.brushpopup import BrushPopup
from scumble.ui.dialogs.new_picture import NewPicture
from scumble.ui.dialogs.unsaved import UnsavedDialog
from scumble.ui.docks.history import HistoryDock
from scumble.ui.tabhabits import TabHabits

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def three(program, session):
    """The first picture and two more; the last one is the current one."""
    return [session, *(program.files.create(NewPicture(64, 48, (1.0, 1.0, 1.0))) for _ in range(2))]


def paint(hand):
    hand.drag((10, 10), (30, 20))


# Tabs


def middle(tabs, tab):
    QTest.mouseClick(tabs, MIDDLE, NONE, tabs.tabRect(tab).center())


def test_the_middle_button_closes_a_tab(program, three):
    middle(program.window.tabs, 1)
    assert program.window.sessions == (three[0], three[2])


def test_it_asks_where_there_are_changes(program, three, hand):
    paint(hand)
    middle(program.window.tabs, 2)
    box = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible())
    QTest.mouseClick(box.button(QMessageBox.StandardButton.Cancel), LEFT)
    assert len(program.window.sessions) == 3


def test_a_middle_press_that_is_let_go_elsewhere_closes_nothing(program, three):
    tabs = program.window.tabs
    QTest.mousePress(tabs, MIDDLE, NONE, tabs.tabRect(0).center())
    QTest.mouseRelease(tabs, MIDDLE, NONE, tabs.tabRect(1).center())
    assert len(program.window.sessions) == 3


def test_ctrl_tab_goes_round(program, three):
    window = program.window
    window.activateWindow()
    window.canvas.setFocus()
    ctrl = Qt.KeyboardModifier.ControlModifier
    QApplication.processEvents()
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab, ctrl)
    assert window.session is three[0]
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab, ctrl)
    assert window.session is three[1]
    QTest.keyClick(window.canvas, Qt.Key.Key_Backtab, ctrl | Qt.KeyboardModifier.ShiftModifier)
    assert window.session is three[0]


def test_the_menu_of_a_tab_makes_it_current_and_closes_the_others(program, three, tmp_path):
    three[1].path = tmp_path / "one.ora"
    menu = program.window.findChild(TabHabits).make_menu(1)
    assert program.window.session is three[1]
    QApplication.processEvents()
    by_text = {action.text().replace("&", ""): action for action in menu.actions()}
    by_text["Copy the path of the file"].trigger()
    assert QGuiApplication.clipboard().text() == str(tmp_path / "one.ora")
    by_text["Close others"].trigger()
    assert program.window.sessions == (three[1],)
    menu.close()


# Changes that are not saved


def question(window) -> UnsavedDialog:
    return next(d for d in window.findChildren(UnsavedDialog) if d.isVisible())


@pytest.fixture
def changed(program, three, hand):
    """All three have changes; the first two have files."""
    for session in three:
        program.window.show_session(session)
        paint(hand)
    return three


def test_one_question_names_all_pictures_and_cancel_keeps_them(program, changed):
    program.window.close()
    shown = question(program.window)
    assert [shown.list.item(row).text() for row in range(shown.list.count())] == [s.title for s in changed]
    QTest.mouseClick(shown.cancel_button, LEFT)
    assert program.window.isVisible()
    assert program.window.sessions == tuple(changed)
    program.window.close()
    QTest.keyClick(question(program.window), Qt.Key.Key_Escape)
    assert program.window.isVisible()


def test_discard_closes_all(program, changed):
    program.window.close()
    QTest.mouseClick(question(program.window).discard_button, LEFT)
    QApplication.processEvents()
    assert not program.window.isVisible()


def test_save_all_writes_every_file_and_closes(program, changed, tmp_path, qtbot):
    for number, session in enumerate(changed):
        session.path = tmp_path / f"{number}.ora"
    program.window.close()
    QTest.mouseClick(question(program.window).save_button, LEFT)
    qtbot.waitUntil(lambda: not program.window.isVisible(), timeout=10_000)
    assert {path.name for path in tmp_path.glob("*.ora")} == {"0.ora", "1.ora", "2.ora"}


def test_only_what_is_ticked_is_saved(program, changed, tmp_path, qtbot):
    for number, session in enumerate(changed):
        session.path = tmp_path / f"{number}.ora"
    program.window.close()
    shown = question(program.window)
    shown.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert "these" in shown.save_button.text()
    QTest.mouseClick(shown.save_button, LEFT)
    qtbot.waitUntil(lambda: not program.window.isVisible(), timeout=10_000)
    assert {path.name for path in tmp_path.glob("*.ora")} == {"0.ora", "2.ora"}


def test_a_file_that_is_not_chosen_keeps_the_window_and_it_can_be_closed_later(program, changed, tmp_path, qtbot):
    changed[0].path = tmp_path / "0.ora"
    program.window.close()
    QTest.mouseClick(question(program.window).save_button, LEFT)
    find = lambda: [d for d in program.window.findChildren(QFileDialog) if d.isVisible()]  # noqa: E731
    qtbot.waitUntil(lambda: bool(find()), timeout=10_000)
    find()[0].reject()
    assert program.window.isVisible()
    assert changed[1] in program.window.sessions
    program.window.close()
    QTest.mouseClick(question(program.window).discard_button, LEFT)
    qtbot.waitUntil(lambda: not program.window.isVisible(), timeout=10_000)


def test_one_changed_picture_is_asked_about_by_name(program, three, hand):
    paint(hand)
    program.window.close()
    boxes = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    assert len(boxes) == 1
    assert isinstance(boxes[0], QMessageBox)
    assert three[2].title in boxes[0].text()
    QTest.mouseClick(boxes[0].button(QMessageBox.StandardButton.Discard), LEFT)
    assert not program.window.isVisible()


def test_close_all_asks_once_and_keeps_the_window(program, changed):
    program.window.commands.action("file.close-all").trigger()
    QTest.mouseClick(question(program.window).discard_button, LEFT)
    assert program.window.sessions == ()
    assert program.window.isVisible()


# The right button on the canvas


def right_click(canvas, place):
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, canvas.mapToGlobal(place))
    QApplication.sendEvent(canvas, event)


@pytest.fixture
def popup(program, session):
    return program.window.findChild(BrushPopup)


def test_a_right_click_offers_the_brush_at_the_pointer(program, session, hand, popup, picture):
    before = picture(session)
    canvas = program.window.canvas
    place = QPoint(canvas.width() // 2, canvas.height() // 2)
    QTest.mouseClick(canvas, RIGHT, NONE, place)
    right_click(canvas, place)
    assert popup.isVisible()
    assert popup.geometry().contains(canvas.mapTo(program.window, place))
    popup.sliders["size"].field.setValue(77)
    assert program.window.tools.brush.size == 77
    popup.sliders["hardness"].field.setValue(20)
    assert program.window.tools.brush.hardness == pytest.approx(0.2)
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert same(picture(session), before)


def test_it_stays_inside_the_window(program, session, popup):
    canvas = program.window.canvas
    for place in (QPoint(1, 1), QPoint(canvas.width() - 1, canvas.height() - 1)):
        right_click(canvas, place)
        assert program.window.rect().contains(popup.geometry())


def test_a_recent_colour_is_taken(program, session, hand, popup):
    tools = program.window.tools
    tools.set_foreground((1.0, 0.0, 0.0))
    paint(hand)
    tools.set_foreground((0.0, 0.0, 1.0))
    right_click(program.window.canvas, QPoint(200, 200))
    popup.recent.chosen.emit(popup.recent.swatches.swatches[0].colour)
    assert tools.foreground == (1.0, 0.0, 0.0)
    assert not popup.isVisible()


def test_a_click_elsewhere_closes_it(program, session, popup, qtbot):
    program.window.activateWindow()
    right_click(program.window.canvas, QPoint(200, 200))
    QApplication.processEvents()
    program.window.canvas.setFocus()
    QApplication.processEvents()
    assert not popup.isVisible()


def test_without_a_brush_it_is_not_offered(program, session, popup):
    program.window.tools.set_tool("move")
    right_click(program.window.canvas, QPoint(200, 200))
    assert not popup.isVisible()


# History


@pytest.fixture
def history(program, session, hand):
    for y in (40, 80, 120):
        hand.drag((50, y), (200, y))
    return program.window.findChild(HistoryDock)


def test_the_arrows_go_from_step_to_step(program, session, history, picture):
    steps = session.document.history
    QTest.keyClick(history.list, Qt.Key.Key_Up)
    assert steps.position == 2
    QTest.keyClick(history.list, Qt.Key.Key_Home)
    assert steps.position == 0
    assert (picture(session) == 255).all()
    QTest.keyClick(history.list, Qt.Key.Key_Up)
    assert steps.position == 0
    QTest.keyClick(history.list, Qt.Key.Key_End)
    assert steps.position == 3
    QTest.keyClick(history.list, Qt.Key.Key_Down)
    assert steps.position == 3


def test_a_click_and_the_menu_go_to_a_step(program, session, history):
    program.window.findChild(HistoryDock).parentWidget().raise_()
    QApplication.processEvents()
    place = history.list.visualItemRect(history.list.item(1)).center()
    QTest.mouseClick(history.list.viewport(), LEFT, NONE, place)
    assert session.document.history.position == 1
    menu = history.make_menu(history.list.item(3))
    menu.actions()[0].trigger()
    assert session.document.history.position == 3
    assert "Brush stroke" in menu.actions()[0].text()
    menu.close()
