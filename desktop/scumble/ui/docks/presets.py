"""The dock of brush presets: a grid to choose from, a search, and what can be done with a preset."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scumble.ui.brushes.choice import PresetChoice
from scumble.ui.brushes.grid import PresetGrid, category_name
from scumble.ui.brushes.library import PresetLibrary
from scumble.ui.brushes.preset import CATEGORIES, SUFFIX
from scumble.ui.brushes.thumbnails import Thumbnails
from scumble.ui.dialogs.ask_name import ask_name
from scumble.ui.icons import Icons
from scumble.ui.notebook import Notebook
from scumble.ui.overflow import ElidedLabel
from scumble.ui.shelf import Attempt
from scumble.ui.theme import Theme
from scumble.ui.toolstate import ToolState
from scumble.ui.widgets import search_field, tool_button


class PresetDock(QWidget):
    """A click takes a preset's tool and brush in hand. Below the grid: which it was, and whether it is changed."""

    def __init__(
        self,
        tools: ToolState,
        library: PresetLibrary,
        choice: PresetChoice,
        thumbnails: Thumbnails,
        notebook: Notebook,
        theme: Theme,
        icons: Icons,
        attempt: Attempt,
    ) -> None:
        super().__init__()
        self._tools, self._library, self._choice = tools, library, choice
        self._notebook, self._attempt = notebook, attempt
        self.grid = PresetGrid(library, choice, thumbnails, theme)
        self.grid.chosen.connect(choice.choose)
        self.grid.removal.connect(lambda name: attempt(lambda: library.remove(name)))
        self.grid.menu_wanted.connect(self._preset_menu)
        self.empty = QLabel(self.tr("No preset has these words in its name."))
        self.empty.setObjectName("muted")
        self.empty.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(self._filters(icons))
        column.addWidget(self.empty)
        column.addWidget(self.grid, 1)
        column.addLayout(self._footer(icons))
        library.changed.connect(self._find)
        choice.changed.connect(self._show)
        self._find()
        self.grid.set_current(choice.chosen)

    def _filters(self, icons: Icons) -> QHBoxLayout:
        self.search = search_field(
            self.tr("Search brushes"),
            self.tr("Search brushes"),
            self.tr("Show only presets with these words in name or category"),
            icons.icon("search"),
        )
        self.search.textChanged.connect(self._find)
        self.categories = QComboBox()
        self.categories.setAccessibleName(self.tr("Category"))
        self.categories.setToolTip(self.tr("Category"))
        self.categories.addItem(self.tr("All"), "")
        for category in CATEGORIES:
            self.categories.addItem(category_name(category), category)
        kept = self.categories.findData(self._notebook.text("preset.category"))
        self.categories.setCurrentIndex(max(kept, 0))
        self.categories.activated.connect(self._find)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.search, 1)
        row.addWidget(self.categories)
        return row

    def _footer(self, icons: Icons) -> QHBoxLayout:
        self.name = ElidedLabel()
        self.reload = tool_button(icons.icon("again"), self.tr("Reload the preset: undo what was changed in the brush"))
        self.reload.clicked.connect(self._choice.reload)
        self.save = tool_button(icons.icon("save"), self.tr("Overwrite the preset with the brush as it is"))
        self.save.clicked.connect(self.overwrite)
        self.save_as = tool_button(icons.icon("layer-add"), self.tr("Save the brush as a preset…"))
        self.save_as.clicked.connect(self.ask_save_as)
        self.more = tool_button(icons.icon("more"), self.tr("More about presets"))
        self.more.setObjectName("more")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.more)
        self.menu.aboutToShow.connect(lambda: self._fill(self.menu, self._choice.chosen))
        self.more.setMenu(self.menu)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.name, 1)
        for button in (self.reload, self.save, self.save_as, self.more):
            button.setIconSize(QSize(16, 16))
            row.addWidget(button)
        return row

    def _find(self, *_changed: object) -> None:
        category = str(self.categories.currentData())
        self._notebook.keep("preset.category", category or None)
        self.grid.show_found(self.search.text(), category)
        self.empty.setVisible(not self.grid.presets.names)
        self.grid.setVisible(bool(self.grid.presets.names))
        self._show()

    def _show(self) -> None:
        chosen, modified = self._choice.chosen, self._choice.modified
        title = self._library[chosen].name if chosen else self.tr("No preset")
        self.name.setText(f"• {title}" if modified else title)
        self.name.setAccessibleDescription(self.tr("{name}, changed").format(name=title) if modified else title)
        self.reload.setEnabled(modified)
        self.save.setEnabled(modified)
        self.grid.viewport().update()

    # What can be done

    def ask_save_as(self) -> None:
        """Asks for a name, and keeps the brush in hand under it."""
        ask_name(self, self.tr("Save brush preset"), self.tr("Name"), self._suggestion(), self._save_as)

    def overwrite(self) -> None:
        """The chosen preset gets the brush in hand."""
        if self._choice.chosen:
            self._attempt(lambda: self._library.overwrite(self._choice.chosen, self._tools.brush))
            self._show()

    def import_files(self, names: list[str]) -> None:
        """Takes copies of preset files, and the last one in hand; each that cannot be read is told of."""
        for name in names:
            self._attempt(lambda path=Path(name): self._choice.choose(self._library.read(path)))  # type: ignore[misc]
        self.grid.set_current(self._choice.chosen)

    def _save_as(self, name: str) -> None:
        tool = self._tools.tool if self._tools.has_brush else "brush"

        def keep() -> None:
            # The search may hide what has just been made.
            self.search.clear()
            if self.categories.currentData() not in ("", "own"):
                self.categories.setCurrentIndex(0)
            self._choice.choose(self._library.save_as(name, self._tools.brush, tool))
            self._find()
            self.grid.set_current(self._choice.chosen)

        self._attempt(keep)

    def _suggestion(self) -> str:
        chosen = self._choice.chosen
        return self.tr("{name} copy").format(name=self._library[chosen].name) if chosen else self.tr("My brush")

    def _preset_menu(self, name: str, place: QPoint) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        self._fill(menu, name)
        menu.popup(place)

    def _fill(self, menu: QMenu, name: str) -> None:
        menu.clear()
        library, shelf = self._library, self._library.shelf
        if name:
            menu.addAction(self.tr("Rename…"), lambda: self._rename(name))
            self._fill_categories(menu.addMenu(self.tr("Category")), name)
            if shelf.is_bundled(name):
                reset = menu.addAction(
                    self.tr("Reset to how it came"), lambda: self._attempt(lambda: library.remove(name))
                )
                reset.setEnabled(shelf.is_changed(name))
            else:
                menu.addAction(self.tr("Delete"), lambda: self._attempt(lambda: library.remove(name)))
            menu.addAction(self.tr("Export…"), lambda: self._export(name))
            menu.addSeparator()
        menu.addAction(self.tr("Save as preset…"), self.ask_save_as)
        menu.addAction(self.tr("Import…"), self._import)

    def _fill_categories(self, menu: QMenu, name: str) -> None:
        group = QActionGroup(menu)
        for category in CATEGORIES:
            action = menu.addAction(category_name(category))
            action.setCheckable(True)
            action.setChecked(category == self._library[name].category)
            action.triggered.connect(
                lambda _checked=False, chosen=category: self._attempt(lambda: self._library.move(name, chosen))
            )
            group.addAction(action)

    def _rename(self, name: str) -> None:
        ask_name(
            self,
            self.tr("Rename brush preset"),
            self.tr("Name"),
            self._library[name].name,
            lambda chosen: self._attempt(lambda: self._library.rename(name, chosen)),
        )

    def _import(self) -> None:
        dialog = QFileDialog(self, self.tr("Import brush presets"))
        dialog.setNameFilters(
            [self.tr("Brush presets ({ending})").format(ending=f"*{SUFFIX}"), self.tr("All files (*)")]
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.import_files)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _export(self, name: str) -> None:
        dialog = QFileDialog(self, self.tr("Export brush preset"), f"{self._library[name].name}{SUFFIX}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("Brush presets ({ending})").format(ending=f"*{SUFFIX}")])
        dialog.setDefaultSuffix(SUFFIX.lstrip("."))
        dialog.fileSelected.connect(lambda path: self._attempt(lambda: self._library.write(name, Path(path))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
