"""Puts a window together: commands, menus, tool bars, start page, docks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QDockWidget, QMenu, QToolBar

from scumble.settings.paths import Paths
from scumble.ui.actions.edit import add_edit_commands
from scumble.ui.actions.file import FileActions, add_file_commands
from scumble.ui.actions.help import add_help_commands
from scumble.ui.actions.image import IMAGE_MENU, LAYER_MENU, add_image_commands
from scumble.ui.actions.layer import add_layer_commands
from scumble.ui.actions.layer_more import add_more_layer_commands
from scumble.ui.actions.masks import add_mask_commands, add_mask_menu
from scumble.ui.actions.profile import add_profile_commands
from scumble.ui.actions.selection import SELECT_MENU, add_selection_commands
from scumble.ui.actions.tools import BRUSH, add_tool_commands, make_tool_bar
from scumble.ui.actions.view import add_view_commands
from scumble.ui.brushpopup import offer_brush
from scumble.ui.docks.history import HistoryDock
from scumble.ui.docks.layers import LayersDock
from scumble.ui.docks.navigator import NavigatorDock
from scumble.ui.docks.painting import add_painting_docks
from scumble.ui.docks.selections import SelectionsDock
from scumble.ui.heldtool import HeldTool
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.mnemonics import make_distinct
from scumble.ui.modes import add_modes
from scumble.ui.options import OptionsBar
from scumble.ui.previews import Previews
from scumble.ui.screenprofile import follow_screen_profile
from scumble.ui.startpage import StartPage
from scumble.ui.tabhabits import TabHabits
from scumble.ui.toolbox import TOOLBOX
from scumble.ui.window import MainWindow
from scumble.ui.work import WorkBar

SEPARATOR: Final = ""

VIEW: Final = (
    "view.in",
    "view.out",
    "view.100",
    "view.fit",
    "view.width",
    "",
    "view.turn-left",
    "view.turn-right",
    "view.upright",
    "view.mirror",
    "",
    "view.pixel-grid",
    "",
    "view.canvas-only",
    "view.full-screen",
    "",
    "window.next",
    "window.previous",
)

TOOL_MENU: Final = tuple(
    dict.fromkeys(">selecting" if face.family == "selecting" else face.command.id for face in TOOLBOX)
)

MENUS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    (
        "file",
        QT_TRANSLATE_NOOP("commands", "&File"),
        (
            "file.new",
            "file.open",
            ">recent",
            "",
            "file.save",
            "file.save-as",
            "file.export",
            "",
            "file.close",
            "file.close-all",
            "file.quit",
        ),
    ),
    (
        "edit",
        QT_TRANSLATE_NOOP("commands", "&Edit"),
        (
            "edit.undo",
            "edit.redo",
            "",
            "edit.cut",
            "edit.copy",
            "edit.copy-merged",
            "edit.paste",
            "",
            "edit.clear",
            "edit.fill",
            "edit.fill-background",
            "",
            "tool.transform",
            "",
            "app.shortcuts",
            "app.settings",
        ),
    ),
    ("view", QT_TRANSLATE_NOOP("commands", "&View"), VIEW),
    ("image", QT_TRANSLATE_NOOP("commands", "&Image"), IMAGE_MENU),
    (
        "layer",
        QT_TRANSLATE_NOOP("commands", "&Layer"),
        (
            "layer.add",
            "layer.group",
            "layer.group-chosen",
            "layer.ungroup",
            "layer.duplicate",
            "layer.from-selection",
            "layer.cut-selection",
            "layer.rename",
            "layer.delete",
            "",
            "layer.clip",
            "layer.alpha-lock",
            "layer.pass-through",
            "",
            "layer.up",
            "layer.down",
            "",
            "layer.merge",
            "layer.merge-visible",
            "layer.flatten",
            "",
            *LAYER_MENU,
            "",
        ),
    ),
    ("select", QT_TRANSLATE_NOOP("commands", "&Select"), SELECT_MENU),
    (
        "tools",
        QT_TRANSLATE_NOOP("commands", "&Tools"),
        (*TOOL_MENU, "", *(command.id for command in BRUSH)),
    ),
    ("docks", QT_TRANSLATE_NOOP("commands", "&Docks"), ()),
    ("help", QT_TRANSLATE_NOOP("commands", "&Help"), ("app.palette", "", "help.diagnostics", "help.about")),
)
"""The menus: id, title, and commands; an empty one is a line, `>recent` the list of recent files, `>selecting` that of
the tools that select."""

QUICK: Final = ("file.new", "file.open", "file.save", "", "edit.undo", "edit.redo", "", "view.fit", "view.100")


def furnish(window: MainWindow, log: Path | None = None) -> FileActions:
    """Gives a bare window all that is shown at once; `add_docks` adds the rest."""
    acts = add_file_commands(window)
    TabHabits(window, acts)
    add_edit_commands(window)
    add_selection_commands(window)
    follow_screen_profile(window)
    add_mask_commands(window)
    add_view_commands(window)
    add_layer_commands(window)
    add_image_commands(window)
    add_profile_commands(window, acts.saver.started.emit)
    add_more_layer_commands(window)
    add_tool_commands(window.commands, window.tools)
    HeldTool(window, window.tools)
    add_help_commands(window, log)
    previews = Previews(window.background, window)
    _add_menus(window, acts, previews)
    add_mask_menu(window)
    _add_tool_bars(window)
    page = StartPage(window.commands, previews)
    page.chosen.connect(lambda path: acts.open_paths([path]))
    window.set_start_page(page)
    window.session_changed.connect(lambda session: page.show_recent(window.memory.recent) if session is None else None)
    page.show_recent(window.memory.recent)
    bar = WorkBar(window, window.icons)
    window.status.addWidget(bar)
    acts.saver.started.connect(bar.add)
    return acts


def add_docks(window: MainWindow, paths: Paths) -> None:
    """Colour with brushes, layers with history, at the right."""
    right = Qt.DockWidgetArea.RightDockWidgetArea
    colour, *others = add_painting_docks(window, paths)
    layers = window.add_dock(_text("Layers"), LayersDock(window), right, "layers")
    history = window.add_dock(_text("History"), HistoryDock(window), right, "history")
    navigator = window.add_dock(_text("Navigator"), NavigatorDock(window), right, "navigator")
    for other in others:
        window.tabifyDockWidget(colour, other)
    selections = window.add_dock(_text("Selections"), SelectionsDock(window), right, "selections")
    for other in (history, navigator, selections):
        window.tabifyDockWidget(layers, other)
    # There is no room for one more tab as long as nothing is kept; keeping a selection brings it out.
    selections.hide()
    for dock in (colour, layers):
        dock.raise_()
    offer_brush(window)
    # Sizes hold only once the docks have been laid out; an arrangement that is remembered comes after and wins.
    QTimer.singleShot(0, window, lambda: _size(window, [colour, layers]))


def arrange(window: MainWindow) -> None:
    """Gives what generates a column of its own at the left, and the candidates a low strip."""
    generate = window.findChild(QDockWidget, "generate")
    candidates = window.findChild(QDockWidget, "candidates")
    if generate is not None:
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, generate)
        QTimer.singleShot(0, window, lambda: window.resizeDocks([generate], [310], Qt.Orientation.Horizontal))
    if candidates is not None:
        QTimer.singleShot(0, window, lambda: window.resizeDocks([candidates], [120], Qt.Orientation.Vertical))


def _size(window: MainWindow, docks: list[QDockWidget]) -> None:
    window.resizeDocks(docks, [300, 300], Qt.Orientation.Horizontal)
    window.resizeDocks(docks, [420, 450], Qt.Orientation.Vertical)


def _add_menus(window: MainWindow, acts: FileActions, previews: Previews) -> None:
    for name, title, commands in MENUS:
        menu = window.menuBar().addMenu(_text(title))
        window.menus[name] = menu
        menu.aboutToShow.connect(partial(_underline, menu))
        for command in commands:
            if command == SEPARATOR:
                menu.addSeparator()
            elif command == ">recent":
                recent = menu.addMenu(_text("Open &recent"))
                recent.aboutToShow.connect(_filler(window, acts, previews))
                window.menus["recent"] = recent
            elif command == ">selecting":
                tools = menu.addMenu(_text(QT_TRANSLATE_NOOP("commands", "&Selection tools")))
                tools.aboutToShow.connect(partial(_underline, tools))
                faces = (face.command.id for face in TOOLBOX if face.family == "selecting")
                tools.addActions([window.commands.action(face) for face in faces])
            else:
                menu.addAction(window.commands.action(command))


def _underline(menu: QMenu) -> None:
    make_distinct(menu.actions())


def _filler(window: MainWindow, acts: FileActions, previews: Previews) -> Callable[[], None]:
    listed: dict[Path, QAction] = {}

    def show(path: Path, icon: QIcon) -> None:
        if path in listed:
            listed[path].setIcon(icon)

    def fill() -> None:
        menu = window.menus["recent"]
        listed.clear()
        menu.clear()
        for path in window.memory.recent:
            action = menu.addAction(previews.icon(path), path.name.replace("&", "&&"))
            listed[path] = action
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked=False, chosen=path: acts.open_paths([chosen]))
        menu.addSeparator()
        forget = menu.addAction(_text("Forget these"))
        forget.setEnabled(bool(window.memory.recent))
        forget.triggered.connect(window.memory.clear_recent)

    previews.made.connect(show)
    return fill


def _add_tool_bars(window: MainWindow) -> None:
    quick = QToolBar(_text("Quick"))
    quick.setObjectName("quick")
    quick.setMovable(False)
    quick.setIconSize(QSize(18, 18))
    for name in QUICK:
        if name == SEPARATOR:
            quick.addSeparator()
        else:
            quick.addAction(window.commands.action(name))
    window.addToolBar(Qt.ToolBarArea.TopToolBarArea, quick)
    options = OptionsBar(window.tools, window.icons)
    window.addToolBar(Qt.ToolBarArea.TopToolBarArea, options)
    add_modes(window, options)
    tools = make_tool_bar(window.commands)
    window.addToolBar(Qt.ToolBarArea.LeftToolBarArea, tools)


def _text(text: str) -> str:
    return QCoreApplication.translate("commands", text)
