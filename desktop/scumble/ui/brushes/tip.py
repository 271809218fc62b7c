"""The ellipse of the brush's tip, to be turned and flattened by dragging."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRadialGradient,
)
from PySide6.QtWidgets import QWidget

from scumble.paint.brush import MIN_ROUNDNESS
from scumble.ui.theme import Theme
from scumble.ui.toolstate import ToolState

SIDE: Final = 104
RADIUS: Final = 38.0
"""Of the long axis, in device-independent pixels."""

HANDLE: Final = 9.0
TURN: Final = 15.0
"""Degrees between which Shift lets the angle stop."""


class TipEditor(QWidget):
    """The handle at the end of the long axis turns it, the two on the short one flatten it. A press elsewhere turns.

    Left and right turn by a degree (with Shift by fifteen), up and down change the roundness.
    """

    def __init__(self, tools: ToolState, theme: Theme) -> None:
        super().__init__()
        self._tools = tools
        self._ground, self._line = theme.colour("field"), theme.colour("border")
        self._ink, self._mark = theme.colour("text"), theme.colour("accent-strong")
        self._held = ""
        self.setFixedSize(SIDE, SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Angle and roundness"))
        self.setToolTip(self.tr("Drag the arrow to turn the tip, the points beside it to flatten it"))
        tools.brush_changed.connect(self._on_changed)
        self._on_changed()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(SIDE, SIDE)

    def end_of(self, axis: str) -> QPointF:
        """Where the handle of the long (“angle”) or the short (“roundness”) axis is, in the widget."""
        brush = self._tools.brush
        turn = math.radians(brush.angle + (90 if axis == "roundness" else 0))
        reach = RADIUS + 4 if axis == "angle" else max(RADIUS * brush.roundness, 3.0)
        return QPointF(SIDE / 2 + math.cos(turn) * reach, SIDE / 2 - math.sin(turn) * reach)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The tip as soft as it is, with its axes."""
        brush = self._tools.brush
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._ground)
        painter.setPen(QPen(self._mark if self.hasFocus() else self._line, 1))
        painter.drawRoundedRect(QRectF(0.5, 0.5, SIDE - 1, SIDE - 1), 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._line, 1, Qt.PenStyle.DotLine))
        centre = QPointF(SIDE / 2, SIDE / 2)
        if brush.roundness < 1.0:
            painter.drawEllipse(centre, RADIUS, RADIUS)
        painter.save()
        painter.translate(centre)
        painter.rotate(-brush.angle)
        painter.scale(1.0, max(brush.roundness, 0.04))
        self._draw_tip(painter)
        painter.restore()
        painter.setPen(QPen(self._mark, 1.5))
        painter.drawLine(centre, self.end_of("angle"))
        painter.setBrush(self._ground)
        opposite = centre * 2 - self.end_of("roundness")
        for place in (self.end_of("angle"), self.end_of("roundness"), opposite):
            painter.drawEllipse(place, 3.5, 3.5)
        painter.end()

    def _draw_tip(self, painter: QPainter) -> None:
        hardness = self._tools.brush.hardness
        ink, clear = QColor(self._ink), QColor(self._ink)
        ink.setAlphaF(0.85)
        clear.setAlphaF(0.0)
        fade = QRadialGradient(QPointF(0, 0), RADIUS)
        fade.setColorAt(0, ink)
        fade.setColorAt(min(hardness, 0.99), ink)
        fade.setColorAt(1, clear if hardness < 1 else ink)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fade)
        painter.drawEllipse(QPointF(0, 0), RADIUS, RADIUS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of a handle, or of the angle."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point, short = event.position(), self.end_of("roundness")
        away = min(_distance(point, short), _distance(point, QPointF(SIDE, SIDE) - short))
        near_short = away <= HANDLE and away < _distance(point, self.end_of("angle"))
        self._held = "roundness" if near_short else "angle"
        self._take(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags it."""
        if self._held:
            self._take(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go."""
        self._held = ""

    def _take(self, event: QMouseEvent) -> None:
        x, y = event.position().x() - SIDE / 2, SIDE / 2 - event.position().y()
        if self._held == "roundness":
            turn = math.radians(self._tools.brush.angle + 90)
            self._flatten(abs(x * math.cos(turn) + y * math.sin(turn)) / RADIUS)
        elif math.hypot(x, y) > 3:
            angle = math.degrees(math.atan2(y, x))
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                angle = round(angle / TURN) * TURN
            self._tools.change_brush(angle=float(round(angle)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        brush, key = self._tools.brush, Qt.Key(event.key())
        turns = {Qt.Key.Key_Left: 1.0, Qt.Key.Key_Right: -1.0}
        grows = {Qt.Key.Key_Up: 0.01, Qt.Key.Key_Down: -0.01}
        if key in turns:
            angle = brush.angle + turns[key] * (TURN if shift else 1.0)
            self._tools.change_brush(angle=(angle + 180.0) % 360.0 - 180.0)
        elif key in grows:
            self._flatten(brush.roundness + grows[key] * (10 if shift else 1))
        else:
            super().keyPressEvent(event)

    def _flatten(self, roundness: float) -> None:
        self._tools.change_brush(roundness=round(min(max(roundness, MIN_ROUNDNESS), 1.0), 2))

    def _on_changed(self) -> None:
        brush = self._tools.brush
        words = self.tr("Angle {angle}°, roundness {roundness} %")
        self.setAccessibleDescription(words.format(angle=round(brush.angle), roundness=round(brush.roundness * 100)))
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()


def _distance(first: QPointF, second: QPointF) -> float:
    return math.hypot(first.x() - second.x(), first.y() - second.y())
