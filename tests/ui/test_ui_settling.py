"""A large transformation that something else comes upon is put down first, and the window answers meanwhile."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QMessageBox

from scumble.document import Document
from scumble.document.edits import save_selection, select
from scumble.document.geometry import Rect
from scumble.ui import transform as module
from scumble.ui.docks.layers import LayersDock
from scumble.ui.docks.selections import SelectionsDock

BOX = Rect(120, 90, 100, 60)


@pytest.fixture
def moved(painted, hand, begin, monkeypatch):
    """A transformation that is large enough to be put down on another thread, and has not been yet."""
    monkeypatch.setattr(module, "AT_ONCE", 0)
    mode = begin()
    hand.drag((150, 110), (170, 110))
    assert painted.document.history.names[-1:] != ("Transform",)
    return mode


def is_down(session):
    bounds = session.document.surface(session.document.active.surface).bounds()
    return "Transform" in session.document.history.names and bounds == BOX.translated(20, 0)


def test_another_tab_is_shown_at_once(program, painted, modes, moved, qtbot):
    window = program.window
    other = window.open_document(Document(50, 40), None, "Other")
    assert window.session is other
    assert moved.busy
    assert not is_down(painted)
    assert modes.mode is None
    assert window.tools.tool == "brush"
    qtbot.waitUntil(lambda: is_down(painted))
    assert window.session is other
    window.show_session(painted)
    assert window.tools.tool == "brush"


def test_a_tab_closes_once_it_is_down_and_asks_about_it(program, painted, moved, qtbot):
    painted.mark_saved(painted.document.revision)
    program.window.close_requested.emit(painted)
    assert moved.busy
    assert painted in program.window.sessions
    qtbot.waitUntil(lambda: program.window.findChild(QMessageBox) is not None)
    assert is_down(painted)
    box = program.window.findChild(QMessageBox)
    box.button(QMessageBox.StandardButton.Discard).click()
    assert painted not in program.window.sessions


def test_the_program_does_not_end_over_it(program, painted, moved, qtbot):
    painted.mark_saved(painted.document.revision)
    assert not program.window.close()
    assert moved.busy
    assert not program.window.close()
    qtbot.waitUntil(lambda: program.window.findChild(QMessageBox) is not None)
    assert is_down(painted)
    assert len(program.window.findChildren(QMessageBox)) == 1
    program.window.findChild(QMessageBox).button(QMessageBox.StandardButton.Cancel).click()
    assert program.window.isVisible()


def test_giving_it_up_gives_the_closing_up(program, painted, moved, qtbot):
    assert not program.window.close()
    moved.give_up()
    qtbot.wait(50)
    assert program.window.isVisible()
    assert painted in program.window.sessions
    assert not is_down(painted)


def test_a_kept_selection_is_loaded_after_it(program, painted, hand, begin, monkeypatch, qtbot):
    select(painted.document, Rect(5, 6, 7, 8))
    save_selection(painted.document, "corner")
    select(painted.document, painted.document.bounds)
    dock = program.window.findChild(SelectionsDock)
    dock.list.setCurrentRow(0)
    monkeypatch.setattr(module, "AT_ONCE", 0)
    mode = begin()
    hand.drag((150, 110), (170, 110))
    dock.load("replace")
    assert mode.busy
    assert painted.document.selection_bounds == painted.document.bounds
    qtbot.waitUntil(lambda: painted.document.selection_bounds == Rect(5, 6, 7, 8))
    assert painted.document.history.names[-2:] == ("Transform", "Load selection")


def test_layers_are_named_and_ordered_after_it(program, painted, moved, qtbot):
    document, model = painted.document, program.window.findChild(LayersDock).view.model()
    lower, upper = document.layers
    model.setData(model.index_of(lower.id), "Ground")
    model.move([upper.id], QModelIndex(), 2)
    assert moved.busy
    assert document.layers == (lower, upper)
    qtbot.waitUntil(lambda: document.layers[0].id == upper.id)
    assert [layer.name for layer in document.layers] == ["Box", "Ground"]
    assert document.history.names == ("Transform", "Rename layer", "Move layer")
