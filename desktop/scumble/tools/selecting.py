"""The rectangle selection."""

from __future__ import annotations

import math

from scumble.document import Rect
from scumble.document.edits import deselect, select
from scumble.tools.gesture import Gesture, Phase, Pointer, Stage

CLICK = 2.0
"""A drag of fewer document pixels than this on both sides is a click."""


def rectangle_select(stage: Stage, press: Pointer) -> Gesture:
    """Selects a rectangle of whole pixels. Shift adds, Alt subtracts, both intersect; a click selects nothing."""
    mode = {(True, False): "add", (False, True): "subtract", (True, True): "intersect"}.get(
        (press.shift, press.alt), "replace"
    )
    return _drag(stage, press, mode)


def _drag(stage: Stage, press: Pointer, mode: str) -> Gesture:
    event = press
    while event.phase is not Phase.RELEASE:
        event = yield _between(press, event) & stage.document.bounds
    area = _between(press, event) & stage.document.bounds
    if max(abs(event.x - press.x), abs(event.y - press.y)) < CLICK or area.empty:
        if mode == "replace" and not stage.document.selection_bounds.empty:
            deselect(stage.document, stage.step)
    else:
        select(stage.document, area, mode=mode, step=stage.step)


def _between(start: Pointer, end: Pointer) -> Rect:
    left, right = sorted((start.x, end.x))
    top, bottom = sorted((start.y, end.y))
    return Rect.from_edges(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))
