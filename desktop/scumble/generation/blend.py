"""From a candidate to a layer: one edit, and nothing changes outside the affected area."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from scumble.api import Candidate, ParamValue
from scumble.document import Document, LayerId, PixelFormat, Pixels, Recipe, Rect, Transaction, find
from scumble.document.edits import put_layer
from scumble.generation.colours import Colours
from scumble.generation.masks import Blend, composite_mask
from scumble.generation.pictures import to_stored
from scumble.generation.prepare import Prepared

Within: TypeAlias = Callable[[Transaction, Document, LayerId], None]
"""What else is done to a new layer in the step that makes it."""

NAME_LENGTH = 40
"""How many characters of a prompt a layer is called by."""


def apply(
    document: Document,
    prepared: Prepared,
    candidate: Candidate,
    *,
    blend: Blend | None = None,
    notes: dict[str, str] | None = None,
    step: str = "",
    within: Within | None = None,
) -> LayerId:
    """Puts a candidate into a document as a new layer; one step of the history, called `step`.

    The crop is scaled to its box. A `masked-layer` wears the composite mask, outside which no pixel changes; `blend`
    stands in for the settings that the job was made with. The layer goes above the one that was active when the job
    was made, or on top when that has gone. Its recipe keeps the whole crop.
    """
    settings = blend or prepared.blend
    box = placed(prepared.anchor.box, document.bounds)
    mask = None
    if prepared.tool.result == "masked-layer" and prepared.selection is not None:
        mask = composite_mask(prepared.selection, settings)
    above = prepared.anchor.above
    if above is None or find(document.layers, above) is None:
        above = document.layers[-1].id if document.layers else None
    name = layer_name(prepared)
    with document.history.transaction(step or name) as edit:
        made = put_layer(
            document,
            edit,
            name,
            pixels=picture_in_box(prepared, candidate, document.format),
            origin=(box.x, box.y),
            mask=mask,
            recipe=recipe(prepared, candidate, box, settings, notes or {}),
            above=above,
        )
        if within is not None:
            within(edit, document, made)
        return made


def as_document(
    prepared: Prepared, candidate: Candidate, pixel_format: PixelFormat, *, notes: dict[str, str] | None = None
) -> Document:
    """A document of the candidate alone, at the size that the tool made it; without undo steps."""
    height, width = candidate.image.shape[:2]
    document = Document(width, height, pixel_format)
    made = recipe(prepared, candidate, document.bounds, prepared.blend, notes or {})
    name = layer_name(prepared)
    with document.history.transaction(name) as edit:
        put_layer(document, edit, name, pixels=to_stored(candidate.image, pixel_format, (width, height)), recipe=made)
    document.history.clear()
    return document


def picture_in_box(prepared: Prepared, candidate: Candidate, pixel_format: PixelFormat) -> Pixels:
    """The candidate as stored pixels, in the document's colours, at the size of its box; for `apply`, and to show it
    in place before."""
    box = prepared.anchor.box
    picture = Colours(prepared.icc).from_model(candidate.image)
    return to_stored(picture, pixel_format, (box.width, box.height))


def placed(box: Rect, canvas: Rect) -> Rect:
    """The box, or, where it lies wholly outside a canvas that has been cropped since, the same one moved inside."""
    if not (box & canvas).empty:
        return box
    x = min(max(box.x, canvas.x), max(canvas.right - box.width, canvas.x))
    y = min(max(box.y, canvas.y), max(canvas.bottom - box.height, canvas.y))
    return Rect(x, y, box.width, box.height)


def layer_name(prepared: Prepared) -> str:
    """The prompt's first words, or the tool's title."""
    prompts = (name for name, param in prepared.tool.params.items() if param.type == "prompt")
    text = " ".join(str(prepared.job.params.get(next(prompts, ""), "")).split())
    if not text:
        return prepared.tool.title
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
        blend=blend.as_mapping() if prepared.selection is not None else {},
        notes=notes,
    )
