"""A part of a dock that can be folded away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from scumble.ui.icons import Icons


class Section(QWidget):
    """A heading that opens and closes what is below it. `toggled` says which."""

    toggled = Signal(bool)

    def __init__(self, title: str, body: QWidget, icons: Icons, *, shown: bool = True) -> None:
        super().__init__()
        self._open, self._closed = icons.icon("chevron-down"), icons.icon("chevron-right")
        self.body = body
        self.heading = QToolButton()
        self.heading.setObjectName("section")
        self.heading.setText(title)
        self.heading.setAccessibleName(title)
        self.heading.setCheckable(True)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.heading.setChecked(shown)
        self.heading.toggled.connect(self._on_toggled)
        self._row = QHBoxLayout()
        self._row.setSpacing(2)
        self._row.addWidget(self.heading)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._row)
        column.addWidget(body, 1)
        self._show(shown)

    @property
    def shown(self) -> bool:
        """Whether it is open."""
        return self.heading.isChecked()

    def set_shown(self, shown: bool) -> None:
        """Opens or closes it."""
        self.heading.setChecked(shown)

    def add_to_heading(self, widget: QWidget) -> None:
        """Puts a control at the right of the heading."""
        self._row.addWidget(widget)

    def _on_toggled(self, shown: bool) -> None:
        self._show(shown)
        self.toggled.emit(shown)

    def _show(self, shown: bool) -> None:
        self.heading.setIcon(self._open if shown else self._closed)
        self.body.setVisible(shown)
