"""What an edit changed: all that a view is told, and all that it needs to know."""

from __future__ import annotations

from dataclasses import dataclass

from scumble.document.geometry import NOWHERE, Rect


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """`area` is where the composite may look different; `selected` where the selection is; both in document pixels.

    `structure`: the layer tree changed; `size`: the canvas has another size; `history`: the list of steps changed;
    `active`: another layer is the active one.
    """

    area: Rect = NOWHERE
    selected: Rect = NOWHERE
    structure: bool = False
    size: bool = False
    history: bool = False
    active: bool = False
