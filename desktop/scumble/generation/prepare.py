"""From a document and a form to a frozen job: the tool's own copies of all that it needs, and where it belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scumble.api import Input, JobRegion, Mask, ModelInfo, ParamValue, Picture, ScumbleError, Tool, ToolJob
from scumble.document import BGRA8, FIRST_FRAME, Document, Frame, LayerId, PaintLayer, PixelFormat, Pixels, Rect
from scumble.generation.colours import Colours
from scumble.generation.masks import Blend, Reached, bounds_of, scaled
from scumble.generation.pictures import to_picture
from scumble.generation.region import Region
from scumble.generation.regional import job_regions, selected
from scumble.generation.working import first_pass


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the result belongs: the key of its document, the canvas's size and frame then, the box, the layer to go
    above. `instead` is the layer that it is to be the new content of."""

    document: str
    canvas: tuple[int, int]
    box: Rect
    above: LayerId | None = None
    frame: Frame = FIRST_FRAME
    instead: LayerId | None = None

    @classmethod
    def on(cls, document: Document, box: Rect, instead: LayerId | None = None, key: str = "") -> Anchor:
        """In a document as it is, above the active layer or in the place of one; `key` stands in for the document's."""
        above, canvas = document.active, (document.width, document.height)
        over = instead or (above.id if above else None)
        return cls(key or document.key, canvas, box, over, document.structure.frame, instead)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A job for the service, and all that is needed to make a layer of its result, whatever happens meanwhile.

    `selection` is uint8 `(box.height, box.width)`, where the tool works on one; `affected` the rectangle of the
    document in which pixels may change; `format` the document's, for a result that outlives it; `below` a digest of
    what the tool saw of the document, see `scumble.generation.stale`; `own` the inputs of kind `canvas` that were
    pictures of their own, which the recipe has to keep.
    """

    job: ToolJob
    tool: Tool
    anchor: Anchor
    affected: Rect
    blend: Blend
    selection: NDArray[np.uint8] | None = None
    plugin_version: str = ""
    model_sha256: str = ""
    format: PixelFormat = BGRA8
    below: str = ""
    own: tuple[str, ...] = ()


def prepare(
    job_id: str,
    tool: Tool,
    params: Mapping[str, ParamValue],
    document: Document,
    region: Region,
    flattened: Pixels | None,
    *,
    plugin: str,
    plugin_version: str = "",
    model: ModelInfo | None = None,
    pictures: Mapping[str, Picture] | None = None,
    selection: Mask | None = None,
    blend: Blend | None = None,
    regions: tuple[JobRegion, ...] | None = None,
    key: str = "",
    below: str = "",
    instead: LayerId | None = None,
) -> Prepared:
    """A job from a document as it is now. Nothing of it refers to the document's pixels.

    `params` are resolved (every one named, the seed chosen). `flattened` is the visible picture under `region.box` as
    stored pixels; only a tool with an input of kind `canvas` needs it. `pictures` holds those that the user chose, by
    the names of the inputs, and what stands in for canvas or layer, at the working size. `selection` stands in for the
    document's own, over the box, and `regions` for its regions. `key` names the document. `below` is the digest of
    `flattened` that the recipe keeps, `instead` the layer that the result is for.

    Raises `ScumbleError`: `tool-needs-input` for a picture or layer that is missing, `mask-empty` where the tool
    works on a selection and the box holds none.
    """
    blend = blend or Blend()
    chosen = selected(document, tool, region.box) if selection is None else selection
    found = job_regions(document, tool, region.box, region.size, blend, chosen) if regions is None else regions
    masks = Reached(chosen, blend)
    inputs = _inputs(tool, document, region, flattened, pictures or {}, masks)
    masked = chosen if any(given.kind == "selection" and given.name in inputs for given in tool.inputs) else None
    return Prepared(
        job=ToolJob(
            id=job_id,
            plugin=plugin,
            tool=tool.id,
            params=dict(params),
            inputs=inputs,
            size=region.size,
            model=model.id if model else "",
            first=_first(tool, region, model),
            regions=found,
        ),
        tool=tool,
        anchor=Anchor.on(document, region.box, instead, key),
        affected=_affected(tool, masks if masked is not None else None, region.box) & document.bounds,
        blend=blend,
        selection=masked,
        plugin_version=plugin_version,
        model_sha256=model.sha256 if model else "",
        format=document.format,
        below=below,
        own=tuple(given.name for given in tool.inputs if given.kind == "canvas" and given.name in (pictures or {})),
    )


def check(tool: Tool, document: Document, pictures: Mapping[str, Picture]) -> None:
    """Raises at once what `prepare` would raise for a picture or layer that is missing."""
    for given in tool.inputs:
        there = given.name in pictures or (given.kind == "layer" and isinstance(document.active, PaintLayer))
        if given.kind in ("picture", "layer") and not given.optional and not there:
            raise ScumbleError("tool-needs-input", tool=tool.title, input=given.title or given.name)


def _first(tool: Tool, region: Region, model: ModelInfo | None) -> tuple[int, int]:
    """The size of a first pass, also for a region that was made from a recipe, which does not name it."""
    if region.passes > 1 or not tool.two_passes or model is None:
        return region.first
    return first_pass(region.size, model.native)


def _affected(tool: Tool, masks: Reached | None, box: Rect) -> Rect:
    """The rectangle round all of a box that may change."""
    if masks is None or tool.result != "masked-layer":
        return box
    return bounds_of(masks.composite, box)


def _inputs(
    tool: Tool,
    document: Document,
    region: Region,
    flattened: Pixels | None,
    pictures: Mapping[str, Picture],
    masks: Reached,
) -> dict[str, NDArray[np.uint8]]:
    """What the tool is given, read-only; without the optional ones that are not there."""
    found = {}
    for given in tool.inputs:
        value = _input(given, tool, document, region, flattened, pictures, masks)
        if value is not None:
            value.flags.writeable = False
            found[given.name] = value
    return found


def _input(
    given: Input,
    tool: Tool,
    document: Document,
    region: Region,
    flattened: Pixels | None,
    pictures: Mapping[str, Picture],
    masks: Reached,
) -> NDArray[np.uint8] | None:
    """One input at the working size; None for an optional one that is not there."""
    size = _input_size(tool, region)
    if given.kind == "picture" or (given.kind != "selection" and given.name in pictures):
        picture = pictures.get(given.name)
        if picture is not None:
            return np.array(picture, np.uint8, order="C")
    elif given.kind == "selection":
        if masks.selection.any():
            return scaled(masks.denoise, size)
        if not given.optional:
            raise ScumbleError("mask-empty")
    elif given.kind == "canvas":
        if flattened is not None:
            return seen_picture(tool, document, region, flattened)
    elif isinstance(document.active, PaintLayer):
        pixels = document.surface(document.active.surface).read(region.box)
        return seen_picture(tool, document, region, pixels)
    if given.optional:
        return None
    raise ScumbleError("tool-needs-input", tool=tool.title, input=given.title or given.name)


def seen_picture(tool: Tool, document: Document, region: Region, stored: Pixels) -> Picture:
    """Stored pixels of the region's box as the tool is given them."""
    size = _input_size(tool, region)
    picture = to_picture(stored, document.format, size, alpha=tool.result == "picture")
    return Colours(document.structure.icc).to_model(picture)


def _input_size(tool: Tool, region: Region) -> tuple[int, int]:
    """The working size; for a tool that makes a picture of its own, that of the box."""
    return (region.box.width, region.box.height) if tool.result == "picture" else region.size
