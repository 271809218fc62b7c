"""The tools that paint along a stroke: brush, eraser, mask brush and smudge."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final, Protocol

from scumble.api import ScumbleError
from scumble.document import SELECTION, Document, PaintLayer, Rect, SurfaceId, path_to
from scumble.paint import Sample, Smudge, Stroke
from scumble.tools.gesture import Gesture, Phase, Point, Pointer, Stage

WHITE: Final = (1.0, 1.0, 1.0)

AXES: Final = 8
"""Directions in which Shift keeps a stroke straight."""


class Pen(Protocol):
    """What a gesture drives: a stroke of any kind."""

    def add(self, sample: Sample) -> Rect:
        """Goes on to a sample."""
        ...

    def turn(self) -> None:
        """Makes a corner of the last sample."""
        ...

    def end(self) -> Rect:
        """Ends the stroke."""
        ...


def brush(stage: Stage, press: Pointer) -> Gesture:
    """Paints with the foreground colour on the layer, or with its grey on the layer mask."""
    return _stroke(stage, press, paintable(stage), erase=False)


def eraser(stage: Stage, press: Pointer) -> Gesture:
    """Takes paint away from the layer; on a layer mask it hides. Refuses a layer that keeps its transparency."""
    surface = paintable(stage)
    active = stage.document.active
    if isinstance(active, PaintLayer) and active.alpha_locked and surface == active.surface:
        raise ScumbleError("layer-alpha-locked", layer=active.name)
    return _stroke(stage, press, surface, erase=True)


def mask_brush(stage: Stage, press: Pointer) -> Gesture:
    """Paints the selection; takes away from it while Alt is held or where subtracting is chosen."""
    return _stroke(replace(stage, colour=WHITE), press, SELECTION, erase=stage.add == press.alt)


def smudge(stage: Stage, press: Pointer) -> Gesture:
    """Takes wet paint along."""
    return _smudge(stage, press, paintable(stage))


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


def paintable(stage: Stage) -> SurfaceId:
    """The surface that painting goes to. Raises `ScumbleError` where there is none that can be changed."""
    if stage.surface == SELECTION:
        return SELECTION
    check_editable(stage.document)
    if stage.surface is None:
        active = stage.document.active
        raise ScumbleError("layer-is-group", layer=active.name if active is not None else "")
    return stage.surface


def drive(pen: Pen, stage: Stage, press: Pointer) -> Gesture:
    """A stroke from the press to the release.

    Shift at the press joins where the last stroke ended; Shift while the pointer is down keeps to the nearest of eight
    directions from where the hand was when it was pressed.
    """
    if press.shift and stage.last is not None:
        pen.add(Sample(*stage.last, press.pressure, press.time))
        pen.add(press.sample)
        pen.turn()
    event, ruler = press, Ruler()
    while event.phase not in (Phase.RELEASE, Phase.FINISH):
        pen.add(ruler.place(event))
        event = yield None
    if (event.x, event.y) != (press.x, press.y):
        pen.add(ruler.place(event))
    pen.end()


class Ruler:
    """Keeps a hand straight while Shift is held. The direction is chosen once the hand has gone far enough to tell."""

    START: Final = 4.0
    """Document pixels."""

    def __init__(self) -> None:
        self._from: Point | None = None
        self._way: Point | None = None

    def place(self, event: Pointer) -> Sample:
        """The sample of an event, on the ruler while there is one."""
        sample = event.sample
        if not event.shift or not sample.placed:
            self._from = self._way = None
            return sample
        if self._from is None:
            self._from = (event.x, event.y)
        dx, dy = event.x - self._from[0], event.y - self._from[1]
        if self._way is None and math.hypot(dx, dy) >= self.START:
            turn = round(math.atan2(dy, dx) * AXES / math.tau) * math.tau / AXES
            self._way = (math.cos(turn), math.sin(turn))
        along = 0.0 if self._way is None else dx * self._way[0] + dy * self._way[1]
        way = self._way or (0.0, 0.0)
        return replace(sample, x=self._from[0] + way[0] * along, y=self._from[1] + way[1] * along)


def _stroke(stage: Stage, press: Pointer, surface: SurfaceId, *, erase: bool) -> Gesture:
    with stage.document.history.transaction(stage.step) as edit:
        yield from drive(Stroke(stage.document, edit, surface, stage.brush, stage.colour, erase=erase), stage, press)


def _smudge(stage: Stage, press: Pointer, surface: SurfaceId) -> Gesture:
    with stage.document.history.transaction(stage.step) as edit:
        yield from drive(Smudge(stage.document, edit, surface, stage.brush, stage.options.strength), stage, press)
