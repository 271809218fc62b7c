"""A tool run on files: the same steps as in the window, from picture and mask to the layer that comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from scumble.api import Candidate, Mask, ModelInfo, ParamValue, Picture, ScumbleError, Tool, ToolResult
from scumble.document import BGRA8, Document, PaintLayer
from scumble.document.edits import new_document, select
from scumble.document.layers import walk
from scumble.files import export_document, flattened, format_of, open_document
from scumble.generation import Blend, Prepared, apply, as_document, modes, prepare, region_for
from scumble.generation.colours import Colours
from scumble.generation.remake import canvas_of
from scumble.generation.stale import look
from scumble.plugins import InstalledPlugin
from scumble.render import flatten

DEFAULT_SIDE: Final = 512
"""The side of a new picture, where the tool has no size to choose."""

_LUMA: Final = (0.2126, 0.7152, 0.0722)
"""The weights of red, green and blue in luma; ITU-R BT.709."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to run and on what. `params` are resolved; `pictures` are files by the names of the inputs."""

    plugin: InstalledPlugin
    tool: Tool
    params: Mapping[str, ParamValue]
    image: Path | None = None
    mask: Path | None = None
    pictures: Mapping[str, Path] = field(default_factory=dict)
    blend: Blend = field(default_factory=Blend)


def open_request(request: Request) -> Document:
    """The document to work on: the picture with the mask selected, or an empty one where the tool needs no picture.

    Raises `ScumbleError`: what opening a file raises; `mask-size`; `mask-empty`.
    """
    if request.image is None:
        return new_document(*_asked_size(request), BGRA8, background=None, name=request.tool.title)
    document = open_document(request.image).document
    layers = [layer for layer in walk(document.layers) if isinstance(layer, PaintLayer)]
    if layers:
        document.activate(layers[-1].id)
    if request.mask is not None:
        _select(document, read_mask(request.mask))
    return document


def read_mask(path: Path) -> Mask:
    """A picture as a mask: white and opaque is wholly inside, black or transparent is outside."""
    picture = read_picture(path)
    luma = picture[..., :3].astype(np.float32) @ np.array(_LUMA, np.float32)
    return np.rint(luma * (picture[..., 3].astype(np.float32) / 255.0)).astype(np.uint8)


def read_picture(path: Path) -> Picture:
    """A picture file as straight RGBA."""
    document = open_document(path).document
    straight = np.ascontiguousarray(document.format.to_straight(flattened(document.snapshot())))
    return Colours(document.structure.icc).to_model(straight)


def prepare_request(request: Request, document: Document, job_id: str, model: ModelInfo | None) -> Prepared:
    """The job for the service. Raises `ScumbleError` as `generation.prepare` does."""
    native = model.native if model else None
    params = modes.settled(request.tool, request.params, document)
    region = region_for(
        request.tool,
        modes.planned(request.tool, params),
        document.bounds,
        modes.bounds_to_change(request.tool, params, document),
        native=native,
        blend=request.blend,
    )
    active = document.active
    seen, below = look(flatten, document.snapshot(), region.box, active.id if active is not None else None)
    return prepare(
        job_id,
        request.tool,
        params,
        document,
        region,
        seen,
        plugin=request.plugin.id,
        plugin_version=request.plugin.version,
        model=model,
        pictures={name: read_picture(path) for name, path in request.pictures.items()},
        selection=modes.mask_to_change(request.tool, params, document, region.box),
        blend=request.blend,
        below=below if canvas_of(request.tool) else "",
    )


def outcomes(document: Document, prepared: Prepared, result: ToolResult) -> Iterator[Document]:
    """For each candidate the document with that candidate in it, one at a time; the document itself is used again."""
    notes = dict(result.notes)
    for candidate in result.candidates:
        if prepared.tool.result == "picture":
            yield as_document(prepared, candidate, document.format, notes=notes)
        else:
            yield from _applied(document, prepared, candidate, notes)


def write_outcome(document: Document, path: Path, *, open_raster: bool = False) -> list[Path]:
    """Writes a picture, and a file with its layers beside it when asked to; returns what was written."""
    written = [path]
    snapshot = document.snapshot()
    export_document(snapshot, path)
    layered = path.with_suffix(".ora")
    if open_raster and layered != path:
        export_document(snapshot, layered)
        written.append(layered)
    return written


def out_paths(path: Path, count: int) -> list[Path]:
    """Where so many candidates go: `out.png`, or `out-1.png`, `out-2.png`…

    Raises `ScumbleError` (`file-format-unknown`, `folder-not-found`).
    """
    format_of(path)
    if not path.absolute().parent.is_dir():
        raise ScumbleError("folder-not-found", path=path.absolute().parent)
    if count == 1:
        return [path]
    return [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(1, count + 1)]


def _applied(document: Document, prepared: Prepared, candidate: Candidate, notes: dict[str, str]) -> Iterator[Document]:
    apply(document, prepared, candidate, notes=notes)
    yield document
    document.history.undo()


def _select(document: Document, mask: Mask) -> None:
    height, width = mask.shape
    if (width, height) != (document.width, document.height):
        raise ScumbleError("mask-size", mask=f"{width} × {height}", image=f"{document.width} × {document.height}")
    if not mask.any():
        raise ScumbleError("mask-empty")
    select(document, document.bounds, mask)
    document.history.clear()


def _asked_size(request: Request) -> tuple[int, int]:
    sizes = [int(request.params[name]) for name, param in request.tool.params.items() if param.type == "size"]
    if not sizes:
        return DEFAULT_SIDE, DEFAULT_SIDE
    return sizes[0], sizes[-1]
