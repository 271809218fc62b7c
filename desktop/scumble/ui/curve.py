"""A curve from 0…1 to 0…1 that is drawn by hand: points that are added, dragged and thrown out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from scumble.paint import Curve
from scumble.ui.theme import Theme

Points: TypeAlias = tuple[tuple[float, float], ...]
"""Where a curve passes: inputs, which rise, with their outputs; all are 0…1."""

STRAIGHT: Final[Points] = ((0.0, 0.0), (1.0, 1.0))
MARGIN: Final = 8.0
"""Room round the curve for the points at its corners, in device-independent pixels."""

REACH: Final = 10.0
"""How near a point the pointer takes hold of it."""

OUT: Final = 26.0
"""How far outside a point that is dragged is thrown out."""


@dataclass(frozen=True, slots=True)
class CurveRules:
    """What a curve may be like. `free` lets the ends move sideways, and go; else they stay at 0 and 1.

    `gap` is the least distance between two inputs, `most` how many points there can be. `step` is what an arrow key
    changes, ten times as much with Shift.
    """

    free: bool = False
    gap: float = 0.01
    most: int = 16
    step: float = 0.01


@dataclass(frozen=True, slots=True)
class _Drag:
    """What a drag began with: the points without the one that is dragged, and which end it is, if it is one."""

    others: Points
    end: int | None


class CurveEditor(QWidget):
    """`changed` carries the points after each change by a person, `chose` says that another point is the chosen one.

    A press beside the points adds one. A point that is dragged far outside is thrown out, and comes back as long as the
    button is down; a double click removes it, too. Page up and down choose a point, arrows move it, Insert adds one,
    Delete removes it, Home makes the curve straight.
    """

    changed = Signal(tuple)
    chose = Signal()

    def __init__(self, theme: Theme, name: str, rules: CurveRules | None = None) -> None:
        super().__init__()
        self.theme = theme
        self._rules = rules or CurveRules()
        self._points: Points = STRAIGHT
        self._chosen = 0
        self._drag: _Drag | None = None
        self.setMinimumSize(120, 96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setToolTip(
            self.tr(
                "Click to add a point, drag to move it, drag it out or double-click to remove it. Keys: Page Up and "
                "Page Down choose a point, the arrows move it, Insert adds one, Delete removes it."
            )
        )
        self._describe()

    def sizeHint(self) -> QSize:
        """Wider than high."""
        return QSize(220, 120)

    @property
    def points(self) -> Points:
        """What is shown."""
        return self._points

    @property
    def chosen(self) -> int:
        """The number of the point that the keys move."""
        return self._chosen

    def show_points(self, points: Points) -> None:
        """Shows other points, without a signal. A drag that they come from goes on."""
        if points != self._points:
            self._points = points
            self._chosen = min(self._chosen, len(points) - 1)
            self._drag = None
            self._describe()

    # What another kind of curve does in its own way

    def trace(self, points: Points, entries: int) -> NDArray[np.float64]:
        """The outputs for so many inputs that are evenly spread over 0…1; level beyond ends that lie inside."""
        before = ((0.0, points[0][1]),) if points[0][0] > 0.0 else ()
        after = ((1.0, points[-1][1]),) if points[-1][0] < 1.0 else ()
        return Curve((*before, *points, *after)).table(entries)

    def area(self) -> QRectF:
        """Where 0…1 is in the widget."""
        return QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)

    def ink(self) -> QColor:
        """The colour of the curve."""
        return self.theme.colour("text")

    def paint_ground(self, painter: QPainter) -> None:
        """What is behind the curve."""
        painter.setBrush(self.theme.colour("field"))
        painter.setPen(QPen(self.theme.colour("accent-strong" if self.hasFocus() else "border"), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        self.paint_grid(painter, Qt.PenStyle.DotLine)

    def paint_grid(self, painter: QPainter, style: Qt.PenStyle) -> None:
        """The quarters."""
        painter.setPen(QPen(self.theme.colour("border"), 1, style))
        for part in (0.25, 0.5, 0.75):
            painter.drawLine(self.place_of((part, 0.0)), self.place_of((part, 1.0)))
            painter.drawLine(self.place_of((0.0, part)), self.place_of((1.0, part)))

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, curve, points."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_ground(painter)
        outputs = self.trace(self._points, 129)
        steps = len(outputs) - 1
        painter.setPen(QPen(self.ink(), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        places = [self.place_of((number / steps, float(output))) for number, output in enumerate(outputs)]
        painter.drawPolyline(QPolygonF(places))
        accent = self.theme.colour("accent-strong")
        for number, point in enumerate(self._points):
            full = number == self._chosen and (self.hasFocus() or self._drag is not None)
            painter.setBrush(accent if full else self.theme.colour("field"))
            painter.setPen(QPen(accent if full else self.ink(), 1.6))
            painter.drawEllipse(self.place_of(point), 4.5, 4.5)
        painter.end()

    def place_of(self, point: tuple[float, float]) -> QPointF:
        """Where in the widget an input and its output are."""
        area = self.area()
        return QPointF(area.left() + point[0] * area.width(), area.bottom() - point[1] * area.height())

    def _value(self, place: QPointF) -> tuple[float, float]:
        area = self.area()
        x = (place.x() - area.left()) / max(area.width(), 1.0)
        y = (area.bottom() - place.y()) / max(area.height(), 1.0)
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
        fixed = not self._rules.free and number in (0, len(self._points) - 1)
        self._drag = _Drag(self._points[:number] + self._points[number + 1 :], number if fixed else None)
        self._choose(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags it between its neighbours or past them, or out."""
        drag = self._drag
        if drag is None:
            return
        x, y = self._value(event.position())
        outside = not self.area().adjusted(-OUT, -OUT, OUT, OUT).contains(event.position())
        if drag.end is not None:
            moved = ((0.0, y), *drag.others) if drag.end == 0 else (*drag.others, (1.0, y))
            number = drag.end
        elif outside and len(drag.others) >= 2:
            moved, number = drag.others, min(self._chosen, len(drag.others) - 1)
        else:
            placed = self._placed(drag.others, x, y)
            if placed is None:
                return
            moved, number = placed
        self._take(moved, number)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go."""
        self._drag = None
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Removes the point under the pointer."""
        number = self._near(event.position())
        self._drag = None
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(number)
            self._remove()

    def _near(self, place: QPointF) -> int | None:
        ways = (self.place_of(point) - place for point in self._points)
        away = [math.hypot(way.x(), way.y()) for way in ways]
        number = min(range(len(away)), key=away.__getitem__)
        return number if away[number] <= REACH else None

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Chooses, moves, adds and removes points."""
        step = self._rules.step * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
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
            by = 1 if key == Qt.Key.Key_PageUp else -1
            self._choose((self._chosen + by) % len(self._points))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove()
        elif key == Qt.Key.Key_Insert:
            self._insert_between()
        elif key == Qt.Key.Key_Home:
            self._take(STRAIGHT, 0)
        else:
            super().keyPressEvent(event)

    def _nudge(self, dx: float, dy: float) -> None:
        number, points, rules = self._chosen, list(self._points), self._rules
        x, y = points[number]
        last = number == len(points) - 1
        if rules.free or not (number == 0 or last):
            low = points[number - 1][0] + rules.gap if number else 0.0
            high = 1.0 if last else points[number + 1][0] - rules.gap
            x = min(max(x + dx, low), high)
        points[number] = (x, min(max(y + dy, 0.0), 1.0))
        self._take(tuple(points), number)

    def _remove(self) -> None:
        end = self._chosen in (0, len(self._points) - 1)
        if len(self._points) > 2 and (self._rules.free or not end):
            kept = self._points[: self._chosen] + self._points[self._chosen + 1 :]
            self._take(kept, max(self._chosen - 1, 0))

    def _insert_between(self) -> None:
        left = min(self._chosen, len(self._points) - 2)
        x = (self._points[left][0] + self._points[left + 1][0]) / 2
        number = self._insert(x, float(self.trace(self._points, 257)[round(x * 256)]))
        if number is not None:
            self._choose(number)

    # Points

    def _insert(self, x: float, y: float) -> int | None:
        """Adds a point; None where there is no room for one."""
        crowded = any(abs(x - known) < self._rules.gap for known, _ in self._points)
        if crowded or len(self._points) >= self._rules.most:
            return None
        placed = self._placed(self._points, x, y)
        if placed is None:
            return None
        self._take(*placed)
        return placed[1]

    def _placed(self, others: Points, x: float, y: float) -> tuple[Points, int] | None:
        """The points with another one, kept off its neighbours, and its number; None where there is no room for it."""
        gap, most = self._rules.gap, len(others)
        number = next((at for at, (known, _) in enumerate(others) if known > x), most)
        if not self._rules.free:
            number = min(max(number, 1), most - 1)
        low = others[number - 1][0] + gap if number else 0.0
        high = others[number][0] - gap if number < most else 1.0
        if high < low:
            return None
        return (*others[:number], (min(max(x, low), high), y), *others[number:]), number

    def _take(self, points: Points, chosen: int) -> None:
        moved = chosen != self._chosen
        self._chosen = chosen
        if points != self._points:
            self._points = points
            self.changed.emit(points)
        if moved:
            self.chose.emit()
        self._describe()

    def _choose(self, number: int) -> None:
        self._chosen = number
        self._describe()
        self.chose.emit()

    def _describe(self) -> None:
        x, y = self._points[self._chosen]
        words = self.tr("Point {number} of {count}: {x} % becomes {y} %")
        self.setAccessibleDescription(
            words.format(number=self._chosen + 1, count=len(self._points), x=round(x * 100), y=round(y * 100))
        )
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()
