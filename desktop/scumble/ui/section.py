"""A part of a dock that can be folded away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from scumble.settings import Memory
from scumble.ui.icons import Icons


class Section(QWidget):
    """A heading that opens and closes what is below it. `toggled` says which; `row` has room beside the heading."""

    toggled = Signal(bool)

    def __init__(self, title: str, body: QWidget, icons: Icons, *, shown: bool = True) -> None:
        super().__init__()
        self._open, self._closed = icons.icon("chevron-down"), icons.icon("chevron-right")
        self.body = body
        self.heading = QToolButton()
        self.heading.setObjectName("section")
        self.heading.setText(title)
        self.heading.setAccessibleName(title)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.heading.clicked.connect(lambda: self.set_shown(not self._shown))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.row = QHBoxLayout()
        self.row.setSpacing(4)
        self.row.addWidget(self.heading, 1)
        column.addLayout(self.row)
        column.addWidget(body, 1)
        self._show(shown)

    @property
    def shown(self) -> bool:
        """Whether it is open."""
        return self._shown

    def set_shown(self, shown: bool) -> None:
        """Opens or closes it."""
        if shown != self._shown:
            self._show(shown)
            self.toggled.emit(shown)

    def remember(self, memory: Memory, name: str) -> None:
        """Is as it was when the program ended, and folded away the first time."""
        self.set_shown(bool(memory.number(name, 0)))
        self.toggled.connect(lambda shown: memory.keep_number(name, int(shown)))

    def _show(self, shown: bool) -> None:
        self._shown = shown
        self.heading.setAccessibleDescription(self.tr("open") if shown else self.tr("folded away"))
        self.heading.setIcon(self._open if shown else self._closed)
        self.body.setVisible(shown)
