"""Events of Qt → pointer events of the tools."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent

from scumble.tools import Pointer
from scumble.ui.canvas.viewport import Viewport

STEEPEST: Final = 89.0
"""Degrees that a pen is believed to lean at the most."""


def from_mouse(event: QMouseEvent, viewport: Viewport) -> Pointer:
    """A mouse event; its pressure is full."""
    return _pointer(event.position(), event.modifiers(), event.timestamp(), viewport)


def from_tablet(event: QTabletEvent, viewport: Viewport) -> Pointer:
    """An event of a pen. What a broken driver reports is brought into range, and what is no number is 0."""
    tilt = (within(event.xTilt(), -STEEPEST, STEEPEST), within(event.yTilt(), -STEEPEST, STEEPEST))
    return _pointer(
        event.position(),
        event.modifiers(),
        event.timestamp(),
        viewport,
        within(event.pressure(), 0.0, 1.0),
        *(_turned_tilt(tilt, viewport) if viewport.turned else tilt),
    )


def eraser_end(event: QTabletEvent) -> bool:
    """Whether the pen is held upside down."""
    return event.pointerType() == QPointingDevice.PointerType.Eraser


def _turned_tilt(tilt: tuple[float, float], viewport: Viewport) -> tuple[float, float]:
    """The tilt of a pen in the directions of a document that is shown turned or mirrored."""
    x, y = (math.tan(math.radians(degrees)) for degrees in tilt)
    from_x, from_y = viewport.to_document(QPointF(0.0, 0.0))
    to_x, to_y = viewport.to_document(QPointF(x, y))
    scale = viewport.scale
    return math.degrees(math.atan((to_x - from_x) * scale)), math.degrees(math.atan((to_y - from_y) * scale))


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
