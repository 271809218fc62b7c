"""What dragging a handle makes of a shape that is being transformed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from scumble.document.homography import Point, apply, convex, inverse, onto, rotation, scaling, shear, translation
from scumble.tools.transforming import Handle, Shape, figures

SNAP: Final = 15.0
"""Degrees that Shift turns by."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What is held while dragging. `linked` says that the ratio is kept unless Shift frees it."""

    shift: bool = False
    ctrl: bool = False
    alt: bool = False
    linked: bool = False


def dragged(start: Shape, handle: Handle, grip: Point, point: Point, keys: Keys) -> Shape | None:
    """The shape when a handle that was taken at `grip`, with the shape as it was then, has come to a point.

    None where that would leave nothing of it, or fold it.
    """
    if handle is Handle.PIVOT:
        return replace(start, pivot=apply(inverse(start.matrix), point))
    if handle is Handle.INSIDE:
        return start.through(translation(*_moved(grip, point, keys.shift)))
    if handle is Handle.OUTSIDE:
        return _turned(start, grip, point, keys.shift)
    if keys.ctrl and handle.side and keys.shift:
        return _slanted(start, handle, grip, point, keys.alt)
    if keys.ctrl:
        return _distorted(start, handle, grip, point, mirrored=keys.shift)
    return _scaled(start, handle, grip, point, keys)


def _moved(grip: Point, point: Point, one_axis: bool) -> tuple[float, float]:
    """By whole pixels, which loses nothing."""
    dx, dy = round(point[0] - grip[0]), round(point[1] - grip[1])
    if one_axis:
        dx, dy = (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
    return dx, dy


def _turned(start: Shape, grip: Point, point: Point, snaps: bool) -> Shape | None:
    centre = start.centre
    before, after = (math.atan2(place[1] - centre[1], place[0] - centre[0]) for place in (grip, point))
    turn = math.degrees(after - before)
    if snaps:
        now = figures(start).angle
        turn = round((now + turn) / SNAP) * SNAP - now
    return start.through(rotation(turn, centre))


def _own_move(start: Shape, grip: Point, point: Point) -> Point:
    """How far the pointer has come, in the box's own pixels."""
    back = inverse(start.matrix)
    (ax, ay), (bx, by) = apply(back, grip), apply(back, point)
    return bx - ax, by - ay


def _scaled(start: Shape, handle: Handle, grip: Point, point: Point, keys: Keys) -> Shape | None:
    across, down = handle.value
    box = start.box
    anchor = start.pivot if keys.alt else (box.x + (1 - across) * box.width, box.y + (1 - down) * box.height)
    own, move = start.own(handle), _own_move(start, grip, point)
    reach = (own[0] - anchor[0], own[1] - anchor[1])
    factors = [1.0, 1.0]
    for axis, place in enumerate((across, down)):
        if place != 0.5 and reach[axis]:
            factors[axis] = (reach[axis] + move[axis]) / reach[axis]
    if keys.linked != keys.shift:
        factors = _kept_ratio(factors, reach, handle)
    sides = (box.width, box.height)
    factors = [_at_least(factor, 1.0 / side) for factor, side in zip(factors, sides, strict=True)]
    return start.within(scaling(factors[0], factors[1], anchor))


def _kept_ratio(factors: list[float], reach: Point, handle: Handle) -> list[float]:
    if handle.side:
        factor = factors[0] if handle.value[1] == 0.5 else factors[1]
        return [factor, factor]
    length = reach[0] ** 2 + reach[1] ** 2
    along = sum(factor * part**2 for factor, part in zip(factors, reach, strict=True)) / length if length else 1.0
    return [along, along]


def _at_least(factor: float, least: float) -> float:
    return factor if abs(factor) >= least else math.copysign(least, factor)


def _slanted(start: Shape, handle: Handle, grip: Point, point: Point, from_middle: bool) -> Shape | None:
    """A side moved along itself; the other side stays, or the pivot does."""
    move, own = _own_move(start, grip, point), start.own(handle)
    across, down = handle.value
    box = start.box
    anchor = start.pivot if from_middle else (box.x + (1 - across) * box.width, box.y + (1 - down) * box.height)
    if across == 0.5:
        rise = own[1] - anchor[1]
        return start.within(shear(move[0] / rise, 0.0, anchor)) if rise else None
    run = own[0] - anchor[0]
    return start.within(shear(0.0, move[1] / run, anchor)) if run else None


def _distorted(start: Shape, handle: Handle, grip: Point, point: Point, *, mirrored: bool) -> Shape | None:
    """A corner, or both of a side, moved freely; mirrored, the corner's neighbour goes the opposite way."""
    quad = list(start.corners)
    dx, dy = point[0] - grip[0], point[1] - grip[1]
    order = (Handle.TOP_LEFT, Handle.TOP_RIGHT, Handle.BOTTOM_RIGHT, Handle.BOTTOM_LEFT)
    if handle.side:
        across, down = handle.value
        axis, edge = (0, across) if down == 0.5 else (1, down)
        taken = [place for place, corner in enumerate(order) if corner.value[axis] == edge]
        moves = dict.fromkeys(taken, (dx, dy))
    else:
        place = order.index(handle)
        moves = {place: (dx, dy)}
        if mirrored:
            level = abs(dx) >= abs(dy)
            moves[place] = (dx, 0.0) if level else (0.0, dy)
            moves[_neighbour(place, level)] = (-dx, 0.0) if level else (0.0, -dy)
    for place, (x, y) in moves.items():
        quad[place] = (quad[place][0] + x, quad[place][1] + y)
    if not convex(quad):
        return None
    return start.replaced(onto(start.box, quad))


def _neighbour(place: int, level: bool) -> int:
    """The corner beside one (level), or above or below it."""
    return (1, 0, 3, 2)[place] if level else (3, 2, 1, 0)[place]
