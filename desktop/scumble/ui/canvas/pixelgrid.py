"""Lines between the pixels of the document, where they are large enough to be told apart."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter

from scumble.document import Rect

FROM: Final = 8.0
"""The zoom from which on the lines are drawn."""

FAINT: Final = QColor(128, 128, 128, 90)
"""Seen on light and on dark pixels, and loud on neither."""


def draw_lines(painter: QPainter, pixels: Rect, zoom: float, left: int, top: int) -> None:
    """Draws the left and upper edges of document pixels, at `zoom` screen pixels each.

    `left` and `top` are the screen pixels, from the document's corner, that the painter has at (0, 0).
    """
    across = [round(x * zoom) - left for x in range(pixels.x, pixels.right + 1)]
    down = [round(y * zoom) - top for y in range(pixels.y, pixels.bottom + 1)]
    width, height = across[-1] - across[0], down[-1] - down[0]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(FAINT)
    painter.drawRects([QRect(x, down[0], 1, height) for x in across])
    painter.drawRects([QRect(across[0], y, width, 1) for y in down])
