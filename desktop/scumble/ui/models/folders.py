"""The folders that are looked through for models: the program's own and those that a person has added."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scumble.protocol import ModelRoot
from scumble.ui.icons import Icons
from scumble.ui.models.shelf import Shelf


class Folders(QWidget):
    """`chosen` carries the folders that a person wants looked through besides the program's own."""

    chosen = Signal(list)

    def __init__(self, shelf: Shelf, icons: Icons) -> None:
        super().__init__()
        self._shelf, self._icons = shelf, icons
        about = QLabel(
            self.tr(
                "Besides its own folder, Scumble looks through these. Point it at the folder of A1111, ComfyUI or "
                "InvokeAI, or at the Hugging Face cache, and what lies there can be used where it is."
            )
        )
        about.setObjectName("muted")
        about.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Folders of models"))
        self.list.currentItemChanged.connect(lambda: self._enable())
        self.add_button = QPushButton(self.tr("Add a folder…"))
        self.add_button.clicked.connect(self._ask)
        self.remove_button = QPushButton(self.tr("Take off the list"))
        self.remove_button.setToolTip(self.tr("The files stay where they are."))
        self.remove_button.clicked.connect(self._remove)
        row = QHBoxLayout()
        for button in (self.add_button, self.remove_button):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(about)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        shelf.changed.connect(self.reload)
        self.reload()

    def add(self, folder: Path) -> None:
        """Has a folder looked through from now on."""
        self.chosen.emit([*self._shelf.own_folders(), folder])
        self.reload()

    def reload(self) -> None:
        """Shows the folders as they are."""
        kept = self.list.currentItem().text() if self.list.currentItem() is not None else ""
        known = {root.path: root for root in self._shelf.roots}
        own = [str(folder) for folder in self._shelf.own_folders()]
        self.list.clear()
        for path in dict.fromkeys((*known, *own)):
            self.list.addItem(self._item(path, known.get(path), own=path in own))
        for found in self.list.findItems(kept, Qt.MatchFlag.MatchExactly) if kept else ():
            self.list.setCurrentItem(found)
        self._enable()

    def _item(self, path: str, root: ModelRoot | None, *, own: bool) -> QListWidgetItem:
        facts = self.tr("being looked through…")
        if root is not None:
            found = self.tr("%n usable", "", root.found)
            facts = self.tr("is not there") if root.missing and own else found
            facts = f"{root.program}, {facts}" if root.program else facts
        item = QListWidgetItem(f"{path}\n{facts}" if own else f"{path}\n{self.tr('Scumble')}, {facts}")
        item.setIcon(self._icons.icon("warning" if own and root is not None and root.missing else "open"))
        item.setData(Qt.ItemDataRole.UserRole, path if own else "")
        return item

    def _enable(self) -> None:
        item = self.list.currentItem()
        self.remove_button.setEnabled(item is not None and bool(item.data(Qt.ItemDataRole.UserRole)))

    def _ask(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Add a folder of models"))
        if folder:
            self.add(Path(folder))

    def _remove(self) -> None:
        path = self.list.currentItem().data(Qt.ItemDataRole.UserRole)
        self.chosen.emit([folder for folder in self._shelf.own_folders() if str(folder) != path])
        self.reload()
