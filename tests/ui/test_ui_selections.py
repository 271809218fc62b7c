"""Changes of the selection with a preview, and selections that are kept: in the real window."""

from __future__ import annotations

import numpy as np
import pytest
from numpy import array_equal as same
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget

from scumble.document import BGRA8, Rect
from scumble.document.edits import select
from scumble.ui.docks.selections import SelectionsDock
from scumble.ui.selecting.amount import AmountDialog

SHIFT, ALT, CTRL = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.mark.parametrize(
    ("command", "amount", "bounds"),
    [
        ("select.grow", 10, Rect(90, 90, 120, 100)),
        ("select.shrink", 10, Rect(110, 110, 80, 60)),
        ("select.border", 8, Rect(96, 96, 108, 88)),
    ],
)
def test_a_change_is_seen_before_it_is_made(program, session, hand, qtbot, command, amount, bounds, dialog_of):
    document = session.document
    select(document, Rect(100, 100, 100, 80))
    hand.do(command)
    dialog = dialog_of(AmountDialog)
    dialog.amount.field.setValue(amount)
    qtbot.waitUntil(lambda: not dialog.preview.busy)
    assert document.selection_bounds == bounds
    assert document.history.busy
    dialog.buttons.accepted.emit()
    assert not document.history.busy
    assert document.selection_bounds == bounds
    assert len(document.history.names) == 2
    document.history.undo()
    assert document.selection_bounds == Rect(100, 100, 100, 80)


def test_cancelling_leaves_every_bit_and_no_step(program, session, hand, qtbot, mask, dialog_of):
    select(session.document, Rect(100, 100, 100, 80), np.full((80, 100), 180, np.uint8))
    before = mask()
    hand.do("select.feather")
    dialog = dialog_of(AmountDialog)
    qtbot.waitUntil(lambda: not dialog.preview.busy)
    assert not same(mask(), before)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert same(mask(), before)
    assert session.document.history.names == ("Select",)


def test_the_number_is_remembered(program, session, hand, qtbot, dialog_of):
    select(session.document, Rect(100, 100, 100, 80))
    hand.do("select.smooth")
    dialog = dialog_of(AmountDialog)
    dialog.amount.field.setValue(23)
    dialog.preview.keep()
    qtbot.waitUntil(lambda: not session.document.history.busy)
    QTest.qWait(5)
    hand.do("select.smooth")
    again = dialog_of(AmountDialog)
    assert again.amount.value == 23
    again.reject()


def test_enter_before_it_is_computed_keeps_what_was_wanted(program, session, hand, qtbot, dialog_of):
    select(session.document, Rect(100, 100, 100, 80))
    hand.do("select.grow")
    dialog = dialog_of(AmountDialog)
    dialog.amount.field.setValue(40)
    dialog.buttons.accepted.emit()
    qtbot.waitUntil(lambda: not session.document.history.busy)
    assert session.document.selection_bounds == Rect(60, 60, 180, 160)


def test_a_large_one_is_computed_beside_the_window(program, session, hand, qtbot, dialog_of):
    select(session.document, Rect(100, 100, 100, 80))
    hand.do("select.grow")
    dialog = dialog_of(AmountDialog)
    for amount in (200, 60, 90):
        dialog.amount.field.setValue(amount)
        QTest.qWait(40)
    assert program.window.background.busy or not dialog.preview.busy
    qtbot.waitUntil(lambda: not dialog.preview.busy)
    assert session.document.selection_bounds == Rect(10, 10, 280, 260)
    dialog.preview.keep()
    assert session.document.history.names == ("Select", "Grow selection")


def test_something_else_keeps_what_is_seen(program, session, hand, qtbot, dialog_of):
    select(session.document, Rect(100, 100, 100, 80))
    hand.do("select.grow")
    dialog = dialog_of(AmountDialog)
    dialog.amount.field.setValue(10)
    qtbot.waitUntil(lambda: not dialog.preview.busy)
    hand.do("select.invert")
    assert session.document.history.names == ("Select", "Grow selection", "Invert selection")
    QTest.qWait(5)
    assert not [dialog for dialog in program.window.findChildren(AmountDialog) if dialog.isVisible()]


def test_closing_the_picture_under_a_preview(program, session, hand):
    select(session.document, Rect(100, 100, 100, 80))
    hand.do("select.grow")
    program.window.drop_session(session)
    assert not session.document.history.busy


def test_the_edge_of_the_canvas(program, session, hand, qtbot, mask, dialog_of):
    hand.do("select.all")
    hand.do("select.shrink")
    dialog = dialog_of(AmountDialog)
    dialog.amount.field.setValue(20)
    qtbot.waitUntil(lambda: not dialog.preview.busy)
    assert mask().min() == 255
    dialog.edges.setChecked(True)
    qtbot.waitUntil(lambda: not dialog.preview.busy)
    assert session.document.selection_bounds == Rect(20, 20, 360, 260)
    dialog.reject()


@pytest.fixture
def dock(program, session) -> SelectionsDock:
    return program.window.findChild(SelectionsDock)


def names_in(dock):
    return [dock.list.item(row).text() for row in range(dock.list.count())]


def test_selections_are_kept_and_loaded(program, session, hand, dock, mask):
    assert not program.window.findChild(QDockWidget, "selections").isVisible()
    select(session.document, Rect(0, 0, 100, 100), np.full((100, 100), 200, np.uint8))
    first = mask()
    hand.do("select.keep")
    assert program.window.findChild(QDockWidget, "selections").isVisible()
    select(session.document, Rect(50, 50, 100, 100))
    hand.do("select.keep")
    assert names_in(dock) == ["Selection 1", "Selection 2"]
    assert dock.list.currentRow() == 1
    assert not dock.list.item(0).icon().isNull()
    dock.list.setCurrentRow(0)
    dock.buttons["intersect"].click()
    assert session.document.selection_bounds == Rect(50, 50, 50, 50)
    dock.buttons["add"].click()
    assert session.document.selection_bounds == Rect(0, 0, 100, 100)
    dock.buttons["subtract"].click()
    assert mask().max() == 55
    item = dock.list.item(0)
    QTest.mouseDClick(
        dock.list.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        dock.list.visualItemRect(item).center(),
    )
    dock.list.itemDoubleClicked.emit(item)
    assert same(mask(), first)


def test_kept_selections_are_renamed_and_forgotten(program, session, hand, dock):
    for place in (0, 100):
        select(session.document, Rect(place, 0, 50, 50))
        hand.do("select.keep")
    dock.list.item(0).setText("Sky")
    assert [kept.name for kept in session.document.structure.selections] == ["Sky", "Selection 2"]
    dock.list.item(1).setText("Sky")
    assert names_in(dock) == ["Sky", "Selection 2"]
    assert "already" in program.window.messages.notes[-1].text
    dock.list.item(1).setText("  ")
    assert names_in(dock) == ["Sky", "Selection 2"]
    dock.list.setCurrentRow(0)
    QTest.keyClick(dock.list, Qt.Key.Key_Delete)
    assert names_in(dock) == ["Selection 2"]
    hand.do("edit.undo")
    assert names_in(dock) == ["Sky", "Selection 2"]
    dock.list.setCurrentRow(0)
    QTest.keyClick(dock.list, Qt.Key.Key_Return)
    assert session.document.selection_bounds == Rect(0, 0, 50, 50)
    assert [action.text() for action in dock.make_menu().actions() if action.text()][-2:] == [
        "Rename",
        "Forget the kept selection",
    ]


def test_another_picture_has_other_kept_selections(program, session, hand, dock):
    select(session.document, Rect(0, 0, 50, 50))
    hand.do("select.keep")
    from scumble.ui.dialogs.new_picture import NewPicture

    program.files.create(NewPicture(100, 100, None))
    assert names_in(dock) == []
    assert not dock.buttons["replace"].isEnabled()
    program.window.show_session(session)
    assert names_in(dock) == ["Selection 1"]


def test_holes_of_a_large_selection_are_filled_beside_the_window(program, qtbot):
    from scumble.document.edits import new_document
    from scumble.paint.selecting import combined, put
    from scumble.paint.shapes import rectangle

    document = new_document(5000, 5000, BGRA8, background=None, name="Background")
    ring = combined(rectangle(Rect(100, 100, 4800, 4800)), rectangle(Rect(300, 300, 4000, 4000)), "subtract")
    session = program.window.open_document(document, title="Large")
    put(document, combined(ring, rectangle(Rect(400, 400, 3500, 3500)), "add"), "Select")
    QTest.qWait(5)
    program.window.commands.action("select.holes").trigger()
    qtbot.waitUntil(lambda: len(document.history.names) == 2)
    assert document.selection.read(Rect(100, 100, 4800, 4800)).min() == 255
    assert session.selection_bounds == Rect(100, 100, 4800, 4800)


def test_kept_selections_come_back_from_a_file(program, session, hand, dock, tmp_path, mask):
    from scumble.files import open_document, save_document

    select(session.document, Rect(50, 60, 100, 80), np.full((80, 100), 190, np.uint8))
    wanted = mask()
    hand.do("select.keep")
    path = tmp_path / "picture.ora"
    save_document(session.document.snapshot(), path)
    again = program.window.open_document(open_document(path).document, path)
    assert names_in(dock) == ["Selection 1"]
    select(again.document, Rect(0, 0, 5, 5))
    dock.load("replace")
    assert same(again.document.selection.read(again.document.bounds), wanted)
