"""Filling and clearing: what is selected, or a region of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from scumble.document import NOWHERE, Document, Pixels, Rect, SurfaceId, TileIndex, Transaction, tile_rect
from scumble.paint.ink import Colour, Ink
from scumble.paint.mix import alpha_locked, check_unlocked, depth_table, limits, looked_up, mix
from scumble.paint.regions import Region


def fill(
    document: Document,
    edit: Transaction,
    surface: SurfaceId,
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0),
    opacity: float = 1.0,
    region: Region | None = None,
    ink: Ink | None = None,
) -> Rect:
    """Covers what is selected (all of the canvas without a selection) with a straight colour, 0…1, or another ink.

    With a `region` only as far as that reaches. On a mask the luma of the colour is the value; where alpha is locked it
    stays. Returns the rectangle that it covered. ValueError when the layer is locked.
    """
    covered = NOWHERE
    for part in filling(document, edit, surface, ink or Colour(document, surface, colour), opacity, region):
        covered = covered | part
    edit.touch(surface, covered)
    return covered


def clear(document: Document, edit: Transaction, surface: SurfaceId) -> None:
    """Empties what is selected (all of the surface without a selection).

    ValueError when the layer is locked or keeps its transparency.
    """
    check_unlocked(document, surface)
    nothing = Colour(document, surface, (0.0, 0.0, 0.0), erase=True)
    if limits(document, surface, document.bounds) is None:
        edit.clear(surface)
        return
    for part in filling(document, edit, surface, nothing):
        edit.touch(surface, part)


def filling(
    document: Document,
    edit: Transaction,
    surface: SurfaceId,
    ink: Ink,
    opacity: float = 1.0,
    region: Region | None = None,
) -> Iterator[Rect]:
    """As `fill`, a tile at each step, so that a caller can stop between them. Yields what it covered, untold."""
    check_unlocked(document, surface)
    plane = document.surface(surface)
    table = depth_table(plane.dtype, opacity)
    limited = limits(document, surface, NOWHERE) is not None
    area = document.selection_bounds if limited else document.bounds
    only_where_something_is = ink.erases or alpha_locked(document, surface)
    for index in _tiles(area, region):
        if only_where_something_is and index not in plane.tiles:
            continue
        part = tile_rect(index) & area
        coverage = _coverage(document, surface, part, region)
        if coverage.any():
            pixels = edit.write(surface, index)[part.slices(tile_rect(index))]
            pixels[:] = ink.lay(pixels, looked_up(coverage, table), part)
            yield part


def _tiles(area: Rect, region: Region | None) -> Iterable[TileIndex]:
    if region is None:
        return area.tiles()
    return [index for index in sorted(region.tiles) if not (tile_rect(index) & area).empty]


def _coverage(document: Document, surface: SurfaceId, part: Rect, region: Region | None) -> Pixels:
    """How far a part is to be filled, uint8: by the selection and the region."""
    limit = limits(document, surface, part)
    if region is None:
        return np.full((part.height, part.width), 255, np.uint8) if limit is None else limit
    inside = region.read(part)
    return inside if limit is None else mix(np.zeros_like(inside), inside, limit)
