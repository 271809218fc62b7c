"""Filling and clearing what is selected."""

from __future__ import annotations

import numpy as np

from scumble.document import Document, SurfaceId, Transaction, tile_rect
from scumble.paint.mix import check_unlocked, depth_table, limits, looked_up, mix, target_colour


def fill(
    document: Document,
    edit: Transaction,
    surface: SurfaceId,
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0),
    opacity: float = 1.0,
) -> None:
    """Covers what is selected (all of the canvas without a selection) with a straight colour, 0…1.

    On a mask the luma of the colour is the value. ValueError when the layer is locked.
    """
    _cover(document, edit, surface, target_colour(document, surface, colour, erase=False), opacity)


def clear(document: Document, edit: Transaction, surface: SurfaceId) -> None:
    """Empties what is selected (all of the surface without a selection). ValueError when the layer is locked."""
    if limits(document, surface, document.bounds) is None:
        check_unlocked(document, surface)
        edit.clear(surface)
        return
    _cover(document, edit, surface, target_colour(document, surface, (0.0, 0.0, 0.0), erase=True), 1.0)


def _cover(document: Document, edit: Transaction, surface: SurfaceId, colour: np.ndarray, opacity: float) -> None:
    check_unlocked(document, surface)
    plane = document.surface(surface)
    table = depth_table(plane.dtype, opacity)
    limited = limits(document, surface, document.selection_bounds) is not None
    area = document.selection_bounds if limited else document.bounds
    for index in area.tiles():
        if not colour.any() and index not in plane.tiles:
            continue
        place = tile_rect(index)
        part = place & area
        limit = limits(document, surface, part)
        if limit is None:
            limit = np.full((part.height, part.width), 255, np.uint8)
        if limit.any():
            pixels = edit.write(surface, index)[part.slices(place)]
            pixels[:] = mix(pixels, colour, looked_up(limit, table))
    edit.touch(surface, area)
