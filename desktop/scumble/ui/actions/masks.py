"""Commands that carry masks about: to and from files, the clipboard, the selection and layer masks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from scumble.api import ScumbleError
from scumble.document import SELECTION, LayerId, Rect, SurfaceId, path_to
from scumble.files import FORMATS, MaskPicture, mask_picture, read_mask, write_mask
from scumble.paint.fitting import Values
from scumble.paint.layermasks import invert_mask, select_tiles, set_layer_mask
from scumble.paint.selecting import from_values
from scumble.tools import check_editable
from scumble.ui import clipboard
from scumble.ui.actions.layer import with_layer, with_mask
from scumble.ui.actions.selection import select_mask, with_selection
from scumble.ui.commands import Command, with_document
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.mnemonics import make_distinct
from scumble.ui.selecting.amount import text
from scumble.ui.selecting.placing import PlacingDialog, is_plain
from scumble.ui.session import DocumentSession, Target
from scumble.ui.window import MainWindow

MASK_MENU: Final = (
    "layer.mask",
    "layer.mask-switch",
    "layer.mask-apply",
    "",
    "mask.from-selection",
    "mask.to-selection",
    "",
    "mask.invert",
    "",
    "mask.copy",
    "mask.paste",
    "",
    "mask.import",
    "mask.export",
)
"""The commands on the layer mask; an empty one is a line."""


class MaskActions(QObject):
    """The handlers. Files are read and written aside."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    # The layer mask

    def from_selection(self, session: DocumentSession) -> None:
        """What is selected becomes the mask of the active layer."""
        layer_id = self._editable(session)
        step = text(QT_TRANSLATE_NOOP("selection", "Selection to layer mask"))
        set_layer_mask(session.document, layer_id, session.document.selection.tiles, step)
        session.set_target(Target.MASK)

    def to_selection(self, session: DocumentSession) -> None:
        """What the mask of the active layer shows becomes selected."""
        active = session.document.active
        if active is not None:
            select_mask(session, active.id)

    def invert(self, session: DocumentSession) -> None:
        """Shows what the mask hid and hides what it showed."""
        self._editable(session)
        active = session.document.active
        if active is not None and active.mask is not None:
            invert_mask(session.document, active.mask, text(QT_TRANSLATE_NOOP("selection", "Invert layer mask")))

    def copy(self, session: DocumentSession) -> None:
        """The mask of the active layer goes on the clipboard, in shades of grey."""
        active = session.document.active
        if active is not None and active.mask is not None:
            clipboard.put_mask(session.document.surface(active.mask).read(session.document.bounds))

    def paste(self, session: DocumentSession) -> None:
        """What is on the clipboard becomes the mask of the active layer; the selection while the quick mask is on."""
        taken = clipboard.take(session.document.format)
        if taken is None:
            raise ScumbleError("clipboard-empty")
        self._take(session, None if session.quick_mask else self._editable(session), self._copied(session, *taken))

    def _copied(self, session: DocumentSession, pixels: Values, origin: tuple[int, int] | None) -> MaskPicture:
        """A part of a picture of this size goes back to where it was."""
        document = session.document
        height, width = pixels.shape[:2]
        picture = mask_picture(pixels, document.format)
        if origin is None or (height, width) == (document.height, document.width):
            return picture
        place = Rect(*origin, width, height)
        if not document.bounds.covers(place):
            return picture
        light = _placed(picture.light, place, document.bounds)
        return MaskPicture(light, None if picture.alpha is None else _placed(picture.alpha, place, document.bounds))

    # Files

    def import_selection(self, session: DocumentSession) -> None:
        """Asks for a picture and selects what it says."""
        self._ask(session, None)

    def import_mask(self, session: DocumentSession) -> None:
        """Asks for a picture and makes it the mask of the active layer."""
        self._ask(session, self._editable(session))

    def _ask(self, session: DocumentSession, layer_id: LayerId | None) -> None:
        endings = " ".join(f"*{ending}" for known in FORMATS for ending in known.extensions)
        dialog = QFileDialog(
            self._window, text(QT_TRANSLATE_NOOP("selection", "Picture as mask")), str(self._folder(session))
        )
        dialog.setNameFilters(
            [
                text(QT_TRANSLATE_NOOP("selection", "Pictures ({endings})")).format(endings=endings),
                text(QT_TRANSLATE_NOOP("selection", "All files (*)")),
            ]
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.import_from(session, Path(name), layer_id))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def import_from(self, session: DocumentSession, path: Path, layer_id: LayerId | None = None) -> None:
        """Reads a picture as the mask of a layer, or as the selection when None."""
        self._window.background.run(
            partial(read_mask, path), partial(self._take, session, layer_id), self._window.show_error
        )

    def _take(self, session: DocumentSession, layer_id: LayerId | None, picture: MaskPicture) -> None:
        """Puts a picture in place, once it is plain how."""
        if session not in self._window.sessions:
            return
        document = session.document
        if is_plain(picture, document.width, document.height):
            self.put(session, layer_id, picture.light)
            return
        dialog = PlacingDialog(picture, document.width, document.height, self._window)
        dialog.placed.connect(partial(self.put, session, layer_id))
        dialog.open()

    def put(self, session: DocumentSession, layer_id: LayerId | None, values: Values) -> None:
        """Makes values of the size of the canvas the mask of a layer, or the selection when None; one step."""
        session.settle()
        document = session.document
        if values.shape != (document.height, document.width):
            return
        tiles = from_values(values, document.bounds)
        if layer_id is None:
            select_tiles(document, tiles, "replace", text(QT_TRANSLATE_NOOP("selection", "Picture to selection")))
            return
        path = path_to(document.layers, layer_id)
        locked = [layer.name for layer in path if layer.locked]
        if locked:
            self._window.show_error(ScumbleError("layer-locked", layer=locked[0]))
        elif path:
            set_layer_mask(document, layer_id, tiles, text(QT_TRANSLATE_NOOP("selection", "Picture to layer mask")))
            session.set_target(Target.MASK)

    def export_selection(self, session: DocumentSession) -> None:
        """Asks for a file and writes what is selected, in shades of grey."""
        self._ask_target(session, SELECTION, text(QT_TRANSLATE_NOOP("selection", "Export selection")))

    def export_mask(self, session: DocumentSession) -> None:
        """Asks for a file and writes the mask of the active layer, in shades of grey."""
        active = session.document.active
        if active is not None and active.mask is not None:
            self._ask_target(session, active.mask, text(QT_TRANSLATE_NOOP("selection", "Export layer mask")))

    def _ask_target(self, session: DocumentSession, surface: SurfaceId, title: str) -> None:
        formats = [known for known in FORMATS if known.can_write and not known.keeps_layers]
        start = self._folder(session) / f"{Path(session.title).stem}-mask.png"
        dialog = QFileDialog(self._window, title, str(start))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(
            [f"{known.title} ({' '.join('*' + ending for ending in known.extensions)})" for known in formats]
        )
        dialog.setDefaultSuffix("png")
        dialog.fileSelected.connect(lambda name: self.export_to(session, surface, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export_to(self, session: DocumentSession, surface: SurfaceId, path: Path) -> None:
        """Writes a mask as it is now."""
        session.settle()
        snapshot = session.document.snapshot()
        bounds = session.document.bounds
        said = text(QT_TRANSLATE_NOOP("selection", "Exported {name}")).format(name=path.name)
        self._window.background.run(
            lambda: write_mask(snapshot.read_mask(surface, bounds), path),
            lambda _nothing: self._window.status.showMessage(said, 3000),
            self._window.show_error,
        )

    def _folder(self, session: DocumentSession) -> Path:
        known = session.path or session.source
        if known is not None:
            return known.parent
        recent = self._window.memory.recent
        return recent[0].parent if recent else Path.home()

    def _editable(self, session: DocumentSession) -> LayerId:
        check_editable(session.document)
        active = session.document.active
        assert active is not None
        return active.id


TABLE: Final[tuple[tuple[Command, Callable[[MaskActions, DocumentSession], object]], ...]] = (
    (
        Command(
            "mask.from-selection",
            QT_TRANSLATE_NOOP("commands", "From &selection"),
            "",
            (),
            QT_TRANSLATE_NOOP("commands", "Make the selection the mask of the layer"),
            lambda session: with_selection(session) and with_layer(session),
        ),
        MaskActions.from_selection,
    ),
    (
        Command(
            "mask.to-selection",
            QT_TRANSLATE_NOOP("commands", "&To selection"),
            "",
            (),
            QT_TRANSLATE_NOOP("commands", "Select what the layer mask shows; or Ctrl+click on its thumbnail"),
            with_mask,
        ),
        MaskActions.to_selection,
    ),
    (
        Command(
            "mask.invert",
            QT_TRANSLATE_NOOP("commands", "&Invert"),
            "",
            (),
            QT_TRANSLATE_NOOP("commands", "Invert the layer mask"),
            with_mask,
        ),
        MaskActions.invert,
    ),
    (
        Command(
            "mask.copy",
            QT_TRANSLATE_NOOP("commands", "&Copy"),
            "",
            (),
            QT_TRANSLATE_NOOP("commands", "Copy the layer mask, for another layer or another program"),
            with_mask,
        ),
        MaskActions.copy,
    ),
    (
        Command(
            "mask.paste",
            QT_TRANSLATE_NOOP("commands", "&Paste"),
            "",
            (),
            QT_TRANSLATE_NOOP("commands", "Paste the picture on the clipboard into the layer mask, or the quick mask"),
            with_layer,
        ),
        MaskActions.paste,
    ),
    (
        Command(
            "mask.import",
            QT_TRANSLATE_NOOP("commands", "I&mport…"),
            "",
            (),
            QT_TRANSLATE_NOOP("commands", "Make a picture the mask of the layer"),
            with_layer,
        ),
        MaskActions.import_mask,
    ),
    (
        Command(
            "mask.export",
            QT_TRANSLATE_NOOP("commands", "&Export…"),
            "",
            (),
            QT_TRANSLATE_NOOP("commands", "Write the layer mask as a picture"),
            with_mask,
        ),
        MaskActions.export_mask,
    ),
    (
        Command(
            "select.import",
            QT_TRANSLATE_NOOP("commands", "Import from picture…"),
            "",
            (),
            QT_TRANSLATE_NOOP("commands", "Select what a picture says: white is selected"),
            with_document,
        ),
        MaskActions.import_selection,
    ),
    (
        Command(
            "select.export",
            QT_TRANSLATE_NOOP("commands", "Export as picture…"),
            "",
            (),
            QT_TRANSLATE_NOOP("commands", "Write the selection as a picture in shades of grey"),
            with_selection,
        ),
        MaskActions.export_selection,
    ),
)


def add_mask_commands(window: MainWindow) -> MaskActions:
    """Adds them."""
    acts = MaskActions(window)

    def on_session(act: Callable[[MaskActions, DocumentSession], object]) -> Callable[[], None]:
        def handler() -> None:
            session = window.session
            if session is not None:
                window.attempt(lambda: act(acts, session))

        return handler

    for command, act in TABLE:
        window.commands.add(command, on_session(act))
    return acts


def add_mask_menu(window: MainWindow) -> None:
    """The commands on layer masks, in a menu of their own below the others on layers."""
    menu = window.menus["layer"].addMenu(text(QT_TRANSLATE_NOOP("selection", "Layer m&ask")))
    window.menus["mask"] = menu
    menu.aboutToShow.connect(lambda: make_distinct(menu.actions()))
    for name in MASK_MENU:
        menu.addAction(window.commands.action(name)) if name else menu.addSeparator()


def _placed(values: Values, place: Rect, bounds: Rect) -> Values:
    """Values of a part of the canvas with nothing round them."""
    whole = np.zeros((bounds.height, bounds.width), np.uint8)
    whole[place.slices(bounds)] = values
    return whole
