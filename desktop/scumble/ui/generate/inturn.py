"""What a person has asked for as one turn, or as one for each region, with its words, mask and strength."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scumble.api import JobRegion, ParamValue, ScumbleError, Tool
from scumble.document import Document, RegionPrompt, Tile, TileMap
from scumble.document.tiles import content_bounds
from scumble.generation.prompts import prompt_names
from scumble.generation.regional import regions_for


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """The values of the form, what is to change, and the regions of the job; None for what the document says."""

    params: Mapping[str, ParamValue]
    tiles: TileMap | None = None
    regions: tuple[JobRegion, ...] | None = None


def turns(document: Document, tool: Tool, params: Mapping[str, ParamValue], *, in_turn: bool) -> tuple[Turn, ...]:
    """One turn; or, where the regions are to be made in turn, one for each that there is something of.

    Raises `ScumbleError` (`mask-empty`) where regions are asked for and nothing of them is selected.
    """
    regions = regions_for(document, tool) if in_turn and takes_turns(tool) else ()
    if not regions:
        return (Turn(params),)
    found = []
    for kept in regions:
        tiles = _as_far_as_selected(document, document.surface(kept.surface).tiles)
        if not (content_bounds(tiles) & document.bounds).empty:
            found.append(Turn(_as_asked(tool, params, kept.region or RegionPrompt()), tiles, ()))
    if not found:
        raise ScumbleError("mask-empty")
    return tuple(found)


def takes_turns(tool: Tool | None) -> bool:
    """Whether a tool fills what is masked, region after region if need be."""
    return tool is not None and tool.regions and tool.result == "masked-layer"


def _as_far_as_selected(document: Document, tiles: TileMap) -> TileMap:
    """A region within the selection, where there is one."""
    if document.selection_bounds.empty:
        return dict(tiles)
    chosen = document.selection.tiles
    return {
        index: Tile(np.minimum(tile.pixels, chosen[index].pixels)) for index, tile in tiles.items() if index in chosen
    }


def _as_asked(tool: Tool, params: Mapping[str, ParamValue], region: RegionPrompt) -> dict[str, ParamValue]:
    """The first prompt of a tool, its second, the negative one, and its strength are the region's."""
    texts = zip(prompt_names(tool), (region.prompt, region.negative), strict=False)
    asked = dict(params) | {name: text for name, text in texts if text}
    if "strength" in tool.params:
        asked["strength"] = max(region.strength, tool.params["strength"].minimum or 0.0)
    return asked
