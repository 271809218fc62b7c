"""Adjusting on the real window, with the real light engine: shown, applied, given up, undone."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from scumble.document import BGRA8, RGBA16, Rect
from scumble.document.edits import add_layer, add_mask, deselect, set_layer
from scumble.ui.session import Target

FORMATS = pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=["8", "16"])


def inverted(pixel_format, stored):
    straight = pixel_format.to_straight(stored, pixel_format.dtype)
    straight[..., :3] = pixel_format.maximum - straight[..., :3]
    return pixel_format.from_straight(straight)


@FORMATS
def test_values_are_shown_at_once_and_applied_as_one_step(easel, pixel_format):
    easel.open(pixel_format=pixel_format)
    before = easel.pixels()
    easel.adjust("curves", all="0,1 1,0")
    assert np.array_equal(easel.pixels(), inverted(pixel_format, before))
    assert np.array_equal(easel.committed(), before)
    assert easel.document.history.names == ()
    easel.apply()
    assert np.array_equal(easel.committed(), inverted(pixel_format, before))
    assert easel.document.history.names == ("Curves",)
    easel.document.history.undo()
    assert np.array_equal(easel.pixels(), before)


def test_what_is_shown_is_seen_on_the_canvas_below_the_layers_above(easel):
    easel.open(opaque=True)
    document = easel.document
    ground = document.active.id
    cover = np.zeros((100, 100, 4), np.uint8)
    cover[..., 2:] = 255
    add_layer(document, "Cover", pixels=cover, origin=(200, 200))
    document.activate(ground)
    easel.adjust("levels", all="0 1 1 0 0")
    easel.canvas.complete()
    shot = easel.canvas.grab().toImage()
    view = easel.session.viewport
    assert shot.pixelColor(view.to_view(50, 50).toPoint()).name() == "#000000"
    assert shot.pixelColor(view.to_view(250, 250).toPoint()).name() == "#ff0000"
    easel.panel.reject()
    easel.canvas.complete()
    assert easel.canvas.grab().toImage().pixelColor(view.to_view(50, 50).toPoint()).name() != "#000000"


@pytest.mark.parametrize(
    ("command", "values"),
    [
        ("levels", {"all": "0.1 1.4 0.9 0 1"}),
        ("hue-saturation", {"hue": 70.0}),
        ("gaussian-blur", {"radius": 6.0}),
        ("unsharp-mask", {"amount": 200.0, "radius": 3.0}),
        ("noise", {"amount": 25.0}),
        ("noise", {"amount": 25.0, "kind": "uniform", "monochrome": True, "pattern": 7}),
    ],
)
def test_what_was_shown_is_what_is_applied_bit_for_bit_and_only_inside_the_selection(easel, command, values):
    easel.open()
    easel.select(130, 90, 210, 305)
    before = easel.pixels()
    easel.adjust(command, **values)
    shown = easel.pixels()
    inside = Rect(130, 90, 210, 305).slices(easel.document.bounds)
    assert not np.array_equal(shown[inside], before[inside])
    kept = np.ones(before.shape[:2], bool)
    kept[inside] = False
    assert np.array_equal(shown[kept], before[kept])
    easel.apply()
    assert np.array_equal(easel.committed(), shown)


def test_applying_at_once_gives_what_a_preview_in_parts_gives(easel):
    """However the view was moved meanwhile, the pieces are the same."""
    easel.open(2900, 1100)
    easel.canvas.set_viewport(easel.session.viewport.zoomed(1.0).moved(3000, 0))
    easel.adjust("gaussian-blur", radius=9.0)
    part = set(easel.run._done)
    assert part < easel.run._wanted
    easel.canvas.set_viewport(easel.session.viewport.moved(-900, 0))
    easel.settled()
    easel.apply()
    first = easel.committed()
    easel.document.history.undo()
    easel.adjust("gaussian-blur", exact=False, radius=9.0)
    easel.apply()
    assert np.array_equal(easel.committed(), first)


@pytest.mark.parametrize("how", ["button", "escape", "close", "canvas"])
def test_giving_up_leaves_the_picture_as_it_was(easel, how):
    easel.open()
    before = easel.pixels()
    panel = easel.adjust("curves", all="0,1 1,0")
    if how == "button":
        panel.cancel.click()
    elif how == "escape":
        QTest.keyClick(panel, Qt.Key.Key_Escape)
    elif how == "close":
        panel.close()
    else:
        QTest.keyClick(easel.canvas, Qt.Key.Key_Escape)
    assert easel.panel is None
    assert np.array_equal(easel.pixels(), before)
    assert easel.document.history.names == ()
    assert not easel.document.history.busy
    assert not easel.session.modified


@pytest.mark.parametrize("where", ["panel", "canvas"])
def test_enter_applies(easel, where):
    easel.open()
    panel = easel.adjust("curves", all="0,1 1,0")
    QTest.keyClick(panel if where == "panel" else easel.canvas, Qt.Key.Key_Return)
    easel.gone()
    assert easel.document.history.names == ("Curves",)


def test_without_the_preview_the_picture_stays_until_it_is_applied(easel):
    easel.open()
    before = easel.pixels()
    panel = easel.adjust("curves", all="0,1 1,0")
    panel.preview.click()
    assert np.array_equal(easel.pixels(), before)
    assert not easel.document.history.busy
    panel.form.set_values({"red": "0,0 1,0.5"})
    QTest.qWait(50)
    assert np.array_equal(easel.pixels(), before)
    panel.form.set_values({"red": "0,0 1,1"})
    easel.apply()
    assert np.array_equal(easel.committed(), inverted(BGRA8, before))


def test_values_at_rest_make_no_step(easel):
    easel.open()
    easel.adjust("levels")
    easel.apply()
    assert easel.document.history.names == ()


def test_reset_puts_the_defaults_back_and_shows_them(easel):
    easel.open()
    before = easel.pixels()
    panel = easel.adjust("curves", all="0,1 1,0")
    panel.reset.click()
    easel.settled()
    assert panel.values()["all"] == "0,0 1,1"
    assert np.array_equal(easel.pixels(), before)


def test_values_are_remembered_and_repeated(easel):
    easel.open()
    before = easel.pixels()
    assert not easel.window.commands.action("adjust.repeat").isEnabled()
    easel.adjust("curves", all="0,1 1,0")
    easel.apply()
    easel.do("adjust.repeat")
    easel.gone()
    assert easel.document.history.names == ("Curves", "Curves")
    assert np.array_equal(easel.committed(), before)
    easel.do("adjust.curves")
    assert easel.panel.values()["all"] == "0,1 1,0"
    easel.panel.reject()


def test_what_needs_no_values_asks_for_none(easel):
    easel.open()
    before = easel.pixels()
    easel.do("adjust.invert")
    assert not easel.panel.isVisible()
    easel.gone()
    assert np.array_equal(easel.committed(), inverted(BGRA8, before))
    assert easel.document.history.names == ("Invert",)


def test_a_mask_is_adjusted_where_it_is_the_paint_target(easel):
    easel.open(300, 260)
    document = easel.document
    add_mask(document, document.active.id)
    with document.history.transaction("Grey") as edit:
        edit.put(document.active.mask, Rect(0, 0, 300, 200), np.full((200, 300), 100, np.uint8))
        edit.put(document.active.mask, Rect(0, 200, 300, 60), np.zeros((60, 300), np.uint8))
    layer, mask = easel.pixels(), document.active.mask
    easel.session.set_target(Target.MASK)
    easel.do("adjust.invert")
    easel.gone()
    assert (easel.pixels(mask)[:200] == 155).all()
    assert (easel.pixels(mask)[200:] == 255).all()
    assert np.array_equal(easel.pixels(), layer)
    document.history.undo()
    assert (easel.pixels(mask)[:200] == 100).all()


def test_alpha_lock_holds_against_a_blur(easel):
    easel.open(300, 260)
    set_layer(easel.document, easel.document.active.id, "Lock", alpha_locked=True)
    before = easel.pixels()
    easel.adjust("gaussian-blur", radius=5.0)
    easel.apply()
    assert np.array_equal(easel.committed()[..., 3], before[..., 3])
    assert not np.array_equal(easel.committed(), before)


def test_from_afar_it_is_shown_coarsely_first_and_then_exactly(easel):
    easel.open(2600, 2100, opaque=True)
    before = easel.pixels()
    easel.canvas.set_viewport(easel.session.viewport.zoomed(0.25))
    easel.do("adjust.curves")
    easel.panel.form.set_values({"all": "0,1 1,0"})
    easel.wait(lambda: easel.run._coarse or easel.run._done, what="the sketch")
    assert easel.run._coarse
    easel.settled()
    assert np.array_equal(easel.pixels(), inverted(BGRA8, before))
    easel.apply()
    assert np.array_equal(easel.committed(), inverted(BGRA8, before))


def test_a_smaller_selection_while_the_panel_is_open_is_heeded(easel):
    easel.open()
    before = easel.pixels()
    easel.adjust("curves", all="0,1 1,0")
    easel.session.settle()
    easel.select(0, 0, 100, 100)
    easel.settled()
    shown = easel.pixels()
    assert np.array_equal(shown[100:], before[100:])
    assert np.array_equal(shown[:100, :100], inverted(BGRA8, before)[:100, :100])
    easel.session.settle()
    deselect(easel.document)
    easel.settled()
    assert np.array_equal(easel.pixels(), inverted(BGRA8, before))
    easel.panel.reject()
    assert np.array_equal(easel.pixels(), before)


def test_the_panel_is_as_large_as_what_is_unfolded(easel):
    easel.open(300, 200)
    panel = easel.adjust("colour-balance", exact=False)
    QTest.qWait(20)
    folded = panel.size()
    panel.form.more.click()
    QTest.qWait(20)
    assert panel.height() > folded.height()
    for field in panel.form.fields.values():
        assert field.height() >= field.sizeHint().height()
    panel.form.more.click()
    QTest.qWait(20)
    assert panel.size() == folded
    panel.reject()
