"""The editor of a tone curve: points on it are added, dragged and thrown out."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from scumble.api import CurvePoints, Param, ParamValue, curve_at, curve_text, parse_curve
from scumble.api.tones import MAX_POINTS, MIN_GAP
from scumble.ui.generate.fields import Field
from scumble.ui.generate.histogram import Counts, channel_colour, paint_histogram
from scumble.ui.theme import Theme

SIDE: Final = 300
"""The side of the editor, in device-independent pixels."""

EDGE: Final = 7
"""Room round the square for the points at its corners."""

NEAR: Final = 9.0
"""How near to a point a press takes hold of it."""

AWAY: Final = 28.0
"""How far out of the square a point is dragged to be thrown out."""

GAP: Final = max(MIN_GAP, 1 / 255)
STEPS: Final = np.linspace(0.0, 1.0, 129)
ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class CurveEditor(QWidget):
    """A square with the curve in it. `changed` says that a person has changed the points, `chose` that another point
    is the chosen one.

    Click to add a point, drag to move it, drag it out or double-click it to remove it. With the keyboard: Page Up and
    Page Down choose a point, the arrows move it (by 10 with Shift), Insert adds one, Delete removes it.
    """

    changed = Signal()
    chose = Signal()

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: CurvePoints = ((0.0, 0.0), (1.0, 1.0))
        self.chosen = 0
        self.counts: Counts | None = None
        self._name = name
        self._theme = theme
        self._held = False
        self._before: CurvePoints = self.points
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(SIDE, SIDE)

    def show_points(self, points: CurvePoints) -> None:
        """Shows another curve, without a signal."""
        self.points = points
        self.chosen = min(self.chosen, len(points) - 1)
        self.update()

    def place_of(self, point: tuple[float, float]) -> QPointF:
        """Where a point is drawn."""
        square = self._square
        return QPointF(square.left() + point[0] * square.width(), square.bottom() - point[1] * square.height())

    @property
    def _square(self) -> QRectF:
        side = min(self.width(), self.height()) - 2 * EDGE
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _value_at(self, place: QPointF) -> tuple[float, float]:
        square = self._square
        x = (place.x() - square.left()) / square.width()
        y = (square.bottom() - place.y()) / square.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _near(self, place: QPointF) -> int | None:
        distances = [(self.place_of(point) - place).manhattanLength() for point in self.points]
        best = int(np.argmin(distances))
        return best if distances[best] <= 2 * NEAR else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of a point, or adds one."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        found = self._near(event.position())
        self._held = True
        if found is None:
            self._held = self._add(self._value_at(event.position()))
        else:
            self._choose(found)
        self._before = self.points

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Moves the point that is held; far out of the square it goes."""
        if not self._held:
            return
        out = not self._square.adjusted(-AWAY, -AWAY, AWAY, AWAY).contains(event.position())
        if out and len(self._before) > 2:
            kept = self._before[: self.chosen] + self._before[self.chosen + 1 :]
        else:
            kept = self._moved(self._before, self._value_at(event.position()))
        self._change(kept)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go."""
        if event.button() == Qt.MouseButton.LeftButton and self._held:
            self._held = False
            self._choose(min(self.chosen, len(self.points) - 1))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Removes the point under the pointer."""
        found = self._near(event.position())
        self._held = False
        if found is not None:
            self._choose(found)
            self._remove()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Chooses, moves, adds and removes points."""
        key = Qt.Key(event.key())
        if key in ARROWS:
            far = (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1) / 255.0
            x, y = self.points[self.chosen]
            dx, dy = ARROWS[key]
            self._change(self._moved(self.points, (x + dx * far, min(max(y + dy * far, 0.0), 1.0))))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            step = 1 if key == Qt.Key.Key_PageUp else -1
            self._choose((self.chosen + step) % len(self.points))
        elif key == Qt.Key.Key_Insert:
            first = min(self.chosen, len(self.points) - 2)
            middle = (self.points[first][0] + self.points[first + 1][0]) / 2.0
            self._add((middle, float(curve_at(self.points, np.array([middle]))[0])))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The chosen point is marked."""
        super().focusInEvent(event)
        self.update()

    def _add(self, value: tuple[float, float]) -> bool:
        """Adds a point; False where there is no room for one."""
        if len(self.points) >= MAX_POINTS or any(abs(value[0] - x) < GAP for x, _ in self.points):
            return False
        points = tuple(sorted((*self.points, value)))
        self.chosen = points.index(value)
        self._change(points)
        return True

    def _remove(self) -> None:
        if len(self.points) > 2:
            self._change(self.points[: self.chosen] + self.points[self.chosen + 1 :])
            self._choose(max(self.chosen - 1, 0))

    def _moved(self, points: CurvePoints, value: tuple[float, float]) -> CurvePoints:
        """The chosen point elsewhere, between its neighbours."""
        low = points[self.chosen - 1][0] + GAP if self.chosen else 0.0
        high = points[self.chosen + 1][0] - GAP if self.chosen + 1 < len(points) else 1.0
        moved = (min(max(value[0], low), high), value[1])
        return (*points[: self.chosen], moved, *points[self.chosen + 1 :])

    def _change(self, points: CurvePoints) -> None:
        if points != self.points:
            self.points = points
            self.update()
            self.changed.emit()

    def _choose(self, index: int) -> None:
        self.chosen = index
        self.update()
        self.chose.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws ground, histogram, grid, curve and points."""
        theme, square = self._theme, self._square
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(square, theme.colour("field"))
        ink = channel_colour(self._name, theme.colour("text"))
        ground = QColor(ink)
        ground.setAlpha(56)
        paint_histogram(painter, square, self.counts, self._name, ground)
        painter.setPen(QPen(theme.colour("border"), 1.0))
        for part in (0.25, 0.5, 0.75):
            painter.drawLine(self.place_of((part, 0.0)), self.place_of((part, 1.0)))
            painter.drawLine(self.place_of((0.0, part)), self.place_of((1.0, part)))
        painter.drawRect(square)
        painter.drawLine(self.place_of((0.0, 0.0)), self.place_of((1.0, 1.0)))
        heights = curve_at(self.points, STEPS)
        line = QPolygonF([self.place_of((float(x), float(y))) for x, y in zip(STEPS, heights, strict=True)])
        painter.setPen(QPen(ink, 1.8))
        painter.drawPolyline(line)
        for index, point in enumerate(self.points):
            full = index == self.chosen and (self.hasFocus() or self._held)
            painter.setPen(QPen(theme.colour("accent-strong") if full else ink, 1.6))
            painter.setBrush(theme.colour("accent-strong") if full else theme.colour("field"))
            painter.drawEllipse(self.place_of(point), 4.5, 4.5)
        painter.end()


class CurveField(Field):
    """A parameter of type curve."""

    def __init__(self, param: Param, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.editor = CurveEditor(name, theme)
        self.editor.setAccessibleName(param.title)
        keys = self.tr(
            "Click to add a point, drag to move it, double-click to remove it. Keys: Page Up and Page Down choose a "
            "point, the arrows move it, Insert adds one, Delete removes it."
        )
        self.editor.setAccessibleDescription(keys)
        self.editor.setToolTip(keys)
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
