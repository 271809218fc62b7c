"""Commands that reshape the picture, and those that flip and turn layers of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QCoreApplication

from scumble.api import ScumbleError
from scumble.document import Document, Rect
from scumble.document.lift import put_down
from scumble.paint.reshape import crop, flip, rotate_quarters
from scumble.paint.transform import Resampling, along, transformed
from scumble.render import flatten
from scumble.tools.transforming import Shape, flipped, turned_by_quarters
from scumble.ui.commands import Command, with_document
from scumble.ui.dialogs.resize_canvas import ResizeCanvasDialog
from scumble.ui.dialogs.resize_picture import ResizePictureDialog
from scumble.ui.dialogs.rotate import RotateDialog
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.reshaping import reshape
from scumble.ui.session import DocumentSession
from scumble.ui.transform import take_up
from scumble.ui.window import MainWindow

IMAGE_MENU: Final = (
    "image.resize",
    "image.resize-canvas",
    "image.expand",
    "",
    "tool.crop",
    "image.crop-selection",
    "image.trim",
    "",
    "image.rotate-right",
    "image.rotate-left",
    "image.rotate-half",
    "image.rotate",
    "",
    "image.flip-across",
    "image.flip-down",
    "",
    "image.assign-profile",
    "image.assign-srgb",
    "image.convert-srgb",
)

LAYER_MENU: Final = (
    "layer.flip-across",
    "layer.flip-down",
    "layer.rotate-right",
    "layer.rotate-left",
    "layer.rotate-half",
)

Act = Callable[[MainWindow, DocumentSession], object]


def _text(text: str) -> str:
    return QCoreApplication.translate("image", text)


def with_layer(session: DocumentSession | None) -> bool:
    """There is a layer to work on."""
    return session is not None and session.document.active is not None


def with_selection(session: DocumentSession | None) -> bool:
    """Something is selected."""
    return session is not None and bool(session.document.selection.tiles)


def resize(window: MainWindow, session: DocumentSession) -> None:
    """Asks for another size of the picture."""
    dialog = ResizePictureDialog(window, window.icons, session.document)
    dialog.wanted.connect(lambda wanted: reshape(window, session, wanted, _text("Resize picture")))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def resize_canvas(filling: bool, window: MainWindow, session: DocumentSession) -> None:
    """Asks for another size of the canvas, and what is new in it can be filled."""
    dialog = ResizeCanvasDialog(window, window.icons, session.document, filling=filling)
    step = _text("Expand canvas") if filling else _text("Resize canvas")
    dialog.wanted.connect(lambda wanted: reshape(window, session, wanted, step))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def rotate(window: MainWindow, session: DocumentSession) -> None:
    """Asks for an angle."""
    dialog = RotateDialog(window, session.document)
    dialog.wanted.connect(lambda wanted: reshape(window, session, wanted, _text("Rotate picture")))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def crop_to_selection(window: MainWindow, session: DocumentSession) -> None:
    """The rectangle round what is selected becomes the canvas."""
    rect = session.document.selection_bounds
    if rect.empty:
        raise ScumbleError("crop-nothing-selected")
    reshape(window, session, crop(rect, keep_outside=False), _text("Crop to selection"))


def trim(window: MainWindow, session: DocumentSession) -> None:
    """Cuts off the edges that are all of one colour, or transparent."""
    rect = content(session.document)
    if rect.empty or rect == session.document.bounds:
        raise ScumbleError("trim-nothing")
    reshape(window, session, crop(rect, keep_outside=False), _text("Trim"))


def content(document: Document) -> Rect:
    """The smallest rectangle round all that differs from the pixel at the top left."""
    pixels = flatten(document.snapshot(), document.bounds)
    differs = (pixels != pixels[0, 0]).any(axis=-1)
    columns, rows = np.flatnonzero(differs.any(axis=0)), np.flatnonzero(differs.any(axis=1))
    if not len(columns):
        return Rect(0, 0, 0, 0)
    return Rect.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def turn_picture(quarters: int, window: MainWindow, session: DocumentSession) -> None:
    """Quarter turns to the right."""
    reshape(window, session, rotate_quarters(session.document.structure, quarters), _text("Rotate picture"))


def flip_picture(across: bool, window: MainWindow, session: DocumentSession) -> None:
    """Left and right, or top and bottom, exchanged."""
    reshape(window, session, flip(session.document.structure, across=across), _text("Flip picture"))


def turn_layer(quarters: int, _window: MainWindow, session: DocumentSession) -> None:
    """The chosen layers, or what is selected of them, about their middle."""
    _change_layer(session, lambda shape: turned_by_quarters(shape, quarters), _text("Rotate layer"))


def flip_layer(across: bool, _window: MainWindow, session: DocumentSession) -> None:
    """The same, flipped."""
    _change_layer(session, lambda shape: flipped(shape, across=across), _text("Flip layer"))


def _change_layer(session: DocumentSession, change: Callable[[Shape], Shape | None], step: str) -> None:
    document = session.document
    lifted = take_up(document, session.chosen)
    shape = change(Shape.untouched(lifted.bounds))
    if shape is None or shape.unchanged:
        return
    made = transformed(lifted, shape.matrix, Resampling.NEAREST, document.bounds)
    with document.history.transaction(step) as edit:
        put_down(edit, document, lifted, dict(made), along(shape.matrix))


COMMANDS: Final[tuple[tuple[Command, Act], ...]] = (
    (
        Command(
            "image.resize",
            QT_TRANSLATE_NOOP("commands", "&Resize picture…"),
            "",
            ("Ctrl+Alt+I",),
            "",
            with_document,
        ),
        resize,
    ),
    (
        Command(
            "image.resize-canvas",
            QT_TRANSLATE_NOOP("commands", "Resize &canvas…"),
            "",
            ("Ctrl+Alt+C",),
            "",
            with_document,
        ),
        partial(resize_canvas, False),
    ),
    (
        Command(
            "image.expand",
            QT_TRANSLATE_NOOP("commands", "E&xpand canvas and fill…"),
            "mode-expand",
            tip=QT_TRANSLATE_NOOP("commands", "Expand canvas and fill: goes on with the picture beyond its edge"),
            enabled=with_document,
        ),
        partial(resize_canvas, True),
    ),
    (
        Command(
            "image.crop-selection", QT_TRANSLATE_NOOP("commands", "Crop to &selection"), "", (), "", with_selection
        ),
        crop_to_selection,
    ),
    (
        Command(
            "image.trim",
            QT_TRANSLATE_NOOP("commands", "&Trim"),
            tip=QT_TRANSLATE_NOOP("commands", "Trim: cut off edges that are transparent, or all of one colour"),
            enabled=with_document,
        ),
        trim,
    ),
    (
        Command(
            "image.rotate-right",
            QT_TRANSLATE_NOOP("commands", "Rotate picture 90° to the &right"),
            "rotate-right",
            enabled=with_document,
        ),
        partial(turn_picture, 1),
    ),
    (
        Command(
            "image.rotate-left",
            QT_TRANSLATE_NOOP("commands", "Rotate picture 90° to the &left"),
            "rotate-left",
            enabled=with_document,
        ),
        partial(turn_picture, -1),
    ),
    (
        Command("image.rotate-half", QT_TRANSLATE_NOOP("commands", "Rotate picture &180°"), enabled=with_document),
        partial(turn_picture, 2),
    ),
    (
        Command("image.rotate", QT_TRANSLATE_NOOP("commands", "Rotate picture by any &angle…"), enabled=with_document),
        rotate,
    ),
    (
        Command(
            "image.flip-across",
            QT_TRANSLATE_NOOP("commands", "Flip picture &horizontally"),
            "flip-across",
            enabled=with_document,
        ),
        partial(flip_picture, True),
    ),
    (
        Command(
            "image.flip-down",
            QT_TRANSLATE_NOOP("commands", "Flip picture &vertically"),
            "flip-down",
            enabled=with_document,
        ),
        partial(flip_picture, False),
    ),
    (
        Command(
            "layer.flip-across",
            QT_TRANSLATE_NOOP("commands", "Flip layer &horizontally"),
            "flip-across",
            enabled=with_layer,
        ),
        partial(flip_layer, True),
    ),
    (
        Command(
            "layer.flip-down", QT_TRANSLATE_NOOP("commands", "Flip layer &vertically"), "flip-down", enabled=with_layer
        ),
        partial(flip_layer, False),
    ),
    (
        Command(
            "layer.rotate-right", QT_TRANSLATE_NOOP("commands", "Rotate layer 90° to the right"), enabled=with_layer
        ),
        partial(turn_layer, 1),
    ),
    (
        Command("layer.rotate-left", QT_TRANSLATE_NOOP("commands", "Rotate layer 90° to the left"), enabled=with_layer),
        partial(turn_layer, -1),
    ),
    (
        Command("layer.rotate-half", QT_TRANSLATE_NOOP("commands", "Rotate layer 180°"), enabled=with_layer),
        partial(turn_layer, 2),
    ),
)


def add_image_commands(window: MainWindow) -> None:
    """Adds them."""

    def on_session(act: Act) -> Callable[[], None]:
        def handler() -> None:
            session = window.session
            if session is not None:
                window.attempt(lambda: act(window, session))

        return handler

    for command, act in COMMANDS:
        window.commands.add(command, on_session(act))
