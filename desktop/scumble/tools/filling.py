"""The tools that fill: bucket and gradient."""

from __future__ import annotations

import math
from collections.abc import Iterator

from scumble.document import Rect, SurfaceId, Transaction
from scumble.paint import Gradient, GradientInk, Ink, fill, surface_source
from scumble.paint.fill import filling
from scumble.paint.ink import Colour
from scumble.paint.regions import growing
from scumble.paint.windows import Growth
from scumble.tools.gesture import Band, Gesture, Phase, Point, Pointer, Stage
from scumble.tools.painting import paintable
from scumble.tools.slices import in_slices

PREVIEWED = 2 << 20
"""Pixels up to which a gradient is drawn anew at every move; a larger one is drawn at the release."""

SHORT = 1.0
"""A gradient shorter than this, in document pixels, is none."""


def bucket(stage: Stage, press: Pointer) -> Gesture:
    """Pours the foreground colour over what is like the pixel that is clicked."""
    return _pour(stage, press, paintable(stage))


def gradient(stage: Stage, press: Pointer) -> Gesture:
    """Lays a gradient from the foreground colour, at the press, to the background colour at the release.

    Shift keeps to eight directions.
    """
    return _lay(stage, press, paintable(stage))


def _pour(stage: Stage, press: Pointer, surface: SurfaceId) -> Gesture:
    ink = Colour(stage.document, surface, stage.colour)
    with stage.document.history.transaction(stage.step) as edit:
        yield from in_slices(_poured(stage, edit, surface, press, ink), press)


def _poured(stage: Stage, edit: Transaction, surface: SurfaceId, press: Pointer, ink: Ink) -> Growth[None]:
    options = stage.options
    region = yield from growing(
        stage.picture if options.all_layers else surface_source(stage.document, surface),
        stage.document.format,
        stage.document.bounds,
        (math.floor(press.x), math.floor(press.y)),
        options.tolerance,
        contiguous=options.contiguous,
        gap=options.gap if options.contiguous else 0,
        grow=options.grow,
        smooth=options.smooth_edges,
    )
    yield from told(edit, surface, filling(stage.document, edit, surface, ink, options.cover, region))


def told(edit: Transaction, surface: SurfaceId, parts: Iterator[Rect]) -> Growth[None]:
    """Tells the views of each part that was filled."""
    for part in parts:
        edit.touch(surface, part)
        yield


def _lay(stage: Stage, press: Pointer, surface: SurfaceId) -> Gesture:
    document = stage.document
    area = document.selection_bounds if document.selection.tiles else document.bounds
    with document.history.transaction(stage.step) as edit:
        event, end = press, (press.x, press.y)
        while event.phase not in (Phase.RELEASE, Phase.FINISH):
            end = aim(press, event)
            if area.area <= PREVIEWED and math.dist((press.x, press.y), end) >= SHORT:
                edit.restore(surface)
                fill(document, edit, surface, opacity=stage.options.cover, ink=_ink(stage, surface, press, end))
            event = yield Band(((press.x, press.y), end))
        end = aim(press, event)
        edit.restore(surface)
        if math.dist((press.x, press.y), end) >= SHORT:
            parts = filling(document, edit, surface, _ink(stage, surface, press, end), stage.options.cover)
            yield from in_slices(told(edit, surface, parts), event)


def _ink(stage: Stage, surface: SurfaceId, press: Pointer, end: Point) -> GradientInk:
    last = None if stage.options.fade else stage.background
    runs = Gradient(stage.options.gradient, (press.x, press.y), end, stage.colour, last)
    return GradientInk(stage.document, surface, runs)


def aim(press: Pointer, event: Pointer) -> Point:
    """Where the line ends; with Shift in one of eight directions."""
    dx, dy = event.x - press.x, event.y - press.y
    if event.shift:
        turn = round(math.atan2(dy, dx) * 8 / math.tau) * math.tau / 8
        length = math.hypot(dx, dy)
        dx, dy = length * math.cos(turn), length * math.sin(turn)
    return press.x + dx, press.y + dy
