"""One step of the history for several layers at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from scumble.document import NOWHERE, Document, Group, Layer, LayerId, Rect, find, parent_of, walk
from scumble.document.extents import extent
from scumble.document.layers import insert, remove, update

QUIET = frozenset({"name", "locked", "alpha_locked"})
"""Fields that do not show in the picture."""


def outermost(document: Document, layer_ids: Collection[LayerId]) -> tuple[Layer, ...]:
    """The chosen layers that are in no other chosen one, in painting order."""
    inner = {
        child.id
        for layer in walk(document.layers)
        if layer.id in layer_ids and isinstance(layer, Group)
        for child in walk(layer.children)
    }
    return tuple(layer for layer in walk(document.layers) if layer.id in layer_ids and layer.id not in inner)


def set_each(document: Document, changes: Mapping[LayerId, Mapping[str, Any]], step: str) -> None:
    """Changes fields of layers. Nothing happens where all of them hold already."""
    tree, area = document.layers, NOWHERE
    for layer_id, fields in changes.items():
        layer = document.layer(layer_id)
        differing = {name for name, value in fields.items() if getattr(layer, name) != value}
        if differing:
            tree = update(tree, layer_id, **fields)
            area = area | (NOWHERE if differing <= QUIET else extent(document, layer))
    if any("clip" in fields for fields in changes.values()):
        area = area | _clipped(document.layers, document) | _clipped(tree, document)
    _set_tree(document, tree, area, step)


def move_layers(
    document: Document, layer_ids: Collection[LayerId], *, parent: LayerId | None, index: int, step: str
) -> None:
    """Puts layers, in their order, at `index` of a group (of the root when None), counted without the layers.

    ValueError when the group lies inside one of them.
    """
    moving = outermost(document, layer_ids)
    if parent is not None and find(moving, parent) is not None:
        raise ValueError("a group cannot be put into itself")
    tree = document.layers
    for layer in moving:
        tree = remove(tree, layer.id)
    for place, layer in enumerate(moving):
        tree = insert(tree, layer, parent=parent, index=index + place)
    _set_tree(document, tree, _reach(document, moving), step)


def remove_layers(document: Document, layer_ids: Collection[LayerId], step: str) -> None:
    """Takes layers, and what they hold, out of the tree; the layer below the lowest of them becomes active."""
    going = outermost(document, layer_ids)
    if not going:
        return
    order = [layer.id for layer in walk(document.layers)]
    tree = document.layers
    for layer in going:
        tree = remove(tree, layer.id)
    left = {layer.id for layer in walk(tree)}
    parent, _ = parent_of(document.layers, going[0].id)
    beside = [layer.id for layer in _siblings(tree, parent)]
    below = [layer_id for layer_id in order[: order.index(going[0].id)] if layer_id in beside]
    _set_tree(document, tree, _reach(document, going), step)
    if beside:
        document.activate(below[-1] if below else beside[0])
    elif parent in left:
        document.activate(parent)


def group_layers(document: Document, layer_ids: Collection[LayerId], name: str, step: str) -> LayerId | None:
    """Puts layers into a new group, made active, in the place of the topmost of them."""
    chosen = outermost(document, layer_ids)
    if not chosen:
        return None
    parent, index = parent_of(document.layers, chosen[-1].id)
    siblings = _siblings(document.layers, parent)
    index -= len([layer for layer in siblings[:index] if layer in chosen])
    tree = document.layers
    for layer in chosen:
        tree = remove(tree, layer.id)
    group = Group(id=document.new_layer_id(), name=name, children=chosen)
    _set_tree(document, insert(tree, group, parent=parent, index=index), _reach(document, chosen), step)
    document.activate(group.id)
    return group.id


def _set_tree(document: Document, tree: tuple[Layer, ...], area: Rect, step: str) -> None:
    if tree != document.layers:
        with document.history.transaction(step) as edit:
            edit.set_structure(document.structure.with_layers(tree), area)


def _reach(document: Document, layers: Collection[Layer]) -> Rect:
    """Where the picture may change when layers come or go: a clipped layer may be clipped to another one then."""
    area = _clipped(document.layers, document)
    for layer in layers:
        area = area | extent(document, layer)
    return area


def _clipped(tree: tuple[Layer, ...], document: Document) -> Rect:
    area = NOWHERE
    for layer in walk(tree):
        if layer.clip:
            area = area | extent(document, layer)
    return area


def _siblings(tree: tuple[Layer, ...], parent: LayerId | None) -> tuple[Layer, ...]:
    group = find(tree, parent) if parent is not None else None
    return group.children if isinstance(group, Group) else tree
