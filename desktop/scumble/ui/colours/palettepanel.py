"""The palette below the chooser: its colours, and what can be done with them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QSignalBlocker, QSize
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from scumble.files.palette import ENDINGS
from scumble.ui.colours.palettes import Palettes
from scumble.ui.colours.swatches import SwatchView
from scumble.ui.dialogs.ask_name import ask_name
from scumble.ui.icons import Icons
from scumble.ui.shelf import Attempt
from scumble.ui.theme import Theme
from scumble.ui.toolstate import ToolState
from scumble.ui.widgets import tool_button


class PalettePanel(QWidget):
    """A click takes a colour; the plus adds the one in hand; the menu does the rest."""

    def __init__(self, palettes: Palettes, tools: ToolState, theme: Theme, icons: Icons, attempt: Attempt) -> None:
        super().__init__()
        self._palettes = palettes
        self._tools = tools
        self._attempt = attempt
        self.names = QComboBox()
        self.names.setAccessibleName(self.tr("Palette"))
        self.names.setToolTip(self.tr("Palette"))
        self.names.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.names.activated.connect(lambda row: palettes.choose(str(self.names.itemData(row))))
        self.add = tool_button(icons.icon("layer-add"), self.tr("Add the foreground colour to the palette"))
        self.add.clicked.connect(self._add)
        self.more = tool_button(icons.icon("more"), self.tr("More about palettes"))
        self.more.setObjectName("more")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.more)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(self.menu)
        for button in (self.add, self.more):
            button.setIconSize(QSize(16, 16))
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.names, 1)
        row.addWidget(self.add)
        row.addWidget(self.more)
        empty = self.tr("No colours yet. The plus adds the one you paint with.")
        self.view = SwatchView(theme, self.tr("Colours of the palette"), empty)
        self.view.setMinimumHeight(24)
        self.view.chosen.connect(tools.set_foreground)
        self.view.movable = True
        self.view.moved.connect(lambda number, before: attempt(lambda: palettes.move(number, before)))
        self.view.removal.connect(lambda number: attempt(lambda: palettes.remove(number)))
        self.view.menu_wanted.connect(self._colour_menu)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        palettes.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        shelf = self._palettes.shelf
        with QSignalBlocker(self.names):
            self.names.clear()
            for name in shelf:
                self.names.addItem(shelf[name].name, name)
            self.names.setCurrentIndex(self.names.findData(self._palettes.chosen))
        palette = self._palettes.palette
        self.view.show_swatches(palette.swatches, palette.columns or 12)

    def _add(self) -> None:
        self._attempt(lambda: self._palettes.add(self._tools.foreground))
        self.view.scrollToBottom()

    def _fill_menu(self) -> None:
        menu, palettes = self.menu, self._palettes
        menu.clear()
        menu.addAction(self.tr("New palette…"), self._make)
        menu.addAction(self.tr("Rename…"), self._rename)
        menu.addSeparator()
        menu.addAction(self.tr("Import…"), self._import)
        menu.addAction(self.tr("Export…"), self._export)
        menu.addSeparator()
        if palettes.shelf.is_bundled(palettes.chosen):
            drop = menu.addAction(self.tr("Reset to how it came"), lambda: self._attempt(palettes.drop))
            drop.setEnabled(palettes.shelf.is_changed(palettes.chosen))
        else:
            menu.addAction(self.tr("Delete palette"), lambda: self._attempt(palettes.drop))

    def _colour_menu(self, number: int, place: QPoint) -> None:
        if number < 0:
            self._fill_menu()
            self.menu.popup(place)
            return
        swatch = self._palettes.palette.swatches[number]
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(self.tr("Use as background"), lambda: self._tools.set_background(swatch.colour))
        menu.addAction(self.tr("Name…"), lambda: self._name_colour(number))
        menu.addAction(self.tr("Remove"), lambda: self._attempt(lambda: self._palettes.remove(number)))
        menu.popup(place)

    def _name_colour(self, number: int) -> None:
        name = self._palettes.palette.swatches[number].name
        ask_name(
            self,
            self.tr("Name of the colour"),
            self.tr("Name"),
            name,
            lambda chosen: self._attempt(lambda: self._palettes.name_colour(number, chosen)),
        )

    def _make(self) -> None:
        ask_name(
            self,
            self.tr("New palette"),
            self.tr("Name"),
            self.tr("My colours"),
            lambda name: self._attempt(lambda: self._palettes.make(name)),
        )

    def _rename(self) -> None:
        ask_name(
            self,
            self.tr("Rename palette"),
            self.tr("Name"),
            self._palettes.palette.name,
            lambda name: self._attempt(lambda: self._palettes.rename(name)),
        )

    def _import(self) -> None:
        dialog = QFileDialog(self, self.tr("Import palettes"))
        endings = " ".join("*" + ending for ending in ENDINGS)
        dialog.setNameFilters([self.tr("Palettes ({endings})").format(endings=endings), self.tr("All files (*)")])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.import_files)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def import_files(self, names: list[str]) -> None:
        """Takes copies of palette files; each that cannot be read is told of."""
        for name in names:
            self._attempt(lambda path=Path(name): self._palettes.read(path))  # type: ignore[misc]  # a default binds it

    def _export(self) -> None:
        dialog = QFileDialog(self, self.tr("Export palette"), f"{self._palettes.palette.name}.gpl")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("GIMP palette (*.gpl)")])
        dialog.setDefaultSuffix("gpl")
        dialog.fileSelected.connect(lambda name: self._attempt(lambda: self._palettes.write(Path(name))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
