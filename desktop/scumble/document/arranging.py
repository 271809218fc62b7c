"""Edits of where layers are: deleting, duplicating, moving and grouping one or several, each one step of the history.

Where several layers are named, one that lies inside another of them goes along with it and is not counted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scumble.document.clipping import bases_of, runs, settle
from scumble.document.document import Document
from scumble.document.extents import extent, reclipped
from scumble.document.geometry import Rect
from scumble.document.history import Transaction
from scumble.document.layers import (
    Group,
    Layer,
    LayerId,
    PaintLayer,
    SurfaceId,
    children_of,
    find,
    insert,
    parent_of,
    path_to,
    remove,
    walk,
)
from scumble.document.tiles import Surface


def outermost(document: Document, layer_ids: Iterable[LayerId]) -> tuple[Layer, ...]:
    """The layers of these ids in painting order, without those that lie inside another of them.

    KeyError when one is not there.
    """
    wanted = set(layer_ids)
    for layer_id in wanted:
        document.layer(layer_id)
    return tuple(_outermost(document.layers, wanted))


def remove_layers(document: Document, layer_ids: Sequence[LayerId], step: str = "Delete layers") -> None:
    """Takes layers, and what they hold, out of the tree.

    Where the active layer goes, its nearest neighbour becomes the active one: below, above, or the group round it.
    """
    chosen = outermost(document, layer_ids)
    if not chosen:
        return
    heir = _heir(document, {layer.id for layer in chosen})
    tree = document.layers
    for layer in chosen:
        tree = remove(tree, layer.id)
    with document.history.transaction(step) as edit:
        rearrange(document, edit, tree, extent(document, *chosen))
        if heir is not None:
            document.activate(heir)


def remove_layer(document: Document, layer_id: LayerId, step: str = "Delete layer") -> None:
    """Takes a layer, and what it holds, out of the tree."""
    remove_layers(document, [layer_id], step)


def duplicate_layers(
    document: Document,
    layer_ids: Sequence[LayerId],
    rename: Callable[[str], str] = str,
    step: str = "Duplicate layers",
) -> tuple[LayerId, ...]:
    """Copies of layers, with what they hold; in each group they come above the topmost that was copied there.

    Copies share tiles with their originals until one of them is painted on. The copy of the active layer, or else the
    topmost, becomes active. Returns the ids of the copies in painting order.
    """
    chosen = outermost(document, layer_ids)
    active = document.active
    bases, tree = bases_of(document.layers), document.layers
    copies: dict[LayerId, Layer] = {}
    with document.history.transaction(step) as edit:
        for siblings in _by_group(document, chosen):
            twins = {layer.id: replace(_copy(document, edit, layer), name=rename(layer.name)) for layer in siblings}
            bases |= {
                twins[layer.id].id: twins[base].id if (base := bases[layer.id]) in twins else base
                for layer in siblings
                if layer.id in bases
            }
            tree = _insert_all(tree, twins.values(), _top_of(document, siblings))
            copies |= twins
        for layer in chosen:
            bases |= _twin_bases(layer, copies[layer.id], bases)
        if copies:
            added = {copy.id for copy in copies.values()}
            rearrange(document, edit, tree, extent(document, *copies.values()), added, bases=bases)
            wanted = active.id if active is not None and active.id in copies else chosen[-1].id
            document.activate(copies[wanted].id)
    return tuple(copies[layer.id].id for layer in chosen)


def duplicate_layer(document: Document, layer_id: LayerId, name: str, step: str = "Duplicate layer") -> LayerId:
    """A copy of a layer, with what it holds, above it, made active."""
    return duplicate_layers(document, [layer_id], lambda _: name, step)[0]


def move_layers(
    document: Document,
    layer_ids: Sequence[LayerId],
    *,
    parent: LayerId | None,
    index: int,
    step: str = "Move layers",
) -> None:
    """Puts layers at `index` of a group (of the root when None), counted without the layers themselves.

    They keep their order. ValueError when the group lies inside one of them.
    """
    chosen = outermost(document, layer_ids)
    if parent is not None and find(chosen, parent) is not None:
        raise ValueError("a group cannot be put into itself")
    tree = document.layers
    for layer in chosen:
        tree = remove(tree, layer.id)
    for place, layer in enumerate(chosen, index):
        tree = insert(tree, layer, parent=parent, index=place)
    if tree != document.layers:
        with document.history.transaction(step) as edit:
            moved = {layer.id for layer in chosen}
            rearrange(document, edit, tree, extent(document, *chosen), moved)


def move_layer(
    document: Document, layer_id: LayerId, *, parent: LayerId | None, index: int, step: str = "Move layer"
) -> None:
    """Puts a layer at `index` of a group (of the root when None), counted without the layer itself.

    ValueError when the group lies inside the layer.
    """
    move_layers(document, [layer_id], parent=parent, index=index, step=step)


def group_layers(
    document: Document, layer_ids: Sequence[LayerId], name: str, step: str = "Group layers", **fields: Any
) -> LayerId:
    """Puts layers into a new group, made active, which comes where the topmost of them was. They keep their order.

    `fields` are the group's. KeyError when a layer is not there, ValueError without any.
    """
    chosen = outermost(document, layer_ids)
    if not chosen:
        raise ValueError("a group needs layers")
    inside = {layer.id for layer in chosen}
    parent, index = parent_of(document.layers, chosen[-1].id)
    index -= sum(layer.id in inside for layer in children_of(document.layers, parent)[:index])
    bases = bases_of(document.layers)
    tree = document.layers
    for layer in chosen:
        tree = remove(tree, layer.id)
    shared = {bases.get(layer.id) for layer in chosen}
    group = Group(id=document.new_layer_id(), name=name, children=chosen, **fields)
    if len(shared) == 1 and (base := shared.pop()) is not None:
        group = replace(group, clip=True, children=tuple(replace(layer, clip=False) for layer in chosen))
        bases[group.id] = base
    tree = insert(tree, group, parent=parent, index=index)
    with document.history.transaction(step) as edit:
        moved = {group.id, *inside}
        rearrange(document, edit, tree, extent(document, group), moved, bases=bases, stand_ins={group.id: inside})
        document.activate(group.id)
    return group.id


def ungroup_layers(document: Document, layer_ids: Sequence[LayerId], step: str = "Ungroup") -> None:
    """Puts what groups hold in the place of the groups, whose own mode, opacity and mask go. Other layers stay."""
    chosen = [layer for layer in outermost(document, layer_ids) if isinstance(layer, Group)]
    if not chosen:
        return
    active = document.active
    tree, bases = document.layers, bases_of(document.layers)
    for group in chosen:
        parent, index = parent_of(tree, group.id)
        tree = remove(tree, group.id)
        for place, child in enumerate(group.children, index):
            if group.id in bases:
                bases[child.id] = bases[group.id]
            tree = insert(tree, replace(child, clip=child.clip or group.id in bases), parent=parent, index=place)
    with document.history.transaction(step) as edit:
        moved = {child.id for group in chosen for child in group.children}
        rearrange(document, edit, tree, extent(document, *chosen), moved, bases=bases)
        heirs = [group.children[-1].id for group in chosen if active is group and group.children]
        if heirs:
            document.activate(heirs[0])


def insert_above(document: Document, edit: Transaction, layer: Layer, above: LayerId | None, area: Rect) -> None:
    """Puts a new layer above another and makes it active.

    Without `above` it comes above the active layer, or on top inside the active group.
    """
    active = document.active
    anchor = above if above is not None else (active.id if active else None)
    tree = document.layers
    if above is None and isinstance(active, Group) and not active.locked:
        tree = insert(tree, layer, parent=active.id)
    elif anchor is None or not path_to(tree, anchor):
        tree = insert(tree, layer)
    else:
        parent, index = parent_of(tree, anchor)
        tree = insert(tree, layer, parent=parent, index=index + 1)
    bases = bases_of(document.layers)
    if layer.clip:
        bases |= {clipped: base for clipped, base in bases_of(tree).items() if clipped == layer.id}
    rearrange(document, edit, tree, area, {layer.id}, bases=bases)
    document.activate(layer.id)


def rearrange(
    document: Document,
    edit: Transaction,
    tree: tuple[Layer, ...],
    area: Rect,
    moved: Collection[LayerId] = (),
    *,
    bases: Mapping[LayerId, LayerId] | None = None,
    stand_ins: Mapping[LayerId, Collection[LayerId]] | None = None,
) -> None:
    """Puts another tree in place, its clipping settled as `settle` says. `area` is where the layers moved show."""
    before = document.layers
    tree = settle(tree, bases_of(before) if bases is None else bases, moved, stand_ins)
    edit.set_structure(document.structure.with_layers(tree), area | reclipped(document, before, tree))


def _outermost(layers: tuple[Layer, ...], wanted: set[LayerId]) -> Iterable[Layer]:
    for layer in layers:
        if layer.id in wanted:
            yield layer
        elif isinstance(layer, Group):
            yield from _outermost(layer.children, wanted)


def _heir(document: Document, gone: set[LayerId]) -> LayerId | None:
    """The layer to be active when these have gone; None when the active one stays or nothing is left."""
    active = document.active
    path = path_to(document.layers, active.id) if active is not None else ()
    depth = next((depth for depth, layer in enumerate(path) if layer.id in gone), None)
    if depth is None:
        return None
    parent, index = parent_of(document.layers, path[depth].id)
    siblings = children_of(document.layers, parent)
    nearest = (*reversed(siblings[:index]), *siblings[index + 1 :])
    return next((layer.id for layer in nearest if layer.id not in gone), parent)


def _by_group(document: Document, layers: tuple[Layer, ...]) -> list[tuple[Layer, ...]]:
    """The layers that share a group together, in painting order."""
    found: dict[LayerId | None, list[Layer]] = {}
    for layer in layers:
        found.setdefault(parent_of(document.layers, layer.id)[0], []).append(layer)
    return [tuple(siblings) for siblings in found.values()]


def _top_of(document: Document, siblings: tuple[Layer, ...]) -> LayerId:
    """The layer that copies of these come above: the topmost, or the end of its run, which a base must not split."""
    top = siblings[-1]
    if all(layer.clip for layer in siblings):
        return top.id
    parent, _ = parent_of(document.layers, top.id)
    stacks = ((base, *clipped) for base, clipped in runs(children_of(document.layers, parent)))
    return next(stack[-1].id for stack in stacks if top in stack)


def _insert_all(tree: tuple[Layer, ...], layers: Iterable[Layer], above: LayerId) -> tuple[Layer, ...]:
    parent, index = parent_of(tree, above)
    for place, layer in enumerate(layers, index + 1):
        tree = insert(tree, layer, parent=parent, index=place)
    return tree


def _twin_bases(layer: Layer, copy: Layer, bases: Mapping[LayerId, LayerId]) -> dict[LayerId, LayerId]:
    """The bases of what a copied group holds."""
    twins = {original.id: twin.id for original, twin in zip(walk((layer,)), walk((copy,)), strict=True)}
    inner = [original for original in walk((layer,)) if original is not layer]
    return {twins[node.id]: twins[bases[node.id]] for node in inner if node.id in bases}


def _copy(document: Document, edit: Transaction, layer: Layer) -> Layer:
    changes: dict[str, Any] = {"id": document.new_layer_id()}
    if layer.mask is not None:
        changes["mask"] = _copy_surface(edit, document.surface(layer.mask))
    if isinstance(layer, PaintLayer):
        changes["surface"] = _copy_surface(edit, document.surface(layer.surface))
    if isinstance(layer, Group):
        changes["children"] = tuple(_copy(document, edit, child) for child in layer.children)
    return replace(layer, **changes)


def _copy_surface(edit: Transaction, plane: Surface) -> SurfaceId:
    copy = Surface(plane.channels, plane.dtype)
    copy.tiles = dict(plane.tiles)
    return edit.add_surface(copy)
