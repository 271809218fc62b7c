from __future__ import annotations

import numpy as np
import pytest
from numpy import array_equal as same
from PySide6.QtCore import QPointF, Qt

SHIFT, ALT, CTRL = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def test_a_stroke_paints_and_undo_brings_back_every_bit(program, session, hand, picture):
    before = picture(session)
    hand.drag((50, 50), (100, 80), (200, 90))
    painted = picture(session)
    assert tuple(painted[80, 100]) == (0, 0, 0, 255)
    assert same(painted[200:], before[200:])
    hand.do("edit.undo")
    assert same(picture(session), before)
    hand.do("edit.redo")
    assert same(picture(session), painted)
    assert session.document.history.names == ("Brush stroke",)


def test_what_the_canvas_shows_is_what_was_painted(program, session, hand, qtbot):
    hand.drag((50, 50), (150, 50))
    hand.move(300, 250, button=Qt.MouseButton.NoButton)
    program.window.canvas.complete()
    shot = program.window.canvas.grab().toImage()
    assert shot.pixelColor(hand.place(100, 50)).getRgb()[:3] == (0, 0, 0)
    assert shot.pixelColor(hand.place(100, 150)).getRgb()[:3] == (255, 255, 255)


@pytest.mark.parametrize("zoom", [0.25, 0.4, 0.5, 1.0, 1.5, 2.0, 5.0])
def test_a_mended_view_is_the_same_as_a_new_one(program, session, hand, zoom):
    canvas = program.window.canvas
    canvas.set_viewport(canvas.viewport.zoomed(zoom))
    canvas.grab()
    hand.drag((190, 140), (210, 160))
    hand.move(395, 295, button=Qt.MouseButton.NoButton)
    canvas.leaveEvent(None)
    canvas.complete()
    mended = canvas.grab().toImage()
    canvas._tiles._baked.clear()
    session.compositor._entries.clear()
    canvas.complete()
    assert canvas.grab().toImage() == mended


def test_escape_rolls_back(program, session, hand, picture):
    before = picture(session)
    hand.press(50, 50)
    hand.move(90, 90)
    assert not same(program.window.session.document.surface(session.surface).read(session.document.bounds), before)
    hand.key(Qt.Key.Key_Escape)
    hand.move(120, 120)
    hand.release(120, 120)
    assert same(picture(session), before)
    assert session.document.history.names == ()
    assert not session.modified


def test_a_command_in_mid_stroke_ends_the_stroke_first(program, session, hand):
    hand.press(50, 50)
    hand.move(90, 90)
    hand.do("layer.add")
    hand.move(120, 120)
    hand.release(120, 120)
    assert session.document.history.names == ("Brush stroke", "Add layer")


def test_eraser(program, session, hand, picture):
    hand.key(Qt.Key.Key_E)
    assert program.window.tools.tool == "eraser"
    hand.drag((100, 100), (150, 100))
    assert tuple(picture(session)[100, 120]) == (0, 0, 0, 0)


def test_the_mask_brush_paints_the_selection_and_takes_away(program, session, hand, picture):
    before = picture(session)
    hand.key(Qt.Key.Key_M)
    hand.drag((100, 100), (200, 100))
    selected = session.document.selection.read(session.document.bounds)
    assert selected[100, 150] == 255
    assert selected[250, 150] == 0
    hand.drag((150, 100), (150, 101), keys=ALT)
    assert session.document.selection.read(session.document.bounds)[100, 150] == 0
    hand.key(Qt.Key.Key_X)
    assert not program.window.tools.add
    hand.drag((100, 100), (100, 101))
    assert session.document.selection.read(session.document.bounds)[100, 100] == 0
    assert same(picture(session), before)


def test_the_quick_mask_is_seen_only_with_the_mask_brush(program, session, hand):
    canvas = program.window.canvas
    hand.do("select.all")
    hand.key(Qt.Key.Key_M)
    canvas.complete()
    tinted = canvas.grab().toImage().pixelColor(hand.place(200, 150))
    assert tinted.red() > tinted.green() + 40
    hand.key(Qt.Key.Key_B)
    canvas.complete()
    plain = canvas.grab().toImage().pixelColor(hand.place(200, 150))
    assert plain.getRgb()[:3] == (255, 255, 255)


def test_rectangle_selection_with_its_modes(program, session, hand):
    document = session.document
    hand.do("tool.select")
    hand.drag((20, 30), (120, 130))
    assert document.selection_bounds.width in (100, 101)
    hand.drag((200, 30), (250, 60), keys=SHIFT)
    selected = document.selection.read(document.bounds)
    assert selected[50, 50] == 255
    assert selected[40, 220] == 255
    hand.drag((20, 30), (60, 130), keys=ALT)
    assert document.selection.read(document.bounds)[50, 30] == 0
    assert document.selection.read(document.bounds)[50, 100] == 255
    hand.drag((300, 200), (300, 200))
    assert document.selection_bounds.empty
    steps = len(document.history.names)
    hand.drag((300, 200), (300, 200))
    assert len(document.history.names) == steps


def test_strokes_stay_inside_the_selection(program, session, hand, picture):
    hand.do("tool.select")
    hand.drag((100, 100), (200, 200))
    hand.do("tool.brush")
    before = picture(session)
    hand.drag((50, 150), (300, 150))
    after = picture(session)
    assert tuple(after[150, 150]) == (0, 0, 0, 255)
    outside = session.document.selection.read(session.document.bounds) == 0
    assert same(after[outside], before[outside])


def test_moving_and_nudging(program, session, hand):
    hand.do("layer.add")
    hand.drag((50, 50), (60, 50))
    surface = session.surface
    before = session.document.surface(surface).bounds()
    hand.key(Qt.Key.Key_T)
    hand.drag((100, 100), (130, 140))
    assert session.document.surface(surface).bounds() == before.translated(30, 40)
    hand.key(Qt.Key.Key_Left)
    hand.key(Qt.Key.Key_Up, SHIFT)
    assert session.document.surface(surface).bounds() == before.translated(29, 30)
    for _ in range(3):
        hand.do("edit.undo")
    assert session.document.surface(surface).bounds() == before


def test_picking_a_colour(program, session, hand):
    tools = program.window.tools
    tools.set_foreground((1.0, 0.0, 0.0))
    hand.drag((100, 100), (120, 100))
    tools.set_foreground((0.0, 0.0, 1.0))
    hand.key(Qt.Key.Key_P)
    hand.drag((110, 100), (110, 100))
    assert tools.foreground == (1.0, 0.0, 0.0)
    hand.key(Qt.Key.Key_B)
    hand.drag((300, 250), (300, 250), keys=CTRL)
    assert tools.foreground == (1.0, 1.0, 1.0)
    assert session.document.history.names == ("Brush stroke",)


def test_brackets_change_the_size_and_letters_the_colours(program, session, hand):
    tools = program.window.tools
    size = tools.brush.size
    hand.key(Qt.Key.Key_BracketRight)
    assert tools.brush.size > size
    hand.key(Qt.Key.Key_BracketLeft)
    assert tools.brush.size == size
    tools.set_foreground((0.2, 0.4, 0.6))
    hand.key(Qt.Key.Key_X)
    assert tools.background == (0.2, 0.4, 0.6)
    hand.key(Qt.Key.Key_D)
    assert (tools.foreground, tools.background) == ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def test_shift_draws_a_straight_line(program, session, hand, picture):
    hand.drag((50, 50), (50, 50))
    hand.drag((250, 250), (250, 250), keys=SHIFT)
    assert tuple(picture(session)[150, 150]) == (0, 0, 0, 255)


@pytest.mark.parametrize(("change", "code"), [({"locked": True}, "is locked"), ({"visible": False}, "is hidden")])
def test_a_layer_that_cannot_be_painted_on_says_so(program, session, hand, change, code):
    from scumble.document.edits import set_layer

    set_layer(session.document, session.document.active.id, "Change", **change)
    before = session.document.surface(session.surface).read(session.document.bounds)
    hand.drag((50, 50), (100, 100))
    assert same(session.document.surface(session.surface).read(session.document.bounds), before)
    assert any(code in note.text for note in program.window.messages.notes)
    assert not session.document.history.busy


def test_the_wheel_zooms_at_the_cursor(program, session, qtbot):
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    canvas = program.window.canvas
    place = QPointF(canvas.viewport.to_view(120, 90))
    for turn in (120, 120, 120, -120):
        event = QWheelEvent(
            place,
            canvas.mapToGlobal(place),
            QPoint(),
            QPoint(0, turn),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, event)
        x, y = canvas.viewport.to_document(place)
        assert abs(x - 120) < 1
        assert abs(y - 90) < 1
    assert canvas.viewport.zoom == pytest.approx(2**0.5)


def test_panning_with_the_middle_button_and_the_space_bar(program, session, hand):
    canvas = program.window.canvas
    origin = canvas.viewport.origin
    start = canvas.viewport.to_view(100, 100)
    for button, space in ((Qt.MouseButton.MiddleButton, False), (Qt.MouseButton.LeftButton, True)):
        before = canvas.viewport.origin
        if space:
            from PySide6.QtTest import QTest

            QTest.keyPress(canvas, Qt.Key.Key_Space)
        hand.press(100, 100, button=button)
        hand.move(130, 120, button=button)
        hand.release(130, 120, button=button)
        moved = np.subtract(canvas.viewport.origin, before)
        assert tuple(moved) != (0, 0)
    assert session.document.history.names == ()
    assert canvas.viewport.origin != origin
    assert start is not None


def test_a_pen_paints_with_pressure_and_erases_with_its_other_end(program, session, picture):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
    from PySide6.QtWidgets import QApplication

    canvas = program.window.canvas
    program.window.tools.change_brush(pressure_opacity=True, hardness=1.0)

    def send(kind, x, y, pressure, end):
        device = QPointingDevice(
            "pen",
            1,
            QInputDevice.DeviceType.Stylus,
            end,
            QInputDevice.Capability.Pressure,
            1,
            1,
        )
        place = canvas.viewport.to_view(x, y)
        button = Qt.MouseButton.LeftButton
        event = QTabletEvent(
            kind,
            device,
            place,
            canvas.mapToGlobal(place),
            pressure,
            0,
            0,
            0,
            0,
            0,
            Qt.KeyboardModifier.NoModifier,
            button,
            button,
        )
        QApplication.sendEvent(canvas, event)

    pen, rubber = QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser
    for end in (pen, rubber):
        send(QEvent.Type.TabletPress, 100, 100, 0.5, end)
        send(QEvent.Type.TabletMove, 150, 100, 0.5, end)
        send(QEvent.Type.TabletRelease, 150, 100, 0.5, end)
    assert session.document.history.names == ("Brush stroke", "Erase")
    session.document.history.go_to(1)
    assert 60 < picture(session)[100, 120, 0] < 200
