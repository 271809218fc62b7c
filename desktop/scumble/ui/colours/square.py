"""A square of saturation and value, and a bar of hue beside it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen

from scumble.ui.colours.chooser import Chooser, draw_mark
from scumble.ui.colours.mixer import Mixer
from scumble.ui.pixmaps import CachedPixmap
from scumble.ui.theme import Theme

BAR, GAP = 18, 8
MARGIN = 4
"""Room round the shapes, in which the marks and the frame of the focus are."""


class HueSquare(Chooser):
    """Saturation across, value up; the hue from the top of the bar down."""

    def __init__(self, mixer: Mixer, theme: Theme) -> None:
        super().__init__(mixer, theme, self.tr("Saturation, value and hue"))
        self._field, self._hues = CachedPixmap(), CachedPixmap()
        self.setMinimumSize(140, 96)

    def sizeHint(self) -> QSize:
        """Wider than high."""
        return QSize(240, 150)

    def draw(self, painter: QPainter) -> None:
        """Square, bar and marks."""
        square, bar = self.square(), self.bar()
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(square.topLeft(), self._field.get(square.size(), ratio, self.mixer.hue, self._draw_field))
        painter.drawPixmap(bar.topLeft(), self._hues.get(bar.size(), ratio, None, _draw_hues))
        draw_mark(painter, self.place())
        y = bar.top() + self.mixer.hue * bar.height()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 160), 3.5), (QColor("white"), 1.75)):
            painter.setPen(QPen(colour, width))
            painter.drawRoundedRect(QRectF(bar.left() + 1, y - 3, bar.width() - 2, 6), 2, 2)

    def place(self) -> QPointF:
        """Where in the square the colour is."""
        square = self.square()
        return QPointF(
            square.left() + self.mixer.saturation * square.width(),
            square.bottom() - self.mixer.value * square.height(),
        )

    def part_at(self, point: QPointF) -> str:
        """The bar, or the square."""
        return "bar" if point.x() >= self.bar().left() - GAP / 2 else "square"

    def take(self, part: str, point: QPointF) -> None:
        """Sets the hue, or the other two."""
        square, bar = self.square(), self.bar()
        if part == "bar":
            self.mixer.mix(hue=(point.y() - bar.top()) / bar.height())
        else:
            self.mixer.mix(
                saturation=(point.x() - square.left()) / square.width(),
                value=(square.bottom() - point.y()) / square.height(),
            )

    def square(self) -> QRectF:
        """Where the square is."""
        return QRectF(MARGIN, MARGIN, max(self.width() - BAR - GAP - 2 * MARGIN, 1), max(self.height() - 2 * MARGIN, 1))

    def bar(self) -> QRectF:
        """Where the bar is."""
        return QRectF(self.width() - BAR - MARGIN, MARGIN, BAR, max(self.height() - 2 * MARGIN, 1))

    def _draw_field(self, painter: QPainter, square: QRectF) -> None:
        across = QLinearGradient(square.topLeft(), square.topRight())
        across.setColorAt(0, QColor("white"))
        across.setColorAt(1, QColor.fromHsvF(self.mixer.hue, 1, 1))
        down = QLinearGradient(square.topLeft(), square.bottomLeft())
        down.setColorAt(0, QColor(0, 0, 0, 0))
        down.setColorAt(1, QColor(0, 0, 0))
        for brush in (across, down):
            painter.setBrush(brush)
            painter.drawRoundedRect(square, 3, 3)


def _draw_hues(painter: QPainter, bar: QRectF) -> None:
    hues = QLinearGradient(bar.topLeft(), bar.bottomLeft())
    for step in range(7):
        hues.setColorAt(step / 6, QColor.fromHsvF(step % 6 / 6, 1, 1))
    painter.setBrush(hues)
    painter.drawRoundedRect(bar, 3, 3)
