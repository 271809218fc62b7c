"""Draws a box with handles over the canvas, and finds the cursor for each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QGuiApplication, QPainter, QPainterPath, QPen, QPixmap

from scumble.tools.transforming import ON_BOX, Handle, Shape
from scumble.ui.canvas.viewport import Viewport

SIDE: Final = 9.0
"""Of a handle, in view pixels."""

NEAR: Final = 10.0
"""View pixels from a handle at which it is still taken."""

DARK: Final = QColor(0, 0, 0, 170)
LIGHT: Final = QColor(255, 255, 255)

DIRECTIONS: Final = (
    Qt.CursorShape.SizeHorCursor,
    Qt.CursorShape.SizeFDiagCursor,
    Qt.CursorShape.SizeVerCursor,
    Qt.CursorShape.SizeBDiagCursor,
)
"""For each 45° from “right” on, clockwise; the other half is the same."""


def paint_outline(painter: QPainter, points: Sequence[QPointF], colour: QColor) -> None:
    """A closed line that stands out from any picture."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen, smooth in ((QPen(DARK, 3.0), False), (QPen(colour, 1.25), True)):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        painter.setPen(pen)
        # Line by line: a smooth polygon costs as much as all that it surrounds.
        for start, end in zip(points, (*points[1:], points[0]), strict=True):
            painter.drawLine(start, end)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def paint_handle(painter: QPainter, place: QPointF, colour: QColor) -> None:
    """A square to take hold of."""
    square = QRectF(place.x() - SIDE / 2, place.y() - SIDE / 2, SIDE, SIDE)
    painter.setPen(QPen(DARK, 1.0))
    painter.setBrush(DARK)
    painter.drawRoundedRect(square.adjusted(-1, -1, 1, 1), 2.5, 2.5)
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(LIGHT)
    painter.drawRoundedRect(square, 2.0, 2.0)


def paint_pivot(painter: QPainter, place: QPointF, colour: QColor) -> None:
    """A ring with a cross: what the box turns about."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    reach = SIDE * 0.8
    for pen in (QPen(DARK, 3.0), QPen(LIGHT, 1.25)):
        painter.setPen(pen)
        painter.drawEllipse(place, SIDE / 2, SIDE / 2)
        painter.drawLine(place - QPointF(reach, 0), place + QPointF(reach, 0))
        painter.drawLine(place - QPointF(0, reach), place + QPointF(0, reach))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(place, 1.75, 1.75)


def paint_label(painter: QPainter, text: str, below: QPointF, colour: QColor, ground: QColor) -> None:
    """A short line of text in a box under a place."""
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(text) + 16, metrics.height() + 8
    box = QRectF(below.x() - width / 2, below.y(), width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class ShapeOverlay:
    """The box of a free transformation. Draws nothing while `shape` is None; `note` is said below the box."""

    def __init__(self, colour: QColor) -> None:
        self._colour = colour
        self.shape: Shape | None = None
        self.note = ""

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Outline, handles, pivot."""
        if self.shape is None:
            return
        corners = [viewport.to_view(*corner) for corner in self.shape.corners]
        paint_outline(painter, corners, self._colour)
        if self.note:
            lowest = max(corners, key=QPointF.y)
            middle = sum(corner.x() for corner in corners) / 4
            paint_label(painter, self.note, QPointF(middle, lowest.y() + 12), LIGHT, QColor(0, 0, 0, 200))
            return
        for handle in shown_handles(self.shape, viewport):
            paint_handle(painter, viewport.to_view(*self.shape.place(handle)), self._colour)
        paint_pivot(painter, viewport.to_view(*self.shape.centre), self._colour)


def shown_handles(shape: Shape, viewport: Viewport) -> tuple[Handle, ...]:
    """The handles that there is room for: on short sides the corners only."""
    top_left, top_right, _, bottom_left = (viewport.to_view(*corner) for corner in shape.corners)
    room = min(_distance(top_left, top_right), _distance(top_left, bottom_left))
    return ON_BOX if room >= 4 * SIDE else tuple(handle for handle in ON_BOX if handle.corner)


def cursor_for(handle: Handle, shape: Shape) -> QCursor:
    """The cursor that tells what dragging would do."""
    if handle is Handle.INSIDE:
        return QCursor(Qt.CursorShape.SizeAllCursor)
    if handle is Handle.PIVOT:
        return QCursor(Qt.CursorShape.CrossCursor)
    if handle is Handle.OUTSIDE:
        return rotate_cursor()
    corners = shape.corners
    middle = (sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4)
    place = shape.place(handle)
    turn = math.atan2(place[1] - middle[1], place[0] - middle[0])
    return QCursor(DIRECTIONS[round(turn / (math.pi / 4)) % 4])


def rotate_cursor() -> QCursor:
    """Two arrows round a bend."""
    screen = QGuiApplication.primaryScreen()
    ratio = screen.devicePixelRatio() if screen is not None else 1.0
    pixmap = QPixmap(round(24 * ratio), round(24 * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    path.arcMoveTo(QRectF(5, 5, 14, 14), 200)
    path.arcTo(QRectF(5, 5, 14, 14), 200, -220)
    for tip, ends in (((5.4, 14.4), ((2.2, 11.8), (8.8, 12.2))), ((18.6, 14.4), ((15.2, 12.2), (21.8, 11.8)))):
        path.moveTo(*ends[0])
        path.lineTo(*tip)
        path.lineTo(*ends[1])
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((LIGHT, 4.0), (QColor(0, 0, 0), 1.75)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPath(path)
    painter.end()
    return QCursor(pixmap, 12, 12)


def _distance(one: QPointF, other: QPointF) -> float:
    return math.hypot(one.x() - other.x(), one.y() - other.y())
