"""From a candidate to a layer: one edit, and nothing changes outside the affected area."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from scumble.api import Candidate, JobRegion, ParamValue, Picture, Tool
from scumble.document import Document, LayerId, PixelFormat, Pixels, Recipe, Rect, Transaction
from scumble.document.edits import put_layer
from scumble.generation.anchors import brought_along, seen_above
from scumble.generation.colours import Colours
from scumble.generation.masks import Blend, bounds_of, composite_mask
from scumble.generation.pictures import to_stored
from scumble.generation.prepare import Prepared
from scumble.generation.prompts import prompt_of
from scumble.generation.reblend import Flatten, mended, settle
from scumble.generation.regional import kept_regions

Within: TypeAlias = Callable[[Transaction, Document, LayerId], None]
"""What else is done to a new layer in the step that makes it."""

NAME_LENGTH = 40
"""How many characters of a prompt a layer is called by."""

FIRST_SEED = "first-seed"
"""The note of a recipe whose picture was not the first of its job."""

FIRST_PASS = "first-pass"
"""The note of a recipe that was made in two passes: width × height of the first."""

_SIZE = re.compile(r"([1-9]\d{0,4}) × ([1-9]\d{0,4})")


def apply(
    document: Document,
    prepared: Prepared,
    candidate: Candidate,
    *,
    blend: Blend | None = None,
    notes: dict[str, str] | None = None,
    step: str = "",
    pixels: Pixels | None = None,
    flatten: Flatten | None = None,
    within: Within | None = None,
) -> LayerId:
    """Puts a candidate into a document as a new layer; one step of the history, called `step`.

    The crop is scaled to its box. A `masked-layer` wears the composite mask, outside which no pixel changes; `blend`
    stands in for the settings that the job was made with. The layer goes above the one that was active when the job
    was made, or on top when that has gone; where the document has been reshaped since, all goes along. Its recipe keeps
    the whole crop. `pixels`, stored and of the size of the box, are put there in the place of the candidate's own.
    With `flatten` the colours are mended as the settings say.
    """
    prepared, image = brought_along(prepared, candidate.image, document.structure)
    candidate = replace(candidate, image=image)
    settings = blend or prepared.blend
    box = placed(prepared.anchor.box, document.bounds)
    mask = None
    if prepared.tool.result == "masked-layer" and prepared.selection is not None:
        mask = composite_mask(prepared.selection, settings)
    above = seen_above(document, prepared.anchor.above)
    name = layer_name(prepared)
    made_by = recipe(prepared, candidate, box, settings, notes or {})
    settles, covered = flatten is not None and mask is not None, box
    if pixels is None and settles and mask is not None and mended(made_by):
        covered = bounds_of(mask, box)
        mask = mask[covered.slices(box)]
    elif pixels is None:
        pixels = picture_in_box(document, prepared, candidate)
    with document.history.transaction(step or name) as edit:
        made = put_layer(
            document,
            edit,
            name,
            pixels=pixels,
            origin=(covered.x, covered.y),
            mask=mask,
            recipe=made_by,
            above=above,
        )
        if settles:
            settle(edit, document, made, flatten)
        if within is not None:
            within(edit, document, made)
        return made


def as_document(
    prepared: Prepared, candidate: Candidate, pixel_format: PixelFormat, *, notes: dict[str, str] | None = None
) -> Document:
    """A document of the candidate alone, at the size that the tool made it; without undo steps."""
    height, width = candidate.image.shape[:2]
    document = Document(width, height, pixel_format)
    made = recipe(replace(prepared, below=""), candidate, document.bounds, prepared.blend, notes or {})
    name = layer_name(prepared)
    with document.history.transaction(name) as edit:
        put_layer(document, edit, name, pixels=to_stored(candidate.image, pixel_format, (width, height)), recipe=made)
    document.history.clear()
    return document


def picture_in_box(document: Document, prepared: Prepared, candidate: Candidate) -> Pixels:
    """The candidate as stored pixels, in the document's colours as they are now, at the size of its box; for `apply`,
    and to show it in place before."""
    box = prepared.anchor.box
    picture = Colours(document.structure.icc).from_model(candidate.image)
    return to_stored(picture, document.format, (box.width, box.height))


def placed(box: Rect, canvas: Rect) -> Rect:
    """The box, or, where it lies wholly outside a canvas that has been cropped since, the same one moved inside."""
    if not (box & canvas).empty:
        return box
    x = min(max(box.x, canvas.x), max(canvas.right - box.width, canvas.x))
    y = min(max(box.y, canvas.y), max(canvas.bottom - box.height, canvas.y))
    return Rect(x, y, box.width, box.height)


def layer_name(prepared: Prepared) -> str:
    """The prompt's first words, or those of the regions, or the tool's title."""
    return name_of(prepared.tool, prepared.job.params, prepared.job.regions)


def name_of(tool: Tool, params: Mapping[str, ParamValue], regions: Sequence[JobRegion] = ()) -> str:
    """The same for a job that is not prepared yet."""
    text = " ".join(prompt_of(tool, params).split())
    text = text or ", ".join(" ".join((each.prompt or each.name).split()) for each in regions)
    if not text:
        return tool.title
    return text if len(text) <= NAME_LENGTH else text[: NAME_LENGTH - 1].rstrip() + "…"


def recipe(prepared: Prepared, candidate: Candidate, box: Rect, blend: Blend, notes: dict[str, str]) -> Recipe:
    """All that is needed to make this candidate again, alone, and to blend it anew."""
    params: dict[str, ParamValue] = dict(prepared.job.params)
    for name, param in prepared.tool.params.items():
        if param.type == "seed":
            params[name] = candidate.seed
            break
    crop = np.array(candidate.image, np.uint8, order="C")
    crop.flags.writeable = False
    regions, masks = kept_regions(prepared.job.regions)
    return Recipe(
        tool=prepared.tool.id,
        plugin=prepared.job.plugin,
        plugin_version=prepared.plugin_version,
        model=prepared.job.model,
        model_sha256=prepared.model_sha256,
        params=params,
        box=box,
        crop=crop,
        selection=prepared.selection,
        inputs=_pictures(prepared) | masks,
        regions=regions,
        blend=_kept_blend(prepared, blend) if prepared.selection is not None else {},
        below=prepared.below,
        notes=notes | made_with(prepared, candidate),
    )


def _pictures(prepared: Prepared) -> dict[str, Picture]:
    """The inputs that cannot be had from the document again."""
    given, own = prepared.job.inputs, prepared.own
    elsewhere = prepared.tool.result == "picture"
    names = [
        each.name
        for each in prepared.tool.inputs
        if each.kind != "selection" and (elsewhere or each.kind != "canvas" or each.name in own)
    ]
    return {name: given[name] for name in names if name in given}


def _kept_blend(prepared: Prepared, blend: Blend) -> dict[str, float]:
    """The settings, and how far the model painted where that is not what they say."""
    reach = prepared.blend.reach
    return blend.as_mapping() | ({"reach": reach} if reach != blend.reach else {})


def first_of(made: Recipe) -> tuple[int, int]:
    """The size of a recipe's first pass; (0, 0) where its notes tell of none."""
    found = _SIZE.fullmatch(made.notes.get(FIRST_PASS, ""))
    return (int(found[1]), int(found[2])) if found is not None else (0, 0)


def made_with(prepared: Prepared, candidate: Candidate) -> dict[str, str]:
    """The notes that say how a job was made besides by its parameters: with which seed a job of several pictures began,
    because a batch is not summed as one picture is, and the size of its first pass, where there were two."""
    seeds = [prepared.job.params[name] for name, param in prepared.tool.params.items() if param.type == "seed"]
    notes = {FIRST_SEED: str(seeds[0])} if seeds and seeds[0] != candidate.seed else {}
    first = prepared.job.first
    return notes | ({FIRST_PASS: f"{first[0]} × {first[1]}"} if any(first) else {})
