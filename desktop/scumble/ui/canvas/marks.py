"""The marks that a tool makes on the canvas itself: its rubber band, and the outline of the brush."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from scumble.tools import Band
from scumble.ui.canvas.viewport import Viewport

CROSS: Final = 7.0
"""Half the size of a cross, in view pixels."""


def paint_band(painter: QPainter, band: Band, viewport: Viewport) -> None:
    """A line that stands out from any picture."""
    points = [viewport.to_view(x, y) for x, y in band.points]
    if not points:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, style in ((QColor(0, 0, 0), Qt.PenStyle.SolidLine), (QColor(255, 255, 255), Qt.PenStyle.DashLine)):
        pen = QPen(colour, 1, style)
        pen.setCosmetic(True)
        painter.setPen(pen)
        if band.cross:
            for point in points:
                painter.drawLine(point - QPointF(CROSS, 0), point + QPointF(CROSS, 0))
                painter.drawLine(point - QPointF(0, CROSS), point + QPointF(0, CROSS))
        elif band.oval:
            painter.save()
            painter.setTransform(viewport.transform, True)
            painter.drawEllipse(QRectF(QPointF(*band.points[0]), QPointF(*band.points[-1])))
            painter.restore()
        elif band.closed:
            painter.drawPolygon(points)
        else:
            painter.drawPolyline(points)


def paint_brush(painter: QPainter, centre: QPointF, radius: float) -> None:
    """The circle that a dab would cover, in view coordinates."""
    radius = max(radius, 1.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, grow in ((QColor(0, 0, 0, 150), 0.5), (QColor(255, 255, 255, 210), -0.5)):
        painter.setPen(QPen(colour, 1))
        painter.drawEllipse(centre, radius + grow, radius + grow)
