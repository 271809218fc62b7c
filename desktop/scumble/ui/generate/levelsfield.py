"""The editor of levels: handles under a histogram, and numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QSizePolicy, QWidget

from scumble.api import Levels, Param, ParamValue, levels_text, parse_levels
from scumble.api.tones import MAX_GAMMA, MIN_GAMMA
from scumble.ui.generate.fields import Field, calm
from scumble.ui.generate.histogram import Counts, channel_colour, paint_histogram
from scumble.ui.theme import Theme
from scumble.ui.widgets import indent

HEIGHT, BAND, HANDLE = 120, 12, 9
"""The height of the histogram, of the band of greys, and of the handles, in device-independent pixels."""

EDGE: Final = 6
GAP: Final = 1 / 255
PARTS: Final = ("black", "gamma", "white", "low", "high")


class LevelsBar(QWidget):
    """The histogram with the handles of what comes in, and a band with those of what comes out.

    `moved` carries the levels that a person has dragged to.
    """

    moved = Signal(object)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.levels = Levels()
        self.counts: Counts | None = None
        self._name = name
        self._theme = theme
        self._held = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        """Wide enough for a column for each value."""
        return QSize(256 + 2 * EDGE, HEIGHT + BAND + 2 * HANDLE + 10)

    def handles(self) -> dict[str, QPointF]:
        """Where the tips of the handles are."""
        top, band = self._histogram, self._band
        found = self.levels
        middle = found.black + (found.white - found.black) * 0.5**found.gamma
        inner = {"black": found.black, "gamma": middle, "white": found.white}
        tips = {name: QPointF(self._x(value), top.bottom()) for name, value in inner.items()}
        return tips | {
            name: QPointF(self._x(value), band.bottom()) for name, value in (("low", found.low), ("high", found.high))
        }

    @property
    def _histogram(self) -> QRectF:
        return QRectF(EDGE, 0.5, self.width() - 2 * EDGE, HEIGHT)

    @property
    def _band(self) -> QRectF:
        return QRectF(EDGE, HEIGHT + HANDLE + 5, self.width() - 2 * EDGE, BAND)

    def _x(self, value: float) -> float:
        return EDGE + value * (self.width() - 2 * EDGE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of the nearest handle of the row."""
        row = ("low", "high") if event.position().y() > HEIGHT + HANDLE else ("gamma", "black", "white")
        tips = self.handles()
        self._held = min(row, key=lambda name: abs(tips[name].x() - event.position().x()))
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Moves it."""
        if not self._held or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        value = min(max((event.position().x() - EDGE) / (self.width() - 2 * EDGE), 0.0), 1.0)
        found = self.levels
        match self._held:
            case "black":
                found = replace(found, black=min(value, found.white - GAP))
            case "white":
                found = replace(found, white=max(value, found.black + GAP))
            case "gamma":
                part = min(max((value - found.black) / (found.white - found.black), 1e-4), 1.0 - 1e-4)
                found = replace(found, gamma=min(max(math.log(part) / math.log(0.5), MIN_GAMMA), MAX_GAMMA))
            case "low":
                found = replace(found, low=value)
            case _:
                found = replace(found, high=value)
        if found != self.levels:
            self.moved.emit(found)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Lets go."""
        self._held = ""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws histogram, band and handles."""
        theme, top, band = self._theme, self._histogram, self._band
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(top, theme.colour("field"))
        ink = channel_colour(self._name, theme.colour("muted"))
        paint_histogram(painter, top.adjusted(0, 6, 0, 0), self.counts, self._name, ink)
        painter.setPen(QPen(theme.colour("border"), 1.0))
        painter.drawRect(top)
        ramp = QLinearGradient(band.topLeft(), band.topRight())
        bright = channel_colour(self._name, QColor("white"))
        ramp.setColorAt(0.0, QColor("black"))
        ramp.setColorAt(1.0, bright)
        painter.fillRect(band, ramp)
        painter.drawRect(band)
        fills = {"black": "#101010", "gamma": "#808080", "white": "#f4f4f4", "low": "#101010", "high": "#f4f4f4"}
        for name, tip in self.handles().items():
            shape = QPolygonF([tip, tip + QPointF(-6, HANDLE), tip + QPointF(6, HANDLE)])
            painter.setPen(QPen(theme.colour("accent-strong" if name == self._held else "text"), 1.2))
            painter.setBrush(QColor(fills[name]))
            painter.drawPolygon(shape)
        painter.end()


class LevelsField(Field):
    """A parameter of type levels."""

    def __init__(self, param: Param, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.bar = LevelsBar(name, theme)
        self.bar.setAccessibleName(param.title)
        words = {
            "black": self.tr("Black"),
            "gamma": self.tr("Gamma"),
            "white": self.tr("White"),
            "low": self.tr("Out from"),
            "high": self.tr("to"),
        }
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.bar, 0, 0, 1, 3)
        self.spins = {part: self._spin(part, words[part]) for part in PARTS}
        for column, part in enumerate(PARTS[:3]):
            grid.addWidget(_caption(words[part], self.spins[part]), 1, column)
            grid.addWidget(self.spins[part], 2, column)
        for column, part in ((0, "low"), (2, "high")):
            grid.addWidget(_caption(words[part], self.spins[part]), 3, column)
            grid.addWidget(self.spins[part], 4, column)
        for column in range(3):
            grid.setColumnStretch(column, 1)
        self.bar.moved.connect(self._show)
        self.set_value(param.default)

    @property
    def wide(self) -> bool:
        """It needs the whole width."""
        return True

    def value(self) -> ParamValue:
        """The levels as text."""
        return levels_text(self.bar.levels)

    def set_value(self, value: ParamValue) -> None:
        """Shows levels."""
        try:
            found = parse_levels(str(value))
        except ValueError:
            return
        self._show(found)

    def show_counts(self, counts: Counts | None) -> None:
        """The histogram over the handles."""
        self.bar.counts = counts
        self.bar.update()

    def _spin(self, part: str, name: str) -> QDoubleSpinBox:
        spin = QDoubleSpinBox()
        indent(spin)
        spin.setAccessibleName(f"{self.param.title}: {name}")
        spin.setKeyboardTracking(False)
        if part == "gamma":
            spin.setRange(MIN_GAMMA, MAX_GAMMA)
            spin.setDecimals(2)
            spin.setSingleStep(0.05)
        else:
            spin.setRange(0, 255)
            spin.setDecimals(0)
        spin.valueChanged.connect(lambda value: self._typed(part, value))
        calm(spin)
        return spin

    def _typed(self, part: str, value: float) -> None:
        found = self.bar.levels
        if part == "gamma":
            found = replace(found, gamma=value)
        elif part == "black":
            found = replace(found, black=min(value / 255.0, found.white - GAP))
        elif part == "white":
            found = replace(found, white=max(value / 255.0, found.black + GAP))
        elif part == "low":
            found = replace(found, low=value / 255.0)
        else:
            found = replace(found, high=value / 255.0)
        self._show(found)

    def _show(self, found: Levels) -> None:
        changed = found != self.bar.levels
        self.bar.levels = found
        self.bar.update()
        for part, spin in self.spins.items():
            value = getattr(found, part)
            with QSignalBlocker(spin):
                spin.setValue(value if part == "gamma" else value * 255.0)
        if changed:
            self.changed.emit()


def _caption(text: str, spin: QDoubleSpinBox) -> QLabel:
    label = QLabel(text)
    label.setObjectName("muted")
    label.setBuddy(spin)
    return label
