"""Events of Qt → pointer events of the tools."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent

from scumble.tools import Pointer
from scumble.ui.canvas.viewport import Viewport


def from_mouse(event: QMouseEvent, viewport: Viewport) -> Pointer:
    """A mouse event; its pressure is full."""
    return _pointer(event.position(), event.modifiers(), event.timestamp(), viewport)


def from_tablet(event: QTabletEvent, viewport: Viewport) -> Pointer:
    """An event of a pen. What a broken driver reports is brought into range, and what is no number is 0."""
    return _pointer(
        event.position(),
        event.modifiers(),
        event.timestamp(),
        viewport,
        within(event.pressure(), 0.0, 1.0),
        within(event.xTilt(), -90.0, 90.0),
        within(event.yTilt(), -90.0, 90.0),
    )


def eraser_end(event: QTabletEvent) -> bool:
    """Whether the pen is held upside down."""
    return event.pointerType() == QPointingDevice.PointerType.Eraser


def within(value: float, low: float, high: float) -> float:
    """A value brought into a range; 0 for what is no number."""
    return 0.0 if math.isnan(value) else min(max(value, low), high)


def _pointer(
    position: QPointF,
    keys: Qt.KeyboardModifier,
    milliseconds: int,
    viewport: Viewport,
    pressure: float = 1.0,
    tilt_x: float = 0.0,
    tilt_y: float = 0.0,
) -> Pointer:
    x, y = viewport.to_document(position)
    return Pointer(
        x,
        y,
        pressure=pressure,
        time=milliseconds / 1000.0,
        shift=bool(keys & Qt.KeyboardModifier.ShiftModifier),
        alt=bool(keys & Qt.KeyboardModifier.AltModifier),
        ctrl=bool(keys & Qt.KeyboardModifier.ControlModifier),
        tilt_x=tilt_x,
        tilt_y=tilt_y,
    )
