"""The selection's outline as marching ants."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QRegion

from scumble.document import Document
from scumble.render.compositor import at_level
from scumble.ui.canvas.tiles import level_of, mask_at_level
from scumble.ui.canvas.viewport import Viewport

INTERVAL = 120
"""Milliseconds between two steps of the ants."""

PERIOD = 8
"""View pixels from one ant to the next."""

MAX_RECTS = 200
"""Up to so many line segments are repainted one by one when the ants step."""

Line = tuple[int, int, int]


class SelectionOutline:
    """An overlay. The outline is found anew when the selection or the view has changed, and drawn from rectangles.

    Its ants are stripes in a brush whose origin moves, so that no path has to be joined.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._stripes = QBrush(_stripes())
        self._phase = 0
        self._viewport: Viewport | None = None
        self._rects: list[QRectF] = []
        self.shown = True

    def forget(self) -> None:
        """The selection has changed."""
        self._viewport = None

    def step(self) -> None:
        """Moves the ants on."""
        self._phase = (self._phase + 1) % PERIOD

    def region(self, viewport: Viewport) -> QRegion:
        """Where the outline is in the view."""
        self._find(viewport)
        if not self.shown or not self._rects:
            return QRegion()
        if len(self._rects) <= MAX_RECTS:
            region = QRegion()
            for rect in self._rects:
                region += rect.toAlignedRect()
            return region
        return QRegion(QRect(0, 0, *viewport.size))

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws the outline."""
        if not self.shown:
            return
        self._find(viewport)
        painter.setBrushOrigin(QPointF(self._phase, 0))
        for rect in self._rects:
            painter.fillRect(rect, self._stripes)

    def _find(self, viewport: Viewport) -> None:
        if viewport == self._viewport:
            return
        self._viewport = viewport
        self._rects = []
        seen = self._document.selection_bounds & viewport.visible.expanded(1)
        if seen.empty:
            return
        level = level_of(viewport.zoom)
        place = at_level(seen, level).expanded(1)
        values = mask_at_level(self._document.selection, place, level) > 127
        width = 1.0 / viewport.ratio
        cell = viewport.scale * (1 << level)
        corner = viewport.to_view(place.x << level, place.y << level)
        for row, start, end in _runs(values):
            self._rects.append(
                QRectF(corner.x() + start * cell, corner.y() + row * cell, (end - start) * cell + width, width)
            )
        for column, start, end in _runs(values.T):
            self._rects.append(
                QRectF(corner.x() + column * cell, corner.y() + start * cell, width, (end - start) * cell + width)
            )


def _runs(inside: NDArray[np.bool_]) -> list[Line]:
    """The horizontal edges of a mask: (row, first column, column after the last), each as long as it can be."""
    edges = inside[1:] != inside[:-1]
    padded = np.zeros((edges.shape[0], edges.shape[1] + 2), np.int8)
    padded[:, 1:-1] = edges
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)
    return [
        (row + 1, start, end) for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)
    ]


def _stripes() -> QImage:
    image = QImage(PERIOD, PERIOD, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    for y in range(PERIOD):
        for x in range(PERIOD // 2):
            image.setPixelColor((x + y) % PERIOD, y, QColor("black"))
    return image
