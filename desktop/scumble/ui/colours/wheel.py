"""A ring of hue round a triangle of saturation and value."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QConicalGradient, QImage, QPainter, QPainterPath, QPolygonF

from scumble.ui.colours.chooser import Chooser, draw_mark
from scumble.ui.colours.mixer import Mixer
from scumble.ui.colours.square import MARGIN
from scumble.ui.pixmaps import CachedPixmap
from scumble.ui.theme import Theme

MOST = 320
"""The largest wheel; a bigger one is no easier to hit."""


class HueWheel(Chooser):
    """Red at the right, hues anticlockwise. The triangle's upper corner is the pure hue, the left white, the right
    black; it does not turn."""

    def __init__(self, mixer: Mixer, theme: Theme) -> None:
        super().__init__(mixer, theme, self.tr("Wheel of hue, saturation and value"))
        self._ring, self._triangle = CachedPixmap(), CachedPixmap()
        self._shares = (0, np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32))
        self.setMinimumSize(140, 96)

    def sizeHint(self) -> QSize:
        """Square."""
        return QSize(240, 200)

    def draw(self, painter: QPainter) -> None:
        """Ring, triangle and marks."""
        ratio, side = self.devicePixelRatioF(), 2 * self.radius()
        corner = self.centre() - QPointF(side / 2, side / 2)
        size = QSizeF(side, side)
        painter.drawPixmap(corner, self._ring.get(size, ratio, None, self._draw_ring))
        painter.drawPixmap(corner, self._triangle.get(size, ratio, self.mixer.hue, self._draw_triangle))
        angle = self.mixer.hue * 2 * math.pi
        middle = self.radius() - self.thickness() / 2
        place = self.centre() + QPointF(math.cos(angle), -math.sin(angle)) * middle
        draw_mark(painter, place, self.thickness() / 2 - 2)
        draw_mark(painter, self.place())

    # Geometry, in the widget's coordinates

    def centre(self) -> QPointF:
        """The middle of the wheel."""
        return QPointF(self.width() / 2, self.height() / 2)

    def radius(self) -> float:
        """The outer radius of the ring."""
        return max(min(self.width(), self.height(), MOST) / 2 - MARGIN, 8.0)

    def thickness(self) -> float:
        """How wide the ring is."""
        return max(self.radius() * 0.18, 8.0)

    def corners(self) -> tuple[QPointF, QPointF, QPointF]:
        """The triangle: pure hue, white, black."""
        reach = self.radius() - self.thickness() - 3
        hue, white, black = (
            self.centre() + QPointF(math.cos(math.radians(turn)), -math.sin(math.radians(turn))) * reach
            for turn in (90, 210, 330)
        )
        return hue, white, black

    def place(self) -> QPointF:
        """Where in the triangle the colour is: value is the way from black, saturation that from white to the hue."""
        hue, white, black = self.corners()
        pure, pale = self.mixer.value * self.mixer.saturation, self.mixer.value * (1 - self.mixer.saturation)
        return hue * pure + white * pale + black * (1 - pure - pale)

    def part_at(self, point: QPointF) -> str:
        """The ring, or all that is inside it."""
        away = math.hypot(point.x() - self.centre().x(), point.y() - self.centre().y())
        if away > self.radius() + MARGIN:
            return ""
        return "ring" if away >= self.radius() - self.thickness() else "triangle"

    def take(self, part: str, point: QPointF) -> None:
        """Sets the hue, or the other two."""
        if part == "ring":
            away = point - self.centre()
            self.mixer.mix(hue=math.atan2(-away.y(), away.x()) / (2 * math.pi) % 1.0)
            return
        pure, pale = (float(part) for part in shares(np.array(point.x()), np.array(point.y()), self.corners()))
        value = pure + pale
        # At black itself any saturation will do, and the one there is stays.
        self.mixer.mix(saturation=pure / value if value > 1e-6 else None, value=value)

    # Drawing

    def _draw_ring(self, painter: QPainter, area: QRectF) -> None:
        hues = QConicalGradient(area.center(), 0)
        for step in range(7):
            hues.setColorAt(step / 6, QColor.fromHsvF(step % 6 / 6, 1, 1))
        path = QPainterPath()
        path.addEllipse(area.adjusted(0.5, 0.5, -0.5, -0.5))
        inner = self.thickness()
        path.addEllipse(area.adjusted(inner, inner, -inner, -inner))
        painter.setBrush(hues)
        painter.drawPath(path)

    def _draw_triangle(self, painter: QPainter, area: QRectF) -> None:
        ratio = painter.device().devicePixelRatioF()
        pure, pale = self._shares_of(area, ratio)
        hue = QColor.fromHsvF(self.mixer.hue, 1, 1)
        seen = np.empty((*pure.shape, 4), np.uint8)
        for channel, part in enumerate((hue.blueF(), hue.greenF(), hue.redF())):
            seen[..., channel] = (pure * np.float32(part) + pale) * 255 + 0.5
        seen[..., 3] = 255
        height, width = pure.shape
        image = QImage(seen.data, width, height, width * 4, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        shift = self.centre() - area.center()
        path = QPainterPath()
        path.addPolygon(QPolygonF([corner - shift for corner in self.corners()]))
        path.closeSubpath()
        # A clip has no soft edge: the picture is the brush of a shape that has one.
        painter.setBrush(image)
        painter.drawPath(path)

    def _shares_of(self, area: QRectF, ratio: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How much of pure hue and of white each screen pixel has, float32 0…1; the same for every hue."""
        side = math.ceil(area.width() * ratio)
        if self._shares[0] != side:
            shift = self.centre() - area.center()
            axis = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(ratio)
            across, down = np.meshgrid(axis + np.float32(shift.x()), axis + np.float32(shift.y()))
            pure, pale = shares(across, down, self.corners())
            self._shares = (side, pure, pale)
        return self._shares[1], self._shares[2]


def shares(
    x: NDArray[np.floating], y: NDArray[np.floating], corners: tuple[QPointF, QPointF, QPointF]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How much of the first and of the second corner there is at points, 0…1, as float32: barycentric coordinates.

    Outside the triangle what is negative counts as nothing, and the rest is made up to 1.
    """
    (ax, ay), (bx, by), (cx, cy) = ((corner.x(), corner.y()) for corner in corners)
    area = (by - cy) * (ax - cx) + (cx - bx) * (ay - cy)
    first = ((by - cy) * (x - cx) + (cx - bx) * (y - cy)) / area
    second = ((cy - ay) * (x - cx) + (ax - cx) * (y - cy)) / area
    third = 1.0 - first - second
    first, second = np.maximum(first, 0.0), np.maximum(second, 0.0)
    whole = first + second + np.maximum(third, 0.0)
    return (first / whole).astype(np.float32), (second / whole).astype(np.float32)
