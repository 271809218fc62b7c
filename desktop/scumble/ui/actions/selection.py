"""The Select menu: all, none and again; growing, shrinking and the like; the quick mask; kept selections."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDockWidget, QMenu

from scumble.api import ScumbleError
from scumble.document import SELECTION, Layer, PaintLayer, TileMap, walk
from scumble.document.edits import deselect, save_selection
from scumble.document.layers import LayerId
from scumble.paint.layermasks import invert_mask, select_tiles
from scumble.paint.selecting import combined, opaque, without_holes
from scumble.paint.shapes import rectangle
from scumble.ui.commands import Command, with_document
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.selecting.amount import FACES, AmountDialog, Face, text
from scumble.ui.session import DocumentSession
from scumble.ui.toolbox import FACES as FACES_OF_TOOLS
from scumble.ui.toolbox import SELECTING
from scumble.ui.window import MainWindow

Act: TypeAlias = Callable[[DocumentSession], object]

SELECT_MENU: Final = (
    "select.all",
    "select.none",
    "select.again",
    "select.invert",
    "",
    "select.grow",
    "select.shrink",
    "select.feather",
    "select.border",
    "select.smooth",
    "select.holes",
    "",
    "select.opaque",
    "",
    "select.quick-mask",
    "select.keep",
    "select.import",
    "select.export",
)
"""What the menu offers; an empty one is a line."""

AT_ONCE: Final = 200
"""So many tiles are looked at without leaving the window's thread."""

CANVAS_MENU: Final = (
    "select.all",
    "select.none",
    "select.again",
    "select.invert",
    "",
    "select.grow",
    "select.shrink",
    "select.feather",
    "select.border",
    "select.smooth",
    "",
    "edit.fill",
    "edit.clear",
    "tool.transform",
    "",
    "select.quick-mask",
    "select.keep",
)
"""What a right click on the canvas offers while a selecting tool is in hand, as far as there are such commands."""


def with_selection(session: DocumentSession | None) -> bool:
    """Something is selected."""
    return session is not None and bool(session.document.selection.tiles)


def with_last_selection(session: DocumentSession | None) -> bool:
    """Nothing is selected, and something was."""
    return session is not None and bool(session.last_selection) and not with_selection(session)


def with_layer(session: DocumentSession | None) -> bool:
    """There is an active layer."""
    return session is not None and session.document.active is not None


def select_all(session: DocumentSession) -> None:
    """All of the canvas."""
    document = session.document
    select_tiles(document, rectangle(document.bounds), "replace", text(QT_TRANSLATE_NOOP("selection", "Select all")))


def select_nothing(session: DocumentSession) -> None:
    """So that all may change."""
    deselect(session.document, text(QT_TRANSLATE_NOOP("selection", "Deselect")))


def select_again(session: DocumentSession) -> None:
    """What was selected before nothing was."""
    select_tiles(session.document, session.last_selection, "replace", text(QT_TRANSLATE_NOOP("selection", "Reselect")))


def invert(session: DocumentSession) -> None:
    """What was not selected."""
    invert_mask(session.document, SELECTION, text(QT_TRANSLATE_NOOP("selection", "Invert selection")))


def fill_holes(window: MainWindow, session: DocumentSession) -> None:
    """All that the selection encloses; a large one is looked at beside the window."""
    document = session.document
    tiles, bounds = dict(document.selection.tiles), document.bounds

    def show(filled: TileMap) -> None:
        if session in window.sessions and document.selection.tiles == tiles and not document.history.busy:
            select_tiles(document, filled, "replace", text(QT_TRANSLATE_NOOP("selection", "Fill holes of selection")))

    if len(tiles) <= AT_ONCE:
        show(without_holes(tiles, bounds))
    else:
        window.background.run(lambda: without_holes(tiles, bounds), show, window.show_error)


def select_opaque(session: DocumentSession, layer_id: LayerId | None = None, mode: str = "replace") -> None:
    """What is opaque of a layer, or of all that a group holds; of the active one when None."""
    document = session.document
    layer = document.active if layer_id is None else document.layer(layer_id)
    if layer is None:
        raise ScumbleError("layer-none")
    tiles = opaque_tiles(session, layer)
    if not tiles and mode == "replace":
        raise ScumbleError("layer-transparent", layer=layer.name)
    select_tiles(document, tiles, mode, text(QT_TRANSLATE_NOOP("selection", "Select opaque pixels")))


def opaque_tiles(session: DocumentSession, layer: Layer) -> TileMap:
    """How opaque a layer is; in a group, the most opaque of the visible layers in it."""
    tiles: TileMap = {}
    for node in walk((layer,)):
        if isinstance(node, PaintLayer) and (node.visible or node is layer):
            tiles = combined(tiles, opaque(session.document, node), "add")
    return tiles


def select_mask(session: DocumentSession, layer_id: LayerId, mode: str = "replace") -> None:
    """What a layer mask shows."""
    document = session.document
    layer = document.layer(layer_id)
    if layer.mask is not None:
        step = text(QT_TRANSLATE_NOOP("selection", "Layer mask to selection"))
        select_tiles(document, document.surface(layer.mask).tiles, mode, step)


def select_part(session: DocumentSession, layer_id: LayerId, *, mask: bool, keys: Qt.KeyboardModifier) -> None:
    """What a layer covers or its mask shows; with Shift added, with Alt taken away, with both what is in both."""
    shift, alt = (bool(keys & key) for key in (Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier))
    modes = {(True, False): "add", (False, True): "subtract", (True, True): "intersect"}
    mode = modes.get((shift, alt), "replace")
    if mask:
        select_mask(session, layer_id, mode)
    else:
        select_opaque(session, layer_id, mode)


def keep_selection(session: DocumentSession) -> None:
    """Under the first number that is free; the dock lets one rename it."""
    document = session.document
    taken = {kept.name for kept in document.structure.selections}
    stem = text(QT_TRANSLATE_NOOP("selection", "Selection"))
    number = next(number for number in range(1, len(taken) + 2) if f"{stem} {number}" not in taken)
    save_selection(document, f"{stem} {number}", text(QT_TRANSLATE_NOOP("selection", "Keep selection")))


TABLE: Final[tuple[tuple[Command, Act], ...]] = (
    (
        Command("select.all", QT_TRANSLATE_NOOP("commands", "Select &all"), "", ("Ctrl+A",), "", with_document),
        select_all,
    ),
    (
        Command(
            "select.none",
            QT_TRANSLATE_NOOP("commands", "&Deselect"),
            "",
            ("Ctrl+Shift+A", "Ctrl+D"),
            "",
            with_selection,
        ),
        select_nothing,
    ),
    (
        Command(
            "select.again",
            QT_TRANSLATE_NOOP("commands", "&Reselect"),
            "",
            ("Ctrl+Shift+D",),
            QT_TRANSLATE_NOOP("commands", "Select again what was selected before"),
            with_last_selection,
        ),
        select_again,
    ),
    (
        Command(
            "select.invert",
            QT_TRANSLATE_NOOP("commands", "&Invert selection"),
            "",
            ("Ctrl+Shift+I",),
            "",
            with_document,
        ),
        invert,
    ),
    (
        Command(
            "select.opaque",
            QT_TRANSLATE_NOOP("commands", "Select o&paque pixels"),
            "",
            (),
            QT_TRANSLATE_NOOP("commands", "Select what the layer covers; or Ctrl+click on its thumbnail"),
            with_layer,
        ),
        select_opaque,
    ),
)

CHANGES: Final = (
    Command("select.grow", QT_TRANSLATE_NOOP("commands", "&Grow…"), enabled=with_selection),
    Command("select.shrink", QT_TRANSLATE_NOOP("commands", "&Shrink…"), enabled=with_selection),
    Command("select.feather", QT_TRANSLATE_NOOP("commands", "&Feather…"), "", ("Shift+F6",), "", with_selection),
    Command("select.border", QT_TRANSLATE_NOOP("commands", "&Border…"), enabled=with_selection),
    Command("select.smooth", QT_TRANSLATE_NOOP("commands", "S&mooth…"), enabled=with_selection),
)
"""Those that ask for a number, in the order of `FACES`."""

HOLES: Final = Command("select.holes", QT_TRANSLATE_NOOP("commands", "Fill &holes"), enabled=with_selection)

KEEP: Final = Command(
    "select.keep",
    QT_TRANSLATE_NOOP("commands", "&Keep selection"),
    "selection-keep",
    (),
    QT_TRANSLATE_NOOP("commands", "Keep the selection with the picture, to load it again from the dock"),
    with_selection,
)

QUICK_MASK: Final = Command(
    "select.quick-mask",
    QT_TRANSLATE_NOOP("commands", "&Quick mask"),
    "quick-mask",
    ("Q",),
    QT_TRANSLATE_NOOP("commands", "Quick mask: show the selection as a tint and paint on it with any tool"),
    with_document,
    checkable=True,
)


def add_selection_commands(window: MainWindow) -> None:
    """Adds them."""

    def on_session(act: Act) -> Callable[[], None]:
        def handler() -> None:
            session = window.session
            if session is not None:
                window.attempt(lambda: act(session))

        return handler

    for command, act in TABLE:
        window.commands.add(command, on_session(act))
    for command, face in zip(CHANGES, FACES, strict=True):
        window.commands.add(command, on_session(partial(_ask, window, face)))
    window.commands.add(HOLES, on_session(partial(fill_holes, window)))
    window.commands.add(KEEP, on_session(partial(_keep, window)))
    quick = window.commands.add(QUICK_MASK, on_session(lambda session: session.set_quick_mask(not session.quick_mask)))

    def show(session: DocumentSession | None) -> None:
        on = session is not None and session.quick_mask
        quick.setChecked(on)
        words = QT_TRANSLATE_NOOP("selection", "Quick mask: painting changes the selection, white adds. Q ends it.")
        window.status.say(text(words) if on else "")

    def offer(place: QPoint) -> None:
        if FACES_OF_TOOLS[window.tools.tool].family == SELECTING:
            menu = canvas_menu(window)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(place)

    def tint(session: DocumentSession) -> None:
        settings = window.settings
        colour = QColor(settings.text("mask.colour"))
        window.canvas_of(session).tint(colour, settings.number("mask.opacity") / 100)

    def set_up(setting: str) -> None:
        if setting.startswith("mask."):
            for session in window.sessions:
                tint(session)

    def opened(session: DocumentSession) -> None:
        tint(session)
        session.quick_mask_changed.connect(lambda _on: show(window.session))
        window.canvas_of(session).menu_wanted.connect(offer)

    window.settings.connect(set_up)
    window.session_opened.connect(opened)
    window.session_changed.connect(show)


def _keep(window: MainWindow, session: DocumentSession) -> None:
    keep_selection(session)
    dock = window.findChild(QDockWidget, "selections")
    if dock is not None:
        dock.show()
        dock.raise_()


def _ask(window: MainWindow, face: Face, session: DocumentSession) -> None:
    AmountDialog(window, session, face).open_beside()


def canvas_menu(window: MainWindow) -> QMenu:
    """What a right click offers while a selecting tool is in hand."""
    menu = QMenu(window)
    known = {command.id for command in window.commands}
    for name in CANVAS_MENU:
        if not name:
            menu.addSeparator()
        elif name in known:
            menu.addAction(window.commands.action(name))
    return menu
