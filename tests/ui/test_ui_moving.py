"""The move tool at the real window: what is seen while dragging, and what is there afterwards."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.document import BGRA8, Rect
from scumble.document.edits import add_group, add_layer, move_layer, select, set_layer
from scumble.render import Budget
from scumble.tools import moving

CTRL = Qt.KeyboardModifier.ControlModifier
BOX = Rect(120, 90, 100, 60)


@pytest.fixture
def translations(monkeypatch):
    """The distances of every translation that is made."""
    made = []
    translate = moving.translate

    def counted(edit, document, layer, dx, dy):
        made.append((dx, dy))
        translate(edit, document, layer, dx, dy)

    monkeypatch.setattr(moving, "translate", counted)
    return made


@pytest.fixture
def painted(session):
    """A second layer with a box of noise on it; no steps yet."""
    straight = np.random.default_rng(1).integers(0, 256, (BOX.height, BOX.width, 4), np.uint8)
    straight[..., 3] = 255
    add_layer(session.document, "Box", pixels=BGRA8.from_straight(straight), origin=(BOX.x, BOX.y))
    session.document.history.clear()
    return session


def bounds(session, layer=None):
    document = session.document
    return document.surface(document.paint_layer(layer or document.active.id).surface).bounds()


def state(session):
    return {
        (surface, index): tile.pixels.tobytes()
        for surface, plane in session.document.snapshot().planes.items()
        for index, tile in plane.items()
    }


def screen(canvas):
    QTest.qWait(20)
    if canvas._live is not None and not canvas._live.over:
        canvas._live.prepare(canvas.viewport, canvas.rect(), Budget())
    return canvas.grab().toImage()


def test_a_drag_is_one_translation_when_it_ends(program, session, hand, picture, translations):
    program.window.tools.set_tool("move")
    hand.press(100, 100)
    for step in range(1, 30):
        hand.move(100 + step, 100)
        QApplication.processEvents()
    hand.move(150, 105)
    QApplication.processEvents()
    assert not translations
    hand.release(160, 110)
    QApplication.processEvents()
    assert translations == [(60, 10)]
    assert picture(session)[:10].max() == 0
    assert picture(session)[10:, 60:].min() == 255


def test_a_move_that_was_given_up_does_not_come_late(program, session, hand, picture, translations):
    program.window.tools.set_tool("move")
    before = picture(session)
    hand.press(100, 100)
    hand.move(130, 100)
    hand.key(Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert not translations
    assert (picture(session) == before).all()


def test_the_picture_is_seen_moved_before_it_is(program, painted, hand):
    program.window.tools.set_tool("move")
    canvas = program.window.canvas
    first = screen(canvas)
    before = state(painted)
    hand.press(150, 110)
    hand.move(190, 150)
    seen = screen(canvas)
    assert state(painted) == before
    assert seen != first
    hand.release(190, 150)
    canvas.complete()
    assert screen(canvas) == seen
    assert bounds(painted) == BOX.translated(40, 40)
    hand.do("edit.undo")
    canvas.complete()
    assert screen(canvas) == first
    assert state(painted) == before


def test_after_escape_the_picture_is_seen_as_it_was(program, painted, hand):
    program.window.tools.set_tool("move")
    canvas = program.window.canvas
    first = screen(canvas)
    hand.press(150, 110)
    hand.move(190, 150)
    assert screen(canvas) != first
    hand.key(Qt.Key.Key_Escape)
    assert screen(canvas) == first
    assert painted.document.history.names == ()


def test_a_click_makes_no_step(program, painted, hand):
    program.window.tools.set_tool("move")
    hand.drag((150, 110), (150, 110))
    assert painted.document.history.names == ()


def test_with_a_selection_its_content_is_moved_in_one_step(program, painted, hand, picture):
    select(painted.document, Rect(130, 100, 20, 20))
    painted.document.history.clear()
    before = picture(painted)
    everything = state(painted)
    program.window.tools.set_tool("move")
    hand.drag((10, 10), (40, 110))
    after = picture(painted)
    assert painted.document.history.names == ("Move layer",)
    assert (after[200:220, 160:180] == before[100:120, 130:150]).all()
    assert (after[100:120, 130:150] == 255).all()
    same = np.ones(before.shape[:2], bool)
    same[200:220, 160:180] = same[100:120, 130:150] = False
    assert (after[same] == before[same]).all()
    assert painted.document.selection_bounds == Rect(160, 200, 20, 20)
    hand.do("edit.undo")
    assert state(painted) == everything


def test_a_selection_beside_the_layer_is_refused_with_a_sentence(program, painted, hand):
    select(painted.document, Rect(10, 10, 20, 20))
    program.window.tools.set_tool("move")
    hand.drag((15, 15), (40, 40))
    assert "selection" in program.window.messages._notes[0].text


def test_arrow_keys_nudge_what_is_selected(program, painted, hand):
    select(painted.document, Rect(120, 90, 50, 60))
    program.window.tools.set_tool("move")
    hand.key(Qt.Key.Key_Up)
    assert painted.document.selection_bounds == Rect(120, 89, 50, 60)
    assert bounds(painted) == Rect(120, 89, 100, 61)


@pytest.mark.parametrize("option", [False, True])
def test_the_layer_under_the_pointer_is_taken(program, painted, hand, option):
    document = painted.document
    box, background = document.active.id, document.layers[0].id
    add_layer(document, "Above, and empty")
    program.window.tools.set_tool("move")
    program.window.tools.change_options(auto_select=option)
    hand.drag((150, 110), (160, 110), keys=Qt.KeyboardModifier.NoModifier if option else CTRL)
    assert document.active.id == box
    assert bounds(painted) == BOX.translated(10, 0)
    hand.drag((10, 10), (10, 20), keys=Qt.KeyboardModifier.NoModifier if option else CTRL)
    assert document.active.id == background
    hand.drag((160, 110), (160, 120), keys=CTRL if option else Qt.KeyboardModifier.NoModifier)
    assert document.active.id == background
    assert bounds(painted, box) == BOX.translated(10, 0)


def test_what_is_hidden_or_masked_is_not_under_the_pointer(painted):
    document = painted.document
    box, background = document.active.id, document.layers[0].id
    assert moving.layer_at(document, 150, 110) == box
    set_layer(document, box, "x", visible=False)
    assert moving.layer_at(document, 150, 110) == background
    set_layer(document, box, "x", visible=True)
    select(document, Rect(120, 90, 10, 60))
    from scumble.document.edits import add_mask

    add_mask(document, box)
    assert moving.layer_at(document, 150, 110) == background
    assert moving.layer_at(document, 125, 110) == box
    assert moving.layer_at(document, 1000, 1000) is None


def test_several_chosen_layers_move_together(program, painted, hand):
    document = painted.document
    first = document.active.id
    pixels = np.full((20, 20, 4), 255, np.uint8)
    second = add_layer(document, "Second", pixels=pixels, origin=(10, 10))
    group = add_group(document, "Group")
    move_layer(document, second, parent=group, index=0)
    painted.choose([first, group, second], group)
    document.history.clear()
    program.window.tools.set_tool("move")
    hand.drag((150, 110), (155, 117))
    assert bounds(painted, first) == BOX.translated(5, 7)
    assert bounds(painted, second) == Rect(15, 17, 20, 20)
    assert document.history.names == ("Move layer",)


def test_taking_another_tool_in_mid_drag_puts_the_layer_down(program, painted, hand):
    program.window.tools.set_tool("move")
    hand.press(150, 110)
    hand.move(170, 110)
    hand.do("tool.brush")
    assert bounds(painted) == BOX.translated(20, 0)
    hand.release(170, 110)
    assert painted.document.history.names == ("Move layer",)
