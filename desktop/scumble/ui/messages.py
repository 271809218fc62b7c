"""The message bar: what went wrong or was found, said calmly above the canvas instead of in a box that blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scumble.api import MESSAGES, ScumbleError, sentence
from scumble.ui.icons import Icons

Kind = Literal["info", "warning", "error"]
ICON = {"info": "info", "warning": "warning", "error": "warning"}
LIMIT = 4
"""So many messages are shown; older ones make room."""


def error_text(code: str, params: dict[str, str]) -> str:
    """The sentence for an error, in the person's language."""
    template = MESSAGES.get(code)
    translated = QCoreApplication.translate("errors", template) if template else None
    return sentence(code, params, translated)


class MessageBar(QWidget):
    """Messages one below the other, each to be dismissed. Empty, it takes no room."""

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self._notes: list[Note] = []

    def show_error(self, error: ScumbleError) -> Note:
        """Shows an error; “Details…” opens what only a developer wants to read."""
        actions: tuple[tuple[str, Callable[[], object]], ...] = ()
        if error.details:
            actions = ((self.tr("Details…"), lambda: show_details(self.window(), error.details)),)
        return self.show_message(error_text(error.code, error.params), "error", actions)

    def show_message(
        self,
        text: str,
        kind: Kind = "info",
        actions: tuple[tuple[str, Callable[[], object]], ...] = (),
        seconds: float = 0,
    ) -> Note:
        """Shows a sentence, with buttons that also dismiss it. It goes by itself after `seconds`, if they are given.

        The same sentence is not shown twice at a time.
        """
        for old in self._notes:
            if old.text == text:
                return old
        note = Note(text, kind, actions, self._icons, self)
        note.dismissed.append(self._forget)
        self._notes.append(note)
        self._column.addWidget(note)
        if seconds:
            QTimer.singleShot(round(seconds * 1000), note, note.dismiss)
        while len(self._notes) > LIMIT:
            self._notes[0].dismiss()
        return note

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is shown, the oldest first."""
        return tuple(self._notes)

    def _forget(self, note: Note) -> None:
        if note in self._notes:
            self._notes.remove(note)


class Note(QFrame):
    """One message."""

    def __init__(
        self,
        text: str,
        kind: Kind,
        actions: tuple[tuple[str, Callable[[], object]], ...],
        icons: Icons,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.text = text
        self.dismissed: list[Callable[[Note], None]] = []
        self.setObjectName("note")
        self.setProperty("kind", kind)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 8, 6)
        row.setSpacing(8)
        mark = QLabel()
        mark.setPixmap(icons.pixmap(ICON[kind], 18, self.devicePixelRatio()))
        row.addWidget(mark)
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row.addWidget(label, 1)
        for title, action in actions:
            button = QPushButton(title)
            button.clicked.connect(lambda _checked=False, call=action: self._choose(call))
            row.addWidget(button)
        close = QToolButton()
        close.setIcon(icons.icon("close"))
        close.setAutoRaise(True)
        close.setToolTip(self.tr("Dismiss"))
        close.setAccessibleName(self.tr("Dismiss the message"))
        close.clicked.connect(self.dismiss)
        row.addWidget(close)

    def dismiss(self) -> None:
        """Takes the message away."""
        for listener in self.dismissed:
            listener(self)
        self.dismissed.clear()
        self.hide()
        self.deleteLater()

    def _choose(self, action: Callable[[], object]) -> None:
        action()
        self.dismiss()


def show_details(parent: QWidget, details: str) -> QDialog:
    """Opens a report to be read and copied."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(QCoreApplication.translate("MessageBar", "Details"))
    dialog.resize(720, 420)
    text = QPlainTextEdit(details)
    text.setReadOnly(True)
    text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    text.setAccessibleName(QCoreApplication.translate("MessageBar", "Details"))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    copy = buttons.addButton(QCoreApplication.translate("MessageBar", "Copy"), QDialogButtonBox.ButtonRole.ActionRole)
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.addWidget(text)
    column.addWidget(buttons)
    dialog.open()
    return dialog
