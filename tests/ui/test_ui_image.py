"""The Image menu and the crop tool at the real window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QProgressDialog

from scumble.document import BGRA8, Rect
from scumble.document.edits import add_layer, select
from scumble.tools.transforming import Handle
from scumble.ui import reshaping
from scumble.ui.cropbar import CropBar
from scumble.ui.dialogs.lengths import Unit, from_pixels, to_pixels, told
from scumble.ui.dialogs.resize_canvas import ResizeCanvasDialog
from scumble.ui.dialogs.resize_picture import ResizePictureDialog
from scumble.ui.dialogs.rotate import RotateDialog
from scumble.ui.modes import Modes

BOX = Rect(120, 90, 101, 60)


@pytest.fixture
def painted(session):
    straight = np.random.default_rng(1).integers(0, 256, (BOX.height, BOX.width, 4), np.uint8)
    straight[..., 3] = 255
    add_layer(session.document, "Box", pixels=BGRA8.from_straight(straight), origin=(BOX.x, BOX.y))
    session.document.history.clear()
    return session


@pytest.fixture
def modes(program):
    return program.window.findChild(Modes)


@pytest.fixture
def bar(program):
    return program.window.findChild(CropBar)


def opened(program, kind):
    return next(dialog for dialog in program.window.findChildren(kind) if dialog.isVisible())


def size(session):
    return session.document.width, session.document.height


@pytest.mark.parametrize(
    ("command", "made"),
    [
        ("image.rotate-right", lambda before: np.rot90(before, -1)),
        ("image.rotate-left", lambda before: np.rot90(before, 1)),
        ("image.rotate-half", lambda before: before[::-1, ::-1]),
        ("image.flip-across", lambda before: before[:, ::-1]),
        ("image.flip-down", lambda before: before[::-1]),
    ],
)
def test_turns_and_flips_of_the_picture(painted, hand, picture, command, made):
    before = picture(painted)
    hand.do(command)
    assert (picture(painted) == made(before)).all()
    assert len(painted.document.history.names) == 1
    hand.do("edit.undo")
    assert (picture(painted) == before).all()
    assert size(painted) == (400, 300)


@pytest.mark.parametrize(
    ("command", "made"),
    [
        ("layer.rotate-right", lambda before: np.rot90(before, -1)),
        ("layer.rotate-left", lambda before: np.rot90(before, 1)),
        ("layer.rotate-half", lambda before: before[::-1, ::-1]),
        ("layer.flip-across", lambda before: before[:, ::-1]),
        ("layer.flip-down", lambda before: before[::-1]),
    ],
)
def test_turns_and_flips_of_a_layer_about_its_middle(painted, hand, command, made):
    document = painted.document
    plane = document.surface(document.active.surface)
    before = plane.read(BOX)
    hand.do(command)
    bounds = plane.bounds()
    assert (plane.read(bounds) == made(before)).all()
    assert abs(bounds.x + bounds.right - BOX.x - BOX.right) <= 1
    assert size(painted) == (400, 300)
    assert len(document.history.names) == 1


def test_a_layer_is_flipped_inside_the_selection_only(painted, hand, picture):
    select(painted.document, Rect(120, 90, 40, 60))
    before = picture(painted)
    hand.do("layer.flip-across")
    after = picture(painted)
    assert (after[90:150, 120:160] == before[90:150, 120:160][:, ::-1]).all()
    assert (after[:, 160:] == before[:, 160:]).all()


def test_crop_to_selection(painted, hand, picture):
    select(painted.document, Rect(100, 80, 150, 90))
    before = picture(painted)
    hand.do("image.crop-selection")
    assert size(painted) == (150, 90)
    assert (picture(painted) == before[80:170, 100:250]).all()


def test_trim_cuts_off_what_is_all_alike(program, painted, hand, picture):
    before = picture(painted)
    hand.do("image.trim")
    assert size(painted) == (BOX.width, BOX.height)
    assert (picture(painted) == before[BOX.y : BOX.bottom, BOX.x : BOX.right]).all()
    hand.do("image.trim")
    assert "no edge" in program.window.messages._notes[0].text


def test_resize_by_the_dialog(program, painted, hand):
    hand.do("image.resize")
    dialog = opened(program, ResizePictureDialog)
    assert dialog.do.isDefault()
    assert "400 × 300 px" in dialog.outcome.text()
    dialog.sides.width_field.setValue(200)
    assert dialog.sides.height_field.value() == 150
    assert "200 × 150 px" in dialog.outcome.text()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert size(painted) == (200, 150)
    assert painted.document.history.names == ("Resize picture",)
    hand.do("edit.undo")
    assert size(painted) == (400, 300)


def test_resize_in_other_units(program, painted, hand):
    hand.do("image.resize")
    sides = opened(program, ResizePictureDialog).sides
    sides.unit.setCurrentIndex(sides.unit.findData(Unit.PERCENT))
    assert sides.width_field.value() == 100
    sides.width_field.setValue(50)
    assert sides.size_in_pixels == (200, 150)
    sides.link.setChecked(False)
    sides.height_field.setValue(100)
    assert sides.size_in_pixels == (200, 300)
    sides.unit.setCurrentIndex(sides.unit.findData(Unit.INCHES))
    sides.width_field.setValue(2)
    assert sides.size_in_pixels == (144, 300)
    dialog = opened(program, ResizePictureDialog)
    dialog.dpi.setValue(300)
    assert sides.width_field.value() == 2
    assert sides.size_in_pixels == (600, 1250)
    dialog.accept()
    assert painted.document.structure.dpi == 300
    assert size(painted) == (600, 1250)


def test_only_the_resolution(program, painted, hand, picture):
    before = picture(painted)
    hand.do("image.resize")
    dialog = opened(program, ResizePictureDialog)
    dialog.resample.setChecked(False)
    assert not dialog.sides.isEnabled()
    dialog.dpi.setValue(150)
    dialog.accept()
    assert painted.document.structure.dpi == 150
    assert (picture(painted) == before).all()


def test_giving_a_dialog_up_changes_nothing(program, painted, hand):
    for command in ("image.resize", "image.resize-canvas", "image.rotate"):
        hand.do(command)
        dialog = opened(program, QDialog)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
    assert painted.document.history.names == ()


def test_canvas_by_the_dialog(program, painted, hand, picture):
    before = picture(painted)
    hand.do("image.resize-canvas")
    dialog = opened(program, ResizeCanvasDialog)
    dialog.sides.width_field.setValue(440)
    dialog.sides.height_field.setValue(200)
    dialog.grid.places[4].setFocus()
    QTest.keyClick(dialog.grid, Qt.Key.Key_Left)
    QTest.keyClick(dialog.grid, Qt.Key.Key_Up)
    assert dialog.grid.anchor == (0.0, 0.0)
    assert "+40 px across, -100 px down" in dialog.outcome.text()
    dialog.accept()
    assert size(painted) == (440, 200)
    assert (picture(painted)[:, :400] == before[:200]).all()
    assert not picture(painted)[:, 400:].any()
    bottom = painted.document.layers[0]
    assert painted.document.surface(bottom.surface).bounds().height == 300


def test_canvas_with_what_is_outside_cut_off(program, painted, hand):
    hand.do("image.resize-canvas")
    dialog = opened(program, ResizeCanvasDialog)
    dialog.sides.height_field.setValue(200)
    dialog.cut.setChecked(True)
    dialog.accept()
    bottom = painted.document.layers[0]
    assert painted.document.surface(bottom.surface).bounds() == Rect(0, 0, 400, 200)


def test_any_angle_by_the_dialog(program, painted, hand):
    hand.do("image.rotate")
    dialog = opened(program, RotateDialog)
    dialog.angle.setValue(30)
    assert "497 × 460 px" in dialog.outcome.text()
    dialog.accept()
    assert size(painted) == (497, 460)
    assert painted.document.history.names == ("Rotate picture",)


def test_a_large_picture_is_reshaped_on_another_thread(program, painted, hand, monkeypatch):
    monkeypatch.setattr(reshaping, "AT_ONCE", 0)
    hand.do("image.resize")
    dialog = opened(program, ResizePictureDialog)
    dialog.sides.width_field.setValue(800)
    dialog.accept()
    assert size(painted) == (400, 300)
    for _ in range(200):
        QTest.qWait(5)
        if size(painted) != (400, 300):
            break
    assert size(painted) == (800, 600)
    assert program.window.isEnabled()


def test_a_long_reshaping_can_be_called_off(program, painted, hand, monkeypatch):
    monkeypatch.setattr(reshaping, "AT_ONCE", 0)
    hand.do("image.resize")
    dialog = opened(program, ResizePictureDialog)
    dialog.sides.width_field.setValue(3000)
    dialog.accept()
    program.window.findChild(QProgressDialog).canceled.emit()
    while program.window.background.busy:
        QTest.qWait(5)
    QTest.qWait(20)
    assert size(painted) == (400, 300)
    assert painted.document.history.names == ()
    assert program.window.isEnabled()


@pytest.mark.parametrize("cut", [True, False])
def test_the_crop_tool(program, painted, hand, modes, bar, picture, cut):
    before = picture(painted)
    hand.do("tool.crop")
    mode = modes.mode
    assert mode.frame.rect == Rect(0, 0, 400, 300)
    bar.cut.setChecked(cut)
    hand.drag(mode.frame.place(Handle.TOP_LEFT), (50, 40))
    hand.drag(mode.frame.place(Handle.RIGHT), (310, 150))
    assert mode.frame.rect == Rect.from_edges(50, 40, 310, 300)
    assert (bar.width_field.value(), bar.height_field.value()) == (260, 260)
    assert painted.document.history.names == ()
    hand.key(Qt.Key.Key_Return)
    assert size(painted) == (260, 260)
    assert (picture(painted) == before[40:300, 50:310]).all()
    assert painted.document.history.names == ("Crop",)
    assert program.window.tools.tool == "brush"
    bottom = painted.document.layers[0]
    assert (painted.document.surface(bottom.surface).bounds() == Rect(0, 0, 260, 260)) == cut
    bar.cut.setChecked(True)


def test_an_edge_that_is_dragged_out_can_be_filled(program, painted, hand, modes, bar, picture):
    before, told = picture(painted), []
    program.window.expanded.connect(told.append)
    hand.do("tool.crop")
    assert not bar.fill.isEnabled()
    hand.drag(modes.mode.frame.place(Handle.RIGHT), (480, 150))
    assert bar.fill.isEnabled()
    bar.fill.click()
    hand.key(Qt.Key.Key_Return)
    document = painted.document
    assert size(painted) == (480, 300)
    assert document.selection_bounds == Rect(396, 0, 84, 300)
    assert document.history.names == ("Crop",)
    assert told == [painted]
    hand.do("edit.undo")
    assert (picture(painted) == before).all()
    assert document.selection_bounds.empty
    bar.fill.setChecked(False)


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "on another thread"])
def test_the_canvas_expanded_by_the_dialog_to_be_filled(program, painted, hand, monkeypatch, at_once):
    if not at_once:
        monkeypatch.setattr(reshaping, "AT_ONCE", 0)
        monkeypatch.setattr(reshaping, "in_whole_pixels", lambda _matrix: None)
    told = []
    program.window.expanded.connect(told.append)
    hand.do("image.expand")
    dialog = opened(program, ResizeCanvasDialog)
    assert dialog.fill.isChecked()
    assert dialog.sides.size_in_pixels == (504, 376)
    dialog.sides.height_field.setValue(300)
    dialog.accept()
    for _ in range(200):
        if told:
            break
        QTest.qWait(5)
    assert told == [painted]
    assert size(painted) == (504, 300)
    assert painted.document.history.names == ("Expand canvas",)
    selected = painted.document.selection.read(painted.document.bounds)[150] > 0
    assert selected[:56].all()
    assert selected[-56:].all()
    assert not selected[56:-56].any()


def test_the_canvas_resized_as_ever_selects_nothing(program, painted, hand):
    hand.do("image.resize-canvas")
    dialog = opened(program, ResizeCanvasDialog)
    assert not dialog.fill.isEnabled()
    dialog.sides.width_field.setValue(440)
    assert dialog.fill.isEnabled()
    dialog.accept()
    assert painted.document.selection_bounds.empty


def test_the_crop_tool_begins_with_the_selection(painted, hand, modes):
    select(painted.document, Rect(100, 80, 150, 90))
    hand.do("tool.crop")
    assert modes.mode.frame.rect == Rect(100, 80, 150, 90)


def test_a_ratio_and_a_size_in_the_bar(painted, hand, modes, bar):
    hand.do("tool.crop")
    bar.ratio.setCurrentIndex(bar.ratio.findText("1 : 1"))
    bar.ratio.activated.emit(bar.ratio.currentIndex())
    assert modes.mode.frame.rect == Rect(50, 0, 300, 300)
    bar.width_field.setValue(120)
    assert modes.mode.frame.rect == Rect(50, 0, 120, 120)
    bar.ratio.setCurrentIndex(0)
    bar.ratio.activated.emit(0)
    bar.height_field.setValue(80)
    assert modes.mode.frame.rect == Rect(50, 0, 120, 80)
    bar.apply.click()
    assert size(painted) == (120, 80)


@pytest.mark.parametrize("how", ["escape", "tool", "undo", "settle"])
def test_a_crop_that_is_given_up_changes_nothing(program, painted, hand, modes, how):
    hand.do("tool.crop")
    hand.drag(modes.mode.frame.place(Handle.TOP_LEFT), (50, 40))
    if how == "escape":
        hand.key(Qt.Key.Key_Escape)
    elif how == "tool":
        hand.do("tool.eraser")
    elif how == "undo":
        for _ in range(2):
            hand.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    else:
        painted.settle()
    assert modes.mode is None
    assert painted.document.history.names == ()
    assert size(painted) == (400, 300)
    assert program.window.tools.tool == ("eraser" if how == "tool" else "brush")


def test_from_one_such_tool_to_the_other(program, painted, hand, modes):
    hand.do("tool.transform")
    hand.drag((150, 110), (170, 110))
    hand.do("tool.crop")
    assert painted.document.history.names == ("Transform",)
    assert modes.mode.frame.rect == Rect(0, 0, 400, 300)
    hand.do("tool.transform")
    hand.key(Qt.Key.Key_Escape)
    assert program.window.tools.tool == "brush"
    assert size(painted) == (400, 300)


@pytest.mark.parametrize("unit", list(Unit))
def test_lengths_there_and_back(unit):
    assert to_pixels(from_pixels(1234, unit, 400, 300), unit, 400, 300) == pytest.approx(1234)


def test_a_size_is_told_in_a_sentence():
    text = told(4096, 2731, 300, 4)
    assert text.startswith("4096 × 2731 px, 34.7 × 23.1 cm at 300 dpi, about ")


def test_every_control_of_the_dialogs_has_a_name(program, painted, hand):
    from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QToolButton

    for command in ("image.resize", "image.resize-canvas", "image.rotate"):
        hand.do(command)
        dialog = opened(program, QDialog)
        for kind in (QAbstractSpinBox, QComboBox, QToolButton):
            for widget in dialog.findChildren(kind):
                assert widget.accessibleName(), (command, widget)
        dialog.reject()
