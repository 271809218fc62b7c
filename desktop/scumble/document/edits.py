"""Edits of layers, each one step of the history.

All that edits a document is here by name: arranging layers, their masks, and selecting live in modules of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scumble.document.arranging import (
    duplicate_layer,
    duplicate_layers,
    group_layers,
    insert_above,
    move_layer,
    move_layers,
    outermost,
    rearrange,
    remove_layer,
    remove_layers,
    ungroup_layers,
)
from scumble.document.clipping import bases_of
from scumble.document.document import Document, Structure
from scumble.document.extents import extent, reclipped
from scumble.document.geometry import NOWHERE, Rect, TileIndex
from scumble.document.history import Transaction
from scumble.document.layers import Group, Layer, LayerId, PaintLayer, find, insert, parent_of, remove, update
from scumble.document.masks import add_mask, apply_mask, remove_mask
from scumble.document.pixels import PixelFormat, Pixels
from scumble.document.recipe import Recipe
from scumble.document.selecting import (
    delete_selection,
    deselect,
    invert_selection,
    load_selection,
    rename_selection,
    save_selection,
    select,
    select_all,
)
from scumble.document.tiles import Surface, Tile, shifted

__all__ = [
    "add_group",
    "add_layer",
    "add_mask",
    "apply_mask",
    "delete_selection",
    "deselect",
    "duplicate_layer",
    "duplicate_layers",
    "group_layers",
    "invert_selection",
    "load_selection",
    "merge_layers",
    "move_layer",
    "move_layers",
    "new_document",
    "outermost",
    "put_layer",
    "remove_layer",
    "remove_layers",
    "remove_mask",
    "rename_selection",
    "save_selection",
    "select",
    "select_all",
    "set_layer",
    "set_layers",
    "set_structure",
    "translate",
    "ungroup_layers",
]

_INVISIBLE = frozenset(("name", "locked", "alpha_locked"))
"""The fields of a layer that change nothing that is seen."""


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
    insert_above(document, edit, layer, above, area)
    return layer.id


def add_group(document: Document, name: str, *, above: LayerId | None = None) -> LayerId:
    """A new, empty group above a layer, made active; without one, where `add_layer` would put it."""
    with document.history.transaction(name) as edit:
        group = Group(id=document.new_layer_id(), name=name)
        insert_above(document, edit, group, above, NOWHERE)
    return group.id


def set_layer(document: Document, layer_id: LayerId, step: str, **changes: Any) -> None:
    """Changes fields of a layer: name, visible, opacity, mode, clip, locked, alpha_locked, mask_enabled, isolated."""
    set_layers(document, [layer_id], step, **changes)


def set_layers(document: Document, layer_ids: Sequence[LayerId], step: str, **changes: Any) -> None:
    """Changes fields of several layers alike; those that lack a field keep as they are. KeyError when one has gone."""
    tree, changed = document.layers, []
    for layer in map(document.layer, layer_ids):
        fields = {name: value for name, value in changes.items() if hasattr(layer, name)}
        if any(getattr(layer, name) != value for name, value in fields.items()):
            tree = update(tree, layer.id, **fields)
            changed.append(layer)
    if changed:
        shows = not set(changes) <= _INVISIBLE
        with document.history.transaction(step) as edit:
            area = extent(document, *changed) | reclipped(document, document.layers, tree) if shows else NOWHERE
            edit.set_structure(document.structure.with_layers(tree), area)


def merge_layers(
    document: Document, layer_ids: Sequence[LayerId], tiles: Mapping[TileIndex, Pixels], step: str, **fields: Any
) -> LayerId:
    """Puts one paint layer, made active, in the place of layers that lie in the same group; the lowest is the first.

    `tiles` are stored pixels of `(TILE, TILE, 4)`, kept and not copied: what the layers look like together. `fields`
    are the new layer's, which is clipped where the lowest was. KeyError when a layer is not there.
    """
    lowest = document.layer(layer_ids[0])
    parent, index = parent_of(document.layers, lowest.id)
    bases = bases_of(document.layers)
    area = extent(document, *(document.layer(layer_id) for layer_id in layer_ids))
    tree = document.layers
    for layer_id in layer_ids:
        tree = remove(tree, layer_id)
    with document.history.transaction(step) as edit:
        plane = Surface.for_colour(document.format)
        plane.tiles = {place: Tile(pixels) for place, pixels in tiles.items()}
        given = {"name": lowest.name, "clip": lowest.clip, **fields}
        merged = PaintLayer(id=document.new_layer_id(), **given, surface=edit.add_surface(plane))
        if lowest.id in bases:
            bases[merged.id] = bases[lowest.id]
        tree = insert(tree, merged, parent=parent, index=index)
        rearrange(document, edit, tree, area, {merged.id}, bases=bases, stand_ins={merged.id: layer_ids})
        document.activate(merged.id)
    return merged.id


def set_structure(document: Document, structure: Structure, step: str) -> None:
    """Replaces the whole structure."""
    with document.history.transaction(step) as edit:
        edit.set_structure(structure)


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
