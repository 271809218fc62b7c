"""What the selecting tools have in common: how they combine, what a click does, and moving the outline."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import takewhile
from threading import Event
from typing import Final

from scumble.document import SELECTION, Document, Rect, TileMap
from scumble.document.edits import deselect
from scumble.paint.selecting import HALF, Change, changing, clipped, combined, settled, slid
from scumble.tools.gesture import Band, Gesture, Phase, Pointer, Stage
from scumble.tools.options import Combine
from scumble.tools.slices import aside

CLICK: Final = 2.0
"""A drag of fewer document pixels than this on both sides is a click."""


def combining(stage: Stage, press: Pointer) -> str:
    """How a selection that begins with this press meets the one there is: the keys win over the option."""
    keys = {(True, False): Combine.ADD, (False, True): Combine.SUBTRACT, (True, True): Combine.INTERSECT}
    return keys.get((press.shift, press.alt), stage.options.combine).value


def nothing_chosen(stage: Stage, mode: str) -> None:
    """What a shape that holds nothing does: takes the selection away where it would replace it, else nothing."""
    if mode == Combine.REPLACE.value and stage.document.selection.tiles:
        deselect(stage.document, stage.step)


def choosing(stage: Stage, make: Callable[[], TileMap], mode: str, event: Pointer, shown: Band) -> Gesture:
    """Makes a mask part of the selection, feathered as the options say, in one step.

    The end of a gesture, which `event` has brought about: all is computed on another thread, while `shown` is seen.
    """
    document, feather = stage.document, stage.options.feather
    old = dict(document.selection.tiles)

    def compute(stop: Event) -> TileMap | None:
        shape = make()
        if shape and feather > 0.0:
            parts = changing(shape, document.bounds, Change("feather", feather))
            shape = {
                index: tile
                for part in takewhile(lambda _part: not stop.is_set(), parts)
                for index, tile in part.items()
            }
        return settled(old, combined(old, shape, mode)) if shape else None

    chosen = yield from aside(compute, event, shown)
    if chosen is None:
        nothing_chosen(stage, mode)
        return
    with document.history.transaction(stage.step) as edit:
        edit.replace(SELECTION, chosen)


def is_click(press: Pointer, event: Pointer) -> bool:
    """Whether the pointer has hardly moved."""
    return max(abs(event.x - press.x), abs(event.y - press.y)) < CLICK


def takes_outline(stage: Stage, press: Pointer) -> bool:
    """Whether a press with no keys, where a new selection replaces, lies inside the selection that there is."""
    if combining(stage, press) != Combine.REPLACE.value:
        return False
    pixel = Rect(math.floor(press.x), math.floor(press.y), 1, 1)
    return bool(stage.document.selection.read(pixel)[0, 0] >= HALF)


def move_outline(stage: Stage, press: Pointer) -> Gesture:
    """Drags the outline of the selection, without the pixels; Shift keeps to one axis. One step, at the end."""
    event, shift = press, (0, 0)
    while event.phase not in (Phase.RELEASE, Phase.FINISH):
        event = yield Band((), shift=shift)
        dx, dy = round(event.x - press.x), round(event.y - press.y)
        if event.shift:
            dx, dy = (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
        shift = dx, dy
    nudge_outline(stage.document, *shift, stage.move_step)


def going_on(gesture: Gesture, event: Pointer) -> Gesture:
    """A gesture that hears at once of an event that came before it was begun."""
    next(gesture)
    try:
        while True:
            event = yield gesture.send(event)
    except StopIteration:
        return
    finally:
        gesture.close()


def nudge_outline(document: Document, dx: int, dy: int, step: str) -> None:
    """Moves the outline of the selection by whole pixels, as one step; what leaves the canvas is let go."""
    tiles = clipped(slid(document.selection.tiles, dx, dy), document.bounds)
    with document.history.transaction(step) as edit:
        edit.replace(SELECTION, settled(document.selection.tiles, tiles))
