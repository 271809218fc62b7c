"""Six sliders, of hue, saturation and value and of red, green and blue, each over what it would make of the colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QSlider, QSpinBox, QWidget

from scumble.tools import Colour
from scumble.ui.colours.mixer import Mixer, to_qcolor, whole
from scumble.ui.pixmaps import CachedPixmap
from scumble.ui.theme import Theme
from scumble.ui.widgets import indent

RADIUS: Final = 7.0
"""Of the handle, in device-independent pixels."""


@dataclass(frozen=True, slots=True)
class _Row:
    letter: str
    name: str
    most: int
    unit: str


class ChannelSliders(QWidget):
    """Rows of a letter, a slider and a number."""

    def __init__(self, mixer: Mixer, theme: Theme) -> None:
        super().__init__()
        self._mixer = mixer
        rows = (
            _Row(self.tr("H"), self.tr("Hue"), 360, "°"),
            _Row(self.tr("S"), self.tr("Saturation"), 100, " %"),
            _Row(self.tr("V"), self.tr("Value"), 100, " %"),
            _Row(self.tr("R"), self.tr("Red"), 255, ""),
            _Row(self.tr("G"), self.tr("Green"), 255, ""),
            _Row(self.tr("B"), self.tr("Blue"), 255, ""),
        )
        self.sliders: list[GradientSlider] = []
        self.fields: list[QSpinBox] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for number, row in enumerate(rows):
            self._add_row(grid, number, row, theme)
        grid.setRowStretch(len(rows), 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        mixer.changed.connect(self._show)
        self._show()

    def _add_row(self, grid: QGridLayout, number: int, row: _Row, theme: Theme) -> None:
        slider, field = GradientSlider(row.name, row.most, theme), QSpinBox()
        field.setRange(0, row.most)
        field.setSuffix(row.unit)
        field.setAccessibleName(row.name)
        field.setToolTip(row.name)
        field.setKeyboardTracking(False)
        field.setProperty("bare", True)
        field.setProperty("low", True)
        field.setFixedWidth(58)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        indent(field)
        label = QLabel(row.letter)
        label.setBuddy(field)
        label.setToolTip(row.name)
        for place, widget in enumerate((label, slider, field)):
            grid.addWidget(widget, number, place)
        slider.valueChanged.connect(lambda value: self._change(number, value))
        field.valueChanged.connect(lambda value: self._change(number, value))
        self.sliders.append(slider)
        self.fields.append(field)

    def _change(self, number: int, value: int) -> None:
        part = value / self.sliders[number].maximum()
        if number == 0:
            self._mixer.mix(hue=part % 1.0)
        elif number == 1:
            self._mixer.mix(saturation=part)
        elif number == 2:
            self._mixer.mix(value=part)
        else:
            colour = list(self._mixer.colour)
            colour[number - 3] = part
            self._mixer.mix_rgb((colour[0], colour[1], colour[2]))

    def _show(self) -> None:
        mixer = self._mixer
        levels = (
            round(mixer.hue * 360) % 360,
            round(mixer.saturation * 100),
            round(mixer.value * 100),
            *whole(mixer.colour),
        )
        for level, slider, field in zip(levels, self.sliders, self.fields, strict=True):
            # The end of the hue looks like its beginning: a handle that was dragged there stays there.
            if not (slider is self.sliders[0] and level == 0 and slider.value() == slider.maximum()):
                with QSignalBlocker(slider):
                    slider.setValue(level)
            with QSignalBlocker(field):
                field.setValue(level)
        for slider, stops in zip(self.sliders, self._stops(), strict=True):
            slider.show_stops(stops)

    def _stops(self) -> list[tuple[QColor, ...]]:
        mixer = self._mixer
        hue, saturation, value = mixer.hue, mixer.saturation, mixer.value
        stops = [
            tuple(QColor.fromHsvF(step % 6 / 6, 1, 1) for step in range(7)),
            (QColor.fromHsvF(hue, 0, value), QColor.fromHsvF(hue, 1, value)),
            (QColor("black"), QColor.fromHsvF(hue, saturation, 1)),
        ]
        ends = (0.0, 1.0)
        stops += [tuple(to_qcolor(_with(mixer.colour, channel, part)) for part in ends) for channel in range(3)]
        return stops


def _with(colour: Colour, channel: int, part: float) -> Colour:
    red, green, blue = (part if number == channel else old for number, old in enumerate(colour))
    return red, green, blue


class GradientSlider(QSlider):
    """A slider whose groove shows the colours that it leads to. A press takes the handle there."""

    def __init__(self, name: str, most: int, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._focus, self._line = theme.colour("accent-strong"), theme.colour("line")
        self._stops: tuple[QColor, ...] = ()
        self._groove = CachedPixmap()
        self.setRange(0, most)
        self.setPageStep(max(most // 10, 1))
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedHeight(24)
        self.setMinimumWidth(80)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(160, 24)

    def show_stops(self, stops: tuple[QColor, ...]) -> None:
        """The colours from the low end to the high one, evenly spread."""
        if stops != self._stops:
            self._stops = stops
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the groove and the handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        groove = self._area()
        key = (*(stop.rgba() for stop in self._stops), self._line.rgba())
        pixmap = self._groove.get(QSizeF(groove.size()), self.devicePixelRatioF(), key, self._draw_groove)
        painter.drawPixmap(groove.topLeft(), pixmap)
        place = QPointF(groove.left() + RADIUS + self._part() * self._way(), groove.center().y())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        ring = self._focus if self.hasFocus() else QColor("white")
        for colour, width in ((QColor(0, 0, 0, 160), 3.5), (ring, 1.75)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(place, RADIUS - 1.5, RADIUS - 1.5)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """To where it was pressed."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._take(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags."""
        if self.isSliderDown():
            self._take(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go."""
        self.setSliderDown(False)

    def _take(self, x: float) -> None:
        part = min(max((x - self._area().left() - RADIUS) / self._way(), 0.0), 1.0)
        self.setValue(round(part * self.maximum()))

    def _part(self) -> float:
        return self.value() / self.maximum()

    def _way(self) -> float:
        return max(self._area().width() - 2 * RADIUS, 1.0)

    def _area(self) -> QRectF:
        return QRectF(0, self.height() / 2 - RADIUS, self.width(), 2 * RADIUS)

    def _draw_groove(self, painter: QPainter, area: QRectF) -> None:
        gradient = QLinearGradient(area.left() + RADIUS, 0, area.right() - RADIUS, 0)
        for number, stop in enumerate(self._stops):
            gradient.setColorAt(number / max(len(self._stops) - 1, 1), stop)
        painter.setBrush(gradient)
        painter.setPen(QPen(self._line, 1))
        painter.drawRoundedRect(area.adjusted(0.5, 1.5, -0.5, -1.5), RADIUS - 2, RADIUS - 2)
