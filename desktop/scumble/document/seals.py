"""Whether a generated layer is still what its recipe made of it, or has been painted on since.

A recipe keeps a digest, its seal, of the layer's pixels and of its mask inside the recipe's box. What no longer fits
its seal holds a person's own work, which nothing made from the recipe may write over.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from scumble.document.layers import PaintLayer, SurfaceId
from scumble.document.pixels import Pixels
from scumble.document.recipe import Recipe

if TYPE_CHECKING:
    from scumble.document.document import Document
    from scumble.document.history import Transaction

PIXELS: Final = "pixels"
MASK: Final = "mask"


def seal(pixels: Pixels) -> str:
    """A digest of pixels or of mask values, with their shape and depth."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((pixels.shape, pixels.dtype.name)).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def sealed(document: Document, layer: PaintLayer, recipe: Recipe) -> Recipe:
    """The recipe with seals of the layer as it is now."""
    found = {kind: seal(document.surface(surface).read(recipe.box)) for kind, surface in planes_of(layer).items()}
    return replace(recipe, seals=found)


def resealed(edit: Transaction, document: Document, layer: PaintLayer, recipe: Recipe) -> Recipe:
    """The recipe of a layer that was moved, scaled or cut as a whole, `layer` being as it was before.

    What fitted its seal before the transaction is sealed as it is now; the rest keeps a seal that does not fit.
    """
    before = layer.recipe
    if before is None or not before.seals:
        return recipe
    seals = dict(before.seals)
    for kind, surface in planes_of(layer).items():
        if seals.get(kind) == seal(edit.original(surface, before.box)):
            seals[kind] = seal(document.surface(surface).read(recipe.box))
    return replace(recipe, seals=seals)


def planes_of(layer: PaintLayer) -> dict[str, SurfaceId]:
    """The surfaces of a layer that seals are of."""
    return {PIXELS: layer.surface} | ({MASK: layer.mask} if layer.mask is not None else {})
