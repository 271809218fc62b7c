"""The history dock: every step, to be gone back to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QVBoxLayout, QWidget

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
        self.list.installEventFilter(self)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(
            lambda place: self.make_menu(self.list.itemAt(place)).popup(self.list.viewport().mapToGlobal(place))
        )
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

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrow keys go from step to step."""
        if watched is self.list and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -self.list.count()}
            steps[Qt.Key.Key_End] = self.list.count()
            if event.key() in steps and self._session is not None:
                row = self.list.currentRow() + steps[Qt.Key(event.key())]
                self._go(self.list.item(min(max(row, 0), self.list.count() - 1)))
                return True
        return super().eventFilter(watched, event)

    def make_menu(self, item: QListWidgetItem | None) -> QMenu:
        """To go to a step, or one back or forth."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        if item is not None:
            menu.addAction(self.tr("Go to “{step}”").format(step=item.text().replace("&", "&&"))).triggered.connect(
                lambda: self._go(item)
            )
            menu.addSeparator()
        for name in ("edit.undo", "edit.redo"):
            menu.addAction(self._window.commands.action(name))
        return menu

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
        session, row = self._session, self.list.row(item)
        if session is not None:
            session.settle_then(lambda: session.document.history.go_to(row))
