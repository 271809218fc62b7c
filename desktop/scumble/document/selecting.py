"""Edits of the selection, and of the selections that are kept under a name; each one step of the history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scumble.document.document import Document
from scumble.document.geometry import NOWHERE, Rect
from scumble.document.history import SELECTION, Transaction
from scumble.document.layers import SavedSelection
from scumble.document.recipe import RegionPrompt
from scumble.document.tiles import Surface, TileMap


def select(
    document: Document,
    rect: Rect,
    values: NDArray[np.uint8] | int = 255,
    *,
    mode: str = "replace",
    step: str = "Select",
) -> None:
    """Combines values (255 = selected) over a rectangle with the selection.

    `mode` is replace, add (maximum), subtract, or intersect (minimum).
    """
    area = rect & document.bounds
    given = np.zeros((area.height, area.width), np.uint8)
    given[:] = values if isinstance(values, int) else values[area.slices(rect)]
    old = document.selection.read(area)
    with document.history.transaction(step) as edit:
        if mode in ("replace", "intersect"):
            edit.clear(SELECTION)
        combined = {
            "replace": given,
            "add": np.maximum(old, given),
            "subtract": np.minimum(old, 255 - given),
            "intersect": np.minimum(old, given),
        }[mode]
        edit.put(SELECTION, area, combined)


def select_all(document: Document, step: str = "Select all") -> None:
    """Selects the whole canvas."""
    select(document, document.bounds, step=step)


def deselect(document: Document, step: str = "Deselect") -> None:
    """Selects nothing, so that all may change."""
    with document.history.transaction(step) as edit:
        edit.clear(SELECTION)


def invert_selection(document: Document, step: str = "Invert selection") -> None:
    """Selects what was not selected."""
    values = 255 - document.selection.read(document.bounds)
    with document.history.transaction(step) as edit:
        edit.clear(SELECTION)
        edit.put(SELECTION, document.bounds, values)


def save_selection(document: Document, name: str, step: str = "Keep selection") -> None:
    """Keeps what is selected under a name; a selection of that name gives way to it."""
    with document.history.transaction(step) as edit:
        put_selection(document, edit, name, document.selection.tiles)


def load_selection(document: Document, name: str, *, mode: str = "replace", step: str = "Load selection") -> None:
    """Combines a kept selection with what is selected, as `select` does. KeyError when there is none of that name."""
    kept = kept_selection(document, name)
    select(document, document.bounds, document.surface(kept.surface).read(document.bounds), mode=mode, step=step)


def rename_selection(document: Document, name: str, new: str, step: str = "Rename selection") -> None:
    """Gives a kept selection another name. KeyError when it has gone, ValueError when another has that name."""
    kept = kept_selection(document, name)
    if new == name:
        return
    if any(other.name == new for other in document.structure.selections):
        raise ValueError(f"there is a selection called “{new}” already")
    with document.history.transaction(step) as edit:
        change_selection(document, edit, kept, name=new)


def delete_selection(document: Document, name: str, step: str = "Delete kept selection") -> None:
    """Forgets a kept selection; what is selected stays. KeyError when there is none of that name."""
    kept = kept_selection(document, name)
    with document.history.transaction(step) as edit:
        _keep(document, edit, tuple(other for other in document.structure.selections if other != kept))


def kept_selection(document: Document, name: str) -> SavedSelection:
    """The kept selection of that name. KeyError when there is none."""
    for kept in document.structure.selections:
        if kept.name == name:
            return kept
    raise KeyError(name)


def put_selection(
    document: Document, edit: Transaction, name: str, tiles: TileMap, region: RegionPrompt | None = None
) -> None:
    """Keeps a mask under a name as a part of a larger transaction; one of that name gives way, and stays a region."""
    plane = Surface.for_mask()
    plane.tiles = dict(tiles)
    surface = edit.add_surface(plane)
    others = document.structure.selections
    same = next((other for other in others if other.name == name), None)
    if same is not None:
        change_selection(document, edit, same, surface=surface)
    else:
        _keep(document, edit, (*others, SavedSelection(name, surface, region)))


def change_selection(document: Document, edit: Transaction, kept: SavedSelection, **changes: Any) -> None:
    """Replaces fields of a kept selection as a part of a larger transaction."""
    changed = replace(kept, **changes)
    _keep(document, edit, tuple(changed if other == kept else other for other in document.structure.selections))


def _keep(document: Document, edit: Transaction, selections: tuple[SavedSelection, ...]) -> None:
    edit.set_structure(replace(document.structure, selections=selections), NOWHERE)
