"""Commands on layers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from scumble.document import Group, Layer, LayerId, PaintLayer, find, parent_of
from scumble.document.arranging import duplicate_layers, group_layers, move_layer, remove_layers
from scumble.document.edits import add_group, add_layer, set_layer, set_layers
from scumble.document.masks import add_mask, remove_mask
from scumble.ui.commands import Command, with_document
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.merging import below, flatten_image, merge_down
from scumble.ui.naming import free_name
from scumble.ui.session import DocumentSession, Target
from scumble.ui.window import MainWindow


def _text(text: str) -> str:
    return QCoreApplication.translate("layers", text)


def with_layer(session: DocumentSession | None) -> bool:
    """There is an active layer."""
    return session is not None and session.document.active is not None


def with_mask(session: DocumentSession | None) -> bool:
    """The active layer has a mask."""
    active = session.document.active if session is not None else None
    return active is not None and active.mask is not None


def with_paint_layer(session: DocumentSession | None) -> bool:
    """The active layer has pixels of its own."""
    return session is not None and isinstance(session.document.active, PaintLayer)


def with_group(session: DocumentSession | None) -> bool:
    """The active layer is a group."""
    return session is not None and isinstance(session.document.active, Group)


def with_layer_below(session: DocumentSession | None) -> bool:
    """There is a layer below the active one in the same group, for it to be clipped to."""
    active = session.document.active if session is not None else None
    return session is not None and active is not None and parent_of(session.document.layers, active.id)[1] > 0


def is_clipped(session: DocumentSession | None) -> bool:
    """The active layer shows only where the one below does."""
    active = session.document.active if session is not None else None
    return active is not None and active.clip


def is_alpha_locked(session: DocumentSession | None) -> bool:
    """Painting leaves the active layer as opaque as it is."""
    active = session.document.active if session is not None else None
    return isinstance(active, PaintLayer) and active.alpha_locked


def is_passed_through(session: DocumentSession | None) -> bool:
    """The active group is not blended as one picture."""
    active = session.document.active if session is not None else None
    return isinstance(active, Group) and not active.isolated


def can_clip(session: DocumentSession | None) -> bool:
    """The active layer can be clipped to another, or is."""
    return with_layer_below(session) or is_clipped(session)


def can_rise(session: DocumentSession | None) -> bool:
    """The active layer is not the topmost of all."""
    return session is not None and _place(session, 1) is not None


def can_sink(session: DocumentSession | None) -> bool:
    """The active layer is not the lowest of all."""
    return session is not None and _place(session, -1) is not None


def can_merge(session: DocumentSession | None) -> bool:
    """The active layer can be merged with the one below, or is a group."""
    return session is not None and bool(below(session.document))


def can_flatten(session: DocumentSession | None) -> bool:
    """There is something to flatten."""
    return session is not None and (len(session.document.layers) > 1 or can_merge(session))


def new_layer(session: DocumentSession) -> None:
    """An empty layer above the active one."""
    document = session.document
    add_layer(document, free_name(document.layers, _text("Layer")), step=_text("Add layer"))


def new_group(session: DocumentSession) -> None:
    """An empty group above the active layer."""
    add_group(session.document, free_name(session.document.layers, _text("Group")))


def duplicate(session: DocumentSession) -> None:
    """Copies of the chosen layers."""
    several = len(session.chosen) > 1
    step = _text("Duplicate layers") if several else _text("Duplicate layer")
    copy = _text("{name} copy")
    copies = duplicate_layers(session.document, session.chosen, lambda name: copy.format(name=name), step)
    if copies and session.document.active is not None:
        session.choose(copies, session.document.active.id)


def delete(session: DocumentSession) -> None:
    """Away with the chosen layers."""
    several = len(session.chosen) > 1
    remove_layers(session.document, session.chosen, _text("Delete layers") if several else _text("Delete layer"))


def group_chosen(session: DocumentSession) -> None:
    """The chosen layers into a group of their own."""
    group_layers(
        session.document, session.chosen, free_name(session.document.layers, _text("Group")), _text("Group layers")
    )


def switch(session: DocumentSession, field: str, step: str) -> None:
    """Turns a field of the active layer round, and makes it the same on all chosen layers that have it."""
    active = session.document.active
    if active is not None:
        wanted = not getattr(active, field)
        set_layers(session.document, session.chosen, step, **{field: wanted})


def toggle_mask(session: DocumentSession) -> None:
    """A mask from the selection, to be painted on; or the mask away."""
    active = session.document.active
    if active is None:
        return
    if active.mask is None:
        add_mask(session.document, active.id, _text("Add layer mask"))
        session.set_target(Target.MASK)
    else:
        remove_mask(session.document, active.id, _text("Delete layer mask"))
        session.set_target(Target.LAYER)


def switch_mask(session: DocumentSession) -> None:
    """The mask on or off, without losing it."""
    active = session.document.active
    if active is not None and active.mask is not None:
        set_layer(session.document, active.id, _text("Switch layer mask"), mask_enabled=not active.mask_enabled)


def shift(session: DocumentSession, direction: int) -> None:
    """The active layer a place up (1) or down (-1), into and out of groups."""
    place = _place(session, direction)
    active = session.document.active
    if place is not None and active is not None:
        parent, index = place
        step = _text("Raise layer") if direction > 0 else _text("Lower layer")
        move_layer(session.document, active.id, parent=parent, index=index, step=step)


COMMANDS: tuple[tuple[Command, Callable[[DocumentSession], None]], ...] = (
    (
        Command("layer.add", QT_TRANSLATE_NOOP("commands", "&New layer"), "layer-add", ("Ins",), "", with_document),
        new_layer,
    ),
    (
        Command("layer.group", QT_TRANSLATE_NOOP("commands", "New &group"), "group-add", (), "", with_document),
        new_group,
    ),
    (
        Command(
            "layer.group-chosen",
            QT_TRANSLATE_NOOP("commands", "Group &layers"),
            "group",
            ("Ctrl+G",),
            QT_TRANSLATE_NOOP("commands", "Put the chosen layers into a group"),
            with_layer,
        ),
        group_chosen,
    ),
    (
        Command(
            "layer.clip",
            QT_TRANSLATE_NOOP("commands", "&Clip to the layer below"),
            "clip",
            ("Ctrl+Alt+G",),
            QT_TRANSLATE_NOOP("commands", "Show the layer only where the one below shows"),
            can_clip,
            checkable=True,
            checked=is_clipped,
        ),
        lambda session: switch(session, "clip", _text("Clip layer")),
    ),
    (
        Command(
            "layer.alpha-lock",
            QT_TRANSLATE_NOOP("commands", "Lock &alpha"),
            "alpha-lock",
            ("/",),
            QT_TRANSLATE_NOOP("commands", "Lock alpha: painting changes colours, never how opaque the layer is"),
            with_paint_layer,
            checkable=True,
            checked=is_alpha_locked,
        ),
        lambda session: switch(session, "alpha_locked", _text("Lock alpha")),
    ),
    (
        Command(
            "layer.pass-through",
            QT_TRANSLATE_NOOP("commands", "&Pass through"),
            "pass-through",
            (),
            QT_TRANSLATE_NOOP("commands", "Pass through: blend the layers of the group with what lies below it"),
            with_group,
            checkable=True,
            checked=is_passed_through,
        ),
        lambda session: switch(session, "isolated", _text("Pass through")),
    ),
    (
        Command("layer.rename", QT_TRANSLATE_NOOP("commands", "Re&name layer"), "", ("F2",), "", with_layer),
        lambda session: session.rename_wanted.emit(),
    ),
    (
        Command(
            "layer.duplicate",
            QT_TRANSLATE_NOOP("commands", "&Duplicate layer"),
            "duplicate",
            ("Ctrl+J",),
            "",
            with_layer,
        ),
        duplicate,
    ),
    (
        Command(
            "layer.mask",
            QT_TRANSLATE_NOOP("commands", "Add or delete layer &mask"),
            "mask",
            ("Ctrl+Shift+M",),
            QT_TRANSLATE_NOOP("commands", "Add a layer mask from the selection, or delete it"),
            with_layer,
        ),
        toggle_mask,
    ),
    (
        Command("layer.mask-switch", QT_TRANSLATE_NOOP("commands", "Switch layer mask on or off"), enabled=with_mask),
        switch_mask,
    ),
    (
        Command("layer.up", QT_TRANSLATE_NOOP("commands", "&Raise layer"), "up", ("Ctrl+PgUp",), "", can_rise),
        lambda session: shift(session, 1),
    ),
    (
        Command("layer.down", QT_TRANSLATE_NOOP("commands", "&Lower layer"), "down", ("Ctrl+PgDown",), "", can_sink),
        lambda session: shift(session, -1),
    ),
    (
        Command(
            "layer.delete", QT_TRANSLATE_NOOP("commands", "D&elete layer"), "delete", ("Shift+Del",), "", with_layer
        ),
        delete,
    ),
    (
        Command(
            "layer.flatten",
            QT_TRANSLATE_NOOP("commands", "&Flatten picture"),
            "",
            ("Ctrl+Shift+E",),
            QT_TRANSLATE_NOOP("commands", "Make one layer of all that is seen; hidden layers go"),
            can_flatten,
        ),
        lambda session: flatten_image(session.document, _text("Flatten picture")),
    ),
)


MERGE = Command(
    "layer.merge",
    QT_TRANSLATE_NOOP("commands", "M&erge down"),
    "merge",
    ("Ctrl+E",),
    QT_TRANSLATE_NOOP("commands", "Make one layer of this one and the one below, or of a group"),
    can_merge,
)


def add_layer_commands(window: MainWindow) -> None:
    """Adds them."""

    def on_session(act: Callable[[DocumentSession], None]) -> Callable[[], None]:
        def handler() -> None:
            if window.session is not None:
                act(window.session)

        return handler

    def merge(session: DocumentSession) -> None:
        if not merge_down(session.document, _text("Merge down")):
            text = _text(
                "The layers blended with what lies further below, so the picture may look a little different now. "
                "Undo brings them back."
            )
            window.messages.show_message(text, seconds=12)

    for command, act in COMMANDS:
        window.commands.add(command, on_session(act))
    window.commands.add(MERGE, on_session(merge))


def _place(session: DocumentSession, direction: int) -> tuple[LayerId | None, int] | None:
    """Where the active layer goes: beside its neighbour, into a neighbour that is a group, or out of its own group."""
    active = session.document.active
    if active is None:
        return None
    layers = session.document.layers
    parent, index = parent_of(layers, active.id)
    siblings = layers if parent is None else _children(layers, parent)
    beside = index + direction
    if 0 <= beside < len(siblings):
        neighbour = siblings[beside]
        if isinstance(neighbour, Group):
            return neighbour.id, 0 if direction > 0 else len(neighbour.children)
        return parent, beside
    if parent is None:
        return None
    outer, place = parent_of(layers, parent)
    return outer, place + 1 if direction > 0 else place


def _children(layers: tuple[Layer, ...], parent: LayerId) -> tuple[Layer, ...]:
    group = find(layers, parent)
    return group.children if isinstance(group, Group) else ()
