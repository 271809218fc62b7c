"""Where the document lies on the canvas: pure arithmetic between document pixels and view coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from math import floor
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF

from scumble.document import Rect

MIN_ZOOM: Final = 1 / 64
MAX_ZOOM: Final = 64.0
STEPS: Final = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 32, 64)
"""The zooms that the commands “Zoom in” and “Zoom out” stop at."""

ENLARGED: Final = 4.0
"""The most that a small document is enlarged by itself."""

MARGIN: Final = 48
"""View pixels of the document that cannot be panned out of sight."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """An immutable view of a document of `extent` (width, height) in a widget of `size` (width, height).

    View coordinates are the widget's, in device-independent pixels; `ratio` is how many screen pixels each of them
    has. `scale` is view pixels per document pixel; `zoom` is screen pixels per document pixel, so that 1 is 100 % on
    every screen. `origin` is where the document's corner lies in the view.
    """

    extent: tuple[int, int]
    size: tuple[int, int] = (0, 0)
    scale: float = 1.0
    origin: tuple[float, float] = (0.0, 0.0)
    ratio: float = 1.0

    @property
    def zoom(self) -> float:
        """Screen pixels per document pixel."""
        return self.scale * self.ratio

    def to_view(self, x: float, y: float) -> QPointF:
        """A document point → where it is seen."""
        return QPointF(self.origin[0] + x * self.scale, self.origin[1] + y * self.scale)

    def to_document(self, point: QPointF) -> tuple[float, float]:
        """A point of the view → document coordinates, in pixels and fractions."""
        return (point.x() - self.origin[0]) / self.scale, (point.y() - self.origin[1]) / self.scale

    def to_view_rect(self, rect: Rect) -> QRectF:
        """A document rectangle → where it is seen."""
        return QRectF(self.to_view(rect.x, rect.y), self.to_view(rect.right, rect.bottom))

    def to_document_rect(self, rect: QRectF) -> Rect:
        """The smallest rectangle of whole document pixels round a rectangle of the view."""
        left, top = self.to_document(rect.topLeft())
        right, bottom = self.to_document(rect.bottomRight())
        return Rect.from_edges(_floor(left), _floor(top), -_floor(-right), -_floor(-bottom))

    @property
    def picture(self) -> Rect:
        """All of the document in screen pixels from its corner."""
        return Rect(0, 0, *(max(round(side * self.zoom), 1) for side in self.extent))

    def to_screen_rect(self, part: QRect) -> Rect:
        """The smallest rectangle of whole screen pixels, from the document's corner, round a part of the view."""
        x, y = (round(edge * self.ratio) for edge in self.origin)
        return Rect.from_edges(
            math.floor(part.x() * self.ratio) - x,
            math.floor(part.y() * self.ratio) - y,
            math.ceil((part.x() + part.width()) * self.ratio) - x,
            math.ceil((part.y() + part.height()) * self.ratio) - y,
        )

    def from_screen_rect(self, rect: Rect) -> QRectF:
        """Screen pixels from the document's corner → the view."""
        x, y, ratio = *self.origin, self.ratio
        return QRectF(x + rect.x / ratio, y + rect.y / ratio, rect.width / ratio, rect.height / ratio)

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
        x, y = self.to_document(point)
        return self._placed(scale, point.x() - x * scale, point.y() - y * scale)

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
        scale = min(room[0] / self.extent[0], room[1] / self.extent[1])
        return self._centred(min(scale, most / self.ratio))

    def fitted_whole(self) -> Viewport:
        """All of the document in sight; a small one as many whole times enlarged as there is room for, up to 400 %."""
        whole = floor(self.fitted(most=ENLARGED).zoom)
        return self.fitted(most=max(whole, 1))

    def fitted_width(self, margin: int = 24) -> Viewport:
        """The document's width fills the view."""
        return self._centred(max(self.size[0] - 2 * margin, 1) / self.extent[0])

    def resized(self, size: tuple[int, int], ratio: float) -> Viewport:
        """In a widget of another size or on another screen, with the same document point in the middle."""
        x, y = self.to_document(self.centre)
        scale = self.zoom / ratio
        view = replace(self, size=size, ratio=ratio)
        return view._placed(scale, size[0] / 2 - x * scale, size[1] / 2 - y * scale)

    def with_extent(self, extent: tuple[int, int]) -> Viewport:
        """For a document whose size has changed."""
        return replace(self, extent=extent)._placed(self.scale, *self.origin)

    def _centred(self, scale: float) -> Viewport:
        scale = min(max(scale * self.ratio, MIN_ZOOM), MAX_ZOOM) / self.ratio
        left = (self.size[0] - self.extent[0] * scale) / 2
        top = (self.size[1] - self.extent[1] * scale) / 2
        return self._placed(scale, left, top)

    def _placed(self, scale: float, left: float, top: float) -> Viewport:
        width, height = self.extent[0] * scale, self.extent[1] * scale
        left = min(max(left, MARGIN - width), max(self.size[0] - MARGIN, 0))
        top = min(max(top, MARGIN - height), max(self.size[1] - MARGIN, 0))
        # A corner on a whole screen pixel keeps 100 % sharp and zoomed pixels even.
        snapped = (round(left * self.ratio) / self.ratio, round(top * self.ratio) / self.ratio)
        return replace(self, scale=scale, origin=snapped)


def _floor(value: float) -> int:
    # A hair of tolerance, so that rounding in the scale does not pull in another row of pixels.
    whole = round(value)
    return whole if abs(value - whole) < 1e-6 else int(value // 1)
