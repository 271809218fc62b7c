"""More pictures like one that was made, and jobs as the recipes that were kept speak of them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Final

import numpy as np

from scumble.api import Candidate, ParamValue, Tool, ToolJob
from scumble.document import BGRA8, PixelFormat, Recipe
from scumble.document.recipe import region_input
from scumble.generation.blend import first_of
from scumble.generation.masks import Blend, bounds_of, composite_mask, denoise_mask, scaled
from scumble.generation.modes import with_ui
from scumble.generation.pictures import resized
from scumble.generation.prepare import Anchor, Prepared
from scumble.generation.regional import recipe_regions

STRENGTH: Final = 0.6
"""How much of a picture is invented anew where more like it are wanted: its composition stays, its detail does not."""


def more_like(prepared: Prepared, candidate: Candidate, job_id: str) -> Prepared:
    """A job for more pictures like a candidate, with another seed.

    A tool that starts from the picture below at some `strength` starts from the candidate instead, at `STRENGTH`; any
    other is asked the same again.
    """
    tool = prepared.tool
    seeds: dict[str, ParamValue] = {
        name: secrets.randbits(31) for name, param in tool.params.items() if param.type == "seed"
    }
    params = {**prepared.job.params, **seeds}
    inputs = dict(prepared.job.inputs)
    if starts_from_picture(tool):
        params.update(_begun_from(tool))
        picture = np.ascontiguousarray(resized(candidate.image, prepared.job.size)[..., :3])
        inputs.update({given.name: picture for given in tool.inputs if given.kind == "canvas"})
    if prepared.selection is not None:
        size = prepared.job.size
        masks = [given.name for given in tool.inputs if given.kind == "selection" and given.name not in inputs]
        inputs.update({name: scaled(denoise_mask(prepared.selection, prepared.blend), size) for name in masks})
    return replace(prepared, job=replace(prepared.job, id=job_id, params=params, inputs=inputs))


def _begun_from(tool: Tool) -> dict[str, ParamValue]:
    """What a tool is told so that it changes the picture that it is given and puts nothing else under the mask."""
    told: dict[str, ParamValue] = {"strength": STRENGTH}
    for hint, value in (("mode", "vary"), ("under", "original")):
        name = with_ui(tool, hint)
        if name and value in tool.params[name].choices:
            told[name] = value
    return told


def starts_from_picture(tool: Tool) -> bool:
    """Whether a tool takes what lies below and changes it by some `strength`."""
    strength = tool.params.get("strength")
    return strength is not None and strength.type == "number" and any(given.kind == "canvas" for given in tool.inputs)


def can_repeat(prepared: Prepared) -> bool:
    """Whether `more_like` finds all that the tool needs; a job made of a recipe may lack a picture."""
    tool, known = prepared.tool, prepared.job.inputs
    made = {"selection"} if prepared.selection is not None else set()
    made |= {"canvas"} if starts_from_picture(tool) else set()
    seeded = any(param.type == "seed" for param in tool.params.values())
    return seeded and all(given.optional or given.name in known or given.kind in made for given in tool.inputs)


def from_recipe(
    recipe: Recipe,
    tool: Tool,
    anchor: Anchor,
    *,
    job_id: str = "",
    pixel_format: PixelFormat = BGRA8,
) -> tuple[Prepared, Candidate]:
    """The job that a recipe speaks of and the candidate that came of it, as far as the recipe keeps them.

    ValueError when it keeps no picture.
    """
    if recipe.crop is None:
        raise ValueError("the recipe keeps no picture")
    blend = Blend.of(recipe.blend)
    affected = recipe.box
    if recipe.selection is not None and tool.result == "masked-layer":
        affected = bounds_of(composite_mask(recipe.selection, blend), recipe.box)
    height, width = recipe.crop.shape[:2]
    masks = {region_input(name) for name in recipe.regions}
    prepared = Prepared(
        job=ToolJob(
            job_id,
            recipe.plugin,
            tool.id,
            dict(recipe.params),
            {name: picture for name, picture in recipe.inputs.items() if name not in masks},
            (width, height),
            recipe.model,
            first=first_of(recipe),
            regions=recipe_regions(recipe, (width, height)),
        ),
        tool=tool,
        anchor=replace(anchor, box=recipe.box),
        affected=affected,
        blend=blend,
        selection=recipe.selection,
        plugin_version=recipe.plugin_version,
        model_sha256=recipe.model_sha256,
        format=pixel_format,
        below=recipe.below,
        own=tuple(given.name for given in tool.inputs if given.kind == "canvas" and given.name in recipe.inputs),
    )
    return prepared, Candidate(recipe.crop, _seed(tool, recipe))


def _seed(tool: Tool, recipe: Recipe) -> int:
    """The seed by the manifest; without one, by the name that every tool of ours gives it."""
    name = next((name for name, param in tool.params.items() if param.type == "seed"), "seed")
    value = recipe.params.get(name, 0)
    return int(value) if isinstance(value, int | float) else 0
