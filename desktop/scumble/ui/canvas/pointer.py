"""Events of Qt → pointer events of the tools."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent

from scumble.tools import Pointer
from scumble.ui.canvas.viewport import Viewport


def from_mouse(event: QMouseEvent, viewport: Viewport) -> Pointer:
    """A mouse event; its pressure is full."""
    return _pointer(event.position(), event.modifiers(), 1.0, event.timestamp(), viewport)


def from_tablet(event: QTabletEvent, viewport: Viewport) -> Pointer:
    """An event of a pen."""
    return _pointer(event.position(), event.modifiers(), event.pressure(), event.timestamp(), viewport)


def eraser_end(event: QTabletEvent) -> bool:
    """Whether the pen is held upside down."""
    return event.pointerType() == QPointingDevice.PointerType.Eraser


def _pointer(
    position: QPointF, keys: Qt.KeyboardModifier, pressure: float, milliseconds: int, viewport: Viewport
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
    )
