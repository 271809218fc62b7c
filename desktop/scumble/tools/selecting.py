"""The rectangle selection."""

from __future__ import annotations

import math

from scumble.document import Rect
from scumble.document.edits import deselect, select
from scumble.tools.gesture import Band, Gesture, Phase, Pointer, Stage
from scumble.tools.options import Combine

CLICK = 2.0
"""A drag of fewer document pixels than this on both sides is a click."""


def rectangle_select(stage: Stage, press: Pointer) -> Gesture:
    """Selects a rectangle of whole pixels. Shift adds, Alt subtracts, both intersect; a click selects nothing."""
    return _drag(stage, press, combining(stage, press))


def combining(stage: Stage, press: Pointer) -> str:
    """How a selection that begins with this press meets the one there is: the keys win over the option."""
    keys = {(True, False): Combine.ADD, (False, True): Combine.SUBTRACT, (True, True): Combine.INTERSECT}
    return keys.get((press.shift, press.alt), stage.options.combine).value


def _drag(stage: Stage, press: Pointer, mode: str) -> Gesture:
    event = press
    while event.phase is not Phase.RELEASE:
        event = yield Band.box(_between(press, event) & stage.document.bounds)
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
