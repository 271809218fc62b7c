"""Where layers show, so that a change repaints no more than it must."""

from __future__ import annotations

from collections.abc import Iterable

from scumble.document.clipping import bases_of
from scumble.document.document import Document
from scumble.document.geometry import NOWHERE, Rect, tile_rect
from scumble.document.layers import Layer, LayerId, PaintLayer, find, walk


def extent(document: Document, *layers: Layer) -> Rect:
    """Where layers, with what they hold, can show: the tiles that have pixels, and no more than the canvas."""
    area = NOWHERE
    for node in walk(layers):
        if isinstance(node, PaintLayer):
            for index in document.surface(node.surface).tiles:
                area = area | tile_rect(index)
    return area & document.bounds


def reclipped(document: Document, before: tuple[Layer, ...], after: tuple[Layer, ...]) -> Rect:
    """Where one tree differs from the other because layers are clipped to something else, or no longer."""
    old, new = bases_of(before), bases_of(after)
    changed: set[LayerId] = set()
    for layer in {*old, *new}:
        if old.get(layer) != new.get(layer):
            changed.update(node for node in (layer, old.get(layer), new.get(layer)) if node is not None)
    area = NOWHERE
    for tree in (before, after):
        area = area | extent(document, *_present(tree, changed))
    return area


def _present(tree: tuple[Layer, ...], wanted: Iterable[LayerId]) -> Iterable[Layer]:
    return [layer for layer_id in wanted if (layer := find(tree, layer_id)) is not None]
