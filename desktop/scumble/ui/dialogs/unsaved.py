"""Asks once what to do with the changes of several pictures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scumble.ui.session import DocumentSession

ROWS = 8
"""So many pictures are seen without scrolling."""


class UnsavedDialog(QDialog):
    """`save` carries the sessions to be saved, those that are ticked; the rest is let go. `discard`: all are let go.

    Closing the dialog otherwise means that nothing is to be closed.
    """

    save = Signal(list)
    discard = Signal()

    def __init__(self, sessions: Sequence[DocumentSession], parent: QWidget) -> None:
        super().__init__(parent)
        self._sessions = list(sessions)
        self.setWindowTitle(self.tr("Unsaved changes"))
        self.setMinimumWidth(440)
        text = QLabel(self.tr("{count} pictures have changes that are not saved.").format(count=len(sessions)))
        text.setObjectName("heading")
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Pictures to be saved"))
        self.list.setToolTip(self.tr("What is ticked is saved; the changes of the others are lost"))
        for session in sessions:
            item = QListWidgetItem(session.title, self.list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            item.setToolTip(str(session.path) if session.path is not None else self.tr("Not in a file yet"))
        self.list.setMaximumHeight(self.list.sizeHintForRow(0) * min(len(sessions), ROWS) + 12)
        self.list.itemChanged.connect(lambda _item: self._on_ticks())
        note = QLabel(self.tr("What is not saved is lost when the pictures are closed."))
        note.setObjectName("muted")
        note.setWordWrap(True)
        buttons = QDialogButtonBox()
        self.save_button = QPushButton(self.tr("&Save all"))
        self.save_button.setProperty("primary", True)
        self.save_button.setDefault(True)
        self.discard_button = QPushButton(self.tr("&Discard all"))
        self.cancel_button = QPushButton(self.tr("&Cancel"))
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.discard_button, QDialogButtonBox.ButtonRole.DestructiveRole)
        buttons.addButton(self.cancel_button, QDialogButtonBox.ButtonRole.RejectRole)
        self.save_button.clicked.connect(self._save)
        self.discard_button.clicked.connect(self._discard)
        self.cancel_button.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        for widget in (text, self.list, note, buttons):
            column.addWidget(widget)

    @property
    def ticked(self) -> list[DocumentSession]:
        """The pictures that are to be saved."""
        states = [self.list.item(row).checkState() for row in range(self.list.count())]
        return [s for s, state in zip(self._sessions, states, strict=True) if state == Qt.CheckState.Checked]

    def _on_ticks(self) -> None:
        every = len(self.ticked) == len(self._sessions)
        self.save_button.setText(self.tr("&Save all") if every else self.tr("&Save these"))
        self.save_button.setEnabled(bool(self.ticked))

    def _save(self) -> None:
        wanted = self.ticked
        self.accept()
        self.save.emit(wanted)

    def _discard(self) -> None:
        self.accept()
        self.discard.emit()
