"""Every way in which a free transformation begins, is refused, is put down or is given up, at the real window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.document import Rect
from scumble.document.edits import add_layer, set_layer
from scumble.files import open_document
from scumble.ui import transform as module
from scumble.ui.dialogs.new_picture import NewPicture
from scumble.ui.transformbar import TransformBar

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
BOX = Rect(120, 90, 100, 60)


@pytest.fixture
def bar(program):
    return program.window.findChild(TransformBar)


def state(session):
    return {
        (surface, index): tile.pixels.tobytes()
        for surface, plane in session.document.snapshot().planes.items()
        for index, tile in plane.items()
    }


def layer_bounds(session):
    return session.document.surface(session.document.active.surface).bounds()


def test_escape_gives_up(program, painted, hand, modes, begin):
    before = state(painted)
    begin()
    hand.drag((300, 120), (250, 200))
    hand.key(Qt.Key.Key_Escape)
    assert state(painted) == before
    assert painted.document.history.names == ()
    assert modes.mode is None
    assert program.window.tools.tool == "brush"


def test_applying_without_having_changed_anything_makes_no_step(painted, hand, modes, begin):
    before = state(painted)
    begin()
    hand.drag((150, 110), (170, 130))
    hand.drag((170, 130), (150, 110))
    hand.key(Qt.Key.Key_Return)
    assert painted.document.history.names == ()
    assert state(painted) == before


def test_undo_from_the_menu_takes_the_whole_transformation_back(painted, hand, modes, begin):
    before = state(painted)
    begin()
    hand.drag((150, 110), (170, 110))
    painted.settle()
    hand.do("edit.undo")
    assert modes.mode is None
    assert state(painted) == before


def test_taking_another_tool_applies(program, painted, hand, modes, begin):
    begin()
    hand.drag((150, 110), (170, 110))
    hand.do("tool.eraser")
    assert program.window.tools.tool == "eraser"
    assert layer_bounds(painted) == BOX.translated(20, 0)
    assert painted.document.history.names == ("Transform",)


def test_zooming_and_panning_do_not_end_it(program, painted, hand, modes, begin):
    mode = begin()
    hand.drag((150, 110), (170, 110))
    hand.do("view.in")
    hand.press(10, 10, button=Qt.MouseButton.MiddleButton)
    hand.release(10, 10, button=Qt.MouseButton.MiddleButton)
    assert modes.mode is mode
    QTest.qWait(20)
    hand.drag((150, 110), (160, 110))
    assert mode.shape.matrix[0, 2] == 30


def test_going_to_another_document_applies_to_the_first(program, painted, hand, modes, begin):
    begin()
    hand.drag((150, 110), (170, 110))
    other = program.files.create(NewPicture(50, 50, None))
    assert modes.mode is None
    assert painted.document.history.names == ("Transform",)
    assert other.document.history.names == ()
    assert program.window.tools.tool == "brush"


def test_closing_the_document_ends_it(program, painted, hand, modes, begin):
    mode = begin()
    hand.drag((150, 110), (170, 110))
    painted.mark_saved(painted.document.revision)
    program.window.drop_session(painted)
    assert modes.mode is None
    assert mode._closed
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert program.window.tools.tool == "brush"


def test_saving_puts_it_down_first(program, painted, hand, modes, tmp_path, begin):
    painted.path = tmp_path / "picture.ora"
    begin()
    hand.drag((150, 110), (170, 110))
    hand.do("file.save")
    assert modes.mode is None
    QTest.qWait(50)
    while program.files.saver.busy:
        QTest.qWait(10)
    document = open_document(painted.path).document
    top = document.layers[-1]
    assert document.surface(top.surface).bounds() == BOX.translated(20, 0)


def test_painting_is_not_possible_meanwhile(painted, hand, modes, begin):
    before = state(painted)
    begin()
    hand.drag((20, 20), (20, 20))
    hand.drag((130, 100), (130, 100))
    hand.key(Qt.Key.Key_Escape)
    assert state(painted) == before


@pytest.mark.parametrize("change", [{"locked": True}, {"visible": False}])
def test_a_layer_that_cannot_be_changed_is_refused_with_a_sentence(program, painted, hand, modes, change):
    set_layer(painted.document, painted.document.active.id, "x", **change)
    hand.do("tool.transform")
    assert modes.mode is None
    assert program.window.messages._notes
    QTest.qWait(20)
    assert program.window.tools.tool == "brush"


def test_an_empty_layer_is_refused(program, session, hand, modes):
    add_layer(session.document, "Empty")
    hand.do("tool.transform")
    assert modes.mode is None
    assert "empty" in program.window.messages._notes[0].text


def test_apply_and_give_up_by_button(painted, hand, modes, bar, begin):
    begin()
    hand.drag((150, 110), (170, 110))
    bar.cancel.click()
    assert modes.mode is None
    assert painted.document.history.names == ()
    begin()
    hand.drag((150, 110), (170, 110))
    bar.apply.click()
    assert painted.document.history.names == ("Transform",)


def test_a_large_layer_is_put_down_without_holding_the_window_up(painted, hand, modes, monkeypatch, begin):
    monkeypatch.setattr(module, "AT_ONCE", 0)
    mode = begin()
    hand.drag((150, 110), (170, 110))
    hand.key(Qt.Key.Key_Return)
    assert mode.busy
    assert painted.document.history.names == ()
    hand.drag((170, 110), (250, 110))
    assert mode.shape.matrix[0, 2] == 20
    for _ in range(200):
        QTest.qWait(5)
        if modes.mode is None:
            break
    assert painted.document.history.names == ("Transform",)
    assert layer_bounds(painted) == BOX.translated(20, 0)


def test_what_wants_the_document_meanwhile_gets_it_done(painted, hand, modes, monkeypatch, begin):
    monkeypatch.setattr(module, "AT_ONCE", 0)
    begin()
    hand.drag((150, 110), (170, 110))
    hand.key(Qt.Key.Key_Return)
    painted.settle()
    assert painted.document.history.names == ("Transform",)
    QTest.qWait(50)
    assert painted.document.history.names == ("Transform",)


def test_giving_up_while_it_is_put_down(painted, hand, modes, monkeypatch, begin):
    monkeypatch.setattr(module, "AT_ONCE", 0)
    before = state(painted)
    begin()
    hand.drag((300, 60), (330, 140))
    hand.key(Qt.Key.Key_Return)
    hand.key(Qt.Key.Key_Escape)
    QTest.qWait(50)
    assert modes.mode is None
    assert state(painted) == before
    assert painted.document.history.names == ()


def test_a_command_comes_once_it_is_put_down_and_does_not_hold_the_window_up(
    program, painted, hand, modes, monkeypatch, begin
):
    monkeypatch.setattr(module, "AT_ONCE", 0)
    mode = begin()
    hand.drag((150, 110), (170, 110))
    hand.do("tool.eraser")
    assert mode.busy
    assert program.window.tools.tool == "transform"
    hand.do("select.all")
    for _ in range(200):
        if modes.mode is None:
            break
        QTest.qWait(5)
    assert program.window.tools.tool == "eraser"
    assert painted.document.history.names[0] == "Transform"
    assert len(painted.document.history.names) == 2
    assert layer_bounds(painted) == BOX.translated(20, 0)


def test_giving_up_gives_up_what_waits_for_it(program, painted, hand, modes, monkeypatch, begin):
    monkeypatch.setattr(module, "AT_ONCE", 0)
    before = state(painted)
    begin()
    hand.drag((300, 60), (330, 140))
    hand.do("select.all")
    hand.key(Qt.Key.Key_Escape)
    QTest.qWait(50)
    assert modes.mode is None
    assert state(painted) == before
    assert painted.document.history.names == ()
