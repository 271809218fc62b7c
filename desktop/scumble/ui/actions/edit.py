"""Undo, the clipboard, clearing and filling."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from scumble import paint
from scumble.api import ScumbleError
from scumble.document import BGRA8, SELECTION, Document, PaintLayer, Rect, SurfaceId
from scumble.document.edits import add_layer, new_document
from scumble.tools import Colour, check_editable
from scumble.ui import clipboard
from scumble.ui.commands import Command, with_document
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.naming import free_name
from scumble.ui.session import DocumentSession, Target
from scumble.ui.window import MainWindow


def _text(text: str) -> str:
    return QCoreApplication.translate("edit", text)


def can_undo(session: DocumentSession | None) -> bool:
    """There is a step to take back."""
    return session is not None and session.document.history.position > 0


def can_redo(session: DocumentSession | None) -> bool:
    """There is a step that was taken back."""
    return session is not None and session.document.history.position < len(session.document.history.names)


def with_target(session: DocumentSession | None) -> bool:
    """There is something that can be painted on: a layer, a mask or the quick mask."""
    return session is not None and session.surface is not None


def with_pixels(session: DocumentSession | None) -> bool:
    """The active layer has pixels."""
    return session is not None and isinstance(session.document.active, PaintLayer)


class EditActions:
    """The handlers."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def undo(self, session: DocumentSession) -> None:
        """A step back."""
        session.document.history.undo()

    def redo(self, session: DocumentSession) -> None:
        """And forth."""
        session.document.history.redo()

    def copy(self, session: DocumentSession) -> None:
        """The selected part of the active layer."""
        found = clipboard.selected_pixels(session.document, merged=False)
        if found is not None:
            clipboard.put(session.document, *found)

    def copy_merged(self, session: DocumentSession) -> None:
        """The selected part of all that is seen."""
        found = clipboard.selected_pixels(session.document, merged=True)
        if found is not None:
            clipboard.put(session.document, *found)

    def cut(self, session: DocumentSession) -> None:
        """Copies, then clears."""
        self._editable(session, erase=True)
        active = session.document.active
        self.copy(session)
        if isinstance(active, PaintLayer):
            cover(session.document, active.surface, None, _text("Cut"))

    def paste(self, session: DocumentSession | None) -> None:
        """As a new layer: where it was copied from if that is in sight, else in the middle of the view.

        Without an open document, as a new one.
        """
        taken = (
            clipboard.take(session.document.format, session.document.structure.icc)
            if session is not None
            else clipboard.take(BGRA8)
        )
        if taken is None:
            raise ScumbleError("clipboard-empty")
        pixels, origin = taken
        height, width = pixels.shape[:2]
        if session is None:
            document = new_document(width, height, BGRA8, background=None, name=_text("Layer 1"))
            add_layer(document, _text("Pasted"), pixels=pixels)
            self._window.open_document(document, title=_text("Pasted picture"))
            return
        document = session.document
        seen = session.viewport.visible
        if origin is None or (Rect(*origin, width, height) & seen).empty:
            middle = seen if not seen.empty else document.bounds
            origin = (middle.x + (middle.width - width) // 2, middle.y + (middle.height - height) // 2)
        add_layer(
            document, free_name(document.layers, _text("Pasted")), pixels=pixels, origin=origin, step=_text("Paste")
        )

    def clear(self, session: DocumentSession) -> None:
        """What is selected of the layer, the mask or the quick mask becomes empty."""
        self._cover(session, None, _text("Clear"))

    def fill_foreground(self, session: DocumentSession) -> None:
        """What is selected of the layer, the mask or the quick mask becomes the foreground colour."""
        self._cover(session, session.profile.from_screen(self._window.tools.foreground), _text("Fill"))

    def fill_background(self, session: DocumentSession) -> None:
        """What is selected of the layer, the mask or the quick mask becomes the background colour."""
        self._cover(session, session.profile.from_screen(self._window.tools.background), _text("Fill"))

    def _cover(self, session: DocumentSession, colour: Colour | None, step: str) -> None:
        surface = session.surface
        if surface is None:
            return
        if surface != SELECTION:
            self._editable(session, erase=colour is None and session.target is Target.LAYER)
        cover(session.document, surface, colour, step)

    def _editable(self, session: DocumentSession, *, erase: bool) -> None:
        layer = check_editable(session.document)
        if erase and layer is not None and layer.alpha_locked:
            raise ScumbleError("layer-alpha-locked", layer=layer.name)


def cover(document: Document, surface: SurfaceId, colour: Colour | None, step: str) -> None:
    """Fills a layer, a mask or the selection with a straight colour where it is selected, everywhere when nothing is.

    Without a colour it becomes empty there.
    """
    with document.history.transaction(step) as edit:
        if colour is None:
            paint.clear(document, edit, surface)
        else:
            paint.fill(document, edit, surface, colour)


Table = tuple[tuple[Command, Callable[[DocumentSession], object]], ...]


def edit_table(acts: EditActions) -> Table:
    """Undo, the clipboard, clearing and filling."""
    return (
        (Command("edit.undo", QT_TRANSLATE_NOOP("commands", "&Undo"), "undo", ("Ctrl+Z",), "", can_undo), acts.undo),
        (
            Command(
                "edit.redo", QT_TRANSLATE_NOOP("commands", "&Redo"), "redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "", can_redo
            ),
            acts.redo,
        ),
        (Command("edit.cut", QT_TRANSLATE_NOOP("commands", "Cu&t"), "cut", ("Ctrl+X",), "", with_pixels), acts.cut),
        (Command("edit.copy", QT_TRANSLATE_NOOP("commands", "&Copy"), "copy", ("Ctrl+C",), "", with_pixels), acts.copy),
        (
            Command(
                "edit.copy-merged",
                QT_TRANSLATE_NOOP("commands", "Copy &merged"),
                shortcuts=("Ctrl+Shift+C",),
                enabled=with_document,
            ),
            acts.copy_merged,
        ),
        (
            Command("edit.clear", QT_TRANSLATE_NOOP("commands", "C&lear"), "", ("Del",), "", with_target),
            acts.clear,
        ),
        (
            Command(
                "edit.fill",
                QT_TRANSLATE_NOOP("commands", "&Fill with foreground colour"),
                "fill",
                ("Shift+Backspace", "Alt+Backspace"),
                "",
                with_target,
            ),
            acts.fill_foreground,
        ),
        (
            Command(
                "edit.fill-background",
                QT_TRANSLATE_NOOP("commands", "Fill with &background colour"),
                "",
                ("Backspace",),
                "",
                with_target,
            ),
            acts.fill_background,
        ),
    )


def add_edit_commands(window: MainWindow) -> None:
    """Adds them."""
    acts = EditActions(window)

    def on_session(act: Callable[[DocumentSession], object]) -> Callable[[], None]:
        def handler() -> None:
            session = window.session
            if session is not None:
                window.attempt(lambda: act(session))

        return handler

    for command, act in edit_table(acts):
        window.commands.add(command, on_session(act))
    paste = Command("edit.paste", QT_TRANSLATE_NOOP("commands", "&Paste as new layer"), "paste", ("Ctrl+V",))
    window.commands.add(paste, lambda: window.attempt(lambda: acts.paste(window.session)))
