"""The model manager: every model file on this machine, searched, described and put to use."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from scumble.api import ScumbleError
from scumble.protocol import ModelEntry
from scumble.service import Failure
from scumble.ui.generate.message import InlineMessage
from scumble.ui.icons import Icons
from scumble.ui.messages import error_text
from scumble.ui.models.details import Details
from scumble.ui.models.folders import Folders
from scumble.ui.models.list import ENTRY, ORDER, FileModel, Filter, RowDelegate
from scumble.ui.models.shelf import Shelf
from scumble.ui.models.thumbnails import Thumbnails
from scumble.ui.models.words import KINDS, translated
from scumble.ui.theme import Theme
from scumble.ui.widgets import scrolled, search_field, tool_button

WIDTH, HEIGHT = 900, 580
"""The size of the dialog, in device-independent pixels."""

DETAILS = 420
"""The width of the side that describes a file, which is not made narrower."""


class ModelDialog(QDialog):
    """`used` carries an entry that a person wants to use; `folders_chosen` the folders to look through."""

    used = Signal(object)
    folders_chosen = Signal(list)

    def __init__(
        self, shelf: Shelf, thumbnails: Thumbnails, theme: Theme, icons: Icons, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._shelf, self._icons = shelf, icons
        self._looked_at = ""
        self.setWindowTitle(self.tr("Models"))
        self.message = InlineMessage(icons)
        self.files = FileModel(shelf, self)
        self.filter = Filter(shelf, self)
        self.filter.setSourceModel(self.files)
        self.details = Details(shelf, thumbnails, icons)
        self.folders = Folders(shelf, icons)
        self._make_list(thumbnails, theme)
        self._lay_out()
        self.details.used.connect(self.used)
        self.details.convert.connect(self._convert)
        self.details.show_folder.connect(_show_folder)
        self.details.refused.connect(self._refuse)
        self.folders.chosen.connect(self.folders_chosen)
        shelf.changed.connect(self._on_changed)
        thumbnails.changed.connect(self.list.viewport().update)
        thumbnails.changed.connect(self.details.refresh)
        self._search()

    @property
    def current(self) -> ModelEntry | None:
        """The file that is looked at."""
        index = self.list.currentIndex()
        return index.data(ENTRY) if index.isValid() else None

    def choose(self, name: str) -> None:
        """Looks at a file, if it is shown."""
        for row in range(self.filter.rowCount()):
            index = self.filter.index(row, 0)
            if index.data(ENTRY).name == name:
                self.list.setCurrentIndex(index)
                return

    def show_converted(self, path: str, failure: Failure | None) -> None:
        """A conversion has ended."""
        name = Path(path).name
        if failure is not None:
            self.message.say(error_text(failure.code, dict(failure.params)), failure.details)
        else:
            self.message.say(self.tr("“{name}” was converted. Nothing in it was run.").format(name=name))

    def done(self, result: int) -> None:
        """What is being written is kept."""
        self.details.save()
        super().done(result)

    def _make_list(self, thumbnails: Thumbnails, theme: Theme) -> None:
        tip = self.tr("Finds names, kinds, trigger words and notes")
        self.search = search_field(self.tr("Search"), self.tr("Search the models"), tip, self._icons.icon("search"))
        self.search.textChanged.connect(self._search)
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Kind"))
        self.kind.addItem(self.tr("All kinds"), "")
        for kind in ORDER:
            self.kind.addItem(translated(KINDS[kind]), kind)
        self.kind.currentIndexChanged.connect(self._search)
        self.favourites = tool_button(self._icons.icon("star"), self.tr("Favourites only"), checkable=True)
        self.favourites.toggled.connect(self._search)
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Models"))
        self.list.setModel(self.filter)
        self.list.setItemDelegate(RowDelegate(self._shelf, thumbnails, theme, self._icons, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setMinimumWidth(280)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.list.activated.connect(self._on_activated)
        self.empty = QLabel()
        self.empty.setObjectName("muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(24)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.search, 1)
        bar.addWidget(self.kind)
        bar.addWidget(self.favourites)
        listed = QWidget()
        self._pages = QStackedLayout(listed)
        self._pages.addWidget(self.list)
        self._pages.addWidget(self.empty)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 8, 8, 0)
        column.addLayout(bar)
        column.addWidget(listed, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        right = scrolled(self.details)
        right.setMinimumWidth(DETAILS)
        for widget in (left, right):
            split.addWidget(widget)
        split.setSizes([WIDTH - DETAILS, DETAILS])
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Models"))
        self.tabs.addTab(split, self.tr("Files"))
        self.tabs.addTab(self.folders, self.tr("Folders"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        again = QPushButton(self.tr("Look again"))
        again.setToolTip(self.tr("Looks through the folders once more"))
        again.setAutoDefault(False)
        again.clicked.connect(self._shelf.look_again)
        buttons.addButton(again, QDialogButtonBox.ButtonRole.ActionRole)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.addWidget(self.tabs, 1)
        whole.addWidget(self.message)
        whole.addWidget(buttons)
        self.resize(WIDTH, HEIGHT)

    def _search(self) -> None:
        kind, favourites = str(self.kind.currentData()), self.favourites.isChecked()
        self.favourites.setIcon(self._icons.icon("star-filled" if favourites else "star"))
        self.filter.search(self.search.text(), kind, favourites=favourites)
        self._on_changed()

    def _on_changed(self) -> None:
        self.filter.invalidate()
        shown = self.filter.rowCount()
        self._pages.setCurrentIndex(0 if shown else 1)
        nothing = self.tr("No model files were found. Drop one on the window, or add a folder.")
        self.empty.setText(self.tr("Nothing here is called that.") if self._shelf.entries else nothing)
        if shown and not self.list.currentIndex().isValid():
            rows = (self.filter.index(row, 0) for row in range(shown))
            before = next((index for index in rows if index.data(ENTRY).path == self._looked_at), None)
            self.list.setCurrentIndex(before or self.filter.index(0, 0))
        self.details.show_entry(self.current)

    def _on_current(self, _index: QModelIndex) -> None:
        self.details.save()
        self._looked_at = self.current.path if self.current is not None else self._looked_at
        self.details.show_entry(self.current)

    def _on_activated(self, index: QModelIndex) -> None:
        entry: ModelEntry = index.data(ENTRY)
        if not entry.fault:
            self.used.emit(entry)

    def _convert(self, entry: ModelEntry) -> None:
        self.message.say(self.tr("“{name}” is being converted…").format(name=Path(entry.path).name))
        self._shelf.convert(entry)

    def _refuse(self, error: ScumbleError) -> None:
        self.message.say(error_text(error.code, error.params), error.details)


def _show_folder(entry: ModelEntry) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(entry.path).parent)))
