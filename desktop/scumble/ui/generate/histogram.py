"""How often each value occurs, and how that is drawn behind curves and levels."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPolygonF

Counts = NDArray[np.int64]
"""`(4, 256)`: red, green and blue together, then each."""

ROWS: Final = {"red": 1, "green": 2, "blue": 3}
"""The rows by the names of parameters; any other name has the first."""

COLOURS: Final = {"red": "#d9686b", "green": "#7fb56b", "blue": "#6f97d6"}
"""What the channels are drawn in."""

TALLEST: Final = 0.98
"""The share of the values whose bars fit in; the few that tower above them are cut off."""


def channel_colour(name: str, other: QColor) -> QColor:
    """The colour of a channel, or the other one for what is none."""
    return QColor(COLOURS[name]) if name in COLOURS else other


def paint_histogram(painter: QPainter, place: QRectF, counts: Counts | None, name: str, colour: QColor) -> None:
    """Fills the shape of the counts of a channel into a rectangle; nothing where there are none."""
    row = None if counts is None else counts[ROWS.get(name, 0)]
    if row is None or not row.any():
        return
    limit = max(float(np.quantile(row, TALLEST)), float(row.max()) / 20.0, 1.0)
    heights = np.minimum(row / limit, 1.0) * place.height()
    step = place.width() / len(row)
    shape = [QPointF(place.left(), place.bottom())]
    for value, height in enumerate(heights):
        y = place.bottom() - float(height)
        shape += [QPointF(place.left() + value * step, y), QPointF(place.left() + (value + 1) * step, y)]
    shape.append(QPointF(place.right(), place.bottom()))
    painter.save()
    painter.setPen(QColor(0, 0, 0, 0))
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF(shape))
    painter.restore()
