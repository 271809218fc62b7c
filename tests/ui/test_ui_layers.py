from __future__ import annotations

import numpy as np
import pytest
from numpy import array_equal as same
from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from scumble.document import BlendMode, Group, walk
from scumble.document.edits import add_layer, set_layer
from scumble.ui.docks.history import HistoryDock
from scumble.ui.docks.layer_delegate import MODES, Part, mode_title, parts_of
from scumble.ui.docks.layer_model import MIME
from scumble.ui.docks.layers import LayersDock
from scumble.ui.session import Target


@pytest.fixture
def dock(program, session) -> LayersDock:
    return program.window.findChild(LayersDock)


def names(session) -> list[str]:
    return [layer.name for layer in walk(session.document.layers)]


def click(dock, layer, part):
    index = dock.view.model().index_of(layer.id)
    place = parts_of(layer, dock.view.visualRect(index))[part].center()
    QTest.mouseClick(dock.view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def test_add_duplicate_delete(program, session, hand, dock):
    hand.do("layer.add")
    hand.drag((50, 50), (100, 50))
    hand.do("layer.duplicate")
    assert names(session) == ["Background", "Layer 1", "Layer 1 copy"]
    assert dock.view.model().rowCount() == 3
    assert dock.view.model().layer(dock.view.currentIndex()).name == "Layer 1 copy"
    hand.do("layer.delete")
    assert names(session) == ["Background", "Layer 1"]
    assert session.document.active.name == "Layer 1"
    for _ in range(4):
        hand.do("edit.undo")
    assert names(session) == ["Background"]


def test_eye_and_lock(program, session, hand, dock, picture):
    before = picture(session)
    layer = session.document.active
    click(dock, layer, Part.EYE)
    assert not session.document.active.visible
    assert not picture(session).any()
    click(dock, session.document.active, Part.EYE)
    assert same(picture(session), before)
    click(dock, session.document.active, Part.LOCK)
    assert session.document.active.locked
    assert session.document.history.names == ("Hide layer", "Show layer", "Lock layer")


def test_a_name_is_edited_in_place(program, session, dock):
    dock.view.edit(dock.view.currentIndex())
    editor = dock.view.findChild(QLineEdit)
    editor.setText("Sky")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert names(session) == ["Sky"]
    assert session.document.history.names == ("Rename layer",)


def test_dragging_the_opacity_is_one_step(program, session, dock, picture):
    slider = dock.opacity.slider
    slider.setSliderDown(True)
    for step in (900, 700, 500):
        slider.setValue(step)
        assert session.document.active.opacity == pytest.approx(step / 1000)
    slider.setSliderDown(False)
    assert session.document.history.names == ("Layer opacity",)
    assert picture(session)[0, 0, 3] == 128
    session.document.history.undo()
    assert session.document.active.opacity == 1.0
    assert dock.opacity.value == 100
    dock.opacity.field.setValue(25)
    assert session.document.active.opacity == 0.25


def test_undo_in_mid_drag_does_not_fail(program, session, hand, dock):
    dock.opacity.slider.setSliderDown(True)
    dock.opacity.slider.setValue(300)
    QTest.qWait(1)
    program.window.commands.action("edit.undo").setEnabled(True)
    program.window.commands.action("edit.undo").trigger()
    assert session.document.active.opacity == 1.0
    dock.opacity.slider.setSliderDown(False)
    assert not session.document.history.busy


def test_blend_mode(program, session, dock):
    dock.mode.setCurrentIndex(dock.mode.findText("Multiply"))
    dock.mode.activated.emit(dock.mode.currentIndex())
    assert session.document.active.mode is BlendMode.MULTIPLY
    session.document.history.undo()
    assert dock.mode.currentText() == "Normal"


def test_every_mode_has_its_place_in_the_list(program, session, dock):
    for mode in BlendMode:
        set_layer(session.document, session.document.active.id, "Mode", mode=mode)
        assert dock.mode.currentData() is mode


def test_a_mask_is_painted_on_and_shows_what_it_hides(program, session, hand, dock, picture):
    hand.do("layer.mask")
    assert session.target is Target.MASK
    before = session.document.surface(session.document.active.surface).read(session.document.bounds)
    hand.drag((100, 100), (150, 100))
    assert picture(session)[100, 120, 3] == 0
    assert same(session.document.surface(session.document.active.surface).read(session.document.bounds), before)
    click(dock, session.document.active, Part.THUMBNAIL)
    assert session.target is Target.LAYER
    click(dock, session.document.active, Part.MASK)
    assert session.target is Target.MASK
    hand.do("layer.mask-switch")
    assert picture(session)[100, 120, 3] == 255
    hand.do("layer.mask")
    assert session.document.active.mask is None
    assert session.target is Target.LAYER


def test_layers_are_dragged_into_groups_and_out(program, session, hand, dock):
    document = session.document
    hand.do("layer.add")
    layer = document.active
    document.activate(document.layers[0].id)
    hand.do("layer.group")
    group = document.active
    document.activate(layer.id)
    assert names(session) == ["Background", "Group 1", "Layer 1"]
    drop(dock, layer, dock.view.model().index_of(group.id), -1)
    assert isinstance(document.layers[1], Group)
    assert [child.name for child in document.layers[1].children] == ["Layer 1"]
    assert len(document.layers) == 2
    drop(dock, layer, QModelIndex(), 2)
    assert [node.name for node in document.layers] == ["Layer 1", "Background", "Group 1"]
    assert document.history.names[-2:] == ("Move layer", "Move layer")
    hand.do("edit.undo")
    hand.do("edit.undo")
    assert [node.name for node in document.layers] == ["Background", "Group 1", "Layer 1"]


def drop(dock, layer, parent, row):
    data = QMimeData()
    data.setData(MIME, str(layer.id).encode())
    assert not dock.view.model().dropMimeData(data, Qt.DropAction.MoveAction, row, 0, parent)


def test_a_drop_on_the_view_moves_and_removes_nothing(program, session, hand, dock):
    hand.do("layer.add")
    layer = session.document.active
    data = dock.view.model().mimeData([dock.view.currentIndex()])
    place = dock.view.visualRect(dock.view.model().index(1, 0)).bottomLeft() + dock.view.viewport().pos() * 0
    place.setY(place.y() + 40)
    event = QDropEvent(
        QPointF(place),
        Qt.DropAction.MoveAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QEvent.Type.Drop,
    )
    dock.view.dropEvent(event)
    assert sorted(names(session)) == ["Background", "Layer 1"]
    assert layer.id in [node.id for node in walk(session.document.layers)]


def test_a_group_cannot_go_into_itself(program, session, hand, dock):
    hand.do("layer.group")
    group = session.document.active
    before = session.document.layers
    drop(dock, group, dock.view.model().index_of(group.id), -1)
    assert session.document.layers == before
    assert program.window.messages.notes


def test_raising_and_lowering_goes_through_groups(program, session, hand):
    document = session.document
    hand.do("layer.group")
    hand.do("layer.add")
    assert isinstance(document.layers[1], Group)
    assert len(document.layers[1].children) == 1
    hand.do("layer.down")
    assert [node.name for node in document.layers] == ["Background", "Layer 1", "Group 1"]
    hand.do("layer.up")
    hand.do("layer.up")
    assert [node.name for node in document.layers] == ["Background", "Group 1", "Layer 1"]


def test_thumbnails_follow_the_paint(program, session, hand, dock):
    thumbnails = dock._delegate.thumbnails
    surface = session.surface
    before = thumbnails.get(surface).toImage()
    program.window.tools.change_brush(size=200)
    hand.drag((50, 150), (350, 150))
    QTest.qWait(300)
    after = thumbnails.get(surface).toImage()
    assert before != after
    assert after.pixelColor(after.width() // 2, after.height() // 2).lightness() < 40
    assert not thumbnails.refresh(surface)


def test_a_thumbnail_of_a_large_document_shows_where_things_are(program):
    from scumble.document.edits import new_document
    from scumble.document.pixels import BGRA8

    document = new_document(3000, 1000, BGRA8, background=None, name="Empty")
    red = np.zeros((1000, 1000, 4), np.uint8)
    red[:] = BGRA8.solid(1, 0, 0)
    add_layer(document, "Red", pixels=red, origin=(2000, 0))
    session = program.window.open_document(document, title="Large")
    image = program.window.findChild(LayersDock)._delegate.thumbnails.get(session.surface).toImage()
    right = image.pixelColor(image.width() - 3, image.height() // 2)
    left = image.pixelColor(3, image.height() // 2)
    assert (right.red(), right.green()) == (255, 0)
    assert left.red() == left.green()


def test_history_goes_to_any_step(program, session, hand, picture):
    dock = program.window.findChild(HistoryDock)
    states = [picture(session)]
    for y in (50, 100, 150):
        hand.drag((50, y), (200, y))
        states.append(picture(session))
    assert dock.list.count() == 4
    for row in (1, 3, 0, 2):
        dock.list.itemClicked.emit(dock.list.item(row))
        assert same(picture(session), states[row])
        assert dock.list.currentRow() == row


def test_docks_follow_the_tab(program, session, hand, dock):
    from scumble.ui.dialogs.new_picture import NewPicture

    hand.do("layer.add")
    program.files.create(NewPicture(64, 64, None))
    assert dock.view.model().rowCount() == 1
    program.window.show_session(session)
    assert dock.view.model().rowCount() == 2
    QApplication.processEvents()


def test_a_right_click_offers_the_commands_on_layers(program, session, hand, dock):
    hand.do("layer.add")
    menu = dock.make_menu()
    names = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    assert {"layer.add", "layer.merge", "layer.mask", "layer.delete"} <= set(names)
    menu.close()


def test_every_blend_mode_has_a_name(dock):
    assert set(MODES) == set(BlendMode)
    shown = [dock.mode.itemText(place) for place in range(dock.mode.count()) if dock.mode.itemText(place)]
    assert sorted(shown) == sorted(mode_title(mode) for mode in BlendMode)
    assert len(set(shown)) == len(shown)
