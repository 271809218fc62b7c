"""Puts the docks of brushes and colours into the window, with all that they remember."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget

from scumble.api import ScumbleError
from scumble.settings.paths import Paths
from scumble.ui.colours.palettes import Palettes
from scumble.ui.docks.brush import BrushDock
from scumble.ui.docks.colour import ColourDock
from scumble.ui.hand import remember_hand
from scumble.ui.messages import error_text
from scumble.ui.notebook import Notebook
from scumble.ui.widgets import scrolled
from scumble.ui.window import MainWindow


def add_painting_docks(window: MainWindow, paths: Paths) -> list[QDockWidget]:
    """Colour, brush presets and brush settings, in the order of their tabs."""
    right = Qt.DockWidgetArea.RightDockWidgetArea
    notebook = Notebook(window.memory, "painting", window)
    window.closing.connect(notebook.flush)
    remember_hand(window.tools, notebook)
    palettes = Palettes(paths.palettes, notebook, window)
    colour = ColourDock(window.tools, window.theme, window.icons, palettes, notebook, window.attempt)
    brush = BrushDock(window.tools, window.theme, window.icons, notebook)
    docks = [
        window.add_dock(_text("Colour"), colour, right, "colour"),
        window.add_dock(_text("Brush"), scrolled(brush), right, "brush"),
    ]
    tell_faults(window, palettes.shelf.faults)
    return docks


def tell_faults(window: MainWindow, faults: list[ScumbleError]) -> None:
    """Says which of a person's files could not be read; they are left as they are."""
    for fault in faults:
        window.messages.show_message(error_text(fault.code, fault.params), "warning")


def _text(text: str) -> str:
    return QCoreApplication.translate("commands", text)
