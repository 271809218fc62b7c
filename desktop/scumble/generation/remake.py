"""A generated layer made anew: what of its recipe a job is made from, and the result as the layer's new content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from scumble.api import Candidate, ModelInfo, ParamValue, Picture, ScumbleError, Tool
from scumble.document import (
    NOWHERE,
    Document,
    LayerId,
    PaintLayer,
    Pixels,
    Recipe,
    Surface,
    SurfaceId,
    Transaction,
    path_to,
)
from scumble.document.layers import update
from scumble.document.seals import MASK
from scumble.generation.blend import Within, first_of, layer_name, picture_in_box, recipe
from scumble.generation.masks import Blend, composite_mask
from scumble.generation.modes import AUTO, MODES, STRENGTH, strength_of, with_ui
from scumble.generation.prepare import Prepared, prepare
from scumble.generation.reblend import Flatten, settle, standing
from scumble.generation.region import Region
from scumble.generation.regional import recipe_regions

BATCH: Final = "batch"
"""The parameter that, by custom, says how many pictures to make."""

VARY: Final = "vary"

VAE: Final = "vae"
"""The note that names the autoencoder; empty for the model's own."""


def region_of(made: Recipe) -> Region:
    """Where a recipe's tool looked, and at what resolution."""
    if made.crop is None:
        return Region(made.box, (made.box.width, made.box.height))
    return Region(made.box, (made.crop.shape[1], made.crop.shape[0]), first_of(made))


def params_of(tool: Tool, made: Recipe) -> tuple[dict[str, ParamValue], tuple[str, ...]]:
    """The values of a recipe that the tool still has, for one picture; and the names of those that it has not."""
    known = {name: value for name, value in made.params.items() if name in tool.params}
    if BATCH in known:
        known[BATCH] = 1
    return known, tuple(name for name in made.params if name not in tool.params)


def pictures_of(tool: Tool, made: Recipe) -> dict[str, Picture]:
    """The pictures that the tool was given and that are not in the document, by the names of its inputs."""
    return {given.name: made.inputs[given.name] for given in tool.inputs if given.name in made.inputs}


def canvas_of(tool: Tool) -> str:
    """The name of the input that is the visible picture; empty where the tool does not look."""
    return next((given.name for given in tool.inputs if given.kind == "canvas"), "")


def can_vary(tool: Tool) -> bool:
    """Whether a tool can make a part of a picture anew: it looks at it, draws by chance and has a strength."""
    looks = bool(canvas_of(tool))
    chance = any(param.type == "seed" for param in tool.params.values())
    return looks and chance and STRENGTH in tool.params and tool.params[STRENGTH].type == "number"


def new_seeds(tool: Tool) -> dict[str, ParamValue]:
    """The changes that ask for another seed."""
    return {name: -1 for name, param in tool.params.items() if param.type == "seed"}


def variation(tool: Tool, given: Mapping[str, ParamValue]) -> dict[str, ParamValue]:
    """The changes that make a variation: another seed, what is there under the mask, and no more strength than the
    mode “vary” begins with."""
    return {**new_seeds(tool), **in_mode(tool, VARY), STRENGTH: min(strength_of(given), MODES[VARY].strength)}


def in_mode(tool: Tool, mode: str) -> dict[str, ParamValue]:
    """The changes that have a tool work in a mode, where it has modes."""
    name, under = with_ui(tool, "mode"), with_ui(tool, "under")
    chosen: dict[str, ParamValue] = {name: mode} if name and mode in tool.params[name].choices else {}
    return chosen | ({under: AUTO} if under and chosen else {})


def prepare_again(
    job_id: str,
    tool: Tool,
    params: Mapping[str, ParamValue],
    document: Document,
    layer_id: LayerId,
    made: Recipe,
    seen: Pixels | None,
    *,
    plugin: str,
    plugin_version: str,
    model: ModelInfo | None,
    pictures: Mapping[str, Picture],
    below: str = "",
) -> Prepared:
    """A job from a layer's recipe, in its box and under its selection, whose result is for that layer.

    `seen` and `below` are those of `stale.look_again`, the rest as for `prepare`, which says what is raised; and
    `recipe-turned` where the selection that the tool works on has not come along.
    """
    if made.selection is None and any(given.kind == "selection" and not given.optional for given in tool.inputs):
        raise ScumbleError("recipe-turned", tool=tool.title)
    nothing = np.zeros((made.box.height, made.box.width), np.uint8)
    prepared = prepare(
        job_id,
        tool,
        params,
        document,
        region_of(made),
        seen,
        plugin=plugin,
        plugin_version=plugin_version,
        model=model,
        pictures=pictures,
        selection=nothing if made.selection is None else made.selection,
        blend=Blend.of(made.blend),
        regions=recipe_regions(made, region_of(made).size),
        below=below,
        instead=layer_id,
    )
    same = model is not None and model.id == made.model
    return replace(prepared, job=replace(prepared.job, vae=made.notes.get(VAE))) if same else prepared


def target_of(document: Document, prepared: Prepared) -> PaintLayer | None:
    """The layer that a result is for; None where it is for a new one, or that layer has gone or been locked, itself or
    with a group round it."""
    wanted = prepared.anchor.instead
    path = path_to(document.layers, wanted) if wanted is not None else ()
    layer = path[-1] if path and not any(node.locked for node in path) else None
    return layer if isinstance(layer, PaintLayer) else None


def apply_in_place(
    document: Document,
    prepared: Prepared,
    candidate: Candidate,
    *,
    notes: dict[str, str] | None = None,
    step: str = "",
    flatten: Flatten | None = None,
    within: Within | None = None,
) -> LayerId:
    """Makes a candidate the new content of the layer that it is for; one step of the history.

    The layer's place, mode, opacity and mask stay as they are, and so do its pixels outside the box; one that has lost
    its mask gets it anew, so that nothing but the selection changes. A name of its own is kept. With `flatten` the
    colours are mended as in `apply`. KeyError when there is no such layer, see `target_of`.
    """
    layer = target_of(document, prepared)
    if layer is None:
        raise KeyError(prepared.anchor.instead)
    old = layer.recipe
    box = old.box if old is not None else prepared.anchor.box
    selection = old.selection if old is not None else prepared.selection
    placed = replace(prepared, anchor=replace(prepared.anchor, box=box), selection=selection)
    blend = Blend.of(old.blend) if old is not None and old.blend else prepared.blend
    painted = layer.mask is not None and standing(document, layer).mask == "mask-painted"
    with document.history.transaction(step or layer.name) as edit:
        edit.put(layer.surface, box, picture_in_box(document, placed, candidate))
        made = recipe(placed, candidate, box, blend, notes or {})
        mask = layer.mask if layer.mask is not None else _mask(edit, placed, blend)
        tree = update(document.layers, layer.id, recipe=made, name=_name(layer, prepared), mask=mask)
        edit.set_structure(document.structure.with_layers(tree), box)
        if flatten is not None:
            settle(edit, document, layer.id, flatten)
        if within is not None:
            within(edit, document, layer.id)
        if painted:
            _keep_painted(edit, document, layer.id)
    document.activate(layer.id)
    return layer.id


def _keep_painted(edit: Transaction, document: Document, layer_id: LayerId) -> None:
    """Has the recipe say that the mask is a person's, so that no slider writes over it."""
    made = document.paint_layer(layer_id).recipe
    if made is not None:
        tree = update(document.layers, layer_id, recipe=replace(made, seals={**made.seals, MASK: "painted"}))
        edit.set_structure(document.structure.with_layers(tree), NOWHERE)


def _mask(edit: Transaction, prepared: Prepared, blend: Blend) -> SurfaceId | None:
    """The mask that a layer made from a selection begins with."""
    if prepared.tool.result != "masked-layer" or prepared.selection is None:
        return None
    surface = edit.add_surface(Surface.for_mask())
    edit.put(surface, prepared.anchor.box, composite_mask(prepared.selection, blend))
    return surface


def _name(layer: PaintLayer, prepared: Prepared) -> str:
    """The new prompt's name, where the layer was called by the old prompt."""
    if layer.recipe is None:
        return layer.name
    before = replace(prepared, job=replace(prepared.job, params=layer.recipe.params))
    return layer_name(prepared) if layer.name == layer_name(before) else layer.name
