"""Completes LoRAs and learnt words in a prompt, from the first pointed bracket on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCompleter, QListView, QPlainTextEdit

BEGUN: Final = re.compile(r"<[^<>]*$")
"""A bracket that is still open before the cursor."""

SHOWN: Final = 10
WIDTH: Final = 280
"""The list that is offered: its most rows, and its width in device-independent pixels."""

TAKE: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class PromptCompleter(QObject):
    """Lives as long as its field; `tags` gives what there is to choose from, such as `<lora:name:1>`."""

    def __init__(self, edit: QPlainTextEdit, tags: Callable[[], list[str]]) -> None:
        super().__init__(edit)
        self._edit, self._tags = edit, tags
        self.completer = QCompleter(self)
        self.completer.setModel(QStringListModel(self.completer))
        self.completer.setWidget(edit)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.setMaxVisibleItems(SHOWN)
        self.popup = QListView()
        self.popup.setAccessibleName(self.tr("LoRAs and learnt words"))
        self.completer.setPopup(self.popup)
        self.completer.activated.connect(self._insert)
        edit.textChanged.connect(self._offer)
        edit.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While the list is open, Enter and Tab choose from it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in TAKE:
            popup = self.popup
            if popup.isVisible() and not event.modifiers():
                self._insert(popup.currentIndex().data() or self.completer.currentCompletion())
                popup.hide()
                return True
        return super().eventFilter(watched, event)

    def _begun(self) -> str:
        """What stands between an open bracket and the cursor, with the bracket; empty without one."""
        cursor = self._edit.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        found = BEGUN.search(before)
        return found[0] if found else ""

    def _offer(self) -> None:
        begun = self._begun()
        popup = self.popup
        if not begun or not self._edit.hasFocus():
            popup.hide()
            return
        model = self.completer.model()
        assert isinstance(model, QStringListModel)
        model.setStringList(self._tags())
        self.completer.setCompletionPrefix(begun.removeprefix("<"))
        if not self.completer.completionCount() or self.completer.currentCompletion() == begun:
            popup.hide()
            return
        popup.setCurrentIndex(self.completer.completionModel().index(0, 0))
        place = self._edit.cursorRect()
        place.setWidth(WIDTH)
        self.completer.complete(place)

    def _insert(self, tag: str) -> None:
        cursor = self._edit.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(self._begun()))
        cursor.insertText(tag)
        self._edit.setTextCursor(cursor)


def insert_tag(edit: QPlainTextEdit, tag: str) -> None:
    """Puts a tag where the cursor is, or at the end of a prompt, with a space before it where words stand there."""
    cursor = edit.textCursor()
    if not edit.hasFocus():
        cursor.movePosition(QTextCursor.MoveOperation.End)
    before = cursor.block().text()[: cursor.positionInBlock()]
    cursor.insertText(f" {tag}" if before and not before[-1].isspace() else tag)
    edit.setTextCursor(cursor)
