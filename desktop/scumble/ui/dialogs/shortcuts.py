"""The shortcut editor: every command with its keys."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from scumble.ui.commands import Commands, translate
from scumble.ui.keymap import KeyMap
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.palette.entries import plain
from scumble.ui.palette.fuzzy import score
from scumble.ui.widgets import search_field

ID = Qt.ItemDataRole.UserRole
ROW = 26

FAMILIES = {
    "file": QT_TRANSLATE_NOOP("keys", "File"),
    "edit": QT_TRANSLATE_NOOP("keys", "Edit"),
    "view": QT_TRANSLATE_NOOP("keys", "View"),
    "layer": QT_TRANSLATE_NOOP("keys", "Layers"),
    "select": QT_TRANSLATE_NOOP("keys", "Selection"),
    "tool": QT_TRANSLATE_NOOP("keys", "Tools"),
    "brush": QT_TRANSLATE_NOOP("keys", "Brush and colours"),
    "colours": QT_TRANSLATE_NOOP("keys", "Brush and colours"),
    "generate": QT_TRANSLATE_NOOP("keys", "Generation"),
    "window": QT_TRANSLATE_NOOP("keys", "Window"),
}
"""What commands are listed under, by the first word of their ids."""

OTHER = QT_TRANSLATE_NOOP("keys", "Program")


class ShortcutsDialog(QDialog):
    """A row is chosen, new keys are pressed; a conflict is named and must be settled. Every change holds at once."""

    def __init__(self, commands: Commands, keymap: KeyMap, parent: QWidget) -> None:
        super().__init__(parent)
        self._commands = commands
        self._keymap = keymap
        self._items: dict[str, QTreeWidgetItem] = {}
        self._headings: dict[str, QTreeWidgetItem] = {}
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.resize(640, 620)
        self.search = search_field(
            self.tr("Find a command or a key"),
            self.tr("Find a command or a key"),
            self.tr("Show only commands with these letters, or with this key"),
        )
        self.table = QTreeWidget()
        self.table.setAccessibleName(self.tr("Commands and their keys"))
        self.table.setColumnCount(2)
        self.table.setHeaderLabels([self.tr("Command"), self.tr("Keys")])
        self.table.setRootIsDecorated(False)
        self.table.setIndentation(12)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.keys = QKeySequenceEdit()
        self.keys.setMaximumSequenceLength(1)
        self.keys.setAccessibleName(self.tr("New keys"))
        self.keys.setToolTip(self.tr("Click here and press the new keys"))
        self.assign = QPushButton(self.tr("Assign"))
        self.add = QPushButton(self.tr("Add"))
        self.add.setToolTip(self.tr("Keep the keys there are, and add these"))
        self.none = QPushButton(self.tr("No key"))
        self.reset = QPushButton(self.tr("Reset"))
        self.reset.setToolTip(self.tr("The keys that this command comes with"))
        self.reset_all = QPushButton(self.tr("Reset all"))
        self.reset_all.setToolTip(self.tr("The keys that all commands come with"))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setObjectName("muted")
        self._lay_out()
        self._fill()
        self.search.textChanged.connect(self._filter)
        self.table.currentItemChanged.connect(lambda _now, _before: self._on_row())
        self.table.itemActivated.connect(lambda _item, _column: self.keys.setFocus())
        self.keys.keySequenceChanged.connect(lambda _keys: self._on_keys())
        self.assign.clicked.connect(lambda: self._give(()))
        self.add.clicked.connect(lambda: self._give(self._keymap.keys(self.chosen)))
        self.none.clicked.connect(lambda: self._keymap.change(self.chosen, ()))
        self.reset.clicked.connect(lambda: self._keymap.reset(self.chosen))
        self.reset_all.clicked.connect(self._keymap.reset_all)
        keymap.changed.connect(self._refresh)
        self._on_row()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.keys, 1)
        for button in (self.assign, self.add, self.none, self.reset):
            button.setAutoDefault(False)
            row.addWidget(button)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.reset_all, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(12)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addWidget(buttons)

    @property
    def chosen(self) -> str:
        """The id of the command whose row is chosen; empty on a heading."""
        item = self.table.currentItem()
        return str(item.data(0, ID) or "") if item is not None else ""

    def choose(self, command_id: str) -> None:
        """Goes to the row of a command."""
        self.table.setCurrentItem(self._items[command_id])

    @property
    def listed(self) -> tuple[str, ...]:
        """The ids of the commands that the search leaves."""
        return tuple(name for name, item in self._items.items() if not item.isHidden())

    def _fill(self) -> None:
        headings = self._headings
        for command in self._commands:
            family = QCoreApplication.translate("keys", FAMILIES.get(command.id.split(".")[0], OTHER))
            if family not in headings:
                headings[family] = QTreeWidgetItem(self.table, [family])
                headings[family].setSizeHint(0, QSize(0, ROW + 6))
                headings[family].setFlags(Qt.ItemFlag.ItemIsEnabled)
                font = headings[family].font(0)
                font.setBold(True)
                headings[family].setFont(0, font)
            item = QTreeWidgetItem(headings[family], [plain(translate(command.text))])
            item.setData(0, ID, command.id)
            item.setSizeHint(0, QSize(0, ROW))
            self._items[command.id] = item
            self._refresh(command.id)
        self.table.expandAll()
        first = self.table.topLevelItem(0)
        child = first.child(0) if first is not None else None
        if child is not None:
            self.table.setCurrentItem(child)

    def _refresh(self, command_id: str) -> None:
        item = self._items.get(command_id)
        if item is None:
            return
        item.setText(1, shown(self._keymap.keys(command_id)))
        font = item.font(1)
        font.setBold(self._keymap.changed_by_hand(command_id))
        item.setFont(1, font)
        if command_id == self.chosen:
            self._on_row()

    def _filter(self, text: str) -> None:
        for item in self._items.values():
            words, keys = item.text(0), item.text(1).casefold()
            item.setHidden(bool(text.strip()) and score(text, words) is None and text.strip().casefold() not in keys)
        for heading in self._headings.values():
            inner = [heading.child(place) for place in range(heading.childCount())]
            heading.setHidden(all(item is None or item.isHidden() for item in inner))

    def _on_row(self) -> None:
        self.keys.clear()
        known = bool(self.chosen)
        for widget in (self.keys, self.none):
            widget.setEnabled(known)
        self.reset.setEnabled(known and self._keymap.changed_by_hand(self.chosen))
        self._on_keys()

    def _on_keys(self) -> None:
        """Names the commands that have the pressed keys already; they lose them when these are given away."""
        pressed = self.keys.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        others = self._keymap.owners(pressed, self.chosen) if pressed else ()
        for button in (self.assign, self.add):
            button.setEnabled(bool(self.chosen and pressed))
        self.assign.setText(self.tr("Take over") if others else self.tr("Assign"))
        names = ", ".join(f"“{self._items[name].text(0)}”" for name in others if name in self._items)
        text = self.tr("{keys} belongs to {others}, which would lose it.")
        words = shown((pressed,)) if pressed else ""
        self.note.setText(text.format(keys=words, others=names) if others else "")

    def _give(self, kept: tuple[str, ...]) -> None:
        pressed = self.keys.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if pressed and self.chosen:
            self._keymap.change(self.chosen, (*kept, pressed))


def shown(keys: tuple[str, ...]) -> str:
    """Keys as they are written on this system."""
    return ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
