"""Free transformation at the real window: mouse, keys, and the numbers in the options bar."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from scumble.document import Rect
from scumble.document import homography as h
from scumble.document.edits import add_group, move_layer, select
from scumble.document.lift import lift
from scumble.paint.transform import Resampling, transformed
from scumble.render import Budget
from scumble.tools.transforming import Handle, figures
from scumble.ui.transformbar import TransformBar

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
BOX = Rect(120, 90, 100, 60)


@pytest.fixture
def bar(program):
    return program.window.findChild(TransformBar)


def state(session):
    return {
        (surface, index): tile.pixels.tobytes()
        for surface, plane in session.document.snapshot().planes.items()
        for index, tile in plane.items()
    }


def shown_live(canvas):
    """What the canvas shows once all of the live picture is ready."""
    canvas._live.prepare(canvas.viewport, canvas.rect(), Budget())
    canvas._live._tiles.complete(canvas.viewport, canvas.rect())
    return canvas.grab().toImage()


def layer_bounds(session):
    return session.document.surface(session.document.active.surface).bounds()


def test_dragging_inside_moves_and_enter_applies_as_one_step(program, painted, hand, modes, picture, begin):
    mode = begin()
    assert program.window.tools.tool == "transform"
    before = picture(painted)
    hand.drag((150, 110), (170, 130), (180, 125))
    assert painted.document.history.names == ()
    assert (picture(painted) == before).all()
    hand.key(Qt.Key.Key_Return)
    assert painted.document.history.names == ("Transform",)
    assert layer_bounds(painted) == BOX.translated(30, 15)
    assert modes.mode is None
    assert program.window.tools.tool == "brush"
    assert not mode.shape.unchanged
    hand.do("edit.undo")
    assert (picture(painted) == before).all()


def test_several_drags_are_resampled_once(painted, hand, modes, begin):
    before = lift(painted.document, [painted.document.active])
    mode = begin()
    hand.drag(mode.shape.place(Handle.BOTTOM_RIGHT), (260, 190))
    hand.drag((300, 60), (330, 140))
    hand.drag(mode.shape.centre, (180, 150))
    hand.drag((300, 60), (320, 90))
    matrix = mode.shape.matrix
    wanted = transformed(before, matrix, Resampling.BICUBIC, painted.document.bounds)
    hand.key(Qt.Key.Key_Return)
    assert painted.document.history.names == ("Transform",)
    surface = painted.document.active.surface
    made = {index: tile.pixels.tobytes() for index, tile in painted.document.surface(surface).tiles.items()}
    assert made == {index: tile.pixels.tobytes() for index, tile in wanted[surface].items()}


@pytest.mark.parametrize(
    ("handle", "end", "keys"),
    [
        (Handle.BOTTOM_RIGHT, (250, 180), NONE),
        (Handle.BOTTOM_RIGHT, (250, 180), SHIFT),
        (Handle.RIGHT, (260, 130), NONE),
        (Handle.TOP_LEFT, (100, 100), CTRL),
        (Handle.TOP, (200, 90), CTRL | SHIFT),
    ],
)
def test_handles_do_what_their_keys_say(painted, hand, modes, handle, end, keys, begin):
    mode = begin()
    hand.drag(mode.shape.place(handle), end, keys=keys)
    shape = mode.shape
    assert not shape.unchanged
    if keys == SHIFT:
        assert figures(shape).width / figures(shape).height == pytest.approx(100 / 60)
    assert shape.perspective == (keys == CTRL)
    hand.key(Qt.Key.Key_Return)
    reached = h.bounds_of(shape.matrix, BOX)
    assert reached.expanded(3).covers(layer_bounds(painted))
    assert layer_bounds(painted).covers(reached.expanded(-3))


def test_what_is_seen_while_dragging_is_what_is_applied(program, painted, hand, modes, begin):
    mode = begin()
    hand.drag(mode.shape.place(Handle.BOTTOM_RIGHT), (280, 210))
    hand.drag((330, 60), (340, 120))
    overlay, mode._overlay.shape = mode._overlay.shape, None
    live = shown_live(mode.canvas)
    mode._overlay.shape = overlay
    program.window.tools.set_tool("picker")
    assert modes.mode is None
    mode.canvas.complete()
    QTest.qWait(30)
    done = mode.canvas.grab().toImage()
    one, other = (
        np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())[:, : image.width() * 4]
        for image in (live, done)
    )
    difference = np.abs(one.astype(int) - other)
    assert one.std() > 10
    # The preview is bilinear and what is applied bicubic, on noise; an error of place would show everywhere.
    assert difference.mean() < 2.5


def test_a_preview_of_a_move_is_exact(program, painted, hand, modes, begin):
    begin()
    hand.drag((150, 110), (171, 133))
    canvas = program.window.canvas
    modes.mode._overlay.shape = None
    live = shown_live(canvas)
    canvas.session.settle()
    canvas.complete()
    QTest.qWait(30)
    assert program.window.tools.tool == "brush"
    program.window.tools.set_tool("picker")
    assert canvas.grab().toImage() == live


def test_arrow_keys_nudge(painted, hand, modes, begin):
    mode = begin()
    hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down, SHIFT)
    assert mode.shape.matrix[:2, 2].tolist() == [1, 10]
    hand.key(Qt.Key.Key_Return)
    assert layer_bounds(painted) == BOX.translated(1, 10)


def test_undo_and_redo_go_through_the_drags_and_at_last_give_up(painted, hand, modes, begin):
    before = state(painted)
    mode = begin()
    hand.drag((150, 110), (170, 110))
    hand.drag((170, 110), (170, 140))
    hand.key(Qt.Key.Key_Z, CTRL)
    assert mode.shape.matrix[:2, 2].tolist() == [20, 0]
    hand.key(Qt.Key.Key_Z, CTRL)
    assert mode.shape.unchanged
    hand.key(Qt.Key.Key_Z, CTRL | SHIFT)
    hand.key(Qt.Key.Key_Y, CTRL)
    assert mode.shape.matrix[:2, 2].tolist() == [20, 30]
    for _ in range(3):
        hand.key(Qt.Key.Key_Z, CTRL)
    assert modes.mode is None
    assert state(painted) == before
    assert painted.document.history.names == ()


def test_only_the_selected_part_goes(painted, hand, modes, picture, begin):
    select(painted.document, Rect(120, 90, 50, 60))
    before = picture(painted)
    mode = begin()
    assert mode.shape.box == Rect(120, 90, 50, 60)
    hand.drag((140, 110), (140, 210))
    hand.key(Qt.Key.Key_Return)
    after = picture(painted)
    assert (after[190:250, 120:170] == before[90:150, 120:170]).all()
    assert (after[90:150, 120:170] == 255).all()
    same = np.ones(before.shape[:2], bool)
    same[90:150, 120:170] = same[190:250, 120:170] = False
    assert (after[same] == before[same]).all()
    assert painted.document.selection_bounds == Rect(120, 190, 50, 60)


def test_a_group_is_transformed_with_all_it_holds(painted, hand, modes, begin):
    document = painted.document
    layer = document.active.id
    group = add_group(document, "Group")
    move_layer(document, layer, parent=group, index=0)
    document.activate(group)
    mode = begin()
    assert mode.shape.box == BOX
    hand.drag((150, 110), (150, 150))
    hand.key(Qt.Key.Key_Return)
    assert document.surface(document.paint_layer(layer).surface).bounds() == BOX.translated(0, 40)


def test_the_bar_shows_the_numbers_and_takes_others(painted, hand, modes, bar, begin):
    mode = begin()
    assert bar.isVisible()
    shown = {name: field.value() for name, field in bar.fields.items()}
    assert shown == {"x": 120, "y": 90, "width": 100, "height": 60, "angle": 0, "skew": 0}
    bar.link.setChecked(True)
    bar.fields["width"].setValue(200)
    assert figures(mode.shape).height == pytest.approx(120)
    bar.link.setChecked(False)
    bar.fields["height"].setValue(30)
    bar.fields["angle"].setValue(45)
    now = figures(mode.shape)
    assert (now.width, now.height, now.angle) == pytest.approx((200, 30, 45))
    bar.fields["x"].setValue(10)
    assert figures(mode.shape).x == pytest.approx(10)
    hand.drag(mode.shape.place(Handle.PIVOT), (60, 60))
    bar.fields["angle"].setValue(90)
    assert mode.shape.centre == pytest.approx((60, 60), abs=0.6)


def test_typing_a_number_then_enter_twice(painted, hand, modes, bar, begin):
    begin()
    field = bar.fields["x"]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "140")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert modes.mode is not None
    QTest.keyClick(hand.canvas, Qt.Key.Key_Return)
    assert layer_bounds(painted) == BOX.translated(20, 0)


def test_escape_in_a_number_gives_up(painted, hand, modes, bar, begin):
    begin()
    bar.fields["x"].setValue(150)
    QTest.keyClick(bar.fields["x"], Qt.Key.Key_Escape)
    assert modes.mode is None
    assert painted.document.history.names == ()


def test_turns_and_flips_by_button_lose_nothing(painted, hand, modes, bar, begin):
    document = painted.document
    before = document.surface(document.active.surface).read(BOX)
    for name in ("rotate-left", "rotate-right", "flip-across", "flip-down"):
        begin()
        bar.turns[name].click()
        hand.key(Qt.Key.Key_Return)
    bounds = layer_bounds(painted)
    after = document.surface(document.active.surface).read(bounds)
    assert (after == before[::-1, ::-1]).all()
    assert document.history.names == ("Transform",) * 4


def test_nearest_keeps_hard_pixels(painted, hand, modes, bar, begin):
    document = painted.document
    colours = {tuple(pixel) for pixel in document.surface(document.active.surface).read(BOX).reshape(-1, 4)}
    mode = begin()
    bar.filter.setCurrentIndex(bar.filter.findData(Resampling.NEAREST))
    bar.filter.activated.emit(bar.filter.currentIndex())
    hand.drag(mode.shape.place(Handle.BOTTOM_RIGHT), (300, 250))
    hand.key(Qt.Key.Key_Return)
    made = {tuple(pixel) for pixel in document.surface(document.active.surface).read(document.bounds).reshape(-1, 4)}
    assert made - {(0, 0, 0, 0)} <= colours


def test_the_right_button_offers_turns(painted, hand, modes, monkeypatch, begin):
    opened = []
    # The offscreen platform cannot grab the pointer for a menu that pops up.
    monkeypatch.setattr(QMenu, "popup", lambda menu, place: opened.append((menu, place)))
    mode = begin()
    place = QPoint(20, 20)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, mode.canvas.mapToGlobal(place))
    QApplication.sendEvent(mode.canvas, event)
    ((menu, where),) = opened
    assert where == mode.canvas.mapToGlobal(place)
    actions = {action.text(): action for action in menu.actions()}
    actions["Turn 180°"].trigger()
    assert abs(figures(mode.shape).angle) == 180.0
    actions["As it was at first"].trigger()
    assert mode.shape.unchanged
    actions["Turn 90° to the right"].trigger()
    actions["Apply"].trigger()
    assert painted.document.history.names == ("Transform",)


def test_the_ants_rest_meanwhile(program, painted, hand, modes, begin):
    select(painted.document, Rect(120, 90, 50, 60))
    mode = begin()
    assert mode.canvas.outline.region(mode.canvas.viewport).isEmpty()
    hand.key(Qt.Key.Key_Escape)
    assert not mode.canvas.outline.region(mode.canvas.viewport).isEmpty()


def test_cursors_tell_what_dragging_would_do(painted, hand, modes, begin):
    mode = begin()

    def shape_at(x, y):
        QTest.mouseMove(mode.canvas, hand.place(x, y))
        return mode.canvas.cursor().shape()

    assert shape_at(140, 100) == Qt.CursorShape.SizeAllCursor
    assert shape_at(*mode.shape.place(Handle.RIGHT)) == Qt.CursorShape.SizeHorCursor
    assert shape_at(*mode.shape.place(Handle.TOP)) == Qt.CursorShape.SizeVerCursor
    assert shape_at(*mode.shape.place(Handle.TOP_LEFT)) == Qt.CursorShape.SizeFDiagCursor
    assert shape_at(350, 250) == Qt.CursorShape.BitmapCursor
    hand.key(Qt.Key.Key_Escape)
    assert mode.canvas.cursor().shape() == Qt.CursorShape.BlankCursor


def test_every_control_has_a_name(bar):
    for widget in (*bar.fields.values(), *bar.turns.values(), bar.link, bar.filter, bar.cancel, bar.apply):
        assert widget.accessibleName()
        assert widget.toolTip()


@pytest.mark.parametrize("turn", [None, "view.mirror", "view.turn-right"])
def test_the_preview_follows_a_view_that_is_turned_and_has_the_grid(program, painted, hand, modes, turn, begin):
    canvas = program.window.canvas
    if turn in [command.id for command in program.window.commands]:
        hand.do(turn)
    else:
        canvas.set_viewport(canvas.viewport.zoomed(16.0, QPointF(hand.place(150, 110))))
    begin()
    hand.key(Qt.Key.Key_Right)
    modes.mode._overlay.shape = None
    live = shown_live(canvas)
    canvas.session.settle()
    program.window.tools.set_tool("picker")
    canvas.complete()
    QTest.qWait(30)
    assert canvas.grab().toImage() == live
