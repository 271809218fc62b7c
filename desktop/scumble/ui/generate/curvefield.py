"""The editor of a tone curve: over the histogram of what it changes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from scumble.api import Param, ParamValue, curve_at, curve_text, parse_curve
from scumble.api.tones import MAX_POINTS, MIN_GAP
from scumble.ui.curve import CurveEditor, CurveRules, Points
from scumble.ui.generate.fields import Field
from scumble.ui.generate.histogram import Counts, channel_colour, paint_histogram
from scumble.ui.theme import Theme

SIDE: Final = 300
"""The side of the editor, in device-independent pixels."""

EDGE: Final = 7
"""Room round the square for the points at its corners."""

RULES: Final = CurveRules(free=True, gap=max(MIN_GAP, 1 / 255), most=MAX_POINTS, step=1 / 255)


class ToneEditor(CurveEditor):
    """A square with the curve of a channel in it. `counts` is the histogram behind it."""

    def __init__(self, name: str, title: str, theme: Theme) -> None:
        super().__init__(theme, title, RULES)
        self.counts: Counts | None = None
        self._name = name
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(SIDE, SIDE)

    def trace(self, points: Points, entries: int) -> NDArray[np.float64]:
        """As the picture is changed."""
        return np.asarray(curve_at(points, np.linspace(0.0, 1.0, entries)), np.float64)

    def area(self) -> QRectF:
        """A square in the middle."""
        side = min(self.width(), self.height()) - 2 * EDGE
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def ink(self) -> QColor:
        """That of the channel."""
        return channel_colour(self._name, self.theme.colour("text"))

    def paint_ground(self, painter: QPainter) -> None:
        """Histogram, grid, and the curve that changes nothing."""
        square = self.area()
        painter.fillRect(square, self.theme.colour("field"))
        faint = QColor(self.ink())
        faint.setAlpha(56)
        paint_histogram(painter, square, self.counts, self._name, faint)
        self.paint_grid(painter, Qt.PenStyle.SolidLine)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(square)
        painter.drawLine(self.place_of((0.0, 0.0)), self.place_of((1.0, 1.0)))


class CurveField(Field):
    """A parameter of type curve."""

    def __init__(self, param: Param, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.editor = ToneEditor(name, param.title, theme)
        self.readout = QLabel()
        self.readout.setObjectName("muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.editor)
        column.addWidget(self.readout, 0, Qt.AlignmentFlag.AlignRight)
        self.setFocusProxy(self.editor)
        self.editor.changed.connect(self._on_changed)
        self.editor.chose.connect(self._tell)
        self.set_value(param.default)

    @property
    def wide(self) -> bool:
        """It needs the whole width."""
        return True

    def value(self) -> ParamValue:
        """The points as text."""
        return curve_text(self.editor.points)

    def set_value(self, value: ParamValue) -> None:
        """Shows a curve."""
        try:
            points = parse_curve(str(value))
        except ValueError:
            return
        if points != self.editor.points:
            self.editor.show_points(points)
            self.changed.emit()
        self._tell()

    def show_counts(self, counts: Counts | None) -> None:
        """The histogram behind the curve."""
        self.editor.counts = counts
        self.editor.update()

    def _on_changed(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        x, y = self.editor.points[min(self.editor.chosen, len(self.editor.points) - 1)]
        self.readout.setText(self.tr("In {x}   Out {y}").format(x=round(x * 255), y=round(y * 255)))
