"""What the window shows while no picture is open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from scumble.ui.commands import Commands
from scumble.ui.previews import SIDE, Previews

SHOWN = 6
WIDTH = 460


class StartPage(QWidget):
    """New, Open, recent files, and one line on what can be done. `chosen` carries the path of a recent file."""

    chosen = Signal(object)

    def __init__(self, commands: Commands, previews: Previews, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start")
        self._previews = previews
        self._buttons: dict[Path, QPushButton] = {}
        previews.made.connect(self._show_preview)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        box = QWidget()
        box.setMaximumWidth(WIDTH)
        inner = QVBoxLayout(box)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        title = QLabel(self.tr("Scumble"))
        title.setObjectName("start-title")
        inner.addWidget(title)
        line = QLabel(
            self.tr("Paint, mask and generate. Make a picture, open one, or drop a file anywhere on this window.")
        )
        line.setObjectName("muted")
        line.setWordWrap(True)
        inner.addWidget(line)
        inner.addSpacing(16)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for name, primary in (("file.new", True), ("file.open", False)):
            action = commands.action(name)
            icon = commands.icon_on_accent(name) if primary else action.icon()
            button = QPushButton(icon, action.text().replace("&", ""))
            button.setToolTip(action.toolTip())
            button.setProperty("primary", primary)
            button.clicked.connect(action.trigger)
            button.setMinimumHeight(36)
            buttons.addWidget(button, 1)
            if primary:
                self.setFocusProxy(button)
        inner.addLayout(buttons)
        inner.addSpacing(24)
        self._heading = QLabel(self.tr("Recent"))
        self._heading.setObjectName("heading")
        inner.addWidget(self._heading)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        inner.addLayout(self._list)
        row = QHBoxLayout()  # An alignment instead would give the box no more height than its lines unbroken need.
        row.addStretch(1)
        row.addWidget(box, WIDTH)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Lists files, the last used first."""
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._heading.setVisible(bool(paths))
        self._buttons.clear()
        for path in paths[:SHOWN]:
            button = QPushButton(self._previews.icon(path), f"  {path.name}")
            button.setIconSize(QSize(SIDE, SIDE))
            button.setAccessibleName(path.name)
            button.setObjectName("recent")
            button.setToolTip(str(path))
            button.setAccessibleDescription(str(path))
            button.clicked.connect(lambda _checked=False, chosen=path: self.chosen.emit(chosen))
            self._list.addWidget(button)
            self._buttons[path] = button

    def _show_preview(self, path: Path, icon: QIcon) -> None:
        if path in self._buttons:
            self._buttons[path].setIcon(icon)
