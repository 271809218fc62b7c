"""The selections dock: those that were kept under a name, to be loaded again."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from scumble.api import ScumbleError
from scumble.document import ChangeSet, Document
from scumble.document.edits import delete_selection, rename_selection
from scumble.document.selecting import kept_selection
from scumble.paint.layermasks import select_tiles
from scumble.ui.docks.thumbnails import Thumbnails
from scumble.ui.session import DocumentSession
from scumble.ui.widgets import action_button, tool_button
from scumble.ui.window import MainWindow

THUMB: Final = 40
DELAY: Final = 200
"""Milliseconds after the last change until thumbnails are made again."""


class SelectionsDock(QWidget):
    """A double click loads one in place of what is selected; buttons add it, take it away, or keep what is in both."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._session: DocumentSession | None = None
        self._thumbnails: Thumbnails | None = None
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Kept selections"))
        self.list.setIconSize(QSize(THUMB, THUMB))
        self.list.setUniformItemSizes(True)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.itemDoubleClicked.connect(lambda _item: self.load("replace"))
        self.list.itemChanged.connect(self._rename)
        self.list.currentItemChanged.connect(lambda *_: self._show_buttons())
        self.list.customContextMenuRequested.connect(
            lambda place: self.make_menu().popup(self.list.viewport().mapToGlobal(place))
        )
        self.list.installEventFilter(self)
        empty = QLabel(self.tr("Nothing is kept yet. Select something and keep it here, to select it again later."))
        empty.setObjectName("muted")
        empty.setWordWrap(True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setContentsMargins(16, 16, 16, 16)
        self._pages = QStackedWidget()
        self._pages.addWidget(empty)
        self._pages.addWidget(self.list)
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._refresh_thumbnails)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self._pages, 1)
        column.addLayout(self._make_buttons())
        window.session_changed.connect(self.follow)
        self.follow(window.session)

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(action_button(self._window.commands.action("select.keep")))
        icons = self._window.icons
        faces = (
            ("replace", "replace-mode", self.tr("Select it")),
            ("add", "add-mode", self.tr("Add it to the selection")),
            ("subtract", "subtract-mode", self.tr("Take it away from the selection")),
            ("intersect", "intersect-mode", self.tr("Keep what both have")),
        )
        self.buttons = {}
        for mode, icon, text in faces:
            button = tool_button(icons.icon(icon), text)
            button.clicked.connect(lambda _checked=False, chosen=mode: self.load(chosen))
            row.addWidget(button)
            self.buttons[mode] = button
        row.addStretch(1)
        delete = tool_button(icons.icon("delete"), self.tr("Forget the kept selection"))
        delete.clicked.connect(self.delete)
        row.addWidget(delete)
        self.buttons["delete"] = delete
        return row

    def follow(self, session: DocumentSession | None) -> None:
        """Shows another document."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_changed)
        self._session = session
        self._thumbnails = None
        if session is not None:
            session.changed.connect(self._on_changed)
            self._thumbnails = Thumbnails(session.document, self._window.theme, THUMB, self.devicePixelRatio())
        self._fill()

    def make_menu(self) -> QMenu:
        """What a right click offers for the chosen one."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for mode, button in self.buttons.items():
            if mode == "delete":
                menu.addSeparator()
                item = self.list.currentItem()
                rename = menu.addAction(self.tr("Rename"), lambda: self.list.editItem(self.list.currentItem()))
                rename.setEnabled(item is not None)
            action = menu.addAction(button.toolTip(), button.click)
            action.setEnabled(button.isEnabled())
        return menu

    def load(self, mode: str) -> None:
        """Combines the chosen one with what is selected."""
        name = self._chosen()
        if self._session is None or name is None:
            return
        self._session.settle_then(partial(self._load, self._session.document, name, mode))

    def _load(self, document: Document, name: str, mode: str) -> None:
        if _is_kept(document, name):
            tiles = document.surface(kept_selection(document, name).surface).tiles
            select_tiles(document, tiles, mode, self.tr("Load selection"))

    def delete(self) -> None:
        """Forgets the chosen one."""
        name = self._chosen()
        if self._session is not None and name is not None:
            self._session.settle_then(partial(self._delete, self._session.document, name))

    def _delete(self, document: Document, name: str) -> None:
        if _is_kept(document, name):
            delete_selection(document, name, self.tr("Forget kept selection"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter loads, Delete forgets."""
        if isinstance(event, QKeyEvent) and self.list.state() is not QAbstractItemView.State.EditingState:
            known = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete)
            if event.type() == QEvent.Type.ShortcutOverride and known:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and known:
                self.delete() if event.key() == Qt.Key.Key_Delete else self.load("replace")
                return True
        return super().eventFilter(watched, event)

    def _chosen(self) -> str | None:
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else None

    def _rename(self, item: QListWidgetItem) -> None:
        name, new = str(item.data(Qt.ItemDataRole.UserRole)), item.text().strip()
        if self._session is not None and new != name:
            self._session.settle_then(partial(self._rename_to, self._session.document, name, new))

    def _rename_to(self, document: Document, name: str, new: str) -> None:
        try:
            if new and _is_kept(document, name):
                rename_selection(document, name, new, self.tr("Rename selection"))
        except ValueError:
            self._window.show_error(ScumbleError("selection-name-taken", name=new))
        self._fill()

    def _on_changed(self, change: ChangeSet) -> None:
        if change.structure:
            self._fill()
        if change.history:
            self._timer.start()

    def _fill(self) -> None:
        kept = self._session.document.structure.selections if self._session is not None else ()
        names = [selection.name for selection in kept]
        shown = [str(self.list.item(row).data(Qt.ItemDataRole.UserRole)) for row in range(self.list.count())]
        texts = [self.list.item(row).text() for row in range(self.list.count())]
        if names != shown or names != texts:
            chosen = self._chosen()
            with QSignalBlocker(self.list):
                self.list.clear()
                for name in names:
                    item = QListWidgetItem(name)
                    item.setData(Qt.ItemDataRole.UserRole, name)
                    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
                    self.list.addItem(item)
            if names:
                new = next((name for name in names if name not in shown), chosen)
                self.list.setCurrentRow(names.index(new) if new in names else min(len(names) - 1, 0))
            self._refresh_thumbnails()
        self._pages.setCurrentIndex(1 if names else 0)
        self._show_buttons()

    def _show_buttons(self) -> None:
        for button in self.buttons.values():
            button.setEnabled(self._chosen() is not None)

    def _refresh_thumbnails(self) -> None:
        if self._session is None or self._thumbnails is None:
            return
        kept = self._session.document.structure.selections
        self._thumbnails.keep_only({selection.surface for selection in kept})
        with QSignalBlocker(self.list):
            for row, selection in enumerate(kept):
                self._thumbnails.refresh(selection.surface)
                picture = self._thumbnails.get(selection.surface)
                icon = QIcon(picture)
                # As it is in a chosen row too, where Qt would tint it.
                icon.addPixmap(picture, QIcon.Mode.Selected)
                self.list.item(row).setIcon(icon)
        self.list.viewport().update()


def _is_kept(document: Document, name: str) -> bool:
    return any(kept.name == name for kept in document.structure.selections)
