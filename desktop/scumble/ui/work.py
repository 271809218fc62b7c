"""Work on files that takes a while: how far it is, and how it is called off."""

from __future__ import annotations

import threading
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from scumble.api import Cancelled
from scumble.ui.icons import Icons
from scumble.ui.widgets import tool_button

DELAY: Final = 300
"""Milliseconds that work may take before it is worth showing."""


class Work(QObject):
    """One opening or saving. `report` may be called on any thread; the signals arrive on the window's."""

    moved = Signal(float)
    ended = Signal()

    def __init__(self, title: str, parent: QObject | None = None, share: tuple[float, float] = (0.0, 1.0)) -> None:
        """`share` is the part of the whole, 0…1, that `report` speaks of."""
        super().__init__(parent)
        self.title = title
        self._share = share
        self._stop = threading.Event()

    def report(self, done: int, total: int) -> None:
        """A `Progress` of the files room. Raises `Cancelled` when a person has called the work off."""
        if self._stop.is_set():
            raise Cancelled
        low, high = self._share
        self.moved.emit(low + (high - low) * min(done / max(total, 1), 1.0))

    @property
    def cancelled(self) -> bool:
        """Whether it was called off."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Calls it off: at its next step it ends, and leaves everything as it was before."""
        self._stop.set()

    def end(self) -> None:
        """It is over, one way or the other."""
        self.ended.emit()
        self.deleteLater()


class WorkBar(QWidget):
    """In the status bar: the oldest work under way, with a button that calls it off. Escape does so too."""

    def __init__(self, window: QWidget, icons: Icons) -> None:
        super().__init__(window)
        self._works: list[Work] = []
        self._label = QLabel()
        self.bar = QProgressBar()
        self.bar.setFixedWidth(120)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.button: QToolButton = tool_button(icons.icon("close"), self.tr("Cancel (Esc)"))
        self.button.clicked.connect(self.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self._label, self.bar, self.button):
            row.addWidget(widget)
        self._soon = QTimer(self, singleShot=True, interval=DELAY)
        self._soon.timeout.connect(self._refresh)
        window.installEventFilter(self)
        self.hide()

    @property
    def works(self) -> tuple[Work, ...]:
        """What is under way, the oldest first."""
        return tuple(self._works)

    def add(self, work: Work) -> None:
        """Follows a piece of work from now on."""
        self._works.append(work)
        work.moved.connect(lambda part: self._move(work, part))
        work.ended.connect(lambda: self._drop(work))
        self._soon.start()

    def cancel(self) -> None:
        """Calls off what is shown."""
        if self._works:
            self._works[0].cancel()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape, where nothing nearer to the person wanted it."""
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if escape and event.type() == QEvent.Type.KeyPress and self._works:
            self.cancel()
            return True
        return super().eventFilter(watched, event)

    def _move(self, work: Work, part: float) -> None:
        if self._works and work is self._works[0]:
            self.bar.setValue(round(part * 100))

    def _drop(self, work: Work) -> None:
        self._works.remove(work)
        if self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        self.setVisible(bool(self._works))
        if self._works:
            self._label.setText(self._works[0].title)
