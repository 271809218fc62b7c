"""The move tool: drags a layer, or nudges it by a pixel."""

from __future__ import annotations

from scumble.document import Document
from scumble.document.edits import translate
from scumble.tools.gesture import Gesture, Phase, Pointer, Stage
from scumble.tools.painting import check_editable


def move(stage: Stage, press: Pointer) -> Gesture:
    """Drags the active layer, with its mask and what it holds, by whole pixels; Shift keeps to one axis."""
    check_editable(stage.document)
    return _drag(stage, press)


def nudge(document: Document, dx: int, dy: int, step: str) -> None:
    """Moves the active layer by whole pixels, as one step. Raises `ScumbleError` where it is locked or hidden."""
    check_editable(document)
    layer = document.active
    if layer is not None:
        with document.history.transaction(step) as edit:
            translate(edit, document, layer, dx, dy)


def _drag(stage: Stage, press: Pointer) -> Gesture:
    layer = stage.document.active
    assert layer is not None
    placed = (0, 0)
    with stage.document.history.transaction(stage.step) as edit:
        event = press
        while event.phase is not Phase.RELEASE:
            event = yield None
            dx, dy = round(event.x - press.x), round(event.y - press.y)
            if event.shift:
                dx, dy = (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
            if (dx, dy) != placed:
                placed = (dx, dy)
                translate(edit, stage.document, layer, dx, dy)
