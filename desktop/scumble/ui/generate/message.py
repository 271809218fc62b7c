"""A calm message inside a panel: what went wrong and what to do, with the details behind a click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from scumble.ui.icons import Icons
from scumble.ui.messages import show_details


class InlineMessage(QFrame):
    """Hidden until something is said."""

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details = ""
        self.setObjectName("message")
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QToolButton()
        self.more.setText(self.tr("Details…"))
        self.more.setAutoRaise(True)
        self.more.clicked.connect(self._show_details)
        close = QToolButton()
        close.setIcon(icons.icon("close"))
        close.setAutoRaise(True)
        close.setToolTip(self.tr("Dismiss"))
        close.setAccessibleName(self.tr("Dismiss"))
        close.clicked.connect(self.hide)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.text)
        words.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 4, 6)
        layout.addLayout(words, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, text: str, details: str = "") -> None:
        """Shows a sentence."""
        self._details = details
        self.text.setText(text)
        self.more.setVisible(bool(details))
        self.show()

    def _show_details(self) -> None:
        show_details(self.window(), f"{self.text.text()}\n\n{self._details}")
