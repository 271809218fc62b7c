"""What the canvas shows and takes for brushes and colours: the outline, the drag that resizes, the picker's ring."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from numpy import array_equal as same
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from scumble.paint import Brush, Sample, Stroke
from scumble.ui.canvas.loupe import RADIUS, PickLoupe
from scumble.ui.canvas.marks import LEAST, brush_outline, paint_brush
from scumble.ui.canvas.viewport import Viewport

ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
RIGHT = Qt.MouseButton.RightButton


@pytest.mark.parametrize("angle", [0.0, 30.0, -70.0])
@pytest.mark.parametrize(("turn", "mirrored"), [(0.0, False), (90.0, False), (25.0, True)])
@pytest.mark.parametrize("zoom", [0.5, 2.0])
def test_the_outline_goes_round_what_a_dab_covers(qapp, angle, turn, mirrored, zoom):
    """Every pixel that a hard dab covers is seen inside the outline, and hardly any other one is."""
    from scumble.document import BGRA8, PaintLayer
    from scumble.document.edits import new_document

    brush = Brush(size=60.0, hardness=1.0, roundness=0.4, angle=angle)
    document = new_document(100, 100, BGRA8, background=None, name="")
    assert isinstance(document.active, PaintLayer)
    with document.history.transaction("") as edit:
        Stroke(document, edit, document.active.surface, brush).add(Sample(50.0, 50.0))
    covered = document.surface(document.active.surface).read(document.bounds)[..., 3]
    view = dataclasses.replace(Viewport((100, 100), (300, 300)).zoomed(zoom), mirrored=mirrored).turned_to(turn)
    outline = brush_outline(brush, view).translated(view.to_view(50.0, 50.0))
    inside = np.zeros((100, 100), bool)
    for y in range(100):
        for x in range(100):
            inside[y, x] = outline.contains(view.to_view(x + 0.5, y + 0.5))
    sure, none = covered > 250, covered < 5
    assert (inside & sure).sum() / sure.sum() > 0.97
    assert (inside & none).sum() / sure.sum() < 0.03


def test_a_tiny_brush_can_still_be_seen(qapp):
    box = brush_outline(Brush(size=1.0, roundness=0.02), Viewport((100, 100), (100, 100)).zoomed(0.1)).boundingRect()
    assert box.width() >= 2 * LEAST
    assert box.height() >= 2.0


@pytest.mark.parametrize(("size", "marked"), [(20.0, False), (200.0, True)])
def test_the_middle_of_a_large_brush_is_marked(qapp, size, marked):
    image = QImage(300, 300, QImage.Format.Format_RGB32)
    image.fill(QColor(128, 128, 128))
    with QPainter(image) as painter:
        paint_brush(painter, QPointF(150.5, 150.5), Brush(size=size), Viewport((300, 300), (300, 300)))
    assert (image.pixelColor(150, 150) != QColor(128, 128, 128)) == marked


def test_the_outline_leaves_no_trace_where_it_was(program, session, hand):
    """An ellipse is wider than it is high: what it leaves when the pointer goes on must be painted over."""
    canvas = program.window.canvas
    program.window.tools.change_brush(size=120.0, roundness=0.2, angle=45.0)
    canvas.complete()
    canvas.leaveEvent(None)
    before = canvas.grab().toImage()
    none = Qt.MouseButton.NoButton
    hand.move(200, 150, button=none)
    assert canvas.grab().toImage() != before
    hand.move(60, 60, button=none)
    hand.move(300, 200, button=none)
    canvas.leaveEvent(None)
    assert canvas.grab().toImage() == before


# Alt and the right button


def test_a_drag_sideways_resizes_and_upwards_hardens(program, session, hand, picture):
    tools = program.window.tools
    before = picture(session)
    tools.change_brush(size=20.0, hardness=0.5)
    hand.press(100, 100, keys=ALT, button=RIGHT)
    hand.move(130, 100, keys=ALT, button=RIGHT)
    assert tools.brush.size == pytest.approx(80.0)
    assert tools.brush.hardness == 0.5
    hand.move(95, 40, keys=ALT, button=RIGHT)
    assert tools.brush.size == pytest.approx(10.0)
    assert tools.brush.hardness == pytest.approx(0.8)
    hand.move(-400, 900, keys=ALT, button=RIGHT)
    assert (tools.brush.size, tools.brush.hardness) == (1.0, 0.0)
    hand.release(100, 100, keys=ALT, button=RIGHT)
    hand.move(200, 100, button=Qt.MouseButton.NoButton)
    assert tools.brush.size == 1.0
    assert same(picture(session), before)
    assert session.document.history.names == ()


def test_the_drag_follows_the_zoom_and_the_outline_stays(program, session, hand):
    canvas, tools = program.window.canvas, program.window.tools
    canvas.set_viewport(canvas.viewport.zoomed(2.0))
    tools.change_brush(size=20.0)
    hand.move(150, 100, button=Qt.MouseButton.NoButton)
    held = canvas._hover
    hand.press(150, 100, keys=ALT, button=RIGHT)
    hand.move(160, 100, keys=ALT, button=RIGHT)
    assert tools.brush.size == pytest.approx(40.0)
    assert canvas._hover == held
    hand.release(160, 100, keys=ALT, button=RIGHT)


def test_the_drag_shows_its_numbers_and_leaves_none(program, session, hand):
    canvas = program.window.canvas
    hand.move(150, 100, button=Qt.MouseButton.NoButton)
    canvas.complete()
    before = canvas.grab().toImage()
    hand.press(150, 100, keys=ALT, button=RIGHT)
    plate = hand.place(150, 100)
    shown = canvas.grab().toImage()
    dark = [shown.pixelColor(plate.x() + x, plate.y() + 17).lightness() < 120 for x in range(-30, 30)]
    assert sum(dark) > 30
    hand.release(150, 100, keys=ALT, button=RIGHT)
    assert canvas.grab().toImage() == before


@pytest.mark.parametrize("turning", [{"follow": True}, {"tilt_angle": True}, {"angle_jitter": 180.0}])
def test_a_tip_that_turns_by_itself_is_shown_as_the_circle_round_it(qapp, turning):
    view = Viewport((100, 100), (100, 100))
    box = brush_outline(Brush(size=60.0, roundness=0.1, angle=30.0, **turning), view).boundingRect()
    assert box.width() == pytest.approx(60.0, abs=0.5)
    assert box.height() == pytest.approx(60.0, abs=0.5)


@pytest.mark.parametrize(("tool", "keys"), [("move", ALT), ("brush", Qt.KeyboardModifier.NoModifier), ("brush", SHIFT)])
def test_nothing_else_resizes(program, session, hand, tool, keys):
    tools = program.window.tools
    tools.set_tool(tool)
    before = tools.brush
    hand.press(100, 100, keys=keys, button=RIGHT)
    hand.move(150, 60, keys=keys, button=RIGHT)
    hand.release(150, 60, keys=keys, button=RIGHT)
    assert tools.brush == before


def test_a_stroke_in_mid_air_is_not_disturbed(program, session, hand):
    tools = program.window.tools
    before = tools.brush
    hand.press(50, 50)
    hand.press(60, 60, keys=ALT, button=RIGHT)
    hand.move(120, 60)
    hand.release(120, 60)
    assert tools.brush == before
    assert session.document.history.names == ("Brush stroke",)


def test_shift_still_draws_a_line_that_can_be_dragged_on(program, session, hand, picture):
    hand.drag((50, 50), (50, 50))
    size = program.window.tools.brush.size
    hand.drag((200, 50), (200, 200), keys=SHIFT)
    assert program.window.tools.brush.size == size
    seen = picture(session)
    assert tuple(seen[50, 120]) == (0, 0, 0, 255)
    assert tuple(seen[150, 200]) == (0, 0, 0, 255)


# The ring of the picker


def test_the_ring_shows_the_new_colour_over_the_one_before(program, session, hand, qtbot):
    canvas, tools = program.window.canvas, program.window.tools
    loupe = canvas.findChild(PickLoupe)
    tools.set_foreground((1.0, 0.0, 0.0))
    hand.drag((100, 100), (100, 100))
    tools.set_foreground((0.0, 0.0, 1.0))
    tools.set_tool("picker")
    canvas.complete()
    hand.press(100, 100)
    assert loupe.shown
    qtbot.wait(20)
    shot = canvas.grab().toImage()
    middle = hand.place(100, 100)
    reach = round(RADIUS)
    assert shot.pixelColor(middle.x(), middle.y() - reach).getRgb()[:3] == (255, 0, 0)
    assert shot.pixelColor(middle.x(), middle.y() + reach).getRgb()[:3] == (0, 0, 255)
    hand.move(250, 200)
    qtbot.wait(20)
    shot = canvas.grab().toImage()
    there = hand.place(250, 200)
    assert shot.pixelColor(there.x(), there.y() - reach).getRgb()[:3] == (255, 255, 255)
    hand.release(250, 200)
    qtbot.wait(20)
    assert not loupe.shown
    shot = canvas.grab().toImage()
    assert shot.pixelColor(there.x(), there.y() + reach).getRgb()[:3] == (255, 255, 255)
    assert tools.foreground == (1.0, 1.0, 1.0)


def test_ctrl_with_a_brush_shows_it_as_well(program, session, hand):
    loupe = program.window.canvas.findChild(PickLoupe)
    hand.press(300, 250, keys=CTRL)
    assert loupe.shown
    hand.release(300, 250, keys=CTRL)
    assert not loupe.shown
    hand.press(300, 250)
    assert not loupe.shown
    hand.release(300, 250)


def test_the_tilt_of_the_outline_is_that_of_the_angle(qapp):
    view = Viewport((100, 100), (100, 100))
    path = brush_outline(Brush(size=100.0, roundness=0.1, angle=45.0), view)
    along = QPointF(math.cos(math.radians(45)), -math.sin(math.radians(45))) * 45
    assert path.contains(along)
    assert not path.contains(QPointF(along.x(), -along.y()))
