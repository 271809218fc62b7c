"""Pixel grid, navigator, two fingers, the canvas alone."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QNativeGestureEvent, QPainter, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QPinchGesture

from scumble.document import Document
from scumble.document.edits import add_layer, new_document
from scumble.document.pixels import BGRA8
from scumble.render import Budget, Compositor
from scumble.ui.canvas.navigation import settled
from scumble.ui.canvas.tiles import ViewTiles
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.docks.navigator import LARGEST, NavigatorDock, SmallPicture
from scumble.ui.theme import load_theme


@pytest.fixture
def navigator(program, session, qtbot) -> NavigatorDock:
    dock = program.window.findChild(NavigatorDock)
    program.window.findChild(QDockWidget, "navigator").raise_()
    qtbot.waitUntil(dock.isVisible)
    return dock


def test_the_small_picture_follows_the_paint(program, session, hand, navigator, qtbot):
    program.window.tools.change_brush(size=200, hardness=1.0)
    hand.drag((50, 150), (350, 150))
    small = navigator._small.image
    qtbot.waitUntil(lambda: small.pixelColor(small.width() // 2, 3).lightness() == 255)
    qtbot.waitUntil(lambda: small.pixelColor(small.width() // 2, small.height() // 2).lightness() == 0)
    hand.do("edit.undo")
    qtbot.waitUntil(lambda: small.pixelColor(small.width() // 2, small.height() // 2).lightness() == 255)


def test_the_outline_is_what_is_in_sight(program, session, navigator):
    canvas = program.window.canvas
    canvas.set_viewport(canvas.viewport.zoomed(8.0))
    seen, visible, place = navigator.view.seen.boundingRect(), canvas.viewport.visible, navigator.view.picture
    assert seen.width() == pytest.approx(visible.width / 400 * place.width(), rel=0.1)
    assert seen.center().x() == pytest.approx(
        place.left() + (visible.x + visible.width / 2) / 400 * place.width(), abs=2
    )
    canvas.set_viewport(canvas.viewport.turned_to(45.0))
    assert navigator.view.seen.boundingRect().width() > seen.width()


def test_a_drag_in_it_pans(program, session, navigator):
    canvas = program.window.canvas
    canvas.set_viewport(canvas.viewport.zoomed(8.0))
    place = navigator.view.picture
    at = QPoint(round(place.left() + place.width() * 0.25), round(place.top() + place.height() * 0.75))
    QTest.mousePress(navigator.view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    x, y = canvas.viewport.to_document(canvas.viewport.centre)
    assert x == pytest.approx(100, abs=4)
    assert y == pytest.approx(225, abs=4)
    QTest.mouseRelease(navigator.view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def test_its_sliders_zoom_and_turn(program, session, navigator):
    canvas = program.window.canvas
    navigator.zoom.changed.emit(2.0)
    assert canvas.viewport.zoom == pytest.approx(4.0)
    navigator.angle.field.setValue(-30)
    assert canvas.viewport.angle == pytest.approx(330.0)
    assert navigator.angle.value == -30
    program.window.commands.action("view.upright").trigger()
    assert navigator.angle.value == 0


def test_it_is_empty_without_a_document_and_follows_the_tab(program, session, navigator):
    program.window.drop_session(session)
    assert navigator.view.seen.isEmpty()
    assert not navigator.view.isEnabled()
    navigator.view.grab()


def test_the_small_picture_is_made_in_slices():
    document = new_document(3000, 2000, BGRA8, background=(0.0, 1.0, 0.0), name="Green")
    compositor = Compositor(document)
    small = SmallPicture(document, compositor)
    rounds = 0
    while not small.work(Budget(0.0)):
        rounds += 1
    assert rounds > 20
    assert small.image.pixelColor(small.image.width() - 1, small.image.height() - 1) == QColor(0, 255, 0)
    assert max(small.image.width(), small.image.height()) <= 512
    compositor.close()


def test_a_huge_document_shows_what_is_at_hand_and_composites_nothing():
    side = 256 * (int(LARGEST**0.5) + 1)
    document = Document(side, side)
    add_layer(document, "Spot", pixels=np.full((256, 256, 4), 255, np.uint8))
    compositor = Compositor(document)
    small = SmallPicture(document, compositor)
    assert small.work(Budget())
    assert not compositor._entries
    level = small._level
    compositor.image((0, 0), level)
    assert small.work(Budget())
    assert small.image.pixelColor(1, 1).alpha() == 255
    compositor.close()


# Pixel grid


def grid(zoom):
    document = new_document(50, 40, BGRA8, background=(1.0, 1.0, 1.0), name="White")
    compositor = Compositor(document)
    tiles = ViewTiles(document, compositor, load_theme())
    tiles.show_grid(True)
    viewport = Viewport((50, 40), (400, 300)).zoomed(zoom).centred_on(25, 20)
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        tiles.complete(viewport, image.rect())
        tiles.draw(painter, viewport, image.rect(), Budget())
    compositor.close()
    return viewport, image


@pytest.mark.parametrize("zoom", [8.0, 10.0, 9.37, 33.3])
def test_lines_stand_between_pixels_from_800_percent_on(zoom):
    viewport, image = grid(zoom)
    white = QColor("white")
    for x, y in ((25, 20), (22, 17), (28, 23)):
        corner, half = viewport.to_view(x, y), round(zoom / 2)
        left, top = round(corner.x()), round(corner.y())
        assert image.pixelColor(left, top + half) != white
        assert image.pixelColor(left + half, top) != white
        assert image.pixelColor(left + half, top + half) == white
        assert image.pixelColor(left + 1, top + 1) == white


def test_below_there_are_none():
    _, plain = grid(7.9)
    assert all(plain.pixelColor(x, 150) == QColor("white") for x in range(30, 370))


def test_the_grid_is_a_setting_that_holds_at_once(program, session, hand):
    canvas = program.window.canvas
    canvas.set_viewport(canvas.viewport.zoomed(16.0))
    canvas.complete()
    canvas._hover_at(None)
    with_lines = canvas.grab().toImage()
    hand.do("view.pixel-grid")
    assert not program.window.settings.flag("view.pixel-grid")
    canvas.complete()
    assert canvas.grab().toImage() != with_lines
    hand.do("view.pixel-grid")
    canvas.complete()
    assert canvas.grab().toImage() == with_lines
    assert program.window.commands.action("view.pixel-grid").isChecked()


# Two fingers


def native(canvas, kind, value, at):
    point = QPointF(at)
    device = QPointingDevice.primaryPointingDevice()
    event = QNativeGestureEvent(kind, device, 2, point, point, canvas.mapToGlobal(point), value, QPointF(0, 0))
    QApplication.sendEvent(canvas, event)


def test_a_touch_pad_zooms_and_turns_about_the_fingers(program, session):
    canvas = program.window.canvas
    kinds = Qt.NativeGestureType
    at = canvas.viewport.to_view(100, 100)
    native(canvas, kinds.ZoomNativeGesture, 0.5, at)
    assert canvas.viewport.zoom == pytest.approx(1.5)
    assert canvas.viewport.to_document(at) == pytest.approx((100, 100), abs=1)
    native(canvas, kinds.RotateNativeGesture, 20.0, at)
    assert canvas.viewport.angle == pytest.approx(20.0)
    assert canvas.viewport.to_document(at) == pytest.approx((100, 100), abs=1)
    native(canvas, kinds.RotateNativeGesture, -18.0, at)
    native(canvas, kinds.EndNativeGesture, 0.0, at)
    assert canvas.viewport.angle == 0.0


def test_two_fingers_on_a_screen_zoom_pan_and_turn(program, session):
    canvas = program.window.canvas
    pinch = QPinchGesture()
    at = QPointF(canvas.mapToGlobal(canvas.viewport.to_view(200, 150).toPoint()))
    pinch.setLastCenterPoint(at)
    pinch.setCenterPoint(at + QPointF(10, 5))
    pinch.setScaleFactor(2.0)
    pinch.setLastRotationAngle(0.0)
    pinch.setRotationAngle(30.0)
    held = canvas.viewport.to_view(200, 150) + QPointF(10, 5)
    canvas._navigation.pinch(pinch)
    # A gesture that only begins does not pan.
    assert canvas.viewport.zoom == pytest.approx(2.0)
    assert canvas.viewport.angle == pytest.approx(30.0)
    assert canvas.viewport.to_document(held) == pytest.approx((200, 150), abs=12)


def test_a_nearly_upright_view_falls_upright_and_no_other():
    view = Viewport((100, 100), (400, 300)).zoomed(2.0)
    assert settled(view.turned_to(2.0), view.centre).angle == 0.0
    assert settled(view.turned_to(357.0), view.centre).angle == 0.0
    assert settled(view.turned_to(12.0), view.centre).angle == 12.0


# The canvas alone


def test_tab_hides_all_but_the_picture_and_shows_it_again(program, session, hand):
    window = program.window
    docks = [dock for dock in window.findChildren(QDockWidget) if dock.isVisibleTo(window)]
    assert docks
    in_front = {dock.objectName() for dock in docks if not dock.visibleRegion().isEmpty()}
    window.activateWindow()
    window.canvas.setFocus()
    QTest.qWait(10)
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    assert not any(dock.isVisibleTo(window) for dock in docks)
    assert not window.menuBar().isVisibleTo(window)
    assert window.canvas.isVisible()
    before = session.document.history.names
    QTest.keyClick(window.canvas, Qt.Key.Key_E)
    assert window.tools.tool == "eraser"
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    assert all(dock.isVisibleTo(window) for dock in docks)
    assert window.menuBar().isVisibleTo(window)
    assert session.document.history.names == before
    QTest.qWait(20)
    assert {dock.objectName() for dock in docks if not dock.visibleRegion().isEmpty()} == in_front


def test_what_was_hidden_comes_back_when_the_last_picture_closes(program, session, hand):
    hand.do("view.canvas-only")
    program.window.drop_session(session)
    assert program.window.menuBar().isVisibleTo(program.window)
    assert not program.window.commands.action("view.canvas-only").isChecked()


def test_full_screen_and_back(program, session, hand):
    hand.do("view.full-screen")
    assert program.window.isFullScreen()
    hand.do("view.full-screen")
    assert not program.window.isFullScreen()
