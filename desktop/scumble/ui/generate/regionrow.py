"""One region in its list: whether it counts, its colour and name, its words, its strength."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from scumble.document import RegionPrompt
from scumble.ui.icons import Icons
from scumble.ui.widgets import SliderField, tool_button

SWATCH: Final = 14
"""The side of the colour, in device-independent pixels."""


TITLE: Final = 52
"""The least width of the titles of its lines."""


class RegionRow(QFrame):
    """`asked` carries other words or settings, `renamed` another name, `edit` whether its mask is to be painted.

    `typing` says that words have been typed that `region` knows and `asked` has not carried yet. `act` carries what
    was chosen from the menu: select, replace or delete.
    """

    asked = Signal(object)
    typing = Signal()
    renamed = Signal(str)
    edit = Signal(bool)
    act = Signal(str)

    def __init__(self, name: str, region: RegionPrompt, tint: QColor, tint_name: str, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        self._shown = region
        self._dragging = self._typed = False
        self.setObjectName("region")
        self.name_field = _Name(name)
        self.name_field.setAccessibleName(self.tr("Name of the region"))
        self.name_field.editingFinished.connect(lambda: self.renamed.emit(self.name_field.text().strip()))
        self.eye = tool_button(icons.icon("eye"), "")
        self.eye.clicked.connect(lambda: self._ask(on=not self._shown.on))
        self.brush = tool_button(icons.icon("mask-brush"), self.tr("Paint the region"), checkable=True)
        self.brush.clicked.connect(self.edit)
        self.prompt = self._words(self.tr("Prompt of the region"), self.tr("What to draw here"))
        self.negative = self._words(self.tr("Negative prompt of the region"), self.tr("What not to draw here"))
        self.strength = SliderField(self.tr("Strength of the region"), 5, 100, unit="%")
        self.strength.dragged.connect(self._drag)
        self.strength.changed.connect(lambda _value: None if self._dragging else self._ask_strength())
        self._lay_out(tint, tint_name)
        self.show_region(name, region)

    @property
    def region(self) -> RegionPrompt:
        """What the row asks for, with words that are still being typed."""
        return replace(self._shown, prompt=self.prompt.text(), negative=self.negative.text())

    def show_region(self, name: str, region: RegionPrompt) -> None:
        """Shows what the document has; a field in which that is being typed keeps its cursor."""
        self._shown = region
        fields = (self.name_field, name), (self.prompt, region.prompt), (self.negative, region.negative)
        for field, text in fields:
            if field.text() != text:
                field.setText(text)
        self.eye.setIcon(self._icons.icon("eye" if region.on else "eye-off"))
        _say(self.eye, self.tr("Leave the region out") if region.on else self.tr("Let the region count"))
        self.strength.show_value(round(region.strength * 100))
        if region.negative:
            self.show_negative(True)
        for part in (self.prompt, self.negative, self.strength):
            part.setEnabled(region.on)

    @property
    def shows_negative(self) -> bool:
        """Whether there is a line for the negative prompt."""
        return not self._negative_row.isHidden()

    def show_negative(self, shown: bool) -> None:
        """Shows the line of the negative prompt, or hides it."""
        self._negative_row.setVisible(shown)

    def show_strength(self, shown: bool) -> None:
        """A tool that starts from nothing has no strength."""
        self._strength_row.setVisible(shown)

    def show_editing(self, editing: bool) -> None:
        """Whether its mask is being painted."""
        self.brush.setChecked(editing)
        text = self.tr("Keep what was painted") if editing else self.tr("Paint the region with the mask brush")
        self.brush.setIcon(self._icons.icon("apply" if editing else "mask-brush"))
        _say(self.brush, text)

    def _lay_out(self, tint: QColor, tint_name: str) -> None:
        swatch = QLabel()
        swatch.setPixmap(_swatch(tint, self.devicePixelRatio()))
        swatch.setAccessibleName(self.tr("Tint: {colour}").format(colour=tint_name))
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.eye)
        head.addWidget(swatch)
        head.addWidget(self.name_field, 1)
        head.addWidget(self.brush)
        head.addWidget(self._make_more())
        self._negative_row = _titled(self.tr("Without"), self.negative)
        self._strength_row = _titled(self.tr("Strength"), self.strength)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        column.addLayout(head)
        for part in (self.prompt, self._negative_row, self._strength_row):
            column.addWidget(part)
        self._negative_row.hide()

    def _make_more(self) -> QToolButton:
        self.more = tool_button(self._icons.icon("more"), self.tr("More for this region"))
        self.more.setStyleSheet("QToolButton::menu-indicator { image: none; width: 0; }")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        negative = menu.addAction(self.tr("Negative prompt"))
        negative.setCheckable(True)
        negative.triggered.connect(self._on_negative)
        menu.aboutToShow.connect(lambda: negative.setChecked(self.shows_negative))
        menu.addSeparator()
        menu.addAction(self.tr("Select it"), lambda: self.act.emit("select"))
        menu.addAction(self.tr("Replace it by what is selected"), lambda: self.act.emit("replace"))
        menu.addSeparator()
        menu.addAction(self.tr("Delete the region"), lambda: self.act.emit("delete"))
        self.more.setMenu(menu)
        return self.more

    def _words(self, name: str, hint: str) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(hint)
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.textEdited.connect(self._on_typed)
        field.editingFinished.connect(self.finish_typing)
        return field

    def finish_typing(self) -> None:
        """Carries on what was typed."""
        if self._typed:
            self._typed = False
            self.asked.emit(self.region)

    def _on_typed(self) -> None:
        self._typed = True
        self.typing.emit()

    def _on_negative(self, shown: bool) -> None:
        self.show_negative(shown)
        if shown:
            self.negative.setFocus()
        elif self.negative.text():
            self._ask(negative="")

    def _drag(self, dragging: bool) -> None:
        self._dragging = dragging
        if not dragging:
            self._ask_strength()

    def _ask_strength(self) -> None:
        self._ask(strength=round(self.strength.value / 100, 2))

    def _ask(self, **changes: Any) -> None:
        asked = replace(self.region, **changes)
        if asked != self._shown:
            self.asked.emit(asked)


class _Name(QLineEdit):
    """Looks like a label until it is typed in."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setObjectName("name")
        self.setCursorPosition(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A long name is seen from its beginning."""
        super().focusOutEvent(event)
        self.setCursorPosition(0)


def _titled(title: str, field: QWidget) -> QWidget:
    """A row with its title."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    label = QLabel(title)
    label.setObjectName("muted")
    label.setMinimumWidth(TITLE)
    label.setBuddy(field)
    row.addWidget(label)
    row.addWidget(field, 1)
    return made


def _say(button: QToolButton, name: str) -> None:
    """Says what a button would do now."""
    button.setToolTip(name)
    button.setAccessibleName(name)


def _swatch(tint: QColor, ratio: float) -> QPixmap:
    side = round(SWATCH * ratio)
    made = QPixmap(side, side)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    with QPainter(made) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawRoundedRect(0, 0, SWATCH, SWATCH, 3, 3)
    return made
