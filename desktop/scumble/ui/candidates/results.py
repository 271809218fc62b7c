"""The Results dock: everything that was generated, to be found again, starred, used anew, exported or deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QMessageBox, QToolButton, QVBoxLayout, QWidget

from scumble.files.results import Entry
from scumble.ui.candidates.keeper import ResultKeeper
from scumble.ui.candidates.resultgrid import ResultGrid
from scumble.ui.icons import Icons
from scumble.ui.theme import Theme
from scumble.ui.widgets import search_field, tool_button

WAIT: Final = 150
"""Milliseconds without a change on disk, or of what is looked for, before the list is made anew."""


class ResultsDock(QWidget):
    """`chosen` carries what is to be done (`layer`, `document`, `settings`, `export`) and the entry."""

    chosen = Signal(str, object)

    def __init__(self, keeper: ResultKeeper, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._keeper = keeper
        self._entries: list[tuple[str, Entry]] = []
        self._stale = True
        self._looked = False
        self.search = search_field(
            self.tr("Prompt, seed, tool or day"),
            self.tr("Search the results"),
            self.tr("Words of the prompt, a seed, a tool, a model or a day such as 2025-03"),
            icons.icon("search"),
        )
        self.starred = tool_button(icons.icon("star"), self.tr("Only those with a star"), checkable=True)
        self.grid = ResultGrid(keeper.thumbnails, theme)
        self.empty = QLabel()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setObjectName("muted")
        self.count = QLabel()
        self.count.setObjectName("muted")
        self._buttons = self._make_buttons(icons)
        self._soon = QTimer(self, singleShot=True, interval=WAIT)
        self._soon.timeout.connect(self._look)
        self._lay_out()
        self.search.textChanged.connect(lambda: self._soon.start())
        self.starred.toggled.connect(self._find)
        self.grid.wanted.connect(lambda entry: self.chosen.emit("layer", entry))
        self.grid.removal.connect(self.remove)
        self.grid.customContextMenuRequested.connect(self._open_menu)
        self.grid.selectionModel().selectionChanged.connect(self._enable)
        keeper.changed.connect(self._on_changed)
        self._find()

    def showEvent(self, event: QShowEvent) -> None:
        """Looks at the disk when it is first seen, and when something has changed meanwhile."""
        super().showEvent(event)
        if self._stale:
            QTimer.singleShot(0, self, self._look)

    def remove(self) -> None:
        """Asks, and deletes what is chosen for good."""
        ids = [entry.about.id for entry in self.grid.chosen]
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(self.tr("Delete"))
        one, several = self.tr("Delete this result for good?"), self.tr("Delete {count} results for good?")
        box.setText(one if len(ids) == 1 else several.format(count=len(ids)))
        box.setInformativeText(self.tr("Layers that were made of them stay as they are."))
        delete = box.addButton(self.tr("Delete"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.finished.connect(lambda _code: self._keeper.remove(ids) if box.clickedButton() is delete else None)
        box.finished.connect(box.deleteLater)
        box.open()

    def star(self) -> None:
        """Gives what is chosen a star, or takes it where all have one."""
        chosen = self.grid.chosen
        if chosen:
            self._keeper.star([entry.about.id for entry in chosen], not all(entry.starred for entry in chosen))

    def make_menu(self) -> QMenu:
        """What can be done with what is chosen."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for text, act in self._acts():
            menu.addAction(text, act)
        menu.addSeparator()
        menu.addAction(self.tr("Star, or take the star away"), self.star)
        menu.addAction(self.tr("Delete for good…"), self.remove)
        return menu

    def _acts(self) -> Iterable[tuple[str, Callable[[], None]]]:
        for name, text in (
            ("layer", self.tr("Add to the picture as a layer")),
            ("document", self.tr("Open as a picture")),
            ("settings", self.tr("Use its settings")),
            ("export", self.tr("Export as PNG…")),
        ):
            yield text, lambda name=name: self._do(name)  # type: ignore[misc]  # the loop's name, at the time

    def _do(self, name: str) -> None:
        if self.grid.chosen:
            self.chosen.emit(name, self.grid.chosen[0])

    def _make_buttons(self, icons: Icons) -> list[QToolButton]:
        pictures = ("layer-add", "open", "form", "export")
        buttons = []
        for icon, (text, act) in zip(pictures, self._acts(), strict=True):
            buttons.append(tool_button(icons.icon(icon), text))
            buttons[-1].clicked.connect(lambda _checked=False, act=act: act())
        for icon, text, act in (
            ("star", self.tr("Star, or take the star away"), self.star),
            ("delete", self.tr("Delete for good…  (Delete)"), self.remove),
        ):
            buttons.append(tool_button(icons.icon(icon), text))
            buttons[-1].clicked.connect(lambda _checked=False, act=act: act())
        return buttons

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.search, 1)
        head.addWidget(self.starred)
        foot = QHBoxLayout()
        foot.setSpacing(2)
        foot.addWidget(self.count, 1)
        for button in self._buttons:
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 6)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.grid, 1)
        column.addWidget(self.empty, 1)
        column.addLayout(foot)

    def _on_changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self._soon.start()

    def _look(self) -> None:
        if self._stale:
            self._stale = False
            self._keeper.entries(self._take)
        else:
            self._find()

    def _take(self, entries: list[Entry]) -> None:
        self._entries = [(searched(entry), entry) for entry in entries]
        self._looked = True
        self._find()

    def _find(self) -> None:
        words, starred = self.search.text().casefold().split(), self.starred.isChecked()
        found = [
            entry
            for text, entry in self._entries
            if (entry.starred or not starred) and all(word in text for word in words)
        ]
        self.grid.show_entries(found)
        self.grid.setVisible(bool(found))
        self.empty.setVisible(not found)
        nothing = self.tr("Everything that you generate is kept here, as long as there is room for it.")
        known = self.tr("Nothing like this was found.") if self._entries else nothing
        self.empty.setText(known if self._looked else "")
        total = len(self._entries)
        self.count.setText(f"{len(found):,} / {total:,}" if len(found) != total else f"{total:,}")
        self.count.setToolTip(self.tr("Results that are shown, and all that there are"))
        self._enable()

    def _enable(self) -> None:
        for button in self._buttons:
            button.setEnabled(bool(self.grid.chosen))

    def _open_menu(self, place: QPoint) -> None:
        if self.grid.indexAt(place).isValid():
            self.make_menu().popup(self.grid.viewport().mapToGlobal(place))


def searched(entry: Entry) -> str:
    """The text that a result is found by."""
    about = entry.about
    day = f"{datetime.fromtimestamp(about.made):%Y-%m-%d}"
    parts = (about.prompt, about.title, str(about.seed), about.tool, about.tool_title, about.model, day)
    return " ".join(parts).casefold()
