"""The proof that nothing changed outside the affected area: a count, made before a step of the history is.

Layers are compared tile by tile, and a tile that is the same object is the same; so the cost depends on what was
edited and not on the picture. What is seen is compared round the affected area, where a fault would show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scumble.api import ScumbleError
from scumble.document import Document, LayerId, PaintLayer, Rect, Snapshot, SurfaceId, find, tile_rect
from scumble.document.tiles import Tile, whole_pixels
from scumble.generation.reblend import Flatten, as_it_is

NEAR: Final = 32
"""How far round the affected area what is seen is compared, in pixels."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`changed` pixels outside the affected area differ, of `compared` that were looked at one by one."""

    changed: int
    compared: int


def prove(document: Document, layer_id: LayerId, flatten: Flatten) -> Proof:
    """Compares a document with an open transaction, which has made or blended one layer, with what it was before.

    Raises `ScumbleError` `outside-changed` where a pixel differs that may not; the transaction is then to be rolled
    back.
    """
    before, after = document.snapshot(), as_it_is(document)
    layer = document.paint_layer(layer_id)
    area = _area(before, layer_id) | _area(after, layer_id)
    own = {surface for surface in (layer.surface, layer.mask) if surface is not None}
    changed = sum(_differing(before, after, surface, own, area) for surface in before.planes)
    seen, compared = _seen_differing(before, after, layer_id, area, flatten)
    if changed or seen:
        raise ScumbleError("outside-changed", count=changed + seen, layer=layer.name)
    return Proof(0, compared)


def _area(snapshot: Snapshot, layer_id: LayerId) -> Rect:
    """Where a layer has pixels that a recipe may change; nowhere if there is none yet."""
    layer = find(snapshot.structure.layers, layer_id)
    recipe = layer.recipe if isinstance(layer, PaintLayer) else None
    return Rect(0, 0, 0, 0) if recipe is None else recipe.box


def _differing(before: Snapshot, after: Snapshot, surface: SurfaceId, own: set[SurfaceId], area: Rect) -> int:
    """How many pixels of a surface differ; of the layer's own only those outside its box."""
    there, here = before.planes[surface], after.planes.get(surface, {})
    count = 0
    for index in there.keys() | here.keys():
        first, second = there.get(index), here.get(index)
        if first is second:
            continue
        differs = _unlike(first, second)
        if surface in own:
            place = tile_rect(index)
            differs[(area & place).slices(place)] = False
        count += int(np.count_nonzero(differs))
    return count


def _unlike(first: Tile | None, second: Tile | None) -> NDArray[np.bool_]:
    if first is not None and second is not None:
        return np.asarray(whole_pixels(first.pixels) != whole_pixels(second.pixels), np.bool_)
    only = first or second
    assert only is not None
    return np.asarray(whole_pixels(only.pixels) != 0, np.bool_)


def _seen_differing(
    before: Snapshot, after: Snapshot, layer_id: LayerId, area: Rect, flatten: Flatten
) -> tuple[int, int]:
    """How many pixels of the visible picture differ where the layer shows neither before nor after; and of how many."""
    near = area.expanded(NEAR) & after.structure.bounds
    changed = compared = 0
    for index in near.tiles():
        part = tile_rect(index) & near
        outside = ~(_shows(before, layer_id, part) | _shows(after, layer_id, part))
        count = int(np.count_nonzero(outside))
        if not count:
            continue
        differs = (flatten(before, part) != flatten(after, part)).any(axis=2)
        changed += int(np.count_nonzero(differs & outside))
        compared += count
    return changed, compared


def _shows(snapshot: Snapshot, layer_id: LayerId, part: Rect) -> NDArray[np.bool_]:
    """Where a layer may show in a part of the canvas: where its mask is above 0; in its box where it has none."""
    layer = find(snapshot.structure.layers, layer_id)
    if not isinstance(layer, PaintLayer):
        return np.zeros((part.height, part.width), np.bool_)
    if layer.mask is not None and layer.mask_enabled:
        return np.asarray(snapshot.read_mask(layer.mask, part) > 0, np.bool_)
    shown = np.zeros((part.height, part.width), np.bool_)
    inside = _area(snapshot, layer_id) & part
    shown[inside.slices(part)] = True
    return shown
