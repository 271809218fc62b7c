"""Alt and a drag with the right button: sideways the brush grows, upwards it gets harder. Both are shown beside it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QTabletEvent

from scumble.paint import Brush
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.toolstate import ToolState

PRESSES: Final = (QEvent.Type.MouseButtonPress, QEvent.Type.TabletPress, QEvent.Type.MouseButtonDblClick)
MOVES: Final = (QEvent.Type.MouseMove, QEvent.Type.TabletMove)
RELEASES: Final = (QEvent.Type.MouseButtonRelease, QEvent.Type.TabletRelease)

AWAY: Final = 14.0
"""How far below the middle the numbers are."""

PAD: Final = 8.0

HARD: Final = 200.0
"""View pixels from the softest to the hardest."""


class BrushDrag(QObject):
    """Watches a canvas, and is an overlay of it. The outline of the brush stays where the drag began, and its edge goes
    with the pointer."""

    def __init__(self, canvas: Canvas, tools: ToolState) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._tools = tools
        self._begun: tuple[QPointF, Brush] | None = None
        canvas.installEventFilter(self)
        canvas.add_overlay(self)

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Size and hardness, below the middle of the brush and within the canvas."""
        if self._begun is None:
            return
        brush = self._tools.brush
        text = self.tr("{size} px   {hardness} %").format(size=f"{brush.size:g}", hardness=round(brush.hardness * 100))
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(text) + 2 * PAD, metrics.height() + PAD
        place = self._begun[0]
        left = min(max(place.x() - width / 2, 4.0), self._canvas.width() - width - 4.0)
        top = min(place.y() + AWAY, self._canvas.height() - height - 4.0)
        plate = QRectF(left, top, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 190))
        painter.drawRoundedRect(plate, 5, 5)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes the events of such a drag away from the canvas."""
        if isinstance(event, QMouseEvent | QTabletEvent):
            return self._pointer(event)
        # A menu must not open in mid-drag.
        return self._begun is not None and event.type() == QEvent.Type.ContextMenu

    def _pointer(self, event: QMouseEvent | QTabletEvent) -> bool:
        kind = event.type()
        if kind in PRESSES and self._wanted(event):
            self._begun = (event.position(), self._tools.brush)
            self._canvas.update()
        elif self._begun is None:
            return False
        elif kind in MOVES:
            self._change(event.position() - self._begun[0], self._begun[1])
        elif kind in RELEASES and event.button() == Qt.MouseButton.RightButton:
            self._begun = None
            self._canvas.update()
        event.accept()
        return True

    def _wanted(self, event: QMouseEvent | QTabletEvent) -> bool:
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        right = event.button() == Qt.MouseButton.RightButton
        return alt and right and self._tools.has_brush and not self._canvas.gestures.active

    def _change(self, moved: QPointF, brush: Brush) -> None:
        size = round(brush.size + 2 * moved.x() / self._canvas.viewport.scale, 1)
        hardness = round(min(max(brush.hardness - moved.y() / HARD, 0.0), 1.0), 2)
        self._tools.change_brush(size=size, hardness=hardness)
