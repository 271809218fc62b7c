"""Pixels taken up from their layers so that they can be put down elsewhere: whole layers, or what is selected of them.

Nothing is changed by taking up. What lies in the planes are the document's own read-only tiles, so that it may be
looked at on any thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scumble.document.document import Document
from scumble.document.geometry import NOWHERE, Rect, TileIndex
from scumble.document.history import SELECTION, Transaction
from scumble.document.layers import Layer, PaintLayer, SurfaceId, update, walk
from scumble.document.pixels import Pixels
from scumble.document.recipe import LENGTHS, Recipe
from scumble.document.seals import resealed
from scumble.document.tiles import Tile, TileMap, content_bounds

Along = Callable[[Recipe], Recipe]
"""How the recipe of a generated layer follows its pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """One surface: the tiles that are taken up, and the `rest` that stays. `channels` is 4 for colour, 1 for masks."""

    tiles: TileMap
    rest: TileMap
    channels: int
    dtype: np.dtype[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Lifted:
    """What was taken up of some layers and of all that they hold, masks and all.

    `bounds` is the smallest rectangle round the colours, empty when there are none. With `cut` only what was selected
    was taken up, and the selection itself with it; layer masks stay where they are.
    """

    layers: tuple[Layer, ...]
    planes: Mapping[SurfaceId, Plane]
    bounds: Rect
    cut: bool


def lift(document: Document, layers: Sequence[Layer]) -> Lifted:
    """Takes up what is selected of the layers' pixels; all of them, with their masks, when nothing is selected."""
    selection = dict(document.selection.tiles)
    planes: dict[SurfaceId, Plane] = {}
    bounds = NOWHERE
    for layer in (node for root in layers for node in walk((root,))):
        if isinstance(layer, PaintLayer):
            plane = _plane(document, layer.surface, selection)
            planes[layer.surface] = plane
            bounds = bounds | content_bounds(plane.tiles)
        if layer.mask is not None and not selection:
            planes[layer.mask] = _plane(document, layer.mask, {})
    if selection:
        planes[SELECTION] = Plane(selection, {}, 1, np.dtype(np.uint8))
    return Lifted(tuple(layers), planes, bounds, bool(selection))


def put_down(
    edit: Transaction, document: Document, lifted: Lifted, made: Mapping[SurfaceId, TileMap], along: Along
) -> None:
    """Gives the surfaces the tiles that were made of what was taken up; recipes of whole layers go along."""
    for surface, tiles in made.items():
        edit.replace(surface, tiles)
    if lifted.cut:
        return
    tree = document.layers
    for layer in (node for root in lifted.layers for node in walk((root,))):
        if isinstance(layer, PaintLayer) and layer.recipe is not None:
            tree = update(tree, layer.id, recipe=resealed(edit, document, layer, along(layer.recipe)))
    if tree is not document.layers:
        edit.set_structure(document.structure.with_layers(tree), NOWHERE)


def moved_along(recipe: Recipe, box: Rect) -> Recipe:
    """A recipe whose box has gone elsewhere and may have another size; selection and lengths are scaled to it."""
    selection = recipe.selection
    if selection is not None and (box.height, box.width) != selection.shape[:2]:
        rows = np.minimum(
            (np.arange(box.height) + 0.5) * selection.shape[0] / box.height, selection.shape[0] - 1
        ).astype(np.intp)
        columns = np.minimum(
            (np.arange(box.width) + 0.5) * selection.shape[1] / box.width, selection.shape[1] - 1
        ).astype(np.intp)
        selection = np.ascontiguousarray(selection[np.ix_(rows, columns)])
    factor = math.sqrt(box.area / recipe.box.area) if recipe.box.area else 1.0
    blend = {name: value * factor if name in LENGTHS else value for name, value in recipe.blend.items()}
    return replace(recipe, box=box, selection=selection, blend=blend)


def faded(pixels: Pixels, coverage: Pixels) -> Pixels:
    """Premultiplied pixels times a coverage of 0…255, rounded to nearest. What is kept and what is taken add up."""
    product = pixels.astype(np.uint32) * coverage[..., None]
    return ((product + 127) // 255).astype(pixels.dtype)


def laid_over(above: Pixels, below: Pixels) -> Pixels:
    """Premultiplied pixels, alpha last, over others; rounded to nearest."""
    maximum = int(np.iinfo(above.dtype).max)
    through = np.uint64(maximum) - above[..., 3:].astype(np.uint64)
    kept = (below.astype(np.uint64) * through + np.uint64(maximum // 2)) // np.uint64(maximum)
    mixed: Pixels = np.minimum(above + kept, maximum).astype(above.dtype)
    return mixed


def _plane(document: Document, surface: SurfaceId, selection: TileMap) -> Plane:
    plane = document.surface(surface)
    taken: dict[TileIndex, Tile] = {}
    rest: dict[TileIndex, Tile] = {}
    if not selection:
        taken = dict(plane.tiles)
    else:
        for index, tile in plane.tiles.items():
            for pile, part in zip((taken, rest), _split(tile, selection.get(index)), strict=True):
                if part is not None:
                    pile[index] = part
    return Plane(taken, rest, plane.channels, plane.dtype)


def _split(tile: Tile, selected: Tile | None) -> Iterator[Tile | None]:
    """What is taken of a tile, and what stays; the tile itself where that is all of it."""
    if selected is None or not selected.pixels.any():
        yield from (None, tile)
    elif (selected.pixels == 255).all():
        yield from (tile, None)
    else:
        for coverage in (selected.pixels, 255 - selected.pixels):
            part = Tile(faded(tile.pixels, coverage))
            part.freeze()
            yield part if part.pixels.any() else None
