"""Edits of layer masks as a whole, each one step of the history."""

from __future__ import annotations

import numpy as np

from scumble.document.document import Document
from scumble.document.extents import extent
from scumble.document.layers import Group, LayerId, PaintLayer, update
from scumble.document.lift import faded
from scumble.document.tiles import Surface, Tile


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


def apply_mask(document: Document, layer_id: LayerId, step: str = "Apply layer mask") -> None:
    """Multiplies a layer's pixels by its mask, rounded to nearest, and takes the mask off.

    A mask that is switched off is applied too. KeyError when the layer has gone; ValueError for a group.
    """
    layer = document.layer(layer_id)
    if isinstance(layer, Group):
        raise ValueError("the mask of a group cannot be applied to pixels")
    assert isinstance(layer, PaintLayer)
    if layer.mask is None:
        return
    masks = document.surface(layer.mask).tiles
    with document.history.transaction(step) as edit:
        tiles = document.surface(layer.surface).tiles
        made = {index: _masked(tile, masks[index]) for index, tile in tiles.items() if index in masks}
        area = extent(document, layer)
        edit.replace(layer.surface, made)
        tree = update(document.layers, layer_id, mask=None)
        edit.set_structure(document.structure.with_layers(tree), area)


def _masked(tile: Tile, mask: Tile) -> Tile:
    return tile if (mask.pixels == 255).all() else Tile(faded(tile.pixels, mask.pixels))
