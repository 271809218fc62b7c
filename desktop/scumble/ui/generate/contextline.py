"""The line of the dock that says what the model would see, how long it would take, and lets one set it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from scumble.ui.widgets import action_button


class ContextLine(QWidget):
    """Hidden where there is nothing to say. `actions` set, lock and reset the box."""

    def __init__(self, actions: tuple[QAction, ...]) -> None:
        super().__init__()
        self.text = QLabel()
        self.forecast = QLabel()
        self.forecast.setObjectName("muted")
        for label in (self.text, self.forecast):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.text.setAccessibleName(self.tr("Context box"))
        self.forecast.setAccessibleName(self.tr("Forecast of time and memory"))
        self.forecast.setToolTip(self.tr("Measured on this machine with this model; the memory is that of the engine"))
        self.buttons = QWidget()
        row = QHBoxLayout(self.buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for action in actions:
            row.addWidget(action_button(action))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(6)
        layout.setVerticalSpacing(0)
        layout.setColumnStretch(0, 1)
        layout.addWidget(self.text, 0, 0)
        layout.addWidget(self.forecast, 1, 0)
        layout.addWidget(self.buttons, 0, 1, 2, 1, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, text: str, forecast: str, *, boxed: bool) -> None:
        """Shows what is known; `boxed` where there is a box to be set."""
        self.text.setText(text)
        self.forecast.setText(forecast)
        self.text.setVisible(bool(text))
        self.forecast.setVisible(bool(forecast))
        self.buttons.setVisible(boxed)
        self.setVisible(bool(text or forecast))
