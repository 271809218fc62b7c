"""One job after another: each region of a document as a fill of its own, with its words, mask and strength."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scumble.api import Mask, ParamValue, ScumbleError, Tool
from scumble.document import Document, Rect, RegionPrompt, SavedSelection
from scumble.generation.masks import bounds_of
from scumble.generation.regional import regions_for


@dataclass(frozen=True, slots=True)
class Turn:
    """What one of the jobs is asked: the values of the form as the region has them, and where."""

    params: Mapping[str, ParamValue]
    kept: SavedSelection
    bounds: Rect

    def mask(self, document: Document, box: Rect) -> Mask:
        """What the job works on within a box: the region, as far as it is selected where anything is."""
        return _within(document, self.kept, box)


def turns(document: Document, tool: Tool, params: Mapping[str, ParamValue]) -> tuple[Turn, ...]:
    """A turn for each region that there is something of. Raises `ScumbleError` (`mask-empty`) where there is none."""
    found = []
    for kept in regions_for(document, tool):
        around = document.surface(kept.surface).bounds() & document.bounds
        values = _within(document, kept, around)
        if values.any():
            found.append(Turn(_as_asked(tool, params, kept.region or RegionPrompt()), kept, bounds_of(values, around)))
    if not found:
        raise ScumbleError("mask-empty")
    return tuple(found)


def takes_turns(tool: Tool | None) -> bool:
    """Whether a tool fills what is masked, region after region if need be."""
    return tool is not None and tool.regions and tool.result == "masked-layer"


def _within(document: Document, kept: SavedSelection, box: Rect) -> Mask:
    values = document.surface(kept.surface).read(box)
    return values if document.selection_bounds.empty else np.minimum(values, document.selection.read(box))


def _as_asked(tool: Tool, params: Mapping[str, ParamValue], region: RegionPrompt) -> dict[str, ParamValue]:
    """The first prompt of a tool, its second, the negative one, and its strength are the region's."""
    names = [name for name, param in tool.params.items() if param.type == "prompt"]
    asked = dict(params)
    asked |= {name: text for name, text in zip(names, (region.prompt, region.negative), strict=False) if text}
    if "strength" in tool.params:
        least = tool.params["strength"].minimum or 0.0
        asked["strength"] = max(region.strength, least)
    return asked
