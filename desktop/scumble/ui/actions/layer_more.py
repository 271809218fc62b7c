"""Commands on layers that make pixels anew, or work on several layers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QCoreApplication

from scumble.document import Group, PaintLayer
from scumble.document.arranging import ungroup_layers
from scumble.document.edits import add_layer, put_layer
from scumble.document.masks import apply_mask
from scumble.tools import check_editable
from scumble.ui import clipboard
from scumble.ui.commands import Command
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.merging import merge_visible
from scumble.ui.naming import free_name
from scumble.ui.session import DocumentSession, Target
from scumble.ui.window import MainWindow


def _text(text: str) -> str:
    return QCoreApplication.translate("layers", text)


def with_chosen_group(session: DocumentSession | None) -> bool:
    """One of the chosen layers is a group."""
    if session is None:
        return False
    return any(isinstance(session.document.layer(layer_id), Group) for layer_id in session.chosen)


def with_applicable_mask(session: DocumentSession | None) -> bool:
    """The active layer has pixels and a mask."""
    active = session.document.active if session is not None else None
    return isinstance(active, PaintLayer) and active.mask is not None


def with_selected_pixels(session: DocumentSession | None) -> bool:
    """The active layer has pixels and something is selected."""
    if session is None or not isinstance(session.document.active, PaintLayer):
        return False
    return not session.document.selection_bounds.empty


def with_visible(session: DocumentSession | None) -> bool:
    """There are at least two visible layers to be merged."""
    return session is not None and sum(layer.visible for layer in session.document.layers) > 1


def copy_to_layer(session: DocumentSession) -> None:
    """The selected pixels of the active layer on a layer of their own above it."""
    found = clipboard.selected_pixels(session.document, merged=False)
    if found is not None:
        area, pixels = found
        name = free_name(session.document.layers, _text("Layer"))
        add_layer(
            session.document, name, pixels=pixels, origin=(area.x, area.y), step=_text("Copy selection to new layer")
        )


def cut_to_layer(session: DocumentSession) -> None:
    """The same, taken out of the active layer."""
    check_editable(session.document)
    document, active = session.document, session.document.active
    found = clipboard.selected_pixels(document, merged=False)
    if found is None or not isinstance(active, PaintLayer):
        return
    area, pixels = found
    selected = document.selection.read(area)
    with document.history.transaction(_text("Cut selection to new layer")) as edit:
        kept = clipboard.faded(document.surface(active.surface).read(area), np.uint8(255) - selected)
        edit.put(active.surface, area, kept)
        name = free_name(document.layers, _text("Layer"))
        put_layer(document, edit, name, pixels=pixels, origin=(area.x, area.y))


def apply_active_mask(session: DocumentSession) -> None:
    """Multiplies the pixels of the active layer by its mask, and takes that off."""
    check_editable(session.document)
    active = session.document.active
    if active is not None:
        apply_mask(session.document, active.id, _text("Apply layer mask"))
        session.set_target(Target.LAYER)


COMMANDS: tuple[tuple[Command, Callable[[DocumentSession], object]], ...] = (
    (
        Command(
            "layer.ungroup",
            QT_TRANSLATE_NOOP("commands", "&Ungroup"),
            "",
            ("Ctrl+Shift+G",),
            QT_TRANSLATE_NOOP("commands", "Put the layers of the group in its place"),
            with_chosen_group,
        ),
        lambda session: ungroup_layers(session.document, session.chosen, _text("Ungroup")),
    ),
    (
        Command(
            "layer.mask-apply",
            QT_TRANSLATE_NOOP("commands", "Ap&ply layer mask"),
            tip=QT_TRANSLATE_NOOP("commands", "Make what the layer mask hides transparent, and take the mask off"),
            enabled=with_applicable_mask,
        ),
        apply_active_mask,
    ),
    (
        Command(
            "layer.from-selection",
            QT_TRANSLATE_NOOP("commands", "C&opy selection to new layer"),
            "",
            ("Ctrl+Alt+J",),
            "",
            with_selected_pixels,
        ),
        copy_to_layer,
    ),
    (
        Command(
            "layer.cut-selection",
            QT_TRANSLATE_NOOP("commands", "Cut selection to new la&yer"),
            "",
            ("Ctrl+Shift+J",),
            "",
            with_selected_pixels,
        ),
        cut_to_layer,
    ),
    (
        Command(
            "layer.merge-visible",
            QT_TRANSLATE_NOOP("commands", "Merge &visible"),
            "",
            ("Ctrl+Alt+E",),
            QT_TRANSLATE_NOOP("commands", "Make one layer of all that is seen; hidden layers stay"),
            with_visible,
        ),
        lambda session: merge_visible(session.document, _text("Merge visible")),
    ),
)


def add_more_layer_commands(window: MainWindow) -> None:
    """Adds them."""

    def on_session(act: Callable[[DocumentSession], object]) -> Callable[[], None]:
        def handler() -> None:
            session = window.session
            if session is not None:
                window.attempt(lambda: act(session))

        return handler

    for command, act in COMMANDS:
        window.commands.add(command, on_session(act))
