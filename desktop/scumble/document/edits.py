"""The operations on layers and on the selection, each one step of the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scumble.document.document import Document, Structure
from scumble.document.geometry import NOWHERE, Rect, TileIndex, tile_rect
from scumble.document.history import SELECTION, Transaction
from scumble.document.layers import (
    Group,
    Layer,
    LayerId,
    PaintLayer,
    SurfaceId,
    find,
    insert,
    parent_of,
    path_to,
    remove,
    update,
    walk,
)
from scumble.document.pixels import PixelFormat, Pixels
from scumble.document.recipe import Recipe
from scumble.document.tiles import Surface, Tile, shifted


def new_document(
    width: int, height: int, pixel_format: PixelFormat, *, background: tuple[float, float, float] | None, name: str
) -> Document:
    """A document with one layer, filled with an opaque straight colour (0…1) or transparent; no undo steps yet."""
    document = Document(width, height, pixel_format)
    pixels = None
    if background is not None:
        pixels = np.empty((height, width, 4), pixel_format.dtype)
        pixels[:] = pixel_format.solid(*background)
    add_layer(document, name, pixels=pixels)
    document.history.clear()
    return document


def add_layer(
    document: Document,
    name: str,
    *,
    pixels: Pixels | None = None,
    origin: tuple[int, int] = (0, 0),
    mask: NDArray[np.uint8] | None = None,
    recipe: Recipe | None = None,
    above: LayerId | None = None,
    step: str = "",
    **fields: Any,
) -> LayerId:
    """A new paint layer above `above`, made active.

    Without `above` it comes above the active layer, or on top inside the active group.

    `pixels` are stored pixels placed at `origin`; `mask` (same place, 255 shows) becomes its layer mask, which hides
    the layer outside itself.
    """
    with document.history.transaction(step or name) as edit:
        return put_layer(
            document, edit, name, pixels=pixels, origin=origin, mask=mask, recipe=recipe, above=above, **fields
        )


def put_layer(
    document: Document,
    edit: Transaction,
    name: str,
    *,
    pixels: Pixels | None = None,
    origin: tuple[int, int] = (0, 0),
    mask: NDArray[np.uint8] | None = None,
    recipe: Recipe | None = None,
    above: LayerId | None = None,
    **fields: Any,
) -> LayerId:
    """`add_layer` as a part of a larger transaction."""
    surface = edit.add_surface(Surface.for_colour(document.format))
    area = NOWHERE
    if pixels is not None:
        area = Rect(*origin, pixels.shape[1], pixels.shape[0])
        edit.put(surface, area, pixels)
    mask_surface = None
    if mask is not None:
        mask_surface = edit.add_surface(Surface.for_mask())
        edit.put(mask_surface, Rect(*origin, mask.shape[1], mask.shape[0]), mask)
    layer = PaintLayer(
        id=document.new_layer_id(), name=name, surface=surface, mask=mask_surface, recipe=recipe, **fields
    )
    _insert_above(document, edit, layer, above, area)
    return layer.id


def add_group(document: Document, name: str, *, above: LayerId | None = None) -> LayerId:
    """A new, empty group above a layer, made active; without one, where `add_layer` would put it."""
    with document.history.transaction(name) as edit:
        group = Group(id=document.new_layer_id(), name=name)
        _insert_above(document, edit, group, above, NOWHERE)
    return group.id


def remove_layer(document: Document, layer_id: LayerId, step: str = "Delete layer") -> None:
    """Takes a layer, and what it holds, out of the tree."""
    parent, index = parent_of(document.layers, layer_id)
    tree = remove(document.layers, layer_id)
    area = extent(document, document.layer(layer_id))
    with document.history.transaction(step) as edit:
        edit.set_structure(document.structure.with_layers(tree), area)
    siblings = tree if parent is None else _children(tree, parent)
    if siblings:
        document.activate(siblings[max(index - 1, 0)].id)


def duplicate_layer(document: Document, layer_id: LayerId, name: str, step: str = "Duplicate layer") -> LayerId:
    """A copy of a layer, with what it holds, right above it. The copy shares tiles until one of them is painted on."""
    with document.history.transaction(step) as edit:
        copy = replace(_copy(document, edit, document.layer(layer_id)), name=name)
        _insert_above(document, edit, copy, layer_id, extent(document, copy))
    return copy.id


def move_layer(
    document: Document, layer_id: LayerId, *, parent: LayerId | None, index: int, step: str = "Move layer"
) -> None:
    """Puts a layer at `index` of a group (of the root when None), counted without the layer itself.

    ValueError when the group lies inside the layer.
    """
    layer = document.layer(layer_id)
    if parent is not None and find((layer,), parent) is not None:
        raise ValueError("a group cannot be put into itself")
    tree = insert(remove(document.layers, layer_id), layer, parent=parent, index=index)
    if tree != document.layers:
        with document.history.transaction(step) as edit:
            edit.set_structure(document.structure.with_layers(tree), extent(document, layer))


def set_layer(document: Document, layer_id: LayerId, step: str, **changes: Any) -> None:
    """Changes fields of a layer: name, visible, opacity, mode, locked, mask_enabled, isolated."""
    layer = document.layer(layer_id)
    if all(getattr(layer, name) == value for name, value in changes.items()):
        return
    shows = not set(changes) <= {"name", "locked"}
    with document.history.transaction(step) as edit:
        tree = update(document.layers, layer_id, **changes)
        edit.set_structure(document.structure.with_layers(tree), extent(document, layer) if shows else NOWHERE)


def add_mask(document: Document, layer_id: LayerId, step: str = "Add layer mask") -> None:
    """Gives a layer a mask: what is selected, or all of the canvas when nothing is."""
    bounds = document.bounds
    values = document.selection.read(bounds)
    if not values.any():
        values = np.full((bounds.height, bounds.width), 255, np.uint8)
    with document.history.transaction(step) as edit:
        mask = edit.add_surface(Surface.for_mask())
        edit.put(mask, bounds, values)
        area = extent(document, document.layer(layer_id))
        tree = update(document.layers, layer_id, mask=mask, mask_enabled=True)
        edit.set_structure(document.structure.with_layers(tree), area)


def remove_mask(document: Document, layer_id: LayerId, step: str = "Delete layer mask") -> None:
    """Takes the mask off; what it hid shows again."""
    if document.layer(layer_id).mask is None:
        return
    with document.history.transaction(step) as edit:
        area = extent(document, document.layer(layer_id))
        tree = update(document.layers, layer_id, mask=None)
        edit.set_structure(document.structure.with_layers(tree), area)


def extent(document: Document, layer: Layer) -> Rect:
    """Where a layer, with what it holds, can show: the tiles that have pixels, and no more than the canvas."""
    area = NOWHERE
    for node in walk((layer,)):
        if isinstance(node, PaintLayer):
            for index in document.surface(node.surface).tiles:
                area = area | tile_rect(index)
    return area & document.bounds


def merge_layers(
    document: Document, layer_ids: Sequence[LayerId], tiles: Mapping[TileIndex, Pixels], step: str, **fields: Any
) -> LayerId:
    """Puts one paint layer, made active, in the place of layers that lie in the same group; the lowest is the first.

    `tiles` are stored pixels of `(TILE, TILE, 4)`, kept and not copied: what the layers look like together. `fields`
    are the new layer's. KeyError when a layer is not there.
    """
    lowest = document.layer(layer_ids[0])
    parent, index = parent_of(document.layers, lowest.id)
    area = NOWHERE
    tree = document.layers
    for layer_id in layer_ids:
        area = area | extent(document, document.layer(layer_id))
        tree = remove(tree, layer_id)
    with document.history.transaction(step) as edit:
        plane = Surface.for_colour(document.format)
        plane.tiles = {place: Tile(pixels) for place, pixels in tiles.items()}
        merged = PaintLayer(
            id=document.new_layer_id(), **{"name": lowest.name, **fields}, surface=edit.add_surface(plane)
        )
        tree = insert(tree, merged, parent=parent, index=index)
        edit.set_structure(document.structure.with_layers(tree), area)
        document.activate(merged.id)
    return merged.id


def set_structure(document: Document, structure: Structure, step: str) -> None:
    """Replaces the whole structure."""
    with document.history.transaction(step) as edit:
        edit.set_structure(structure)


def select(
    document: Document,
    rect: Rect,
    values: NDArray[np.uint8] | int = 255,
    *,
    mode: str = "replace",
    step: str = "Select",
) -> None:
    """Combines values (255 = selected) over a rectangle with the selection.

    `mode` is replace, add (maximum), subtract, or intersect (minimum).
    """
    area = rect & document.bounds
    given = np.zeros((area.height, area.width), np.uint8)
    given[:] = values if isinstance(values, int) else values[area.slices(rect)]
    old = document.selection.read(area)
    with document.history.transaction(step) as edit:
        if mode in ("replace", "intersect"):
            edit.clear(SELECTION)
        combined = {
            "replace": given,
            "add": np.maximum(old, given),
            "subtract": np.minimum(old, 255 - given),
            "intersect": np.minimum(old, given),
        }[mode]
        edit.put(SELECTION, area, combined)


def select_all(document: Document, step: str = "Select all") -> None:
    """Selects the whole canvas."""
    select(document, document.bounds, step=step)


def deselect(document: Document, step: str = "Deselect") -> None:
    """Selects nothing, so that all may change."""
    with document.history.transaction(step) as edit:
        edit.clear(SELECTION)


def invert_selection(document: Document, step: str = "Invert selection") -> None:
    """Selects what was not selected."""
    values = 255 - document.selection.read(document.bounds)
    with document.history.transaction(step) as edit:
        edit.clear(SELECTION)
        edit.put(SELECTION, document.bounds, values)


def translate(edit: Transaction, document: Document, layer: Layer, dx: int, dy: int) -> None:
    """Shows a layer, its mask and what it holds moved by whole pixels from where they were before the transaction.

    May be called again and again in one transaction, as a drag goes on.
    """
    if isinstance(layer, Group):
        for child in layer.children:
            translate(edit, document, child, dx, dy)
    surfaces = [layer.surface] if isinstance(layer, PaintLayer) else []
    if layer.mask is not None:
        surfaces.append(layer.mask)
    for surface in surfaces:
        edit.replace(surface, shifted(edit.original_tiles(surface), dx, dy))
    _translate_recipe(edit, document, layer, dx, dy)


def _translate_recipe(edit: Transaction, document: Document, layer: Layer, dx: int, dy: int) -> None:
    """A generated layer's box goes along, so that its mask can still be made anew from its recipe."""
    before = document.history.pending_structure or document.structure
    first = find(before.layers, layer.id)
    if isinstance(first, PaintLayer) and first.recipe is not None:
        recipe = replace(first.recipe, box=first.recipe.box.translated(dx, dy))
        tree = update(document.layers, layer.id, recipe=recipe)
        edit.set_structure(document.structure.with_layers(tree), NOWHERE)


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


def _insert_above(document: Document, edit: Transaction, layer: Layer, above: LayerId | None, area: Rect) -> None:
    active = document.active
    anchor = above if above is not None else (active.id if active else None)
    structure = document.structure
    if above is None and isinstance(active, Group) and not active.locked:
        tree = insert(structure.layers, layer, parent=active.id)
    elif anchor is None or not path_to(structure.layers, anchor):
        tree = insert(structure.layers, layer)
    else:
        parent, index = parent_of(structure.layers, anchor)
        tree = insert(structure.layers, layer, parent=parent, index=index + 1)
    edit.set_structure(structure.with_layers(tree), area)
    document.activate(layer.id)


def _children(tree: tuple[Layer, ...], parent: LayerId) -> tuple[Layer, ...]:
    group = find(tree, parent)
    return group.children if isinstance(group, Group) else ()
