"""Selecting by a shape: rectangle, ellipse, lasso, polygon."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from scumble.document import Rect, Tile, TileIndex
from scumble.paint.shapes import ellipse, polygon, rectangle
from scumble.tools.gesture import Band, Gesture, Phase, Point, Pointer, Stage
from scumble.tools.options import Options, Proportion
from scumble.tools.selecting import (
    choosing,
    combining,
    going_on,
    is_click,
    move_outline,
    nothing_chosen,
    takes_outline,
)

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom, in document pixels and fractions."""

CLOSE: Final = 0.25
"""Points of a lasso that lie nearer together than this many pixels are one."""

ENDS: Final = (Phase.RELEASE, Phase.FINISH)


def rectangle_select(stage: Stage, press: Pointer) -> Gesture:
    """Selects a rectangle of whole pixels; a click selects nothing.

    With the press, Shift adds, Alt subtracts, both intersect; while dragging, Shift makes a square, Alt begins at the
    centre, the space bar moves what has been drawn. A drag from inside the selection moves its outline. A box of a
    fixed size hangs at the pointer, so that a click selects it.
    """

    def band(box: Box) -> Band:
        return Band.box(_whole(box) & stage.document.bounds)

    def shape(box: Box) -> Mapping[TileIndex, Tile]:
        return rectangle(_whole(box) & stage.document.bounds)

    return _boxed(stage, press, band, shape)


def ellipse_select(stage: Stage, press: Pointer) -> Gesture:
    """Selects an ellipse, with the keys of the rectangle."""

    def band(box: Box) -> Band:
        return Band(((box[0], box[1]), (box[2], box[3])), closed=True, oval=True)

    def shape(box: Box) -> Mapping[TileIndex, Tile]:
        return polygon(ellipse(*box), stage.document.bounds, smooth=stage.options.smooth_edges)

    return _boxed(stage, press, band, shape)


def lasso_select(stage: Stage, press: Pointer) -> Gesture:
    """Selects what a free line goes round; its ends are joined. A click selects nothing."""
    if takes_outline(stage, press):
        return _moving(stage, press)
    return _lasso(stage, press, combining(stage, press))


def polygon_select(stage: Stage, press: Pointer) -> Gesture:
    """Selects a polygon whose corners are clicked, or dragged to.

    A click at the first corner closes it, and so do Enter and a double click; BACK takes a corner back. Shift keeps to
    steps of 45 degrees.
    """
    return _polygon(stage, press, combining(stage, press))


def _boxed(
    stage: Stage,
    press: Pointer,
    band: Callable[[Box], Band],
    shape: Callable[[Box], Mapping[TileIndex, Tile]],
) -> Gesture:
    if takes_outline(stage, press):
        return _moving(stage, press)
    return _drag(stage, press, combining(stage, press), band, shape)


def _moving(stage: Stage, press: Pointer) -> Gesture:
    """Moves the outline once the pointer has moved; a click selects nothing."""
    event = press
    while is_click(press, event):
        event = yield None
        if event.phase in ENDS and is_click(press, event):
            nothing_chosen(stage, "replace")
            return
    yield from going_on(move_outline(stage, press), event)


def _drag(
    stage: Stage,
    press: Pointer,
    mode: str,
    band: Callable[[Box], Band],
    shape: Callable[[Box], Mapping[TileIndex, Tile]],
) -> Gesture:
    start = event = press
    square = centred = False
    shift_free, alt_free = not press.shift, not press.alt
    while event.phase not in ENDS:
        before = event
        event = yield band(_box(start, event, square, centred, stage.options))
        # A key that was held at the press has said how to combine, and must be let go before it says something else.
        shift_free, alt_free = shift_free or not event.shift, alt_free or not event.alt
        square, centred = event.shift and shift_free, event.alt and alt_free
        if event.space:
            start = replace(start, x=start.x + event.x - before.x, y=start.y + event.y - before.y)
    if is_click(start, event) and stage.options.proportion is not Proportion.SIZE:
        nothing_chosen(stage, mode)
    else:
        box = _box(start, event, square, centred, stage.options)
        yield from choosing(stage, lambda: shape(box), mode, event, band(box))


def _box(start: Pointer, end: Pointer, square: bool, centred: bool, options: Options) -> Box:
    if options.proportion is Proportion.SIZE:
        width, height = options.size
        part = 0.5 if centred else 0.0
        x, y = round(end.x - part * width), round(end.y - part * height)
        return x, y, x + width, y + height
    dx, dy = end.x - start.x, end.y - start.y
    if square or options.proportion is Proportion.RATIO:
        across, down = (1.0, 1.0) if square else options.ratio
        scale = max(abs(dx) / across, abs(dy) / down)
        dx, dy = math.copysign(scale * across, dx), math.copysign(scale * down, dy)
    first = (start.x - dx, start.y - dy) if centred else (start.x, start.y)
    left, right = sorted((first[0], start.x + dx))
    top, bottom = sorted((first[1], start.y + dy))
    return left, top, right, bottom


def _whole(box: Box) -> Rect:
    return Rect.from_edges(math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]), math.ceil(box[3]))


def _lasso(stage: Stage, press: Pointer, mode: str) -> Gesture:
    points: list[Point] = [(press.x, press.y)]
    event = press
    while event.phase not in ENDS:
        event = yield Band(tuple(points))
        if math.dist(points[-1], (event.x, event.y)) >= CLOSE:
            points.append((event.x, event.y))
    if all(is_click(press, replace(press, x=x, y=y)) for x, y in points):
        nothing_chosen(stage, mode)
    else:
        yield from _outlined(stage, points, mode, event)


def _outlined(stage: Stage, corners: list[Point], mode: str, event: Pointer) -> Gesture:
    """Selects what lies between corners."""
    smooth = stage.options.smooth_edges
    shown = Band(tuple(corners), closed=True)
    yield from choosing(stage, lambda: polygon(corners, stage.document.bounds, smooth=smooth), mode, event, shown)


def _polygon(stage: Stage, press: Pointer, mode: str) -> Gesture:
    if takes_outline(stage, press):
        # A click inside the selection is the first corner all the same; only a drag takes the outline along.
        event = yield None
        while event.phase not in ENDS and is_click(press, event):
            event = yield None
        if not is_click(press, event):
            yield from going_on(move_outline(stage, press), event)
            return
        if event.phase is Phase.FINISH:
            return
    corners: list[Point] = [(press.x, press.y)]
    at, held = corners[0], True
    while True:
        event = yield Band((*corners, at))
        at = _straight(corners[-1], event) if event.shift and corners else (event.x, event.y)
        if event.phase is Phase.FINISH:
            break
        if event.phase is Phase.BACK:
            corners.pop()
            if not corners:
                return
        if event.phase is Phase.PRESS:
            held = True
            if len(corners) > 2 and math.dist(corners[0], (event.x, event.y)) <= stage.near:
                break
            corners.append(at)
        elif event.phase is Phase.RELEASE:
            if held and math.dist(corners[-1], at) > stage.near:
                corners.append(at)
            held = False
    if len(corners) > 2:
        yield from _outlined(stage, corners, mode, event)


def _straight(corner: Point, event: Pointer) -> Point:
    """The place nearest to the pointer from which a line to the corner runs at a multiple of 45 degrees."""
    dx, dy = event.x - corner[0], event.y - corner[1]
    angle = round(math.atan2(dy, dx) / (math.pi / 4)) * (math.pi / 4)
    length = dx * math.cos(angle) + dy * math.sin(angle)
    return corner[0] + length * math.cos(angle), corner[1] + length * math.sin(angle)
