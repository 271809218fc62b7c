"""The regions of a document as a job has them: which there are, what they make a tool work on, their masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scumble.api import JobRegion, Mask, Tool
from scumble.document import Document, Recipe, Rect, SavedSelection, Tile, TileIndex, TileMap
from scumble.document.recipe import RegionPrompt, region_input
from scumble.document.regions import regions_of
from scumble.document.tiles import content_bounds, read_tiles
from scumble.generation.masks import Blend, composite_mask, scaled


def regions_for(document: Document, tool: Tool) -> tuple[SavedSelection, ...]:
    """The regions that count for a tool: none where its manifest does not say that it takes any."""
    return tuple(kept for kept in regions_of(document) if kept.region and kept.region.on) if tool.regions else ()


def selected_tiles(document: Document, tool: Tool) -> TileMap:
    """What a tool works on: what is selected, or all of its regions where nothing is."""
    if not document.selection_bounds.empty:
        return document.selection.tiles
    found: dict[TileIndex, Tile] = {}
    for kept in regions_for(document, tool):
        for index, tile in document.surface(kept.surface).tiles.items():
            other = found.get(index)
            found[index] = tile if other is None else Tile(np.maximum(other.pixels, tile.pixels))
    return found


def selected_bounds(document: Document, tool: Tool) -> Rect:
    """The rectangle round what a tool works on."""
    return content_bounds(selected_tiles(document, tool)) & document.bounds


def selected(document: Document, tool: Tool, box: Rect) -> Mask:
    """What a tool works on within a box, `(box.height, box.width)`."""
    return np.asarray(read_tiles(selected_tiles(document, tool), box, 1, np.dtype(np.uint8)), np.uint8)


def job_regions(
    document: Document, tool: Tool, box: Rect, size: tuple[int, int], blend: Blend, selection: Mask
) -> tuple[JobRegion, ...]:
    """The regions that reach into a box, with masks of `size` (width, height). `selection` covers the box.

    Beside the selection, where the result only fades, each reaches as far as that does. Where the regions are the
    selection, soft edges are shared out among them, so that no other prompt shines through.
    """
    found = [(kept, document.surface(kept.surface).read(box)) for kept in regions_for(document, tool)]
    found = [(kept, mask) for kept, mask in found if mask.any()]
    masks = [mask for _, mask in found]
    if any(given.kind == "selection" for given in tool.inputs):
        if document.selection_bounds.empty:
            masks = _shared_out(masks)
        around = Blend(grow=blend.reach + 1)
        masks = [np.where(selection > 0, mask, composite_mask(mask, around)) for mask in masks]
    return tuple(
        _job_region(kept.name, kept.region or RegionPrompt(), scaled(np.asarray(mask, np.uint8), size))
        for (kept, _), mask in zip(found, masks, strict=True)
    )


def recipe_regions(made: Recipe, size: tuple[int, int]) -> tuple[JobRegion, ...]:
    """The regions that a recipe keeps, at `size`."""
    return tuple(
        _job_region(name, region, scaled(made.inputs[region_input(name)], size))
        for name, region in made.regions.items()
        if region_input(name) in made.inputs
    )


def kept_regions(regions: tuple[JobRegion, ...]) -> tuple[dict[str, RegionPrompt], dict[str, NDArray[np.uint8]]]:
    """What a recipe keeps of a job's regions: their words, and their masks as inputs."""
    words = {each.name: RegionPrompt(each.prompt, each.negative, each.strength) for each in regions}
    return words, {region_input(each.name): each.mask for each in regions}


def _job_region(name: str, region: RegionPrompt, mask: Mask) -> JobRegion:
    mask.flags.writeable = False
    return JobRegion(name, mask, region.prompt, region.negative, region.strength)


def _shared_out(masks: list[Mask]) -> list[Mask]:
    """Masks that add up to 255 wherever one of them is above 0."""
    total = np.sum(masks, axis=0, dtype=np.float32) if masks else np.float32(0)
    return [np.rint(mask * (255.0 / np.maximum(total, 1.0))).astype(np.uint8) for mask in masks]
