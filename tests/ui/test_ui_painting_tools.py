"""The painting tools on the real canvas: gestures, keys, options, slices."""

from __future__ import annotations

import numpy as np
import pytest
from numpy import array_equal as same
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.document import Rect
from scumble.document.edits import set_layer
from scumble.paint import Shape
from scumble.tools import slices
from scumble.ui.dialogs.new_picture import NewPicture
from scumble.ui.options import OptionsBar
from scumble.ui.toolbox import FACES
from scumble.ui.tooloptions import MAKERS

ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
RED = (1.0, 0.0, 0.0)


@pytest.fixture
def dotted(program, session, hand):
    """A red square at 50…80 on the white picture."""
    with session.document.history.transaction("Dot") as edit:
        pixels = np.empty((30, 30, 4), session.document.format.dtype)
        pixels[:] = session.document.format.solid(*RED)
        edit.put(session.surface, Rect(50, 50, 30, 30), pixels)
    session.document.history.clear()
    return session


def colour(picture, session, x, y):
    return tuple(int(value) for value in session.document.format.to_straight(picture(session))[y, x])


@pytest.mark.parametrize(
    ("key", "tool"),
    [
        ("U", "smudge"),
        ("S", "clone"),
        ("F", "fill"),
        ("G", "gradient"),
        ("B", "brush"),
        ("N", "line"),
        ("K", "rectangle"),
        ("O", "ellipse"),
    ],
)
def test_letters_take_the_tools(program, session, hand, key, tool):
    program.window.tools.set_tool("move")
    hand.key(getattr(Qt.Key, f"Key_{key}"))
    assert program.window.tools.tool == tool


def test_every_painting_tool_has_an_icon_a_step_and_controls(program):
    for tool in ("brush", "eraser", "smudge", "clone", "fill", "gradient", "picker"):
        action = program.window.commands.action(f"tool.{tool}")
        assert not action.icon().isNull()
        assert action.toolTip()
        assert FACES[tool].step or tool == "picker"
        assert set(FACES[tool].options) <= set(MAKERS)


def test_smudging_and_its_undo(program, dotted, hand, picture):
    before = picture(dotted)
    hand.do("tool.smudge")
    hand.drag((65, 65), (90, 65), (120, 65))
    assert colour(picture, dotted, 85, 65)[1] < 200
    assert dotted.document.history.names == ("Smudge",)
    hand.do("edit.undo")
    assert same(picture(dotted), before)


def test_cloning_on_the_canvas(program, dotted, hand, picture):
    hand.do("tool.clone")
    program.window.tools.change_brush(size=10.0, hardness=1.0)
    hand.drag((200, 200), (210, 200))
    assert any("hold Alt" in note.text for note in program.window.messages.notes)
    hand.press(65, 65, ALT)
    program.window.canvas.complete()
    assert program.window.canvas.gestures.band.cross
    hand.release(65, 65, ALT)
    assert program.window.canvas.gestures.band is None
    hand.drag((200, 200), (210, 200))
    assert colour(picture, dotted, 200, 200) == (255, 0, 0, 255)
    hand.drag((240, 200), (241, 200))
    assert colour(picture, dotted, 240, 200) == (255, 255, 255, 255)
    assert dotted.document.history.names == ("Clone", "Clone")


def test_the_source_is_marked_as_long_as_the_clone_tool_is_in_hand(program, dotted, hand):
    canvas = program.window.canvas

    def crossed(x, y):
        canvas.leaveEvent(None)
        canvas.complete()
        shot, place = canvas.grab().toImage(), hand.place(x, y)
        seen = [shot.pixelColor(place.x() + step, place.y()).getRgb()[:3] for step in range(-6, 7)]
        return any(max(pixel) < 200 for pixel in seen)

    hand.do("tool.clone")
    assert not crossed(200, 150)
    hand.press(200, 150, ALT)
    assert crossed(200, 150)
    hand.release(200, 150, ALT)
    assert crossed(200, 150)
    hand.press(300, 200)
    hand.move(320, 200)
    assert crossed(220, 150)
    hand.release(320, 200)
    assert crossed(200, 150)
    assert not crossed(220, 150)
    hand.do("tool.brush")
    assert not crossed(200, 150)


def test_filling_on_the_canvas(program, dotted, hand, picture):
    program.window.tools.set_foreground((0.0, 0.0, 1.0))
    hand.do("tool.fill")
    hand.drag((65, 65), (65, 65))
    assert colour(picture, dotted, 65, 65) == (0, 0, 255, 255)
    assert colour(picture, dotted, 200, 200) == (255, 255, 255, 255)
    assert dotted.document.history.names == ("Fill",)
    assert (0.0, 0.0, 1.0) in program.window.tools.recent
    assert not dotted.document.history.busy


def test_ctrl_takes_a_colour_while_filling(program, dotted, hand):
    hand.do("tool.fill")
    hand.drag((65, 65), (65, 65), keys=CTRL)
    assert program.window.tools.foreground == RED
    assert dotted.document.history.names == ()


def test_a_gradient_with_its_line(program, session, hand, picture):
    tools = program.window.tools
    tools.set_foreground(RED)
    tools.change_options(gradient=Shape.LINEAR)
    hand.do("tool.gradient")
    hand.press(100, 100)
    hand.move(300, 100)
    QTest.qWait(20)
    assert program.window.canvas.gestures.band is not None
    assert colour(picture, session, 390, 50) == (255, 255, 255, 255)
    hand.release(300, 100)
    assert colour(picture, session, 50, 200) == (255, 0, 0, 255)
    assert abs(colour(picture, session, 200, 250)[1] - 128) < 4
    assert session.document.history.names == ("Gradient",)
    assert program.window.canvas.gestures.band is None


def test_a_long_fill_goes_on_in_slices_and_escape_gives_it_up(program, hand, picture, monkeypatch):
    monkeypatch.setattr(slices, "SLICE", 0.0)
    session = program.files.create(NewPicture(1500, 1200, (1.0, 1.0, 1.0)))
    before = picture(session)
    hand.do("tool.fill")
    canvas = program.window.canvas
    hand.press(300, 300)
    assert canvas.gestures.active
    hand.release(300, 300)
    assert canvas.gestures.active
    hand.key(Qt.Key.Key_Escape)
    assert not canvas.gestures.active
    QTest.qWait(10)
    assert same(picture(session), before)
    assert session.document.history.names == ()
    hand.drag((300, 300), (300, 300))
    for _ in range(400):
        QTest.qWait(1)
        if not canvas.gestures.active:
            break
    assert not picture(session)[..., :3].any()
    assert session.document.history.names == ("Fill",)


def test_a_command_during_a_long_fill_lets_it_end_first(program, hand, picture, monkeypatch):
    monkeypatch.setattr(slices, "SLICE", 0.0)
    session = program.files.create(NewPicture(1500, 1200, (1.0, 1.0, 1.0)))
    hand.do("tool.fill")
    hand.press(300, 300)
    hand.release(300, 300)
    program.window.commands.action("layer.add").trigger()
    assert session.document.history.names == ("Fill", "Add layer")
    assert not picture(session)[..., :3].any()


def test_a_long_gradient_is_drawn_after_the_release(program, hand, picture, monkeypatch):
    monkeypatch.setattr("scumble.tools.filling.PREVIEWED", 0)
    monkeypatch.setattr(slices, "SLICE", 0.0)
    session = program.files.create(NewPicture(1500, 1200, (1.0, 1.0, 1.0)))
    hand.do("tool.gradient")
    hand.press(100, 300)
    hand.move(1000, 300)
    QTest.qWait(5)
    assert picture(session).min() == 255
    hand.release(1000, 300)
    for _ in range(400):
        QTest.qWait(1)
        if not program.window.canvas.gestures.active:
            break
    assert picture(session)[1100, 50, 0] == 0
    assert session.document.history.names == ("Gradient",)


def test_the_picker_averages_by_the_option(program, dotted, hand):
    tools = program.window.tools
    hand.do("tool.picker")
    tools.change_options(average=5)
    hand.drag((79, 65), (79, 65))
    assert tools.foreground[0] == 1.0
    assert 0.0 < tools.foreground[1] < 1.0


def test_the_menu_of_averages_changes_the_option(program, session, hand):
    hand.do("tool.picker")
    control = MAKERS["average"](program.window.tools, None, "average")
    control.list.activated.emit(1)
    assert program.window.tools.options.average == 3
    program.window.tools.change_options(average=11)
    assert control.list.currentIndex() == 3
    assert control.list.accessibleName()
    control.deleteLater()


def test_an_eraser_on_a_locked_alpha_says_why(program, session, hand, picture):
    set_layer(session.document, session.document.active.id, "Lock", alpha_locked=True)
    before = picture(session)
    hand.do("tool.eraser")
    hand.drag((50, 50), (100, 100))
    assert same(picture(session), before)
    assert any("keeps its transparency" in note.text for note in program.window.messages.notes)


def test_shift_while_drawing_keeps_straight(program, session, hand, picture):
    program.window.tools.change_brush(size=4.0, hardness=1.0)
    hand.press(50, 100)
    for x in range(60, 300, 20):
        hand.move(x, 100 + (x % 40 if x > 80 else 0), SHIFT)
    hand.release(300, 104, SHIFT)
    rows = np.flatnonzero((picture(session)[..., 0] < 128).any(axis=1))
    assert len(rows) <= 8


def tablet(canvas, kind, place, pressure, tilt=(0.0, 0.0)):
    device = QPointingDevice(
        "pen",
        1,
        QInputDevice.DeviceType.Stylus,
        QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Pressure,
        1,
        1,
    )
    button = Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    event = QTabletEvent(
        kind, device, place, canvas.mapToGlobal(place), pressure, *tilt, 0.0, 0.0, 0.0, keys, button, button
    )
    QApplication.sendEvent(canvas, event)


def test_the_tilt_of_a_pen_turns_the_brush(program, session, picture):
    canvas = program.window.canvas
    program.window.tools.change_brush(size=40.0, hardness=1.0, roundness=0.1, tilt_angle=True)
    for y, tilt in ((80, (40.0, 0.0)), (200, (0.0, 40.0))):
        place = canvas.viewport.to_view(100, y)
        tablet(canvas, QEvent.Type.TabletPress, place, 1.0, tilt)
        tablet(canvas, QEvent.Type.TabletRelease, place, 0.0, tilt)
    dark = picture(session)[..., 0] < 128
    ys, xs = np.nonzero(dark[:140])
    assert np.ptp(xs) > 4 * np.ptp(ys)
    ys, xs = np.nonzero(dark[140:])
    assert np.ptp(ys) > 4 * np.ptp(xs)


def test_the_tilt_is_turned_with_the_picture(program, session, picture):
    canvas = program.window.canvas
    program.window.tools.change_brush(size=40.0, hardness=1.0, roundness=0.1, tilt_angle=True)
    canvas.set_viewport(canvas.viewport.turned_to(90.0))
    place = canvas.viewport.to_view(200, 150)
    tablet(canvas, QEvent.Type.TabletPress, place, 1.0, (40.0, 0.0))
    tablet(canvas, QEvent.Type.TabletRelease, place, 0.0, (40.0, 0.0))
    ys, xs = np.nonzero(picture(session)[..., 0] < 128)
    assert np.ptp(ys) > 4 * np.ptp(xs)


def test_what_a_broken_driver_says_is_harmless(program, session, hand, picture):
    canvas = program.window.canvas
    program.window.tools.change_brush(pressure_size=True, tilt_angle=True, roundness=0.5)
    nothing, endless = float("nan"), float("inf")
    place = canvas.viewport.to_view(100, 100)
    tablet(canvas, QEvent.Type.TabletPress, QPointF(nothing, 5), 1.0)
    assert not canvas.gestures.active
    tablet(canvas, QEvent.Type.TabletPress, place, 1.0)
    for x, y, pressure, tilt in (
        (nothing, 10.0, 1.0, (0.0, 0.0)),
        (200.0, endless, nothing, (nothing, nothing)),
        (150.0, 150.0, endless, (endless, -endless)),
        (160.0, 150.0, -endless, (nothing, 900.0)),
    ):
        tablet(canvas, QEvent.Type.TabletMove, QPointF(x, y), pressure, tilt)
    tablet(canvas, QEvent.Type.TabletRelease, QPointF(nothing, nothing), 0.0)
    assert not canvas.gestures.active
    assert session.document.history.names == ("Brush stroke",)
    hand.do("edit.undo")
    assert picture(session).min() == 255


@pytest.mark.parametrize("tool", ["line", "rectangle", "ellipse"])
def test_shapes_are_drawn_where_they_were_shown(program, session, hand, picture, tool):
    program.window.tools.change_brush(size=6.0, hardness=1.0)
    program.window.tools.set_foreground(RED)
    hand.do(f"tool.{tool}")
    hand.press(100, 100)
    hand.move(250, 200)
    QTest.qWait(10)
    assert program.window.canvas.gestures.band is not None
    assert picture(session).min() == 255
    hand.release(250, 200)
    assert session.document.history.names == (FACES[tool].step,)
    assert colour(picture, session, 175, 150 if tool == "line" else 100)[1] < 128
    hand.do("edit.undo")
    assert picture(session).min() == 255


def test_the_outline_of_a_flat_brush_is_flat(program, session, hand):
    canvas = program.window.canvas
    program.window.tools.change_brush(size=80.0, roundness=0.2, angle=90.0)
    hand.move(200, 150, button=Qt.MouseButton.NoButton)
    canvas.complete()
    shot = canvas.grab().toImage()
    place = hand.place(200, 150)

    def marked(dx, dy):
        points = [shot.pixelColor(place.x() + dx + x, place.y() + dy + y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
        return any(point.getRgb()[:3] != (255, 255, 255) for point in points)

    assert marked(0, 40)
    assert marked(8, 0)
    assert not marked(40, 0)


def test_closing_a_picture_during_a_long_fill_is_harmless(program, hand, monkeypatch, qtbot):
    monkeypatch.setattr(slices, "SLICE", 0.0)
    session = program.files.create(NewPicture(1500, 1200, (1.0, 1.0, 1.0)))
    hand.do("tool.fill")
    hand.press(300, 300)
    hand.release(300, 300)
    canvas = program.window.canvas
    assert canvas.gestures.active
    session.mark_saved(session.document.revision)
    monkeypatch.setattr("PySide6.QtWidgets.QMessageBox.exec", lambda _box: 0x00800000)
    program.window.commands.action("file.close").trigger()
    with qtbot.captureExceptions() as errors:
        QTest.qWait(80)
    assert not errors
    assert not session.document.history.busy


@pytest.mark.parametrize("tool", ["line", "rectangle", "ellipse"])
def test_what_draws_with_the_brush_has_its_size_at_hand(program, session, hand, tool):
    hand.do(f"tool.{tool}")
    control = program.window.findChild(OptionsBar).controls["brush_size"]
    assert control.isVisible()
    control.slider.field.setValue(37)
    assert program.window.tools.brush_of("brush").size == 37
    hand.key(Qt.Key.Key_BracketRight)
    assert control.slider.value == program.window.tools.brush_of("brush").size > 37


def test_the_box_of_a_selection_in_a_ratio_and_in_a_size(program, session, hand):
    hand.do("tool.select")
    box = program.window.findChild(OptionsBar).controls["proportion"]
    assert not box.width_field.isVisible()
    choose(box.list, 1)
    assert box.width_field.isVisible()
    box.width_field.setValue(3)
    box.height_field.setValue(2)
    hand.drag((20, 20), (80, 30))
    assert session.document.selection.bounds() == Rect(20, 20, 60, 40)
    choose(box.list, 2)
    assert (box.width_field.value(), box.height_field.value()) == (512, 512)
    box.width_field.setValue(50)
    box.height_field.setValue(30)
    hand.drag((100, 100), (100, 100))
    assert session.document.selection.bounds() == Rect(100, 100, 50, 30)
    choose(box.list, 1)
    assert (box.width_field.value(), box.height_field.value()) == (3, 2)
    choose(box.list, 0)
    assert not box.height_field.isVisible()


def choose(menu, row):
    """As a person picks an entry."""
    menu.setCurrentIndex(row)
    menu.activated.emit(row)
