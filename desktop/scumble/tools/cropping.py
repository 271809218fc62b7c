"""Cropping as a model without widgets: a rectangle with handles, and what dragging makes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from scumble.document import MAX_SIDE, Rect
from scumble.document.homography import Point
from scumble.tools.transforming import ON_BOX, Handle

RATIOS: Final = ((1, 1), (5, 4), (4, 3), (3, 2), (16, 9), (2, 1))
"""Width to height; the other way round they are those of upright pictures."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle that will be the canvas, the canvas as it is, and the ratio to keep (None: any)."""

    rect: Rect
    canvas: Rect
    ratio: float | None = None

    def place(self, handle: Handle) -> Point:
        """Where a handle is."""
        across, down = handle.value if isinstance(handle.value, tuple) else (0.5, 0.5)
        return self.rect.x + across * self.rect.width, self.rect.y + down * self.rect.height

    def with_ratio(self, ratio: float | None) -> Frame:
        """Keeping a ratio from now on: the largest such rectangle inside this one, with the same middle."""
        if ratio is None:
            return replace(self, ratio=None)
        width = min(float(self.rect.width), self.rect.height * ratio)
        height = width / ratio
        x, y = self.rect.x + (self.rect.width - width) / 2, self.rect.y + (self.rect.height - height) / 2
        return replace(self, rect=_whole(x, y, x + width, y + height), ratio=ratio)

    def with_size(self, width: int, height: int) -> Frame:
        """Of another size, with the same top left corner."""
        return replace(self, rect=Rect(self.rect.x, self.rect.y, _side(width), _side(height)))


def hit(frame: Frame, point: Point, near: float) -> Handle:
    """What is at a point; `near` is how far from a handle one may be, in document pixels.

    A frame round the whole canvas is none yet: all but its handles is outside, so that a drag draws one.
    """
    for handles in ([handle for handle in ON_BOX if handle.corner], [handle for handle in ON_BOX if handle.side]):
        nearest = min(handles, key=lambda handle: math.dist(frame.place(handle), point))
        if math.dist(frame.place(nearest), point) <= near:
            return nearest
    rect = frame.rect
    inside = rect != frame.canvas and rect.x <= point[0] <= rect.right and rect.y <= point[1] <= rect.bottom
    return Handle.INSIDE if inside else Handle.OUTSIDE


def dragged(
    start: Frame, handle: Handle, grip: Point, point: Point, near: float, *, square: bool = False, centred: bool = False
) -> Frame:
    """The frame when a handle that was taken at `grip` has come to a point.

    Inside, the frame is moved; outside, a new one is drawn. Edges that come `near` an edge of the canvas lie on it.
    `square` keeps the ratio that there is, `centred` the middle.
    """
    if handle is Handle.INSIDE:
        return _moved(start, grip, point, near)
    if handle is Handle.OUTSIDE:
        left, right = sorted((grip[0], point[0]))
        top, bottom = sorted((grip[1], point[1]))
        ratio = start.ratio or (1.0 if square else None)
        box = _in_ratio((left, top, right, bottom), ratio, grip)
        return replace(start, rect=_whole(*_snapped(box, start.canvas, near if ratio is None else 0.0)))
    ratio = start.ratio or (start.rect.width / start.rect.height if square else None)
    return replace(start, rect=_pulled(start, handle, grip, point, near, ratio, centred))


def _pulled(
    start: Frame, handle: Handle, grip: Point, point: Point, near: float, ratio: float | None, centred: bool
) -> Rect:
    across, down = handle.value
    rect = start.rect
    move = (point[0] - grip[0], point[1] - grip[1])
    edges = [float(rect.x), float(rect.y), float(rect.right), float(rect.bottom)]
    for axis, place in enumerate((across, down)):
        if place == 0.5:
            continue
        edge = axis if place == 0.0 else axis + 2
        edges[edge] += move[axis]
        if ratio is None:
            edges[edge] = _near(edges[edge], start.canvas, axis, near)
        if centred:
            edges[(edge + 2) % 4] -= move[axis]
    left, right = sorted((edges[0], edges[2]))
    top, bottom = sorted((edges[1], edges[3]))
    if ratio is None:
        return _whole(left, top, right, bottom)
    width, height = right - left, bottom - top
    if across == 0.5 or (down != 0.5 and width < height * ratio):
        width = height * ratio
    else:
        height = width / ratio
    anchor = (0.5, 0.5) if centred else (1 - across, 1 - down)
    held = (rect.x + anchor[0] * rect.width, rect.y + anchor[1] * rect.height)
    x, y = held[0] - anchor[0] * width, held[1] - anchor[1] * height
    return _whole(x, y, x + width, y + height)


def _moved(start: Frame, grip: Point, point: Point, near: float) -> Frame:
    moved = start.rect.translated(round(point[0] - grip[0]), round(point[1] - grip[1]))
    shift = [0, 0]
    for axis, (low, high) in enumerate(((moved.x, moved.right), (moved.y, moved.bottom))):
        for edge in (low, high):
            at = _near(edge, start.canvas, axis, near)
            if at != edge:
                shift[axis] = round(at - edge)
                break
    return replace(start, rect=moved.translated(*shift))


def _in_ratio(
    box: tuple[float, float, float, float], ratio: float | None, corner: Point
) -> tuple[float, float, float, float]:
    """The smallest box of a ratio that is as wide or as high, from the corner where it was begun."""
    left, top, right, bottom = box
    if ratio is None:
        return box
    width, height = right - left, bottom - top
    width = max(width, height * ratio)
    height = width / ratio
    x = corner[0] if corner[0] <= left else corner[0] - width
    y = corner[1] if corner[1] <= top else corner[1] - height
    return x, y, x + width, y + height


def _snapped(box: tuple[float, float, float, float], canvas: Rect, near: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = (_near(edge, canvas, place % 2, near) for place, edge in enumerate(box))
    return left, top, right, bottom


def _near(edge: float, canvas: Rect, axis: int, near: float) -> float:
    for line in ((canvas.x, canvas.right), (canvas.y, canvas.bottom))[axis]:
        if abs(edge - line) <= near:
            return float(line)
    return edge


def _whole(left: float, top: float, right: float, bottom: float) -> Rect:
    """Whole pixels, at least one of them and not more than a canvas can have."""
    x, y = round(left), round(top)
    return Rect(x, y, _side(round(right) - x), _side(round(bottom) - y))


def _side(length: int) -> int:
    return min(max(length, 1), MAX_SIDE)
