"""The tools that paint: brush, eraser and mask brush."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from scumble.api import ScumbleError
from scumble.document import SELECTION, Document, PaintLayer, SurfaceId, path_to
from scumble.paint import Sample, Stroke
from scumble.tools.gesture import Gesture, Phase, Pointer, Stage

WHITE: Final = (1.0, 1.0, 1.0)


def brush(stage: Stage, press: Pointer) -> Gesture:
    """Paints with the foreground colour on the layer, or with its grey on the layer mask."""
    return _stroke(stage, press, _paintable(stage), erase=False)


def eraser(stage: Stage, press: Pointer) -> Gesture:
    """Takes paint away from the layer; on a layer mask it hides."""
    return _stroke(stage, press, _paintable(stage), erase=True)


def mask_brush(stage: Stage, press: Pointer) -> Gesture:
    """Paints the selection; takes away from it while Alt is held or where subtracting is chosen."""
    return _stroke(replace(stage, colour=WHITE), press, SELECTION, erase=stage.add == press.alt)


def check_editable(document: Document) -> PaintLayer | None:
    """Raises `ScumbleError` where the active layer, or a group round it, is hidden or locked.

    Returns the active layer if it has pixels, and None for a group.
    """
    active = document.active
    if active is None:
        raise ScumbleError("layer-none")
    for layer in path_to(document.layers, active.id):
        if layer.locked:
            raise ScumbleError("layer-locked", layer=layer.name)
        if not layer.visible:
            raise ScumbleError("layer-hidden", layer=layer.name)
    return active if isinstance(active, PaintLayer) else None


def _paintable(stage: Stage) -> SurfaceId:
    if stage.surface == SELECTION:
        return SELECTION
    check_editable(stage.document)
    if stage.surface is None:
        active = stage.document.active
        raise ScumbleError("layer-is-group", layer=active.name if active is not None else "")
    return stage.surface


def _stroke(stage: Stage, press: Pointer, surface: SurfaceId, *, erase: bool) -> Gesture:
    with stage.document.history.transaction(stage.step) as edit:
        stroke = Stroke(stage.document, edit, surface, stage.brush, stage.colour, erase=erase)
        if press.shift and stage.last is not None:
            stroke.add(Sample(*stage.last, press.pressure, press.time))
        event = press
        while event.phase is not Phase.RELEASE:
            stroke.add(event.sample)
            event = yield None
        if (event.x, event.y) != (press.x, press.y):
            stroke.add(event.sample)
