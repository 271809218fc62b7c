"""Where the document lies on the canvas: pure arithmetic between document pixels and view coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from math import floor
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPolygonF, QTransform

from scumble.document import Rect

MIN_ZOOM: Final = 1 / 64
MAX_ZOOM: Final = 64.0
STEPS: Final = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 32, 64)
"""The zooms that the commands “Zoom in” and “Zoom out” stop at."""

ENLARGED: Final = 4.0
"""The most that a small document is enlarged by itself."""

TURN: Final = 15.0
"""Degrees of one step of turning the view."""

MARGIN: Final = 48
"""View pixels of the document that cannot be panned out of sight."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """An immutable view of a document of `extent` (width, height) in a widget of `size` (width, height).

    View coordinates are the widget's, in device-independent pixels; `ratio` is how many screen pixels each of them
    has. `scale` is view pixels per document pixel; `zoom` is screen pixels per document pixel, so that 1 is 100 % on
    every screen. `origin` is where the document's corner lies in the view. `angle` is how far the picture is turned,
    in degrees clockwise, 0 ≤ angle < 360; `mirrored` shows it as in a mirror, before it is turned.

    The *upright* view is the same with neither; `turning` leads from it to the view.
    """

    extent: tuple[int, int]
    size: tuple[int, int] = (0, 0)
    scale: float = 1.0
    origin: tuple[float, float] = (0.0, 0.0)
    ratio: float = 1.0
    angle: float = 0.0
    mirrored: bool = False

    @property
    def turned(self) -> bool:
        """Whether the picture is not shown upright."""
        return self.angle != 0.0 or self.mirrored

    @property
    def crooked(self) -> bool:
        """Whether the picture's edges do not run along the view's."""
        return self.angle % 90.0 != 0.0

    @property
    def upright(self) -> Viewport:
        """The same view with the picture neither turned nor mirrored; its corner stays where it is."""
        return replace(self, angle=0.0, mirrored=False) if self.turned else self

    @property
    def turning(self) -> QTransform:
        """From the upright view to the view."""
        left, top = self.origin
        return QTransform.fromTranslate(-left, -top) * self._linear(1.0) * QTransform.fromTranslate(left, top)

    @property
    def transform(self) -> QTransform:
        """From document pixels to the view."""
        return self._linear(self.scale) * QTransform.fromTranslate(*self.origin)

    def _linear(self, scale: float) -> QTransform:
        return QTransform.fromScale(-scale if self.mirrored else scale, scale) * _rotation(self.angle)

    def _spread(self, x: float, y: float, scale: float) -> tuple[float, float]:
        """How far a document point lies from the document's corner in the view, at a scale."""
        x, y = (-x if self.mirrored else x) * scale, y * scale
        if self.angle == 0.0:
            return x, y
        cos, sin = _cos_sin(self.angle)
        return x * cos - y * sin, x * sin + y * cos

    @property
    def zoom(self) -> float:
        """Screen pixels per document pixel."""
        return self.scale * self.ratio

    def to_view(self, x: float, y: float) -> QPointF:
        """A document point → where it is seen."""
        across, down = self._spread(x, y, self.scale)
        return QPointF(self.origin[0] + across, self.origin[1] + down)

    def to_document(self, point: QPointF) -> tuple[float, float]:
        """A point of the view → document coordinates, in pixels and fractions."""
        x, y = point.x() - self.origin[0], point.y() - self.origin[1]
        if self.angle != 0.0:
            cos, sin = _cos_sin(self.angle)
            x, y = x * cos + y * sin, y * cos - x * sin
        return (-x if self.mirrored else x) / self.scale, y / self.scale

    def to_view_rect(self, rect: Rect) -> QRectF:
        """A document rectangle → the smallest rectangle of the view round where it is seen."""
        if self.turned:
            return self.to_view_polygon(rect).boundingRect()
        return QRectF(self.to_view(rect.x, rect.y), self.to_view(rect.right, rect.bottom))

    def to_view_polygon(self, rect: Rect) -> QPolygonF:
        """A document rectangle → where its four corners are seen, clockwise in the document."""
        left, top, right, bottom = rect.x, rect.y, rect.right, rect.bottom
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        return QPolygonF([self.to_view(x, y) for x, y in corners])

    def to_document_rect(self, rect: QRectF) -> Rect:
        """The smallest rectangle of whole document pixels round a rectangle of the view."""
        corners = (rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft())
        across, down = zip(*(self.to_document(corner) for corner in corners), strict=True)
        left, top, right, bottom = min(across), min(down), max(across), max(down)
        return Rect.from_edges(_floor(left), _floor(top), -_floor(-right), -_floor(-bottom))

    @property
    def picture(self) -> Rect:
        """All of the document in screen pixels from its corner."""
        return Rect(0, 0, *(max(round(side * self.zoom), 1) for side in self.extent))

    def to_screen_rect(self, part: QRect) -> Rect:
        """The smallest rectangle of whole screen pixels, from the document's corner, round a part of the view."""
        if self.turned:
            back, _ = self.turning.inverted()
            return self.upright.to_screen_rect(back.mapRect(QRectF(part)).adjusted(-1, -1, 1, 1).toAlignedRect())
        x, y = (round(edge * self.ratio) for edge in self.origin)
        return Rect.from_edges(
            math.floor(part.x() * self.ratio) - x,
            math.floor(part.y() * self.ratio) - y,
            math.ceil((part.x() + part.width()) * self.ratio) - x,
            math.ceil((part.y() + part.height()) * self.ratio) - y,
        )

    def from_screen_rect(self, rect: Rect) -> QRectF:
        """Screen pixels from the document's corner → the smallest rectangle of the view round them."""
        x, y, ratio = *self.origin, self.ratio
        flat = QRectF(x + rect.x / ratio, y + rect.y / ratio, rect.width / ratio, rect.height / ratio)
        return self.turning.mapRect(flat) if self.turned else flat

    @property
    def visible(self) -> Rect:
        """The part of the document that is seen."""
        inside = self.to_document_rect(QRectF(0, 0, *self.size))
        return inside & Rect(0, 0, *self.extent)

    @property
    def centre(self) -> QPointF:
        """The middle of the view."""
        return QPointF(self.size[0] / 2, self.size[1] / 2)

    def moved(self, dx: float, dy: float) -> Viewport:
        """Panned by a distance in the view; some of the document always stays in sight."""
        return self._placed(self.scale, self.origin[0] + dx, self.origin[1] + dy)

    def zoomed(self, zoom: float, anchor: QPointF | None = None) -> Viewport:
        """At another zoom, with the document point under `anchor` (the middle when None) staying there."""
        point = anchor if anchor is not None else self.centre
        scale = min(max(zoom, MIN_ZOOM), MAX_ZOOM) / self.ratio
        return self._holding(self.to_document(point), point, scale)

    def turned_to(self, angle: float, anchor: QPointF | None = None) -> Viewport:
        """Turned to an angle in degrees clockwise, with the document point under `anchor` staying there."""
        point = anchor if anchor is not None else self.centre
        held = self.to_document(point)
        angle = round(angle, 6) % 360.0
        return replace(self, angle=angle)._holding(held, point, self.scale)

    def flipped(self, anchor: QPointF | None = None) -> Viewport:
        """As seen in a mirror: left is right, and the document point under `anchor` stays there."""
        point = anchor if anchor is not None else self.centre
        held = self.to_document(point)
        other = replace(self, angle=-self.angle % 360.0, mirrored=not self.mirrored)
        return other._holding(held, point, self.scale)

    def centred_on(self, x: float, y: float) -> Viewport:
        """Panned so that a document point is in the middle."""
        return self._holding((x, y), self.centre, self.scale)

    def stepped(self, direction: int, anchor: QPointF | None = None) -> Viewport:
        """At the next zoom of `STEPS`, up (1) or down (-1)."""
        near = 1e-6
        if direction > 0:
            zoom = next((step for step in STEPS if step > self.zoom * (1 + near)), STEPS[-1])
        else:
            zoom = next((step for step in reversed(STEPS) if step < self.zoom * (1 - near)), STEPS[0])
        return self.zoomed(zoom, anchor)

    def fitted(self, margin: int = 24, most: float = MAX_ZOOM) -> Viewport:
        """All of the document in sight and centred, at a zoom of `most` at the most."""
        room = (max(self.size[0] - 2 * margin, 1), max(self.size[1] - 2 * margin, 1))
        around = self._around(1.0)
        scale = min(room[0] / around.width(), room[1] / around.height())
        return self._centred(min(scale, most / self.ratio))

    def fitted_whole(self) -> Viewport:
        """All of the document in sight; a small one as many whole times enlarged as there is room for, up to 400 %."""
        whole = floor(self.fitted(most=ENLARGED).zoom)
        return self.fitted(most=max(whole, 1))

    def fitted_width(self, margin: int = 24) -> Viewport:
        """The document's width fills the view."""
        return self._centred(max(self.size[0] - 2 * margin, 1) / self._around(1.0).width())

    def resized(self, size: tuple[int, int], ratio: float) -> Viewport:
        """In a widget of another size or on another screen, with the same document point in the middle."""
        held = self.to_document(self.centre)
        view = replace(self, size=size, ratio=ratio)
        return view._holding(held, view.centre, self.zoom / ratio)

    def with_extent(self, extent: tuple[int, int]) -> Viewport:
        """For a document whose size has changed."""
        return replace(self, extent=extent)._placed(self.scale, *self.origin)

    def _around(self, scale: float) -> QRectF:
        """The rectangle of the view round the picture, from where the document's corner is."""
        width, height = self.extent
        across, down = zip(
            *(self._spread(x, y, scale) for x, y in ((0, 0), (width, 0), (width, height), (0, height))), strict=True
        )
        return QRectF(min(across), min(down), max(across) - min(across), max(down) - min(down))

    def _centred(self, scale: float) -> Viewport:
        scale = min(max(scale * self.ratio, MIN_ZOOM), MAX_ZOOM) / self.ratio
        around = self._around(scale)
        left = (self.size[0] - around.width()) / 2 - around.left()
        top = (self.size[1] - around.height()) / 2 - around.top()
        return self._placed(scale, left, top)

    def _holding(self, held: tuple[float, float], point: QPointF, scale: float) -> Viewport:
        """At a scale, with a document point at a point of the view."""
        across, down = self._spread(*held, scale)
        return self._placed(scale, point.x() - across, point.y() - down)

    def _placed(self, scale: float, left: float, top: float) -> Viewport:
        if self.crooked:
            return replace(self, scale=scale, origin=(left, top))._in_sight()
        around = self._around(scale)
        left = min(max(left, MARGIN - around.right()), max(self.size[0] - MARGIN, 0) - around.left())
        top = min(max(top, MARGIN - around.bottom()), max(self.size[1] - MARGIN, 0) - around.top())
        # A corner on a whole screen pixel keeps 100 % sharp and zoomed pixels even.
        snapped = (round(left * self.ratio) / self.ratio, round(top * self.ratio) / self.ratio)
        return replace(self, scale=scale, origin=snapped)

    def _in_sight(self) -> Viewport:
        """Moved so that the point of the picture that is nearest to the middle is well inside the view."""
        x, y = self.to_document(self.centre)
        nearest = self.to_view(min(max(x, 0.0), self.extent[0]), min(max(y, 0.0), self.extent[1]))
        room = [max(side - MARGIN, 0) for side in self.size]
        across = min(max(nearest.x(), min(MARGIN, room[0])), room[0]) - nearest.x()
        down = min(max(nearest.y(), min(MARGIN, room[1])), room[1]) - nearest.y()
        return replace(self, origin=(self.origin[0] + across, self.origin[1] + down))


def _cos_sin(angle: float) -> tuple[float, float]:
    """Exact where the picture's edges run along the view's."""
    quarter = {0.0: (1.0, 0.0), 90.0: (0.0, 1.0), 180.0: (-1.0, 0.0), 270.0: (0.0, -1.0)}
    if angle in quarter:
        return quarter[angle]
    return math.cos(math.radians(angle)), math.sin(math.radians(angle))


def _rotation(angle: float) -> QTransform:
    cos, sin = _cos_sin(angle)
    return QTransform(cos, sin, -sin, cos, 0.0, 0.0)


def _floor(value: float) -> int:
    # A hair of tolerance, so that rounding in the scale does not pull in another row of pixels.
    whole = round(value)
    return whole if abs(value - whole) < 1e-6 else int(value // 1)
