"""A curve from 0…1 to 0…1 that is drawn by hand: points that are added, dragged and thrown out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from scumble.paint import Curve
from scumble.ui.theme import Theme

Points: TypeAlias = tuple[tuple[float, float], ...]
"""Where a curve passes: inputs, which rise from 0 to 1, with their outputs, 0…1."""

STRAIGHT: Final[Points] = ((0.0, 0.0), (1.0, 1.0))
MARGIN: Final = 8.0
REACH: Final = 10.0
"""How near a point the pointer takes hold of it, in device-independent pixels."""

OUT: Final = 24.0
"""How far outside a point that is dragged is thrown out."""

LEAST: Final = 0.01
"""The least distance between the inputs of two points."""

MOST: Final = 16
"""The most points."""

STEP, COARSE = 0.01, 0.1


@dataclass(frozen=True, slots=True)
class _Drag:
    """What a drag began with: the points without the one that is dragged, and whether that is an end."""

    others: Points
    end: int | None


class CurveEditor(QWidget):
    """`changed` carries the points after each change by a person. The first and the last point stay at the ends.

    A press on the curve adds a point. A point that is dragged far outside is thrown out, and comes back as long as the
    button is down; Delete removes the one that is marked. Page up and down mark another point, arrows move it (with
    Shift in bigger steps), Insert adds one, Home makes the curve straight. `trace` makes the outputs for as many
    inputs of such points; the one of brushes is the default.
    """

    changed = Signal(tuple)

    def __init__(
        self,
        theme: Theme,
        name: str,
        trace: Callable[[Points, int], NDArray[np.float64]] | None = None,
        straight: Points = STRAIGHT,
    ) -> None:
        super().__init__()
        self._trace = trace or trace_curve
        self._straight = straight
        self._ground, self._line = theme.colour("field"), theme.colour("border")
        self._ink, self._mark = theme.colour("text"), theme.colour("accent-strong")
        self._points: Points = straight
        self._marked = 0
        self._drag: _Drag | None = None
        self.setMinimumSize(120, 96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setToolTip(self.tr("Click to add a point, drag it out to remove it. Page up and down choose a point."))
        self._describe()

    def sizeHint(self) -> QSize:
        """Wider than high."""
        return QSize(220, 120)

    @property
    def points(self) -> Points:
        """What is shown."""
        return self._points

    @property
    def marked(self) -> int:
        """The number of the point that the keys move."""
        return self._marked

    def show_points(self, points: Points) -> None:
        """Shows other points, without a signal. A drag that they come from goes on."""
        if points != self._points:
            self._points = points
            self._marked = min(self._marked, len(points) - 1)
            self._drag = None
            self._describe()

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, grid, curve, points."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._ground)
        painter.setPen(QPen(self._mark if self.hasFocus() else self._line, 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        area = self._area()
        painter.setPen(QPen(self._line, 1, Qt.PenStyle.DotLine))
        for part in (0.25, 0.5, 0.75):
            painter.drawLine(self.place(part, 0.0), self.place(part, 1.0))
            painter.drawLine(self.place(0.0, part), self.place(1.0, part))
        outputs = self._trace(self._points, max(round(area.width() / 2), 2))
        steps = len(outputs) - 1
        painter.setPen(QPen(self._ink, 1.5))
        painter.drawPolyline([self.place(number / steps, float(output)) for number, output in enumerate(outputs)])
        for number, (x, y) in enumerate(self._points):
            marked = number == self._marked and (self.hasFocus() or self._drag is not None)
            painter.setBrush(self._mark if marked else self._ground)
            painter.setPen(QPen(QColor(self._ink), 1.5))
            painter.drawEllipse(self.place(x, y), 4.5, 4.5)
        painter.end()

    def place(self, x: float, y: float) -> QPointF:
        """Where in the widget an input and its output are."""
        area = self._area()
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)

    def _value(self, point: QPointF) -> tuple[float, float]:
        area = self._area()
        x = (point.x() - area.left()) / max(area.width(), 1.0)
        y = (area.bottom() - point.y()) / max(area.height(), 1.0)
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of the point that is near, or makes one."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        number = self._near(event.position())
        if number is None:
            number = self._insert(*self._value(event.position()))
        if number is None:
            return
        self._marked = number
        end = number if number in (0, len(self._points) - 1) else None
        self._drag = _Drag(self._points[:number] + self._points[number + 1 :], end)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags it between its neighbours, or out."""
        drag, point = self._drag, event.position()
        if drag is None:
            return
        x, y = self._value(point)
        outside = not QRectF(self.rect()).adjusted(-OUT, -OUT, OUT, OUT).contains(point)
        if drag.end is not None:
            kept = drag.others
            moved = ((0.0, y), *kept) if drag.end == 0 else (*kept, (1.0, y))
            number = 0 if drag.end == 0 else len(kept)
        elif outside:
            moved, number = drag.others, self._marked
        else:
            moved, number = _placed(drag.others, x, y)
        self._take(moved, min(number, len(moved) - 1))
        self._drag = drag

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go."""
        self._drag = None
        self.update()

    def _near(self, point: QPointF) -> int | None:
        places = (self.place(x, y) - point for x, y in self._points)
        away = [math.hypot(place.x(), place.y()) for place in places]
        number = min(range(len(away)), key=away.__getitem__)
        return number if away[number] <= REACH else None

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Marks, moves, adds and removes points."""
        step = COARSE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
        moves = {
            Qt.Key.Key_Left: (-step, 0.0),
            Qt.Key.Key_Right: (step, 0.0),
            Qt.Key.Key_Up: (0.0, step),
            Qt.Key.Key_Down: (0.0, -step),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self._nudge(*moves[key])
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            by = -1 if key == Qt.Key.Key_PageUp else 1
            self._marked = (self._marked + by) % len(self._points)
            self._describe()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove()
        elif key == Qt.Key.Key_Insert:
            self._insert_between()
        elif key == Qt.Key.Key_Home:
            self._take(self._straight, 0)
        else:
            super().keyPressEvent(event)

    def _nudge(self, dx: float, dy: float) -> None:
        number, points = self._marked, list(self._points)
        x, y = points[number]
        y = round(min(max(y + dy, 0.0), 1.0), 4)
        if 0 < number < len(points) - 1:
            x = round(min(max(x + dx, points[number - 1][0] + LEAST), points[number + 1][0] - LEAST), 4)
        points[number] = (x, y)
        self._take(tuple(points), number)

    def _remove(self) -> None:
        if 0 < self._marked < len(self._points) - 1:
            kept = self._points[: self._marked] + self._points[self._marked + 1 :]
            self._take(kept, self._marked - 1)

    def _insert_between(self) -> None:
        left = min(self._marked, len(self._points) - 2)
        x = (self._points[left][0] + self._points[left + 1][0]) / 2
        number = self._insert(x, float(self._trace(self._points, 257)[round(x * 256)]))
        if number is not None:
            self._marked = number
            self._describe()

    # Points

    def _insert(self, x: float, y: float) -> int | None:
        """Adds a point; None where there is no room for one."""
        crowded = any(abs(x - known) < LEAST for known, _ in self._points)
        if crowded or len(self._points) >= MOST:
            return None
        points, number = _placed(self._points, x, y)
        self._take(points, number)
        return number

    def _take(self, points: Points, marked: int) -> None:
        self._marked = marked
        if points != self._points:
            self._points = points
            self.changed.emit(points)
        self._describe()

    def _describe(self) -> None:
        x, y = self._points[self._marked]
        words = self.tr("Point {number} of {count}: {x} % becomes {y} %")
        self.setAccessibleDescription(
            words.format(number=self._marked + 1, count=len(self._points), x=round(x * 100), y=round(y * 100))
        )
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()


def _placed(others: Points, x: float, y: float) -> tuple[Points, int]:
    """The points with another one, kept off its neighbours, and the number that it has."""
    number = next((at for at, (known, _) in enumerate(others) if known > x), len(others) - 1)
    number = max(number, 1)
    x = min(max(x, others[number - 1][0] + LEAST), others[number][0] - LEAST)
    return (*others[:number], (round(x, 4), round(y, 4)), *others[number:]), number


def trace_curve(points: Points, entries: int) -> NDArray[np.float64]:
    """The outputs of a curve of the pen's, as float64 in 0…1."""
    return Curve(points).table(entries)
