"""The tools that draw shapes: line, rectangle and ellipse, with the brush or filled."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from scumble.document import SurfaceId, Transaction
from scumble.paint import Region, Sample, Stroke
from scumble.paint.fill import filling
from scumble.paint.ink import Colour
from scumble.paint.shapes import ellipse, polygon
from scumble.paint.windows import Growth
from scumble.tools.filling import aim, told
from scumble.tools.gesture import Band, Gesture, Phase, Point, Pointer, Stage
from scumble.tools.painting import paintable
from scumble.tools.slices import in_slices

SHORT = 1.0
"""A drag shorter than this, in document pixels, draws nothing."""

Corners = Sequence[Point]


def line(stage: Stage, press: Pointer) -> Gesture:
    """Draws a straight line with the brush; Shift keeps to eight directions."""
    return _draw(stage, press, paintable(stage), lambda end: Band((_place(press), aim(press, end))), None)


def rectangle(stage: Stage, press: Pointer) -> Gesture:
    """Draws a rectangle, its outline or filled. Shift makes a square, Alt begins in the middle."""
    return _draw(stage, press, paintable(stage), lambda end: _box(press, end), _rectangle)


def oval(stage: Stage, press: Pointer) -> Gesture:
    """Draws an ellipse, its outline or filled. Shift makes a circle, Alt begins in the middle."""
    return _draw(stage, press, paintable(stage), lambda end: _box(press, end, oval=True), _oval)


def _draw(
    stage: Stage,
    press: Pointer,
    surface: SurfaceId,
    shown: Callable[[Pointer], Band],
    closed: Callable[[Band], Corners] | None,
) -> Gesture:
    """`shown` is the band of a drag that ends here; `closed` makes corners of it, None for an open line."""
    event = press
    while event.phase not in (Phase.RELEASE, Phase.FINISH):
        event = yield shown(event)
    band = shown(event)
    if not all(math.isfinite(value) for point in band.points for value in point):
        return
    if math.dist(band.points[0], band.points[-1 if closed is None else len(band.points) // 2]) < SHORT:
        return
    with stage.document.history.transaction(stage.step) as edit:
        if closed is None:
            _outline(stage, edit, surface, press, band.points)
        elif stage.options.filled:
            yield from in_slices(_filled(stage, edit, surface, closed(band)), event)
        else:
            corners = closed(band)
            _outline(stage, edit, surface, press, [*corners, corners[0]], sharp=not band.oval)


def _outline(
    stage: Stage, edit: Transaction, surface: SurfaceId, press: Pointer, points: Corners, *, sharp: bool = True
) -> None:
    stroke = Stroke(stage.document, edit, surface, stage.brush, stage.colour)
    for x, y in points:
        stroke.add(Sample(x, y, press.pressure, press.time, press.tilt_x, press.tilt_y))
        if sharp:
            stroke.turn()
    stroke.end()


def _filled(stage: Stage, edit: Transaction, surface: SurfaceId, corners: Corners) -> Growth[None]:
    smooth = stage.options.smooth_edges
    tiles = polygon(corners, stage.document.bounds, smooth=smooth)
    region = Region({index: tile.pixels for index, tile in tiles.items()})
    ink = Colour(stage.document, surface, stage.colour)
    yield from told(edit, surface, filling(stage.document, edit, surface, ink, stage.options.cover, region))


def _box(press: Pointer, event: Pointer, *, oval: bool = False) -> Band:
    """The box of a drag: with Shift as high as it is wide, with Alt round the press."""
    dx, dy = event.x - press.x, event.y - press.y
    if event.shift:
        side = max(abs(dx), abs(dy))
        dx, dy = math.copysign(side, dx), math.copysign(side, dy)
    left, top = (press.x - dx, press.y - dy) if event.alt else (press.x, press.y)
    right, bottom = press.x + dx, press.y + dy
    if oval:
        return Band(((left, top), (right, bottom)), oval=True)
    return Band(((left, top), (right, top), (right, bottom), (left, bottom)), closed=True)


def _rectangle(band: Band) -> Corners:
    return band.points


def _oval(band: Band) -> Corners:
    (left, top), (right, bottom) = band.points
    return ellipse(left, top, right, bottom)


def _place(press: Pointer) -> Point:
    return press.x, press.y
