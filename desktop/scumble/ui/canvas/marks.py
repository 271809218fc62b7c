"""The marks that a tool makes on the canvas itself: its rubber band, and the outline of the brush."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform

from scumble.paint import Brush
from scumble.tools import Band
from scumble.ui.canvas.viewport import Viewport

CROSS: Final = 7.0
"""Half the size of a cross, in view pixels."""

LEAST: Final = 1.5
"""The least radius of the brush's outline, in view pixels."""

LARGE: Final = 64.0
"""From this diameter on, in view pixels, the middle of the brush is marked."""

STEADY: Final = 45.0
"""Degrees up to which an angle that varies is shown as one."""

MIDDLE: Final = 4.0
"""How far the mark of the middle reaches."""


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


def paint_brush(painter: QPainter, centre: QPointF, brush: Brush, viewport: Viewport) -> None:
    """The ellipse that a dab would cover, as the view is turned; the middle of a large one is marked with a cross."""
    path = brush_outline(brush, viewport).translated(centre)
    if brush.size * viewport.scale >= LARGE:
        for dx, dy in ((MIDDLE, 0.0), (0.0, MIDDLE)):
            path.moveTo(centre - QPointF(dx, dy))
            path.lineTo(centre + QPointF(dx, dy))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 150), 2.5), (QColor(255, 255, 255, 220), 1.0)):
        painter.setPen(QPen(colour, width))
        painter.drawPath(path)


def brush_outline(brush: Brush, viewport: Viewport) -> QPainterPath:
    """The edge of a dab round (0, 0), in view coordinates. It never gets too small to be seen.

    Where each dab has an angle of its own, it is the circle that all of them stay in.
    """
    reach = max(brush.size / 2 * viewport.scale, LEAST)
    turning = brush.follow or brush.tilt_angle or brush.angle_jitter > STEADY
    path = QPainterPath()
    path.addEllipse(QPointF(0, 0), reach, reach if turning else max(reach * brush.roundness, 1.0))
    seen, scale = viewport.transform, viewport.scale
    turned = QTransform(seen.m11() / scale, seen.m12() / scale, seen.m21() / scale, seen.m22() / scale, 0.0, 0.0)
    # The angle of a brush runs anticlockwise, that of a transform clockwise.
    return (QTransform().rotate(-brush.angle) * turned).map(path)
