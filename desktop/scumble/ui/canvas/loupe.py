"""A ring round the pointer while a colour is picked: above the new colour, below the one before."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QTabletEvent

from scumble.render.profile import Profile
from scumble.tools import Colour
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.colours.mixer import to_qcolor
from scumble.ui.toolstate import ToolState

RADIUS: Final = 36.0
THICK: Final = 13.0
"""Of the ring, in view pixels."""

PRESSES: Final = (QEvent.Type.MouseButtonPress, QEvent.Type.TabletPress)


class PickLoupe(QObject):
    """An overlay of a canvas; it watches the pointer to know where it is, and takes nothing from the canvas."""

    def __init__(self, canvas: Canvas, tools: ToolState) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._tools = tools
        self._before: Colour = tools.foreground
        self._place = QPointF()
        self._drawn = QRectF()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._refresh)
        canvas.add_overlay(self)
        canvas.installEventFilter(self)
        tools.colours_changed.connect(self._on_colours)

    @property
    def shown(self) -> bool:
        """Whether a colour is being picked."""
        return self._canvas.gestures.tool == "picker"

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notes where the pointer is; the canvas gets the event as well."""
        if isinstance(event, QMouseEvent | QTabletEvent):
            if event.type() in PRESSES and not self.shown:
                self._before = self._tools.foreground
            self._place = event.position()
            # The tool has begun or ended only when the canvas has had the event.
            self._soon.start()
        return False

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws the ring."""
        if not self.shown:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        ring = QRectF(-RADIUS, -RADIUS, 2 * RADIUS, 2 * RADIUS).translated(self._place)
        screen = Profile(b"", self._canvas.profile.screen)
        for colour, begin in ((self._tools.foreground, 0), (self._before, 180)):
            painter.setPen(
                QPen(to_qcolor(screen.to_screen(colour)), THICK, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
            )
            painter.drawArc(ring, begin * 16, 180 * 16)
        for reach, line in ((THICK / 2, QColor(255, 255, 255)), (THICK / 2 + 1.5, QColor(0, 0, 0, 160))):
            painter.setPen(QPen(line, 1.5))
            painter.drawEllipse(self._place, RADIUS + reach, RADIUS + reach)
            painter.drawEllipse(self._place, RADIUS - reach, RADIUS - reach)

    def _on_colours(self) -> None:
        if self.shown:
            self._soon.start()

    def _refresh(self) -> None:
        reach = RADIUS + THICK
        now = QRectF(-reach, -reach, 2 * reach, 2 * reach).translated(self._place) if self.shown else QRectF()
        for area in (self._drawn, now):
            if not area.isNull():
                self._canvas.update(area.toAlignedRect())
        self._drawn = now
