"""A person's hands and eyes on a program that runs as it always does: pointer and keys of the X server, by `xdotool`.

They belong to a thread of their own, so that dialogs and menus wait for them as for anybody.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from queue import Queue
from typing import Any, Final, TypeVar

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollArea,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

from scumble.ui.window import MainWindow

Got = TypeVar("Got")
Point = tuple[float, float]

PATIENCE: Final = 300.0
"""Seconds after which something that does not happen is given up."""

REST: Final = 0.35
"""Seconds that docks, outlines and hints take to come to rest."""

PACE: Final = 0.012
"""Seconds between two places of the pointer."""


class Hands:
    """Made on the window's thread; everything else is called on the thread of `work`."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self._asker = _Asker()

    def work(self, script: Callable[[], None]) -> None:
        """Runs the program until a script has done its work; raises what it raised."""
        failures: list[BaseException] = []

        def run() -> None:
            try:
                script()
            except BaseException as failure:
                failures.append(failure)
            self._asker.asked.emit(QApplication.exit)

        thread = threading.Thread(target=run, name="hands")
        thread.start()
        QApplication.exec()
        thread.join()
        if failures:
            raise failures[0]

    # Eyes

    def see(self, look: Callable[[], Got]) -> Got:
        """What a function finds out on the window's thread; raises what it raises."""
        found: Queue[tuple[Any, Exception | None]] = Queue()

        def ask() -> None:
            try:
                found.put((look(), None))
            except Exception as error:
                found.put((None, error))

        self._asker.asked.emit(ask)
        value, error = found.get(timeout=PATIENCE)
        if error is not None:
            raise error
        return value  # type: ignore[no-any-return]

    def wait(self, true: Callable[[], object], what: str) -> None:
        """Until something is so. Raises `TimeoutError`."""
        end = time.monotonic() + PATIENCE
        while not self.see(true):
            if time.monotonic() > end:
                raise TimeoutError(what)
            time.sleep(0.05)

    def rest(self, seconds: float = REST) -> None:
        """Looks on for a while."""
        time.sleep(seconds)

    def still(self) -> QPixmap:
        """The part of the screen that the window has, with whatever lies over it."""
        self.rest()

        def grab() -> QPixmap:
            window = self.window
            if window.canvas is not None:
                window.canvas.complete()
            place = window.geometry()
            return window.screen().grabWindow(0, place.x(), place.y(), place.width(), place.height())

        return self.see(grab)

    # Hands

    def key(self, keys: str, times: int = 1) -> None:
        """Presses keys as xdotool names them, such as `ctrl+Return`."""
        self.see(self._attend)
        _x("key", "--repeat", times, "--repeat-delay", 60, keys)
        self.rest(0.08)

    def _attend(self) -> None:
        """Where nobody manages windows, none has the keys after a dialog has gone."""
        if QApplication.activeWindow() is None:
            self.window.activateWindow()

    def hold(self, key: str) -> None:
        """Presses a key and does not let go."""
        _x("keydown", key)
        self.rest(0.15)

    def let_go(self, key: str) -> None:
        """Lets it go."""
        _x("keyup", key)
        self.rest(0.08)

    def type(self, text: str) -> None:
        """Types."""
        _x("type", "--delay", 15, text)
        self.rest(0.1)

    def point(self, target: QWidget | QPoint, part: QRect | None = None) -> None:
        """Moves the pointer over a widget, over a part of it, or to a place on the screen."""
        _x("mousemove", *self._place(target, part))

    def click(self, target: QWidget | QPoint, part: QRect | None = None, *, button: int = 1, times: int = 1) -> None:
        """Presses a button of the mouse there."""
        _x("mousemove", *self._place(target, part), "sleep", 0.05, "click", "--repeat", times, "--delay", 90, button)
        self.rest(0.15)

    def drag(self, points: Sequence[QPoint]) -> None:
        """Presses at the first place on the screen, moves through the others, and releases at the last."""
        ratio = self.see(self.window.devicePixelRatio)
        words: list[str | float] = []
        for place in (self._native(point, ratio) for point in points):
            words += ["mousemove", *place, "sleep", PACE, *([] if words else ["mousedown", 1, "sleep", PACE])]
        _x(*words, "mouseup", 1)
        self.rest(0.15)

    def on_canvas(self, *points: Point) -> list[QPoint]:
        """Where points of the document are on the screen."""

        def find() -> list[QPoint]:
            canvas = self.window.canvas
            assert canvas is not None
            return [canvas.mapToGlobal(canvas.viewport.to_view(*point).toPoint()) for point in points]

        return self.see(find)

    def stroke(self, *points: Point, steps: int = 6) -> None:
        """Drags on the canvas along points of the document."""
        path = [points[0]]
        for (x, y), (to_x, to_y) in pairwise(points):
            path += [(x + (to_x - x) * i / steps, y + (to_y - y) * i / steps) for i in range(1, steps + 1)]
        self.drag(self.on_canvas(*path))

    def choose(self, combo: QComboBox, data: object) -> None:
        """Opens a list and takes an entry."""
        self.click(combo)
        self.rest()
        view = combo.view()
        entry = self.see(lambda: view.visualRect(combo.model().index(combo.findData(data), 0)))
        self.click(view.viewport(), entry)

    def write(self, field: QAbstractSpinBox | QLineEdit, text: str) -> None:
        """Puts another text into a field of one line."""
        self.click(field)
        self.key("ctrl+a")
        self.type(text)
        self.key("Tab")

    def slide(self, slider: QSlider, value: int) -> None:
        """Drags the handle of a slider to about a value."""

        def find() -> list[QPoint]:
            option = QStyleOptionSlider()
            slider.initStyleOption(option)
            style, complex_control = slider.style(), QStyle.ComplexControl.CC_Slider
            handle = style.subControlRect(complex_control, option, QStyle.SubControl.SC_SliderHandle, slider)
            room = slider.width() - handle.width()
            end = style.sliderPositionFromValue(slider.minimum(), slider.maximum(), value, room) + handle.width() // 2
            begin, y = handle.center().x(), handle.center().y()
            return [slider.mapToGlobal(QPoint(round(begin + (end - begin) * i / 8), y)) for i in range(9)]

        self._place(slider, None)
        self.drag(self.see(find))

    def _place(self, target: QWidget | QPoint, part: QRect | None) -> tuple[int, int]:
        """Where something is on the screen, in its own pixels; what a column holds is scrolled to."""
        if isinstance(target, QPoint):
            return self._native(target, self.see(self.window.devicePixelRatio))

        def find() -> tuple[QPoint, int, QPoint | None]:
            assert target.isVisible(), f"{target.objectName() or target.accessibleName() or target} is not in sight"
            place = (part or target.rect()).center()
            column = _column_of(target)
            if column is None:
                return target.mapToGlobal(place), 0, None
            view = column.viewport()
            inside = QRect(target.mapTo(view, (part or target.rect()).topLeft()), (part or target.rect()).size())
            room = view.rect()
            way = (inside.bottom() > room.bottom()) - (inside.top() < room.top())
            if way and inside.height() > room.height():
                way = 0
            return target.mapToGlobal(place), way, view.mapToGlobal(QPoint(3, room.height() // 2))

        for _ in range(40):
            place, way, beside = self.see(find)
            if not way or beside is None:
                break
            _x("mousemove", *self._native(beside, self.see(self.window.devicePixelRatio)), "click", 5 if way > 0 else 4)
            self.rest(0.06)
        return self._native(place, self.see(self.window.devicePixelRatio))

    @staticmethod
    def _native(point: QPoint, ratio: float) -> tuple[int, int]:
        place = QPointF(point) * ratio
        return round(place.x()), round(place.y())


class _Asker(QObject):
    """Carries functions to the thread that it lives on."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def _answer(self, call: Callable[[], object]) -> None:
        call()


def _column_of(widget: QWidget) -> QScrollArea | None:
    """The column that scrolls and holds a widget."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    return parent


def _x(*words: str | float) -> None:
    subprocess.run(["xdotool", *(str(word) for word in words)], check=True)
