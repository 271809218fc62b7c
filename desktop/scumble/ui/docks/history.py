"""The history dock: every step, to be gone back to."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from scumble.document import ChangeSet
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow


class HistoryDock(QWidget):
    """A click goes to a step; steps that were undone are dim."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._session: DocumentSession | None = None
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Steps"))
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.list)
        window.session_changed.connect(self.follow)
        self.follow(window.session)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._session is not None:
            self._fill()

    def follow(self, session: DocumentSession | None) -> None:
        """Shows another document."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_changed)
        self._session = session
        if session is not None:
            session.changed.connect(self._on_changed)
        self._fill()

    def _on_changed(self, change: ChangeSet) -> None:
        if change.history:
            self._fill()

    def _fill(self) -> None:
        if self._session is None:
            self.list.clear()
            return
        history = self._session.document.history
        names = (self.tr("Start"), *history.names)
        while self.list.count() > len(names):
            self.list.takeItem(self.list.count() - 1)
        dim, plain = self._window.theme.colour("muted"), self._window.theme.colour("text")
        for row, name in enumerate(names):
            item = self.list.item(row) if row < self.list.count() else QListWidgetItem(self.list)
            if item.text() != name:
                item.setText(name)
            item.setForeground(dim if row > history.position else plain)
        self.list.setCurrentRow(history.position)
        current = self.list.currentItem()
        if current is not None and self.list.isVisible():
            self.list.scrollToItem(current)

    def _go(self, item: QListWidgetItem) -> None:
        if self._session is not None:
            self._session.settle()
            self._session.document.history.go_to(self.list.row(item))
