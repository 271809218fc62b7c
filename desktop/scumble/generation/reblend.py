"""A generated layer blended anew, without the model: at once when it is applied, and whenever a slider moves.

What a person has painted since is never written over: pixels that no longer fit their seal are left alone, and so is
such a mask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import cv2
import numpy as np

from scumble.api import Picture
from scumble.document import (
    BGRA8,
    NOWHERE,
    SELECTION,
    Document,
    LayerId,
    PaintLayer,
    Pixels,
    Rect,
    Snapshot,
    Transaction,
    find,
)
from scumble.document.layers import below, update
from scumble.document.recipe import Recipe
from scumble.document.seals import MASK, PIXELS, planes_of, seal, sealed
from scumble.generation.blending import Blending
from scumble.generation.colours import Colours
from scumble.generation.masks import Blend, bounds_of, composite_mask, scaled
from scumble.generation.pictures import resized, to_stored
from scumble.generation.prepare import Prepared

Flatten: TypeAlias = Callable[[Snapshot, Rect], Pixels]
"""`scumble.render.flatten`, which this room may not import."""

Hindrance: TypeAlias = Literal["", "turned", "unmasked", "painted", "mask-painted", "alone"]
"""Why something cannot be blended anew: it was turned or bent, it has no mask of its own, its pixels or its mask have
been painted on, or there is nothing below to compare with."""


STEP = 32
"""By how many pixels what is written while a slider moves grows at a time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What may still be changed of a generated layer: an empty text where nothing is in the way."""

    mask: Hindrance = ""
    pixels: Hindrance = ""


def standing(document: Document, layer: PaintLayer) -> Standing:
    """What of a layer is still as its recipe made it; looks at all of its pixels inside the box."""
    made = layer.recipe
    if made is None or layer.mask is None or made.crop is None:
        return Standing("unmasked", "unmasked")
    if made.selection is None:
        return Standing("turned", "turned")
    return Standing(
        "" if _fits(document, layer, made, MASK) else "mask-painted",
        "" if _fits(document, layer, made, PIXELS) else "painted",
    )


class Reblend:
    """A layer under the sliders, from the press of one to its release. `flatten` shows what lies below it.

    KeyError when the layer has gone, ValueError when it was not made from a selection.
    """

    def __init__(self, document: Document, layer_id: LayerId, flatten: Flatten | None = None) -> None:
        layer = document.paint_layer(layer_id)
        made = layer.recipe
        if made is None or made.selection is None or made.crop is None or layer.mask is None:
            raise ValueError("this layer was not made from a selection")
        self._document, self._layer, self._made, self._mask = document, layer, made, layer.mask
        self.blend = Blend.of(made.blend)
        self._reach = round(made.blend.get("reach", self.blend.reach))
        self._furthest = self.blend.reach
        seen = None if flatten is None else flatten(_lying_on(document, layer_id), made.box)
        self._blending = Blending(_crop_as_made(document, made), seen, made.selection, document.format, self._reach)
        self._chosen = _bounds(made)
        found = standing(document, layer)
        alone: Hindrance = "" if self._blending.comparable else "alone"
        self.standing = replace(found, pixels=found.pixels or alone)
        shape = (self.blend.grow, self.blend.feather, self.blend.fade)
        self._shape: tuple[tuple[float, ...], Rect | None] = shape, None
        mended = self.blend.match or self.blend.seam
        self._colours: tuple[object, ...] | None = None if mended else (made.box, False)

    @property
    def layer_id(self) -> LayerId:
        """Whose work it is."""
        return self._layer.id

    def warm(self) -> None:
        """Computes what every setting shares; may run on any thread."""
        self._blending.warm()

    def show(self, edit: Transaction, blend: Blend) -> None:
        """Shows other settings, nearly: where the layer can be seen, and soft selections grown at a lower resolution.

        To be called again and again in one transaction, which `finish` makes exact.
        """
        self._furthest = max(self._furthest, blend.reach)
        self._write(edit, blend, self._seen(), soon=True)

    def finish(self, edit: Transaction, blend: Blend) -> None:
        """Makes the whole layer what these settings make of it; the recipe keeps them."""
        self._write(edit, blend, self._made.box, soon=False)
        kept = replace(self._made, blend=blend.as_mapping() | {"reach": self._reach})
        fresh = sealed(self._document, self._layer, kept).seals
        held = {kind: fits == "" for kind, fits in ((MASK, self.standing.mask), (PIXELS, self._own_pixels()))}
        seals = {kind: fresh[kind] if held[kind] else self._made.seals.get(kind, "painted") for kind in fresh}
        self._made, self.blend = replace(kept, seals=seals), blend
        tree = update(self._document.layers, self._layer.id, recipe=self._made)
        edit.set_structure(self._document.structure.with_layers(tree), NOWHERE)

    def _own_pixels(self) -> str:
        """What is in the way of sealing the pixels; that there is nothing below to compare with is not."""
        return "" if self.standing.pixels == "alone" else self.standing.pixels

    def _write(self, edit: Transaction, blend: Blend, area: Rect, *, soon: bool) -> None:
        """Writes what differs from what the layer has already; `soon` only where it can be seen."""
        part = area.slices(self._made.box)
        shape = (blend.grow, blend.feather, blend.fade)
        colours = (*self._blending.depends(blend), area, soon)
        recoloured = not self.standing.pixels and self._colours not in (colours, (*colours[:-1], False))
        if not self.standing.mask and self._shape not in ((shape, None), (shape, area if soon else None)):
            self._shape = shape, area if soon else None
            mask = self._blending.mask(blend, part, soon=soon)
            edit.put(self._mask, area, mask, shown=NOWHERE if recoloured else None)
        if recoloured:
            self._colours = colours
            edit.put(self._layer.surface, area, self._blending.pixels(blend, part, soon=soon))

    def _seen(self) -> Rect:
        """Where the layer can show with any of the settings that there have been."""
        if self.standing.mask:
            return self._made.box
        return self._chosen.expanded(-(-self._furthest // STEP) * STEP + 2) & self._made.box


def reblend(
    document: Document, layer_id: LayerId, blend: Blend, step: str = "Blend", flatten: Flatten | None = None
) -> None:
    """Gives a generated layer other settings, without the model; one step of the history.

    KeyError when the layer has gone, ValueError when it was not made from a selection.
    """
    with document.history.transaction(step) as edit:
        Reblend(document, layer_id, flatten).finish(edit, blend)


def renew(edit: Transaction, document: Document, layer_id: LayerId, flatten: Flatten | None = None) -> None:
    """Makes a layer's pixels and mask from its recipe, whatever has been painted on them. ValueError as `Reblend`."""
    layer = document.paint_layer(layer_id)
    made = layer.recipe
    if made is None or made.selection is None or layer.mask is None or made.crop is None:
        raise ValueError("this layer was not made from a selection")
    blend = Blend.of(made.blend)
    edit.put(layer.surface, made.box, _crop(document, made))
    edit.put(layer.mask, made.box, composite_mask(made.selection, blend))
    fresh = sealed(document, layer, made)
    tree = update(document.layers, layer_id, recipe=fresh)
    edit.set_structure(document.structure.with_layers(tree), NOWHERE)
    Reblend(document, layer_id, flatten).finish(edit, blend)


def settle(edit: Transaction, document: Document, layer_id: LayerId, flatten: Flatten | None = None) -> None:
    """Gives a layer that has just been made its pixels, in the colours that its recipe says, and its seals.

    One without a mask, or whose colours are to stay as they are, keeps the pixels that it has.
    """
    layer = document.paint_layer(layer_id)
    made = layer.recipe
    if made is None or made.selection is None or made.crop is None or layer.mask is None:
        return
    blend = Blend.of(made.blend)
    reach = round(made.blend.get("reach", blend.reach))
    kept = replace(made, blend=dict(made.blend) | {"reach": reach})
    if mended(made):
        seen = None if flatten is None else flatten(_lying_on(document, layer_id), made.box)
        work = Blending(_crop_as_made(document, made), seen, made.selection, document.format, reach)
        pixels, mask = work.pixels(blend), document.surface(layer.mask).read(made.box)
        shown = bounds_of(mask, made.box) if layer.mask_enabled else made.box
        edit.put(layer.surface, made.box, pixels, shown=shown)
        kept = replace(kept, seals={PIXELS: seal(pixels), MASK: seal(mask)})
    else:
        fits = _fits(document, layer, made, PIXELS)
        fresh = sealed(document, layer, kept)
        kept = fresh if fits else replace(fresh, seals=dict(fresh.seals) | {PIXELS: "painted"})
    tree = update(document.layers, layer_id, recipe=kept)
    edit.set_structure(document.structure.with_layers(tree), NOWHERE)


def mended(made: Recipe) -> bool:
    """Whether a recipe brings the colours of a crop to those of the picture."""
    blend = Blend.of(made.blend)
    return made.selection is not None and bool(blend.match or blend.seam)


def as_applied(document: Document, prepared: Prepared, picture: Picture, flatten: Flatten) -> Picture:
    """A candidate's picture, at its own size, in the colours that it would have as a layer of the document."""
    blend, chosen, box = prepared.blend, prepared.selection, prepared.anchor.box
    if chosen is None or prepared.tool.result != "masked-layer" or not (blend.match or blend.seam):
        return picture
    size = picture.shape[1], picture.shape[0]
    part = size[0] / box.width
    near = blend.at(part)
    seen = flatten(lying_under(document, prepared.anchor.above), box)
    straight = document.format.to_straight(resized(seen, size))
    lower = BGRA8.from_straight(Colours(document.structure.icc).to_model(straight))
    work = Blending(BGRA8.from_straight(picture), lower, scaled(chosen, size), BGRA8, near.reach)
    return np.ascontiguousarray(BGRA8.to_straight(work.pixels(near))[..., : picture.shape[2]])


def as_it_is(document: Document) -> Snapshot:
    """The document with what an open transaction has written so far; to be looked at before the next edit."""
    planes = {surface: dict(document.surface(surface).tiles) for surface in (SELECTION, *document.structure.surfaces())}
    active = document.active
    return Snapshot(document.structure, document.format, planes, document.revision, active.id if active else None)


def _lying_on(document: Document, layer_id: LayerId) -> Snapshot:
    seen = as_it_is(document)
    return replace(seen, structure=seen.structure.with_layers(below(seen.structure.layers, layer_id)))


def lying_under(document: Document, above: LayerId | None) -> Snapshot:
    """What a layer that is put above another would lie on, at present; all there is where that one has gone."""
    seen = as_it_is(document)
    layer = None if above is None else find(seen.structure.layers, above)
    if layer is None:
        return seen
    tree = update(below(seen.structure.layers, layer.id), layer.id, visible=layer.visible)
    return replace(seen, structure=seen.structure.with_layers(tree))


def _crop(document: Document, made: Recipe) -> Pixels:
    """The crop as stored pixels, in the document's colours, at the size of its box."""
    assert made.crop is not None
    picture = Colours(document.structure.icc).from_model(made.crop)
    return to_stored(picture, document.format, (made.box.width, made.box.height))


def _crop_as_made(document: Document, made: Recipe) -> Pixels:
    """The same at the resolution that the model worked at, where that is lower."""
    assert made.crop is not None
    height, width = made.crop.shape[:2]
    if height * width >= made.box.area:
        return _crop(document, made)
    return to_stored(Colours(document.structure.icc).from_model(made.crop), document.format, (width, height))


def _bounds(made: Recipe) -> Rect:
    assert made.selection is not None
    x, y, width, height = cv2.boundingRect(made.selection)
    return Rect(made.box.x + x, made.box.y + y, width, height)


def _fits(document: Document, layer: PaintLayer, made: Recipe, kind: str) -> bool:
    """Whether pixels or mask fit their seal; without one, whether they are what the recipe alone would make."""
    present = document.surface(planes_of(layer)[kind]).read(made.box)
    if kind in made.seals:
        return made.seals[kind] == seal(present)
    assert made.selection is not None
    wanted = _crop(document, made) if kind == PIXELS else composite_mask(made.selection, Blend.of(made.blend))
    return bool(np.array_equal(present, wanted))
