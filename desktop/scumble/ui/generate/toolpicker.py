"""Picking one of the tools that generate: ours and strangers' alike, from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QSizePolicy, QToolButton, QWidget

from scumble.api import Tool
from scumble.plugins import InstalledPlugin
from scumble.ui.icons import Icons

COLUMNS: Final = 5
"""The most that stand side by side."""

CELL: Final = 56
"""The least width of one, in device-independent pixels."""

GAP: Final = 4

SHORT: Final = 8
"""A title of up to so many letters stands on one line."""


class ToolPicker(QWidget):
    """Buttons with icons, one of them pressed. `picked` carries the tool's id."""

    picked = Signal(str)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._group = QButtonGroup(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.buttons: dict[str, QToolButton] = {}
        self._columns = 0
        self._group.buttonClicked.connect(lambda button: self.picked.emit(button.objectName()))

    def set_tools(self, tools: Sequence[tuple[InstalledPlugin, Tool]]) -> None:
        """Offers these tools."""
        for button in self.buttons.values():
            self._group.removeButton(button)
            self._grid.removeWidget(button)
            button.deleteLater()
        self.buttons = {}
        for plugin, tool in tools:
            button = self._button(plugin, tool)
            self.buttons[tool.id] = button
            self._group.addButton(button)
        self._columns = 0
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many side by side as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room = min(max((self.width() + GAP) // (CELL + GAP), 1), COLUMNS)
        columns = _columns(len(self.buttons), room)
        if columns == self._columns:
            return
        self._columns = columns
        for place, button in enumerate(self.buttons.values()):
            self._grid.addWidget(button, place // columns, place % columns)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def pick(self, tool_id: str) -> None:
        """Presses a button, without a signal."""
        if tool_id in self.buttons:
            self.buttons[tool_id].setChecked(True)

    def _button(self, plugin: InstalledPlugin, tool: Tool) -> QToolButton:
        button = QToolButton()
        button.setObjectName(tool.id)
        icon = self._icons.icon(tool.icon) if tool.icon else self._icons.icon("plugin")
        button.setIcon(icon if not icon.isNull() else self._icons.icon("plugin"))
        button.setIconSize(QSize(22, 22))
        button.setText(_two_lines(tool.title).replace("&", "&&"))
        button.setToolTip("\n".join(part for part in (tool.title, tool.summary, _source(self, plugin)) if part))
        button.setAccessibleName(tool.title)
        button.setCheckable(True)
        button.setProperty("cell", True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        return button


def _columns(count: int, room: int) -> int:
    """How many stand side by side, at most `room`, so that the rows are about equally long."""
    rows = -(-count // room)
    return -(-count // rows) if rows else 1


def _two_lines(title: str) -> str:
    """A long title broken at the space nearest its middle."""
    spaces = [place for place, letter in enumerate(title) if letter == " "]
    if len(title) <= SHORT or not spaces:
        return title
    middle = min(spaces, key=lambda place: abs(place - len(title) / 2))
    return f"{title[:middle]}\n{title[middle + 1 :]}"


def _source(widget: QWidget, plugin: InstalledPlugin) -> str:
    if plugin.bundled:
        return ""
    return widget.tr("From the plugin “{title}”").format(title=plugin.title)
