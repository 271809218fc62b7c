"""Edits of regions: kept selections that have words of their own; each one step of the history."""

from __future__ import annotations

from scumble.document.document import Document
from scumble.document.history import SELECTION
from scumble.document.layers import SavedSelection
from scumble.document.recipe import RegionPrompt
from scumble.document.selecting import change_selection, kept_selection, put_selection
from scumble.document.tiles import TileMap


def regions_of(document: Document) -> tuple[SavedSelection, ...]:
    """Every region, the oldest first."""
    return tuple(kept for kept in document.structure.selections if kept.region is not None)


def add_region(document: Document, name: str, region: RegionPrompt, step: str = "Add region") -> None:
    """Makes what is selected, which may be nothing, a region. ValueError when a kept selection has that name."""
    if any(kept.name == name for kept in document.structure.selections):
        raise ValueError(f"there is a selection called “{name}” already")
    with document.history.transaction(step) as edit:
        put_selection(document, edit, name, document.selection.tiles, region)


def set_region(document: Document, name: str, region: RegionPrompt | None, step: str = "Change region") -> None:
    """Gives a kept selection other words; with None it is no region any more. KeyError when it has gone."""
    kept = kept_selection(document, name)
    if kept.region != region:
        with document.history.transaction(step) as edit:
            change_selection(document, edit, kept, region=region)


def take_region(document: Document, name: str, step: str = "Edit region") -> TileMap:
    """Selects a region, to be painted on; returns what was selected. KeyError when it has gone."""
    before = dict(document.selection.tiles)
    tiles = document.surface(kept_selection(document, name).surface).tiles
    with document.history.transaction(step) as edit:
        edit.replace(SELECTION, dict(tiles))
    return before


def put_back_region(document: Document, name: str, selection: TileMap, step: str = "Change region") -> None:
    """Makes what is selected the region, and selects what was before `take_region`. KeyError when it has gone."""
    kept_selection(document, name)
    with document.history.transaction(step) as edit:
        put_selection(document, edit, name, document.selection.tiles)
        edit.replace(SELECTION, dict(selection))
