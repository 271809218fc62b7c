"""The line of the dock that says what the model would see, how long it would take, and lets one set it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from scumble.ui.generate.joblist import Elided
from scumble.ui.widgets import action_button


class ContextLine(QWidget):
    """Hidden where there is nothing to say. `actions` set, lock and reset the box."""

    def __init__(self, actions: tuple[QAction, ...]) -> None:
        super().__init__()
        self.text = Elided("")
        self.forecast = QLabel()
        self.forecast.setObjectName("muted")
        self.forecast.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAccessibleName(self.tr("Context box"))
        self.forecast.setAccessibleName(self.tr("Forecast of time and memory"))
        self.forecast.setToolTip(self.tr("Measured on this machine with this model; the memory is that of the engine"))
        self.buttons = QWidget()
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for action in actions:
            row.addWidget(action_button(action))
        below = QHBoxLayout()
        below.addWidget(self.forecast)
        below.addStretch(1)
        below.addWidget(self.buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.text)
        layout.addLayout(below)
        self.hide()

    def say(self, text: str, forecast: str, *, boxed: bool, tip: str = "") -> None:
        """Shows what is known; `boxed` where there is a box to be set, `tip` says more."""
        self.text.setText(text)
        self.text.setToolTip(tip or text)
        self.text.setAccessibleDescription(tip)
        self.forecast.setText(forecast)
        self.text.setVisible(bool(text))
        self.forecast.setVisible(bool(forecast))
        self.buttons.setVisible(boxed)
        self.setVisible(bool(text or forecast))
