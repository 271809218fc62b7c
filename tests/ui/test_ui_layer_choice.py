"""Several layers chosen together, and what can be switched on a layer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from scumble.document import BlendMode, find, walk
from scumble.document.edits import add_layer, set_layer
from scumble.ui.docks.layer_delegate import Part, clip_rect, parts_of
from scumble.ui.docks.layer_filter import KINDS
from scumble.ui.docks.layer_model import MIME
from scumble.ui.docks.layers import LayersDock
from scumble.ui.docks.modecombo import grouped
from scumble.ui.session import Target

SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def dock(program, session, hand) -> LayersDock:
    for number in range(1, 5):
        add_layer(session.document, f"Layer {number}")
    session.document.history.clear()
    return program.window.findChild(LayersDock)


def names(session, layers=None) -> list[str]:
    return [layer.name for layer in (session.document.layers if layers is None else layers)]


def layer(session, name):
    return next(node for node in walk(session.document.layers) if node.name == name)


def chosen(session) -> list[str]:
    return [session.document.layer(layer_id).name for layer_id in session.chosen]


def click(dock, node, keys=NONE, part=Part.NAME):
    index = dock.view.model().index_of(node.id)
    dock.view.scrollTo(index)
    place = parts_of(node, dock.view.visualRect(index))[part].center()
    QTest.mouseClick(dock.view.viewport(), Qt.MouseButton.LeftButton, keys, place)


def shown_as_chosen(dock, session) -> list[str]:
    rows = dock.view.selectionModel().selectedIndexes()
    return sorted(dock.view.model().layer(row).name for row in rows)


def test_a_click_chooses_one_ctrl_adds_and_takes_away(dock, session):
    click(dock, layer(session, "Layer 1"))
    assert chosen(session) == ["Layer 1"]
    click(dock, layer(session, "Layer 3"), CTRL)
    assert chosen(session) == ["Layer 1", "Layer 3"]
    assert session.document.active.name == "Layer 3"
    assert shown_as_chosen(dock, session) == ["Layer 1", "Layer 3"]
    click(dock, layer(session, "Layer 3"), CTRL)
    assert chosen(session) == ["Layer 1"]
    assert session.document.active.name == "Layer 1"


def test_the_last_chosen_layer_stays_chosen(dock, session):
    click(dock, layer(session, "Layer 2"))
    click(dock, layer(session, "Layer 2"), CTRL)
    assert chosen(session) == ["Layer 2"]
    assert shown_as_chosen(dock, session) == ["Layer 2"]


def test_shift_chooses_all_between(dock, session):
    click(dock, layer(session, "Layer 1"))
    click(dock, layer(session, "Layer 4"), SHIFT)
    assert chosen(session) == ["Layer 1", "Layer 2", "Layer 3", "Layer 4"]
    click(dock, layer(session, "Layer 2"))
    assert chosen(session) == ["Layer 2"]


def test_shift_on_a_thumbnail_chooses_all_between_too(dock, session):
    click(dock, layer(session, "Layer 1"), part=Part.THUMBNAIL)
    click(dock, layer(session, "Layer 3"), SHIFT, Part.THUMBNAIL)
    assert chosen(session) == ["Layer 1", "Layer 2", "Layer 3"]


def test_the_keyboard_chooses_too(dock, session):
    dock.view.setFocus()
    click(dock, layer(session, "Layer 4"))
    QTest.keyClick(dock.view, Qt.Key.Key_Down)
    assert chosen(session) == ["Layer 3"]
    QTest.keyClick(dock.view, Qt.Key.Key_Down, SHIFT)
    assert chosen(session) == ["Layer 2", "Layer 3"]


def test_another_active_layer_ends_the_choice(dock, session):
    click(dock, layer(session, "Layer 1"))
    click(dock, layer(session, "Layer 2"), CTRL)
    session.document.activate(layer(session, "Layer 4").id)
    assert chosen(session) == ["Layer 4"]
    assert shown_as_chosen(dock, session) == ["Layer 4"]


def choose(dock, session, *wanted):
    click(dock, layer(session, wanted[0]))
    for name in wanted[1:]:
        click(dock, layer(session, name), CTRL)


def test_deleting_the_chosen_is_one_step(dock, session, hand, picture):
    before = session.document.structure
    choose(dock, session, "Layer 1", "Layer 3")
    hand.do("layer.delete")
    assert names(session) == ["Background", "Layer 2", "Layer 4"]
    assert session.document.history.names == ("Delete layers",)
    hand.do("edit.undo")
    assert session.document.structure == before


def test_grouping_the_chosen_is_one_step(dock, session, hand):
    before = session.document.layers
    choose(dock, session, "Layer 1", "Layer 3")
    hand.do("layer.group-chosen")
    assert names(session) == ["Background", "Layer 2", "Group 1", "Layer 4"]
    assert names(session, layer(session, "Group 1").children) == ["Layer 1", "Layer 3"]
    assert session.document.active.name == "Group 1"
    assert len(session.document.history.names) == 1
    hand.do("edit.undo")
    assert session.document.layers == before


def test_a_group_and_what_it_holds_are_not_taken_twice(dock, session, hand):
    choose(dock, session, "Layer 1", "Layer 2")
    hand.do("layer.group-chosen")
    choose(dock, session, "Group 1", "Layer 1")
    hand.do("layer.delete")
    assert names(session) == ["Background", "Layer 3", "Layer 4"]


def test_dragging_the_chosen_moves_all_in_one_step(dock, session):
    choose(dock, session, "Layer 1", "Layer 3")
    model = dock.view.model()
    data = model.mimeData(dock.view.selectionModel().selectedIndexes())
    assert not model.dropMimeData(data, Qt.DropAction.MoveAction, 5, 0, QModelIndex())
    assert names(session) == ["Layer 1", "Layer 3", "Background", "Layer 2", "Layer 4"]
    assert session.document.history.names == ("Move layer",)
    assert chosen(session) == ["Layer 1", "Layer 3"]


@pytest.mark.parametrize("row", range(6))
def test_a_drop_puts_the_layers_where_the_line_was(dock, session, row):
    """Row n from the top: the dragged layers come right above what was the n-th row, whatever else is dragged."""
    choose(dock, session, "Layer 2", "Layer 4")
    model = dock.view.model()
    before = list(reversed(names(session)))
    data = model.mimeData(dock.view.selectionModel().selectedIndexes())
    model.dropMimeData(data, Qt.DropAction.MoveAction, row, 0, QModelIndex())
    moved = ["Layer 4", "Layer 2"]
    expected = [n for n in before[:row] if n not in moved] + moved + [n for n in before[row:] if n not in moved]
    assert list(reversed(names(session))) == expected


def test_a_group_is_not_dropped_into_itself_with_others(dock, session, program, hand):
    choose(dock, session, "Layer 1", "Layer 2")
    hand.do("layer.group-chosen")
    group = session.document.active
    before = session.document.layers
    data = QMimeData()
    data.setData(MIME, f"{group.id} {layer(session, 'Layer 4').id}".encode())
    model = dock.view.model()
    model.dropMimeData(data, Qt.DropAction.MoveAction, -1, 0, model.index_of(group.id))
    assert session.document.layers == before
    assert program.window.messages.notes


def test_eye_lock_mode_and_opacity_work_on_all_chosen(dock, session):
    choose(dock, session, "Layer 1", "Layer 2")
    pair = [layer(session, name).id for name in ("Layer 1", "Layer 2")]
    click(dock, layer(session, "Layer 1"), part=Part.EYE)
    assert [session.document.layer(node).visible for node in pair] == [False, False]
    assert chosen(session) == ["Layer 1", "Layer 2"]
    click(dock, layer(session, "Layer 2"), part=Part.LOCK)
    assert [session.document.layer(node).locked for node in pair] == [True, True]
    dock.mode.setCurrentIndex(dock.mode.findText("Screen"))
    dock.mode.activated.emit(dock.mode.currentIndex())
    assert [session.document.layer(node).mode for node in pair] == [BlendMode.SCREEN] * 2
    slider = dock.opacity.slider
    slider.setSliderDown(True)
    for step in (800, 500):
        slider.setValue(step)
    slider.setSliderDown(False)
    assert [session.document.layer(node).opacity for node in pair] == pytest.approx([0.5, 0.5])
    assert session.document.history.names == ("Hide layer", "Lock layer", "Blend mode", "Layer opacity")
    assert layer(session, "Layer 3").visible
    for _ in range(4):
        session.document.history.undo()
    assert all(node.opacity == 1.0 and node.visible and not node.locked for node in session.document.layers)


def test_the_eye_of_another_layer_leaves_the_chosen_alone(dock, session):
    choose(dock, session, "Layer 1", "Layer 2")
    click(dock, layer(session, "Layer 4"), part=Part.EYE)
    assert not layer(session, "Layer 4").visible
    assert layer(session, "Layer 1").visible
    assert chosen(session) == ["Layer 1", "Layer 2"]


def test_alt_click_on_the_eye_shows_a_layer_alone_and_all_again(dock, session):
    set_layer(session.document, layer(session, "Layer 1").id, "Hide", visible=False)
    before = [node.visible for node in session.document.layers]
    click(dock, layer(session, "Layer 3"), ALT, Part.EYE)
    assert [node.name for node in session.document.layers if node.visible] == ["Layer 3"]
    click(dock, layer(session, "Layer 3"), ALT, Part.EYE)
    assert [node.visible for node in session.document.layers] == before
    assert session.document.history.names == ("Hide", "Show layer alone", "Show layers again")


def test_a_layer_in_a_group_is_shown_alone_with_its_group(dock, session, hand):
    choose(dock, session, "Layer 1", "Layer 2")
    hand.do("layer.group-chosen")
    click(dock, layer(session, "Layer 1"), ALT, Part.EYE)
    seen = [node.name for node in walk(session.document.layers) if node.visible]
    assert seen == ["Group 1", "Layer 1"]


def test_clipping_shows_an_arrow_and_an_indent(dock, session, hand, picture):
    document = session.document
    choose(dock, session, "Layer 2")
    plain = parts_of(layer(session, "Layer 2"), dock.view.visualRect(dock.view.currentIndex()))
    hand.do("layer.clip")
    clipped = layer(session, "Layer 2")
    assert clipped.clip
    row = dock.view.visualRect(dock.view.model().index_of(clipped.id))
    assert parts_of(clipped, row)[Part.THUMBNAIL].left() > plain[Part.THUMBNAIL].left()
    assert not clip_rect(row).intersects(parts_of(clipped, row)[Part.THUMBNAIL])
    assert dock._window.commands.action("layer.clip").isChecked()
    document.activate(layer(session, "Background").id)
    QApplication.processEvents()
    assert not dock._window.commands.action("layer.clip").isEnabled()
    hand.do("edit.undo")
    assert not layer(session, "Layer 2").clip


def test_alpha_lock_and_pass_through_are_switched_by_their_commands(dock, session, hand):
    choose(dock, session, "Layer 1", "Layer 2")
    hand.do("layer.alpha-lock")
    assert layer(session, "Layer 1").alpha_locked
    assert layer(session, "Layer 2").alpha_locked
    QApplication.processEvents()
    assert dock._window.commands.action("layer.alpha-lock").isChecked()
    assert not dock._window.commands.action("layer.pass-through").isEnabled()
    hand.do("layer.group-chosen")
    hand.do("layer.pass-through")
    assert not session.document.active.isolated
    hand.do("layer.pass-through")
    assert session.document.active.isolated
    assert session.document.history.names[-2:] == ("Pass through", "Pass through")


def test_shift_click_on_the_mask_switches_it(dock, session, hand):
    choose(dock, session, "Layer 2")
    hand.do("layer.mask")
    click(dock, layer(session, "Layer 2"), SHIFT, Part.MASK)
    assert not layer(session, "Layer 2").mask_enabled
    click(dock, layer(session, "Layer 2"), SHIFT, Part.MASK)
    assert layer(session, "Layer 2").mask_enabled
    assert session.target is Target.MASK


def test_the_filter_finds_by_name_and_kind(dock, session, hand):
    choose(dock, session, "Layer 1", "Layer 2")
    hand.do("layer.group-chosen")
    shown = lambda: {  # noqa: E731
        dock.view.model().layer(row).name
        for row in dock.view.rows()
        if not dock.view.isRowHidden(row.row(), row.parent())
    }
    dock.filter.field.setText("YER 2")
    assert shown() == {"Group 1", "Layer 2"}
    dock.filter.field.clear()
    kinds = [text for text, _ in KINDS]
    dock.filter.kind.setCurrentIndex(kinds.index("Groups"))
    assert shown() == {"Group 1"}
    dock.filter.kind.setCurrentIndex(0)
    assert shown() == {"Background", "Group 1", "Layer 1", "Layer 2", "Layer 3", "Layer 4"}
    dock.filter.field.setText("3")
    hand.do("layer.add")
    assert shown() == {"Layer 3"}
    QTest.keyClick(dock.filter.field, Qt.Key.Key_Escape)
    assert len(shown()) == 7


def test_f2_and_the_command_rename_in_place(dock, session, hand):
    choose(dock, session, "Layer 2")
    hand.do("layer.rename")
    editor = dock.view.findChild(QLineEdit)
    assert editor is not None
    editor.setText("Clouds")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert "Clouds" in names(session)


def test_modes_stand_in_groups_and_none_is_missing(dock):
    found = [mode for group in grouped() for mode in group]
    assert sorted(found, key=lambda mode: mode.name) == sorted(BlendMode, key=lambda mode: mode.name)
    assert grouped()[0][0] is BlendMode.NORMAL


def test_a_screen_reader_hears_how_a_layer_is(dock, session):
    node = layer(session, "Layer 2")
    set_layer(session.document, node.id, "Set", clip=True, locked=True, visible=False)
    model = dock.view.model()
    said = model.data(model.index_of(node.id), Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Layer Layer 2, hidden, locked, clipped to the layer below"


def test_the_choice_survives_undo_and_a_gone_layer_leaves_it(dock, session, hand):
    choose(dock, session, "Layer 1", "Layer 2")
    hand.do("layer.delete")
    assert all(find(session.document.layers, layer_id) for layer_id in session.chosen)
    hand.do("edit.undo")
    assert session.document.active is not None
    assert session.document.active.id in session.chosen
