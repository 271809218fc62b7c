"""The proof that nothing changed outside the affected area: a count, made before a step of the history is.

Surfaces are compared tile by tile, and a tile that is the same object is the same; so the cost depends on what was
edited and not on the picture. Where the mask of a layer is 0 it has no part in the picture, so that this is a proof
of the picture too while all that differs in the tree is that layer. `compare` looks at the picture itself, which takes
long and may be done after the step, between other things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scumble.api import ScumbleError
from scumble.document import NOWHERE, Document, LayerId, PaintLayer, Rect, Snapshot, SurfaceId, find, tile_rect
from scumble.document.clipping import bases_of
from scumble.document.layers import remove
from scumble.document.tiles import Tile, TileMap, content_bounds, whole_pixels
from scumble.generation.masks import Blend, bounds_of
from scumble.generation.reblend import Flatten, as_it_is

NEAR: Final = 32
"""How far round the affected area what is seen is compared, in pixels."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`changed` pixels outside the affected area differ, of `compared` that were looked at one by one."""

    changed: int
    compared: int

    def __add__(self, other: Proof) -> Proof:
        return Proof(self.changed + other.changed, self.compared + other.compared)


NOTHING: Final = Proof(0, 0)


def prove(document: Document, layer_id: LayerId, flatten: Flatten) -> Proof:
    """Compares a document with an open transaction, which has made or blended one layer, with what it was before.

    Raises `ScumbleError` `outside-changed` where a pixel differs that may not; the transaction is then to be rolled
    back. The picture is looked at only where more than that layer differs in the tree.
    """
    before, after = document.snapshot(), as_it_is(document)
    layer = document.paint_layer(layer_id)
    own = {layer.surface: _box(before, layer_id) | _box(after, layer_id)}
    if layer.mask is not None:
        own[layer.mask] = _edge(before, after, layer)
    found = NOTHING
    for surface in before.planes.keys() | own.keys():
        found += _differing(before.planes.get(surface, {}), after.planes.get(surface, {}), own.get(surface, NOWHERE))
    if not _same_but_for(before, after, layer_id):
        found += sum(compare(before, after, layer_id, flatten, everywhere=True), NOTHING)
    if found.changed:
        raise outside_changed(found, layer.name)
    return found


def outside_changed(proof: Proof, name: str) -> ScumbleError:
    """What is said where a proof does not hold."""
    return ScumbleError("outside-changed", count=proof.changed, layer=name)


def compare(
    before: Snapshot, after: Snapshot, layer_id: LayerId, flatten: Flatten, *, everywhere: bool = False
) -> Iterator[Proof]:
    """The visible picture before a step and after it, where the layer shows in neither; a piece at each step.

    Only tiles in which the layer's mask is above 0 somewhere are looked at, as it is not even drawn in others;
    `everywhere`, the whole canvas is.
    """
    near = after.structure.bounds
    if not everywhere:
        near = (_shown(before, layer_id) | _shown(after, layer_id)).expanded(NEAR) & near
    drawn = _tiles_of(before, layer_id).keys() | _tiles_of(after, layer_id).keys()
    for index in near.tiles():
        part = tile_rect(index) & near
        outside = ~(_shows(before, layer_id, part) | _shows(after, layer_id, part))
        count = int(np.count_nonzero(outside))
        if not count or not (everywhere or index in drawn):
            continue
        there = flatten(before, part)
        yield NOTHING
        differs = (there != flatten(after, part)).any(axis=2)
        yield Proof(int(np.count_nonzero(differs & outside)), count)


def _same_but_for(before: Snapshot, after: Snapshot, layer_id: LayerId) -> bool:
    """Whether all but one layer is the same in two trees, and clipped to the same."""
    first, second = (
        replace(shot.structure, layers=remove(shot.structure.layers, layer_id)) for shot in (before, after)
    )
    bases = (
        {clipped: base for clipped, base in bases_of(shot.structure.layers).items() if clipped != layer_id}
        for shot in (before, after)
    )
    return first == second and next(bases) == next(bases)


def _layer(snapshot: Snapshot, layer_id: LayerId) -> PaintLayer | None:
    layer = find(snapshot.structure.layers, layer_id)
    return layer if isinstance(layer, PaintLayer) else None


def _box(snapshot: Snapshot, layer_id: LayerId) -> Rect:
    """Where a layer has pixels that a recipe may change; nowhere if there is none yet."""
    layer = _layer(snapshot, layer_id)
    return NOWHERE if layer is None or layer.recipe is None else layer.recipe.box


def _edge(before: Snapshot, after: Snapshot, layer: PaintLayer) -> Rect:
    """Where a layer's mask may differ: round its selection as far as its settings reach, and where it showed before."""
    box, made = _box(after, layer.id), layer.recipe
    edge = box
    if made is not None and made.selection is not None:
        edge = bounds_of(made.selection, box).expanded(Blend.of(made.blend).reach) & box
    there = before.planes.get(layer.mask, {}) if layer.mask is not None else {}
    return edge | (content_bounds(there) & _box(before, layer.id))


def _differing(there: TileMap, here: TileMap, allowed: Rect) -> Proof:
    """How many pixels of a surface differ outside a rectangle."""
    found = NOTHING
    if there == here:
        return found
    for index in there.keys() | here.keys():
        first, second, place = there.get(index), here.get(index), tile_rect(index)
        if first is second or allowed.covers(place):
            continue
        differs, inside = _unlike(first, second), allowed & place
        differs[inside.slices(place)] = False
        found += Proof(int(np.count_nonzero(differs)), differs.size - inside.area)
    return found


def _unlike(first: Tile | None, second: Tile | None) -> NDArray[np.bool_]:
    if first is not None and second is not None:
        return np.asarray(whole_pixels(first.pixels) != whole_pixels(second.pixels), np.bool_)
    only = first or second
    assert only is not None
    return np.asarray(whole_pixels(only.pixels) != 0, np.bool_)


def _mask_of(snapshot: Snapshot, layer_id: LayerId) -> SurfaceId | None:
    """The mask that says where a layer shows."""
    layer = _layer(snapshot, layer_id)
    return layer.mask if layer is not None and layer.mask_enabled else None


def _tiles_of(snapshot: Snapshot, layer_id: LayerId) -> TileMap:
    """The tiles outside which a layer is not drawn."""
    layer, mask = _layer(snapshot, layer_id), _mask_of(snapshot, layer_id)
    if mask is not None:
        return snapshot.planes[mask]
    return snapshot.planes[layer.surface] if layer is not None else {}


def _shown(snapshot: Snapshot, layer_id: LayerId) -> Rect:
    """The rectangle round all that a layer shows."""
    box = _box(snapshot, layer_id)
    return box if _mask_of(snapshot, layer_id) is None else content_bounds(_tiles_of(snapshot, layer_id)) & box


def _shows(snapshot: Snapshot, layer_id: LayerId, part: Rect) -> NDArray[np.bool_]:
    """Where a layer may show in a part of the canvas: where its mask is above 0; in its box where it has none."""
    mask = _mask_of(snapshot, layer_id)
    if mask is not None:
        return np.asarray(snapshot.read_mask(mask, part) > 0, np.bool_)
    shown = np.zeros((part.height, part.width), np.bool_)
    inside = _box(snapshot, layer_id) & part
    shown[inside.slices(part)] = True
    return shown
