"""What a fill is to do: which mode suits what is selected, and what each mode implies.

A tool takes part whose manifest has a parameter with `ui = "mode"`; `scumble.api.FILL_MODES` lists the modes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scumble.api import Mask, ParamValue, Tool
from scumble.document import NOWHERE, Document, Rect, TileMap, tile_rect
from scumble.document.tiles import content_bounds, read_tiles
from scumble.generation.masks import Blend, default_blend
from scumble.generation.regional import selected_tiles

AUTO: Final = "auto"

STRENGTH: Final = "strength"
"""The name of the parameter that says how much is invented."""


@dataclass(frozen=True, slots=True)
class Implied:
    """What a mode implies: the strength to begin with, what lies under the mask, whether what is not selected changes
    instead, how much of the usual grow and feather there is, and whether each picture is to have a new seed."""

    strength: float
    under: str
    inverted: bool = False
    edge: float = 1.0
    new_seed: bool = False


MODES: Final[Mapping[str, Implied]] = {
    "fill": Implied(1.0, "blurred"),
    "expand": Implied(1.0, "classical"),
    "add": Implied(1.0, "colour"),
    "remove": Implied(0.4, "classical", edge=1.5),
    "replace": Implied(1.0, "noise", inverted=True, edge=0.0),
    "refine": Implied(0.4, "original"),
    "vary": Implied(0.6, "original", new_seed=True),
}
"""By the names of `FILL_MODES`."""


def with_ui(tool: Tool, hint: str) -> str:
    """The name of the parameter with that hint for the form; empty where there is none."""
    return next((name for name, param in tool.params.items() if param.ui == hint), "")


def mode_of(tool: Tool, params: Mapping[str, ParamValue]) -> str:
    """The mode that is asked for, `auto` among them; empty for a tool that has none."""
    name = with_ui(tool, "mode")
    return str(params.get(name, AUTO)) if name else ""


def suited(document: Document | None, strength: float) -> str:
    """The mode that suits what is selected; None where what was selected is not known.

    Below full strength the picture is refined. A selection that reaches across the picture and leaves a rectangle of it
    goes on beyond what is there; any other is filled, such as a sky over mountains.
    """
    if strength < 1.0:
        return "refine"
    if document is None:
        return "fill"
    bounds, canvas = document.selection_bounds, document.bounds
    across = (bounds.width == canvas.width, bounds.height == canvas.height)
    if not any(across):
        return "fill"
    rest = unselected_bounds(document)
    if rest.empty or document.selection.read(rest).any():
        return "fill"
    return "expand"


def settled(tool: Tool, params: Mapping[str, ParamValue], document: Document | None) -> dict[str, ParamValue]:
    """The parameters with what `auto` stands for in its place, so that the recipe tells what was used.

    It stays where the tool does not offer that.
    """
    chosen = dict(params)
    mode, under = with_ui(tool, "mode"), with_ui(tool, "under")
    if mode and chosen[mode] == AUTO:
        found = suited(document, strength_of(chosen))
        chosen[mode] = found if found in tool.params[mode].choices else AUTO
    implied = MODES.get(str(chosen.get(mode)))
    if implied is not None and under and chosen[under] == AUTO and implied.under in tool.params[under].choices:
        chosen[under] = implied.under
    return chosen


def strength_of(params: Mapping[str, ParamValue]) -> float:
    """How much is invented, 0…1; 1 for a tool that does not say."""
    value = params.get(STRENGTH, 1.0)
    return min(max(float(value), 0.0), 1.0) if isinstance(value, int | float) else 1.0


def planned(tool: Tool, params: Mapping[str, ParamValue]) -> dict[str, ParamValue]:
    """The parameters by which the context box is chosen: a mode that does not begin with what is there needs to see as
    much as one at full strength, whatever its own."""
    implied = MODES.get(mode_of(tool, params))
    if implied is None or implied.under == "original" or STRENGTH not in params:
        return dict(params)
    return {**params, STRENGTH: 1.0}


def begun(tool: Tool, mode: str) -> dict[str, ParamValue]:
    """What else is set when a person takes up a mode: the strength, and for some modes that the seed be new."""
    implied = MODES.get(mode)
    values: dict[str, ParamValue] = {}
    if STRENGTH in tool.params:
        values[STRENGTH] = tool.params[STRENGTH].default if implied is None else implied.strength
    if implied is not None and implied.new_seed:
        values |= {name: -1 for name, param in tool.params.items() if param.type == "seed"}
    return values


def title_of(tool: Tool, params: Mapping[str, ParamValue]) -> str:
    """What is done with those parameters, in a word or two: the mode's label, or the tool's title where it has no modes
    or is simply to fill."""
    name = with_ui(tool, "mode")
    mode = mode_of(tool, params)
    if not name or mode in (AUTO, "fill"):
        return tool.title
    param = tool.params[name]
    return dict(zip(param.choices, param.labels or param.choices, strict=True)).get(mode, tool.title)


def inverts(tool: Tool, params: Mapping[str, ParamValue]) -> bool:
    """Whether all that is not selected is to change."""
    implied = MODES.get(mode_of(tool, params))
    return implied is not None and implied.inverted


def bounds_to_change(
    tool: Tool, params: Mapping[str, ParamValue], document: Document, tiles: TileMap | None = None
) -> Rect:
    """The rectangle round what is to change; empty where nothing is. `tiles` stand in for what the document says."""
    if tiles is None and inverts(tool, params) and not document.selection_bounds.empty:
        return unselected_bounds(document)
    return content_bounds(selected_tiles(document, tool) if tiles is None else tiles) & document.bounds


def mask_to_change(
    tool: Tool, params: Mapping[str, ParamValue], document: Document, box: Rect, tiles: TileMap | None = None
) -> Mask:
    """What is selected, or its inverse, or the regions where nothing is, within a box of the document: uint8
    `(box.height, box.width)`. `tiles` stand in for what the document says."""
    chosen = selected_tiles(document, tool) if tiles is None else tiles
    selected = np.asarray(read_tiles(chosen, box, 1, np.dtype(np.uint8)), np.uint8)
    if tiles is not None or not inverts(tool, params) or document.selection_bounds.empty:
        return selected
    return np.asarray(255 - selected, np.uint8)


def edge_for(tool: Tool, params: Mapping[str, ParamValue], bounds: Rect, *, native: int | None) -> Blend:
    """Grow and feather that suit what is to change and the mode."""
    usual = default_blend(bounds, native=native, strength=strength_of(planned(tool, params)))
    implied = MODES.get(mode_of(tool, params))
    if implied is None or implied.edge == 1.0:
        return usual
    feather = round(usual.feather * min(implied.edge, 1.0))
    return replace(usual, grow=round(usual.grow * implied.edge), feather=feather)


def unselected_bounds(document: Document) -> Rect:
    """The rectangle round every pixel of the canvas that is not wholly selected; empty where there is none."""
    bounds = NOWHERE
    for index in document.bounds.tiles():
        place = tile_rect(index) & document.bounds
        if bounds.covers(place):
            continue
        tile = document.selection.tiles.get(index)
        if tile is None:
            bounds = bounds | place
            continue
        left = tile.pixels[place.slices(tile_rect(index))] < 255
        columns, rows = np.flatnonzero(left.any(axis=0)), np.flatnonzero(left.any(axis=1))
        if len(columns):
            inner = Rect.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
            bounds = bounds | inner.translated(place.x, place.y)
    return bounds
