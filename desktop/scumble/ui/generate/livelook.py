"""What live painting sees: read from the document a tile at a time, and made a job of on another thread."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scumble.api import Mask, ParamValue, ScumbleError
from scumble.document import Document, LayerId, Pixels, Rect
from scumble.generation import Blend, Prepared, Region, composite_mask, modes, prepare
from scumble.generation.reblend import as_it_is
from scumble.generation.region import whole
from scumble.generation.remake import canvas_of
from scumble.generation.stale import AROUND, BELOW, beneath, digest, parts
from scumble.plugins import resolve_params
from scumble.render import flatten
from scumble.ui.generate.generator import Wish, plan_for
from scumble.ui.session import DocumentSession

MOST_PIXELS: Final = 1536 * 1536
"""The largest context box; a larger one would be looked at for too long."""

SMALL: Final = 2
"""A picture of so many times the model's side is painted live as a whole where nothing is selected."""


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """All that a run is made of. `seen` is what is visible in the region's box, stored pixels; `alone` says that
    nothing of it lies above the active layer; `selection` is of the box."""

    wish: Wish
    params: Mapping[str, ParamValue]
    region: Region
    blend: Blend
    selection: Mask
    seen: Pixels
    alone: bool
    active: LayerId | None


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A job, the mask that its layer would wear, and what tells it from another."""

    prepared: Prepared
    mask: Mask | None
    key: object


def glance(wish: Wish | None, session: DocumentSession) -> Generator[None, None, Glance]:
    """Looks at the document as it is, also in the middle of a stroke; yields after each tile, so that a caller can let
    the hand go on. What changes meanwhile may be seen in part, and has to be looked at again.

    Raises `ScumbleError`: `live-needs-canvas`, `live-needs-selection`, `live-too-large`, `model-none`, and what
    `resolve_params` raises.
    """
    if wish is None or not canvas_of(wish.tool) or any(given.kind == "layer" for given in wish.tool.inputs):
        raise ScumbleError("live-needs-canvas")
    if wish.tool.model and wish.model is None:
        raise ScumbleError("model-none")
    params = modes.settled(wish.tool, resolve_params(wish.tool, wish.params), session.document)
    region, blend, mask = _plan(replace(wish, params=params), session)
    document, snapshot, box = session.document, as_it_is(session.document), region.box
    seen = np.zeros((box.height, box.width, 4), document.format.dtype)
    for _, part in parts(box):
        seen[part.slices(box)] = flatten(snapshot, part)
        yield
    active = snapshot.active
    under = beneath(snapshot, active, inclusive=True) if active is not None else snapshot
    alone = True
    for _, part in parts(box) if under is not snapshot else ():
        alone = np.array_equal(flatten(under, part), seen[part.slices(box)])
        yield
        if not alone:
            break
    selection = document.selection.read(box) if mask is None else mask
    return Glance(wish, params, region, blend, selection, seen, alone, active)


def ready(taken: Glance, document: Document) -> Ready:
    """The job. Works on any thread: of the document it reads only what no stroke changes. Raises as `prepare`."""
    wish, tool = taken.wish, taken.wish.tool
    below = (BELOW if taken.alone else AROUND) + digest(taken.seen, taken.region.box)
    prepared = prepare(
        uuid.uuid4().hex,
        tool,
        taken.params,
        document,
        taken.region,
        taken.seen,
        plugin=wish.plugin.id,
        plugin_version=wish.plugin.version,
        model=wish.model if tool.model else None,
        pictures=wish.pictures,
        selection=taken.selection,
        blend=taken.blend,
        below=below,
    )
    prepared = replace(prepared, anchor=replace(prepared.anchor, above=taken.active))
    worn = prepared.selection if tool.result == "masked-layer" else None
    chosen = b"" if prepared.selection is None else prepared.selection.tobytes()
    pictures = tuple(picture.tobytes() for picture in wish.pictures.values())
    asked = (tool.id, prepared.job.model, tuple(taken.params.items()), taken.region, taken.blend)
    mask = None if worn is None else composite_mask(worn, taken.blend)
    return Ready(prepared, mask, (asked, below, chosen, pictures))


def _plan(wish: Wish, session: DocumentSession) -> tuple[Region, Blend, Mask | None]:
    """Where the tool looks: round the selection, or at all of a small picture, of which all may change then.

    Colours are left as they come, so that what is taken is what was shown.
    """
    canvas: Rect = session.document.bounds
    if wish.tool.result == "masked-layer" and session.selection_bounds.empty:
        side = SMALL * (wish.native or 512)
        if canvas.area > side * side:
            raise ScumbleError("live-needs-selection", side=side)
        return whole(canvas, native=wish.native), Blend(), np.full((canvas.height, canvas.width), 255, np.uint8)
    region, blend = plan_for(wish, wish.params, session)
    if region.box.area > MOST_PIXELS:
        raise ScumbleError("live-too-large", width=region.box.width, height=region.box.height)
    return region, replace(blend, match=0.0, seam=0.0), None
