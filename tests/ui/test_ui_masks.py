"""Quick mask, layer masks, masks as pictures: in the real window."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy import array_equal as same
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from scumble.document import SELECTION, Rect
from scumble.document.edits import add_mask, select
from scumble.files import read_mask
from scumble.paint.fitting import Fit
from scumble.ui.actions.masks import MaskActions
from scumble.ui.colourbutton import ColourButton
from scumble.ui.dialogs.preferences import PreferencesDialog
from scumble.ui.docks.layer_delegate import Part, parts_of
from scumble.ui.docks.layers import LayersDock
from scumble.ui.selecting.placing import PlacingDialog
from scumble.ui.session import Target

SHIFT, ALT, CTRL = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def layer_mask(session):
    return lambda: session.document.surface(session.document.active.mask).read(session.document.bounds)


def test_any_brush_paints_the_quick_mask(program, session, hand, mask, picture):
    before = picture(session)
    hand.do("colours.swap")  # white in front
    hand.do("select.quick-mask")
    assert program.window.commands.action("select.quick-mask").isChecked()
    assert "Quick mask" in program.window.status._hint.text()
    hand.drag((100, 100), (150, 100))
    assert mask()[100, 120] == 255
    assert mask()[200, 200] == 0
    hand.do("tool.eraser")
    hand.drag((120, 100), (120, 100))
    assert mask()[100, 120] == 0
    assert session.document.history.names == ("Brush stroke", "Erase")
    hand.do("edit.undo")
    assert mask()[100, 120] == 255
    assert same(picture(session), before)
    hand.do("select.quick-mask")
    assert not session.quick_mask
    assert program.window.status._hint.text() == ""
    hand.do("tool.brush")
    hand.drag((100, 100), (150, 100))
    assert session.surface != SELECTION


def test_the_quick_mask_is_painted_on_over_a_locked_layer(session, hand, mask):
    from scumble.document.edits import set_layer

    set_layer(session.document, session.document.active.id, "Lock", locked=True)
    hand.do("colours.swap")
    hand.do("select.quick-mask")
    hand.drag((100, 100), (150, 100))
    assert mask()[100, 120] == 255


def test_filling_clearing_and_inverting_the_quick_mask(session, hand, mask, picture):
    before = picture(session)
    hand.do("select.quick-mask")
    hand.do("edit.fill-background")  # white
    assert mask().min() == 255
    hand.do("edit.clear")
    assert mask().max() == 0
    hand.do("select.invert")
    assert mask().min() == 255
    assert len(session.document.history.names) == 3
    session.document.history.go_to(0)
    assert mask().max() == 0
    assert same(picture(session), before)


def test_the_tint_follows_the_settings(program, session, hand):
    canvas = program.window.canvas
    hand.do("select.all")
    hand.do("select.quick-mask")

    def shown():
        canvas.complete()
        return canvas.grab().toImage().pixelColor(hand.place(200, 150)).getRgb()[:3]

    assert shown() == pytest.approx((235, 162, 172), abs=2)
    program.window.settings.set("mask.colour", "#0000ff")
    assert shown() == pytest.approx((127, 127, 255), abs=2)
    program.window.settings.set("mask.opacity", 80)
    assert shown() == pytest.approx((51, 51, 255), abs=2)
    hand.do("select.quick-mask")
    assert shown() == (255, 255, 255)


def test_the_settings_dialog_asks_for_a_colour(program):
    dialog = PreferencesDialog(program.window.settings, program.window)
    field = dialog.fields["mask.colour"]
    assert isinstance(field, ColourButton)
    assert field.colour == "#d6455a"
    field.take(QColor("#00ff00"))
    assert program.window.settings.text("mask.colour") == "#00ff00"
    with pytest.raises(ValueError, match="colour"):
        program.window.settings.set("mask.colour", "green")
    dialog.deleteLater()


def test_filling_clearing_and_inverting_a_layer_mask(session, hand, layer_mask, picture):
    before = picture(session)
    document = session.document
    add_mask(document, document.active.id)
    session.set_target(Target.MASK)
    select(document, Rect(0, 0, 200, 300))
    steps = len(document.history.names)
    hand.do("edit.clear")
    assert layer_mask()[10, 10] == 0
    assert layer_mask()[10, 300] == 255
    hand.do("mask.invert")
    assert layer_mask()[10, 10] == 255
    assert layer_mask()[10, 300] == 0
    hand.do("edit.fill")  # black hides
    assert layer_mask().max() == 0
    hand.do("edit.fill-background")
    assert layer_mask()[10, 10] == 255
    assert len(document.history.names) == steps + 4
    document.history.go_to(0)
    assert same(picture(session), before)


def test_the_selection_and_the_layer_mask_become_each_other(session, hand, mask, layer_mask):
    document = session.document
    select(document, Rect(50, 50, 100, 80), np.full((80, 100), 170, np.uint8))
    wanted = mask()
    hand.do("mask.from-selection")
    assert same(layer_mask(), wanted)
    assert session.target is Target.MASK
    hand.do("select.none")
    hand.do("mask.to-selection")
    assert same(mask(), wanted)
    select(document, Rect(0, 0, 20, 20))
    hand.do("mask.from-selection")
    assert layer_mask()[60, 60] == 0
    assert layer_mask()[10, 10] == 255


def test_a_locked_layer_keeps_its_mask(program, session, hand, layer_mask):
    from scumble.document.edits import set_layer

    document = session.document
    add_mask(document, document.active.id)
    set_layer(document, document.active.id, "Lock", locked=True)
    before = layer_mask()
    select(document, Rect(0, 0, 20, 20))
    for command in ("mask.from-selection", "mask.invert"):
        hand.do(command)
        assert "is locked" in program.window.messages.notes[-1].text
    assert same(layer_mask(), before)


def test_a_mask_is_copied_to_another_layer(session, hand, layer_mask):
    document = session.document
    select(document, Rect(50, 50, 100, 80), np.full((80, 100), 170, np.uint8))
    hand.do("mask.from-selection")
    wanted = layer_mask()
    hand.do("mask.copy")
    hand.do("layer.add")
    hand.do("mask.paste")
    assert same(layer_mask(), wanted)
    hand.do("edit.undo")
    assert document.active.mask is None


def test_a_picture_is_pasted_into_the_quick_mask(session, hand, mask):
    select(session.document, Rect(50, 50, 100, 80))
    hand.do("edit.fill")
    hand.do("edit.copy-merged")
    hand.do("select.all")
    hand.do("edit.copy-merged")
    hand.do("select.quick-mask")
    hand.do("mask.paste")
    assert mask()[60, 60] == 0
    assert mask()[10, 10] == 255


@pytest.mark.parametrize(
    ("keys", "expected"),
    [(CTRL, (255, 0)), (CTRL | SHIFT, (255, 255)), (CTRL | ALT, (0, 255)), (CTRL | ALT | SHIFT, (0, 0))],
)
def test_a_click_with_ctrl_on_a_thumbnail_selects(program, session, hand, mask, keys, expected):
    hand.do("layer.add")
    hand.drag((100, 100), (100, 100))
    select(session.document, Rect(200, 200, 50, 50))
    view = program.window.findChild(LayersDock).view
    layer = session.document.active
    row = view.visualRect(view.model().index_of(layer.id))
    place: QPoint = parts_of(layer, row)[Part.THUMBNAIL].center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys, place)
    assert (mask()[100, 100], mask()[220, 220]) == expected


@pytest.fixture
def acts(program) -> MaskActions:
    return program.window.findChild(MaskActions)


@pytest.mark.parametrize("ending", ["png", "tif", "bmp", "webp"])
def test_the_selection_goes_through_a_file(session, hand, acts, qtbot, tmp_path, mask, ending):
    values = np.arange(100 * 80, dtype=np.uint32).reshape(80, 100).astype(np.uint8)
    select(session.document, Rect(50, 50, 100, 80), values)
    wanted = mask()
    path: Path = tmp_path / f"mask.{ending}"
    acts.export_to(session, SELECTION, path)
    qtbot.waitUntil(path.is_file)
    assert same(read_mask(path).light, wanted)
    hand.do("select.none")
    acts.import_from(session, path)
    qtbot.waitUntil(lambda: bool(session.document.selection.tiles))
    assert same(mask(), wanted)


def test_other_programs_see_a_grey_picture(session, acts, qtbot, tmp_path, layer_mask):
    select(session.document, Rect(50, 50, 100, 80), np.full((80, 100), 170, np.uint8))
    add_mask(session.document, session.document.active.id)
    path = tmp_path / "mask.png"
    acts.export_to(session, session.document.active.mask, path)
    qtbot.waitUntil(path.is_file)
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found.ndim == 2
    assert same(found, layer_mask())


def test_a_picture_of_another_size_is_asked_about(program, session, acts, qtbot, tmp_path, mask, dialog_of):
    path = tmp_path / "small.png"
    cv2.imwrite(str(path), np.full((30, 50), 255, np.uint8))
    acts.import_from(session, path)
    qtbot.waitUntil(lambda: bool(program.window.findChildren(PlacingDialog)))
    dialog = dialog_of(PlacingDialog)
    assert not dialog.channel.isVisible()
    dialog.fit.setCurrentIndex(dialog.fit.findData(Fit.CENTRE))
    dialog.accept()
    assert session.document.selection_bounds == Rect(175, 135, 50, 30)
    acts.import_from(session, path)
    qtbot.waitUntil(lambda: any(dialog.isVisible() for dialog in program.window.findChildren(QDialog)))
    dialog_of(PlacingDialog).reject()
    assert session.document.selection_bounds == Rect(175, 135, 50, 30)


def test_light_or_alpha(program, session, acts, qtbot, tmp_path, layer_mask, dialog_of):
    pixels = np.zeros((300, 400, 4), np.uint8)
    pixels[100:200, 100:300] = (255, 255, 255, 255)
    pixels[:50] = (0, 0, 0, 255)
    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), pixels)
    layer = session.document.active.id
    for alpha in (False, True):
        acts.import_from(session, path, layer)
        qtbot.waitUntil(lambda: any(dialog.isVisible() for dialog in program.window.findChildren(PlacingDialog)))
        dialog = dialog_of(PlacingDialog)
        assert not dialog.fit.isVisible()
        dialog.channel.setCurrentIndex(dialog.channel.findData(alpha))
        dialog.accept()
        QTest.qWait(5)
        assert layer_mask()[150, 200] == 255
        assert layer_mask()[250, 200] == 0
        assert layer_mask()[20, 200] == (255 if alpha else 0)


def test_what_is_no_picture_says_so(program, session, acts, qtbot, tmp_path):
    path = tmp_path / "text.png"
    path.write_text("words")
    acts.import_from(session, path)
    qtbot.waitUntil(lambda: bool(program.window.messages.notes))
    assert "not a picture" in program.window.messages.notes[-1].text


def test_a_mask_on_the_clipboard_is_a_grey_picture(session, hand, qapp):
    select(session.document, Rect(50, 50, 100, 80), np.full((80, 100), 170, np.uint8))
    hand.do("mask.from-selection")
    hand.do("mask.copy")
    image: QImage = qapp.clipboard().image()
    assert image.pixelColor(60, 60).getRgb()[:3] == (170, 170, 170)
    assert image.pixelColor(10, 10).getRgb()[:3] == (0, 0, 0)


def test_fill_and_gradient_work_on_the_quick_mask(program, session, hand, mask, picture, qtbot):
    before = picture(session)
    hand.do("colours.swap")  # white in front, black behind
    hand.do("select.quick-mask")
    hand.do("tool.fill")
    hand.press(100, 100)
    hand.release(100, 100)
    qtbot.waitUntil(lambda: not session.document.history.busy)
    assert mask().min() == 255
    hand.do("edit.undo")
    assert mask().max() == 0
    hand.do("tool.gradient")
    hand.drag((50, 150), (200, 150), (350, 150))
    qtbot.waitUntil(lambda: not session.document.history.busy)
    row = mask()[150].astype(int)
    assert row[20] > 250
    assert row[380] < 5
    assert 100 < row[200] < 155
    hand.do("edit.undo")
    assert mask().max() == 0
    assert same(picture(session), before)


def test_a_part_of_a_picture_is_pasted_where_it_came_from(session, hand, layer_mask):
    select(session.document, Rect(50, 60, 100, 80))
    hand.do("edit.copy-merged")  # white
    hand.do("mask.paste")
    assert session.target is Target.MASK
    assert layer_mask().sum() == 255 * 100 * 80
    assert layer_mask()[60, 50] == 255
    assert len(session.document.history.names) == 2


def test_a_layer_that_was_locked_meanwhile_keeps_its_mask(program, session, acts):
    from scumble.document.edits import set_layer

    layer = session.document.active
    set_layer(session.document, layer.id, "Lock", locked=True)
    acts.put(session, layer.id, np.full((300, 400), 255, np.uint8))
    assert session.document.active.mask is None
    assert "is locked" in program.window.messages.notes[-1].text


def test_a_layer_that_has_gone_takes_no_mask(program, session, hand, acts):
    hand.do("layer.add")
    layer = session.document.active
    hand.do("layer.delete")
    steps = session.document.history.names
    acts.put(session, layer.id, np.full((300, 400), 255, np.uint8))
    assert session.document.history.names == steps
