"""Puts the docks of brushes and colours into the window, with all that they remember."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget

from scumble.api import ScumbleError
from scumble.settings.paths import Paths
from scumble.ui.brushes.choice import PresetChoice
from scumble.ui.brushes.grid import THUMBNAIL
from scumble.ui.brushes.library import PresetLibrary
from scumble.ui.brushes.thumbnails import Thumbnails
from scumble.ui.canvas.brushdrag import BrushDrag
from scumble.ui.canvas.loupe import PickLoupe
from scumble.ui.colours.palettes import Palettes
from scumble.ui.commands import Command
from scumble.ui.docks.brush import BrushDock
from scumble.ui.docks.colour import ColourDock
from scumble.ui.docks.presets import PresetDock
from scumble.ui.hand import remember_hand
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.messages import error_text
from scumble.ui.notebook import Notebook
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

COMMANDS: Final = (
    Command("brush.previous", QT_TRANSLATE_NOOP("commands", "Previous brush preset"), "", (",",)),
    Command("brush.reload", QT_TRANSLATE_NOOP("commands", "Reload brush preset")),
    Command("brush.save-preset", QT_TRANSLATE_NOOP("commands", "Save brush as preset…")),
)


def add_painting_docks(window: MainWindow, paths: Paths) -> list[QDockWidget]:
    """Colour, brush presets and brush settings, in the order of their tabs."""
    notebook = Notebook(window.memory, "painting", window)
    window.closing.connect(notebook.flush)
    remember_hand(window.tools, notebook)
    palettes = Palettes(paths.palettes, notebook, window)
    library = PresetLibrary(paths.brushes, window)
    choice = PresetChoice(window.tools, library, notebook, window)
    thumbnails = Thumbnails(paths.thumbnails, window.theme, THUMBNAIL, window)
    theme, icons, tools = window.theme, window.icons, window.tools
    colour = ColourDock(tools, theme, icons, palettes, notebook, window.attempt)
    colours = (colour.wheel, colour.square, colour.sliders, colour.pair)
    views = (colour.recent, colour.palette_panel.view)
    window.screen_colours.show(*colours, *(view.viewport() for view in views))
    presets = PresetDock(tools, library, choice, thumbnails, notebook, theme, icons, window.attempt)
    brush = BrushDock(tools, theme, icons, notebook, lambda: choice.usual)
    _add_commands(window, (choice.previous, choice.reload, presets.ask_save_as))
    window.session_opened.connect(lambda session: _equip(window, session))
    for session in window.sessions:
        _equip(window, session)
    _tell_faults(window, [*library.shelf.faults, *palettes.shelf.faults])
    right = Qt.DockWidgetArea.RightDockWidgetArea
    return [
        window.add_dock(_text("Colour"), colour, right, "colour"),
        window.add_dock(_text("Brushes"), presets, right, "presets"),
        window.add_dock(_text("Brush"), brush, right, "brush"),
    ]


def _equip(window: MainWindow, session: DocumentSession) -> None:
    """What a canvas gets for brushes and colours; it lives as long as the canvas."""
    canvas = window.canvas_of(session)
    BrushDrag(canvas, window.tools)
    PickLoupe(canvas, window.tools)


def _add_commands(window: MainWindow, handlers: tuple[Callable[[], object], ...]) -> None:
    for command, handler in zip(COMMANDS, handlers, strict=True):
        action = window.commands.add(command, handler)
        if "tools" in window.menus:
            window.menus["tools"].addAction(action)


def _tell_faults(window: MainWindow, faults: list[ScumbleError]) -> None:
    """Says which of a person's files could not be read; they are left as they are."""
    for fault in faults:
        window.messages.show_message(error_text(fault.code, fault.params), "warning")


def _text(text: str) -> str:
    return QCoreApplication.translate("commands", text)
