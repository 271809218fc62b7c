"""The controls that make a generated layer anew: again, a variation, other words; and the word that it is stale."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scumble.api import Tool
from scumble.document import Recipe
from scumble.generation.prompts import prompt_names
from scumble.generation.remake import can_vary
from scumble.ui.generate.remake import Way
from scumble.ui.icons import Icons
from scumble.ui.widgets import tool_button

LINES: Final = 3
"""The height of the field for the prompt."""


class RemakeBar(QWidget):
    """`wanted` carries a `Way` and the parameters that are to be others.

    `buttons` are for the row beside the layer's title; the widget itself holds what is shown below it at times.
    """

    wanted = Signal(object, object)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prompt = ""
        self._before = ""
        self.again = tool_button(icons.icon("again"), self.tr("Again: the same, with another seed"))
        self.again.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.again.setObjectName("split")
        menu = QMenu(self.again)
        menu.addAction(icons.icon("dice"), self.tr("Again, with another seed"), lambda: self._ask(Way.ANOTHER))
        self.same = menu.addAction(
            icons.icon("again"), self.tr("Again, with the same seed"), lambda: self._ask(Way.SAME)
        )
        self.again.setMenu(menu)
        self.again.clicked.connect(lambda: self._ask(Way.ANOTHER))
        self.vary = tool_button(icons.icon("vary"), self.tr("Vary: begin from what it shows, with another seed"))
        self.vary.clicked.connect(lambda: self._ask(Way.VARIED))
        self.words = tool_button(icons.icon("words"), self.tr("Edit the prompt…"), checkable=True)
        self.words.toggled.connect(self._open)
        self.buttons = (self.again, self.vary, self.words)
        self.note = self._note(icons)
        self.editor = self._editor()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.note)
        column.addWidget(self.editor)

    def show_recipe(self, made: Recipe | None, tool: Tool | None, *, stale: bool) -> None:
        """Offers what can be done with a layer; `tool` is None where its plugin has gone."""
        for button in self.buttons:
            button.setEnabled(tool is not None)
        params = tool.params.items() if tool is not None else ()
        self._prompt = next(iter(prompt_names(tool)), "") if tool is not None else ""
        self.words.setVisible(bool(self._prompt))
        varies = tool is not None and can_vary(tool)
        self.vary.setVisible(varies)
        self.same.setVisible(any(param.type == "seed" for _, param in params))
        text = str(made.params.get(self._prompt, "")) if made is not None else ""
        if text != self._before:
            self._before = text
            self.words.setChecked(False)
        self.note.setVisible(stale)
        self.editor.setVisible(self.words.isChecked())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter runs, Shift+Enter makes a line, Esc closes."""
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            runs = enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            if runs or event.key() == Qt.Key.Key_Escape:
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    self._run() if runs else self.words.setChecked(False)
                return True
        return super().eventFilter(watched, event)

    def _ask(self, way: Way) -> None:
        self.wanted.emit(way, {})

    def _open(self, opened: bool) -> None:
        self.editor.setVisible(opened)
        if opened:
            self.text.setPlainText(self._before)
            self.text.selectAll()
            self.text.setFocus()

    def _run(self) -> None:
        self.wanted.emit(Way.SAME, {self._prompt: self.text.toPlainText()})
        self.words.setChecked(False)

    def _note(self, icons: Icons) -> QFrame:
        frame = QFrame()
        frame.setObjectName("message")
        mark, text = QLabel(), QLabel(self.tr("What lies below has changed since."))
        mark.setPixmap(icons.pixmap("stale", 18, self.devicePixelRatioF()))
        text.setWordWrap(True)
        self.refresh = QPushButton(self.tr("Again"))
        self.refresh.setToolTip(self.tr("Make it again with the same seed, to fit what lies below now"))
        self.refresh.clicked.connect(lambda: self._ask(Way.SAME))
        row = QHBoxLayout(frame)
        row.setContentsMargins(10, 4, 4, 4)
        row.addWidget(mark)
        row.addWidget(text, 1)
        row.addWidget(self.refresh)
        frame.hide()
        return frame

    def _editor(self) -> QWidget:
        holder = QWidget()
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(self.tr("Prompt of the layer"))
        self.text.setPlaceholderText(self.tr("What the layer should show"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(LINES * self.text.fontMetrics().lineSpacing() + 14)
        self.text.installEventFilter(self)
        self.run = QPushButton(self.tr("Make it anew"))
        self.run.setToolTip(self.tr("With the same seed and these words  (Enter)"))
        self.run.clicked.connect(self._run)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.text)
        column.addWidget(self.run)
        holder.hide()
        return holder
