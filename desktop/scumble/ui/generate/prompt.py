"""The field for a prompt: several lines, and a counter that shows what the model will not read."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPlainTextEdit, QTextEdit, QToolButton, QVBoxLayout, QWidget

from scumble.api import Param, ParamValue
from scumble.ui.generate.examples import example_prompts
from scumble.ui.generate.fields import Field
from scumble.ui.theme import Theme

WAIT: Final = 150
"""Milliseconds without typing before the tokens are counted."""

LINES: Final = {"multiline": 4}
MOST_LINES: Final = 9
"""The field is so many lines high when empty (2 where the manifest does not ask for more), and grows to so many."""


class PromptField(Field):
    """Text for a model. `count_wanted` asks for the number of tokens of a text; `show_count` is the answer.

    Where the text is too long, the words that the model reads are found by asking for the counts of its beginnings, and
    the rest is shown struck out.
    """

    count_wanted = Signal(str)

    def __init__(self, param: Param, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self._theme = theme
        self.edit = QPlainTextEdit()
        self.edit.setTabChangesFocus(True)
        self.edit.setPlaceholderText(param.help.split(". ")[0].rstrip("."))  # the tooltip says the rest
        self.edit.setAccessibleName(param.title)
        self.edit.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.edit.installEventFilter(self)
        self.counter = QLabel()
        self.counter.setObjectName("tokens")
        self.counter.setAccessibleName(self.tr("Tokens"))
        self.counter.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.edit)
        self._row = QHBoxLayout()
        self._row.addStretch(1)
        self._row.addWidget(self.counter)
        self.counter.hide()
        layout.addLayout(self._row)
        if param.ui == "multiline":
            self._add_examples()
        self._timer = QTimer(self, singleShot=True, interval=WAIT)
        self._timer.timeout.connect(lambda: self.count_wanted.emit(self.edit.toPlainText()))
        self._search: _Search | None = None
        self.set_value(param.default)
        self.edit.textChanged.connect(self._on_text)
        self.edit.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit_height())
        self._fit_height()

    @property
    def wide(self) -> bool:
        """It takes the whole width."""
        return True

    def value(self) -> ParamValue:
        """The text."""
        return self.edit.toPlainText()

    def set_value(self, value: ParamValue) -> None:
        """Writes the text; undo in the field still works."""
        if str(value) != self.edit.toPlainText():
            cursor = QTextCursor(self.edit.document())
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(str(value))

    def show_count(self, text: str, count: int, limit: int) -> None:
        """The number of tokens of `text`, of which the model reads `limit`."""
        whole = self.edit.toPlainText()
        if text == whole:
            words = self.tr("{count} / {limit}").format(count=count, limit=limit)
            self.counter.setText(words if whole else "")
            self.counter.setVisible(bool(whole))
            over = count > limit
            self.counter.setProperty("over", over)
            self.counter.style().unpolish(self.counter)
            self.counter.style().polish(self.counter)
            self.counter.setToolTip(
                self.tr("Tokens: the model reads the first {limit} and ignores the rest.").format(limit=limit)
            )
            self._search = _Search(whole) if over else None
            if not over:
                self._strike(len(whole))
        elif self._search is not None and self._search.answer(text, count <= limit):
            pass
        else:
            return
        if self._search is not None:
            self._search_on()

    def recount(self) -> None:
        """Asks for the count again, such as when another model was chosen."""
        self._timer.start()

    def add_menu(self, title: str, tip: str) -> QToolButton:
        """A quiet button under the text, with an empty menu."""
        button = QToolButton()
        button.setText(title)
        button.setToolTip(tip)
        button.setAccessibleName(title)
        button.setObjectName("quiet")
        button.setAutoRaise(True)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        self._row.insertWidget(self._row.count() - 2, button)
        return button

    def _add_examples(self) -> None:
        """Offers prompts that work; one that is chosen takes the place of the text."""
        self.examples = self.add_menu(self.tr("Examples"), self.tr("Prompts to begin with"))
        for prompt in example_prompts():
            self.examples.menu().addAction(prompt, partial(self.set_value, prompt))

    def _search_on(self) -> None:
        search = self._search
        assert search is not None
        beginning = search.question()
        if beginning is None:
            self._strike(search.kept)
        else:
            self.count_wanted.emit(beginning)

    def _strike(self, kept: int) -> None:
        """Shows the text from a position on as not read."""
        selections = []
        text = self.edit.toPlainText()
        if kept < len(text):
            marked = QTextEdit.ExtraSelection()
            style = QTextCharFormat()
            style.setForeground(QColor(self._theme.colour("muted")))
            style.setFontStrikeOut(True)
            cursor = QTextCursor(self.edit.document())
            cursor.setPosition(len(text[:kept].encode("utf-16-le")) // 2)  # which is what Qt counts in
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            marked.format, marked.cursor = style, cursor
            selections.append(marked)
        self.edit.setExtraSelections(selections)

    def _on_text(self) -> None:
        self._search = None
        self._strike(len(self.edit.toPlainText()))
        self._timer.start()
        self.changed.emit()

    def _fit_height(self) -> None:
        lines = min(max(self.edit.document().size().height(), LINES.get(self.param.ui, 2)), MOST_LINES)
        spare = self.edit.document().documentMargin() * 2 + self.edit.frameWidth() * 2 + 2
        self.edit.setFixedHeight(round(self.edit.fontMetrics().lineSpacing() * lines + spare))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The field keeps Ctrl+Return for the command that generates."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                event.ignore()
                return True
        return False


class _Search:
    """Finds the longest beginning of a text, in whole words, that fits, by halving."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = [index for index in range(1, len(text)) if text[index].isspace() and not text[index - 1].isspace()]
        self._low, self._high = 0, len(self._ends)

    @property
    def kept(self) -> int:
        """How many characters fit."""
        return self._ends[self._low - 1] if self._low else 0

    def question(self) -> str | None:
        """The beginning whose count is wanted next; None when it has been found."""
        return None if self._low >= self._high else self._text[: self._ends[self._middle - 1]]

    def answer(self, text: str, fits: bool) -> bool:
        """Takes a count; False when it was not asked for."""
        if text != self.question():
            return False
        if fits:
            self._low = self._middle
        else:
            self._high = self._middle - 1
        return True

    @property
    def _middle(self) -> int:
        return (self._low + self._high + 1) // 2
