"""Panning, zooming and turning the view with pointer, wheel, touch pad and fingers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QNativeGestureEvent, QTabletEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from scumble.ui.canvas.viewport import TURN, Viewport

UPRIGHT_WITHIN: Final = 4.0
"""Degrees within which a view that is turned by two fingers falls back to upright."""


class Navigation:
    """What the pointer does to the view of a widget. `look` gives the view, `show` sets it.

    `space` says whether the space bar is held: with it the left button pans, and with Shift as well it turns.
    """

    def __init__(self, widget: QWidget, look: Callable[[], Viewport], show: Callable[[Viewport], None]) -> None:
        self._widget = widget
        self._look = look
        self._show = show
        self.space = False
        self._pan_from: QPointF | None = None
        self._turn_from: tuple[Viewport, float] | None = None
        widget.grabGesture(Qt.GestureType.PinchGesture)

    @property
    def active(self) -> bool:
        """Whether the pointer pans or turns now."""
        return self._pan_from is not None or self._turn_from is not None

    @property
    def cursor(self) -> Qt.CursorShape | None:
        """The cursor that says so; None while the pointer is the tool's."""
        if self.active:
            return Qt.CursorShape.ClosedHandCursor
        return Qt.CursorShape.OpenHandCursor if self.space else None

    def press(self, event: QMouseEvent | QTabletEvent) -> bool:
        """Begins panning or turning; False where the press is the tool's."""
        if event.button() != Qt.MouseButton.MiddleButton and not (
            self.space and event.button() == Qt.MouseButton.LeftButton
        ):
            return False
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._turn_from = self._look(), self._bearing(event.position())
        else:
            self._pan_from = event.position()
        return True

    def move(self, event: QMouseEvent | QTabletEvent) -> bool:
        """Goes on; False where the pointer neither pans nor turns. With Ctrl it turns in whole steps."""
        position = event.position()
        if self._pan_from is not None:
            moved = position - self._pan_from
            self._pan_from = position
            self._show(self._look().moved(moved.x(), moved.y()))
            return True
        if self._turn_from is not None:
            begun, bearing = self._turn_from
            angle = begun.angle + self._bearing(position) - bearing
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                angle = round(angle / TURN) * TURN
            self._show(begun.turned_to(angle))
            return True
        return False

    def release(self) -> bool:
        """Ends it; False where there was nothing to end."""
        was = self.active
        self._pan_from = self._turn_from = None
        return was

    def wheel(self, event: QWheelEvent) -> None:
        """The wheel zooms at the cursor; a touch pad scrolls, and zooms with Ctrl."""
        event.accept()
        viewport, fine = self._look(), event.pixelDelta()
        if not fine.isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._show(viewport.moved(fine.x(), fine.y()))
            return
        turned = event.angleDelta().y() or event.angleDelta().x()
        self._show(viewport.zoomed(viewport.zoom * 2.0 ** (turned / 480.0), event.position()))

    def gesture(self, event: QEvent) -> bool:
        """Two fingers on a touch pad or a screen zoom and turn; False for any other event."""
        if isinstance(event, QNativeGestureEvent):
            return self._native(event)
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                event.accept(pinch)
                self.pinch(pinch)
                return True
        return False

    def pinch(self, pinch: QPinchGesture) -> None:
        """A step of two fingers on a screen: what was between them stays between them."""
        viewport = self._look()
        centre = QPointF(self._widget.mapFromGlobal(pinch.centerPoint()))
        before = QPointF(self._widget.mapFromGlobal(pinch.lastCenterPoint()))
        if pinch.state() == Qt.GestureState.GestureStarted:
            before = centre
        moved = centre - before
        viewport = viewport.moved(moved.x(), moved.y()).zoomed(viewport.zoom * pinch.scaleFactor(), centre)
        viewport = viewport.turned_to(viewport.angle + pinch.rotationAngle() - pinch.lastRotationAngle(), centre)
        if pinch.state() == Qt.GestureState.GestureFinished:
            viewport = settled(viewport, centre)
        self._show(viewport)

    def _native(self, event: QNativeGestureEvent) -> bool:
        viewport, kinds = self._look(), Qt.NativeGestureType
        kind, place = event.gestureType(), event.position()
        if kind == kinds.ZoomNativeGesture:
            self._show(viewport.zoomed(viewport.zoom * (1.0 + event.value()), place))
        elif kind == kinds.RotateNativeGesture:
            self._show(viewport.turned_to(viewport.angle + event.value(), place))
        elif kind == kinds.EndNativeGesture:
            self._show(settled(viewport, place))
        else:
            return False
        return True

    def _bearing(self, point: QPointF) -> float:
        """The direction of a point from the middle of the view, in degrees clockwise."""
        away = point - self._look().centre
        return math.degrees(math.atan2(away.y(), away.x()))


def settled(viewport: Viewport, anchor: QPointF) -> Viewport:
    """Upright where it is nearly so, because fingers that zoom always turn a little."""
    off = (viewport.angle + 180.0) % 360.0 - 180.0
    return viewport.turned_to(0.0, anchor) if 0.0 < abs(off) < UPRIGHT_WITHIN else viewport
