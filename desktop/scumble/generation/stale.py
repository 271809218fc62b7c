"""What lay below a generated layer when it was made, as a digest, and whether that is still so.

A layer is made from what its tool saw: the visible picture in its box. Where nothing visible lay above the new layer,
that is what lies below it, and what is put above it later does not count. Where something did, such as a drawing on
top, the tool saw it too, and the digest is of all but the layer itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from scumble.document import (
    Layer,
    LayerId,
    PaintLayer,
    Pixels,
    Recipe,
    Rect,
    Snapshot,
    TileIndex,
    find,
    tile_rect,
)
from scumble.document.layers import below, update
from scumble.generation.reblend import Flatten

BELOW: Final = "below:"
AROUND: Final = "around:"
"""What a digest begins with: it is of what lies below the layer, or of all but the layer."""


class Digest:
    """Stored pixels of a box, tile by tile in the order of `Rect.tiles`, as 128 bits."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)

    def add(self, pixels: Pixels) -> None:
        """The part of the box that lies in the next tile."""
        self._hash.update(np.ascontiguousarray(pixels).data)

    def text(self) -> str:
        """In hexadecimal."""
        return self._hash.hexdigest()


def digest(pixels: Pixels, box: Rect) -> str:
    """The digest of stored pixels `(box.height, box.width, 4)`."""
    made = Digest()
    for index in box.tiles():
        made.add(pixels[(tile_rect(index) & box).slices(box)])
    return made.text()


def look(flatten: Flatten, snapshot: Snapshot, box: Rect, above: LayerId | None) -> tuple[Pixels, str]:
    """What a tool sees in a box, and the digest of it for a layer that is to lie right above another one.

    Without `above` the new layer is to be the topmost.
    """
    seen = flatten(snapshot, box)
    under = right_above(snapshot, above)
    return seen, digest_above(seen, seen if under is snapshot else flatten(under, box), box)


def right_above(snapshot: Snapshot, layer_id: LayerId | None) -> Snapshot:
    """What a new layer right above another one would lie on; all there is without that one."""
    return beneath(snapshot, layer_id, inclusive=True) if layer_id is not None else snapshot


def digest_above(seen: Pixels, lower: Pixels, box: Rect) -> str:
    """The digest for a layer that is to lie on `lower`, where its tool sees `seen`; works on any thread."""
    alone = lower is seen or np.array_equal(lower, seen)
    return (BELOW if alone else AROUND) + digest(seen, box)


def look_again(flatten: Flatten, snapshot: Snapshot, layer: PaintLayer, recipe: Recipe) -> tuple[Pixels, str]:
    """What the tool that made a layer would see now in its box, and the digest of it."""
    seen = flatten(seen_by(recipe, snapshot, layer.id), recipe.box)
    return seen, digest_again(seen, recipe)


def digest_again(seen: Pixels, recipe: Recipe) -> str:
    """The digest of what a tool sees now, to be compared with that of a recipe; works on any thread."""
    return (AROUND if recipe.below.startswith(AROUND) else BELOW) + digest(seen, recipe.box)


def parts(box: Rect) -> Iterator[tuple[TileIndex, Rect]]:
    """The tiles of a box, each with the part of the box in it, in the order in which a digest wants them."""
    for index in box.tiles():
        yield index, tile_rect(index) & box


def seen_by(recipe: Recipe, snapshot: Snapshot, layer_id: LayerId) -> Snapshot:
    """The document as the tool that made a layer would see it now."""
    if recipe.below.startswith(AROUND):
        return without(snapshot, layer_id)
    return beneath(snapshot, layer_id, inclusive=False)


def without(snapshot: Snapshot, layer_id: LayerId) -> Snapshot:
    """The document as it looks without a layer."""
    return _with_layers(snapshot, update(snapshot.structure.layers, layer_id, visible=False))


def beneath(snapshot: Snapshot, layer_id: LayerId, *, inclusive: bool) -> Snapshot:
    """The document as it looks without what lies above a layer, and without itself unless `inclusive`.

    The same snapshot where there is nothing visible to take away; KeyError where the layer has gone.
    """
    layer = find(snapshot.structure.layers, layer_id)
    if layer is None:
        raise KeyError(layer_id)
    layers = below(snapshot.structure.layers, layer_id)
    if inclusive:
        layers = update(layers, layer_id, visible=layer.visible)
    return snapshot if layers == snapshot.structure.layers else _with_layers(snapshot, layers)


def is_generated(layer: Layer) -> bool:
    """Whether a layer knows what it was made from."""
    return isinstance(layer, PaintLayer) and layer.recipe is not None and bool(layer.recipe.below)


def _with_layers(snapshot: Snapshot, layers: tuple[Layer, ...]) -> Snapshot:
    return replace(snapshot, structure=snapshot.structure.with_layers(layers))
