"""Edits that carry masks about: between the selection and layer masks, and from one layer to another."""

from __future__ import annotations

from scumble.document import SELECTION, Document, LayerId, Surface, SurfaceId, TileMap
from scumble.document.extents import extent
from scumble.document.layers import update
from scumble.paint.mix import check_unlocked
from scumble.paint.selecting import clipped, combined, inverted, settled


def set_layer_mask(document: Document, layer_id: LayerId, tiles: TileMap, step: str) -> None:
    """Gives a layer this mask, 255 shows, in place of the one it has. Canvas only. KeyError when the layer has gone.

    ValueError when the layer, or a group round it, is locked.
    """
    layer = document.layer(layer_id)
    wanted = clipped(tiles, document.bounds)
    with document.history.transaction(step) as edit:
        if layer.mask is not None:
            check_unlocked(document, layer.mask)
            edit.replace(layer.mask, settled(document.surface(layer.mask).tiles, wanted))
            return
        plane = Surface.for_mask()
        plane.tiles = wanted
        surface = edit.add_surface(plane)
        tree = update(document.layers, layer_id, mask=surface, mask_enabled=True)
        edit.set_structure(document.structure.with_layers(tree), extent(document, layer))


def replace_mask(document: Document, surface: SurfaceId, tiles: TileMap, step: str) -> None:
    """Puts these values into a mask or the selection. ValueError when its layer, or a group round it, is locked."""
    check_unlocked(document, surface)
    with document.history.transaction(step) as edit:
        edit.replace(surface, settled(document.surface(surface).tiles, clipped(tiles, document.bounds)))


def invert_mask(document: Document, surface: SurfaceId, step: str) -> None:
    """Shows what a mask hid and hides what it showed; of the selection, selects what was not selected."""
    replace_mask(document, surface, inverted(document.surface(surface).tiles, document.bounds), step)


def select_tiles(document: Document, tiles: TileMap, mode: str, step: str) -> None:
    """Combines a mask with the selection, as `combined` does, inside the canvas."""
    new = combined(document.selection.tiles, clipped(tiles, document.bounds), mode)
    replace_mask(document, SELECTION, new, step)
