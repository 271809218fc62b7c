"""Lines between the pixels of the document, where they are large enough to be told apart."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from scumble.ui.canvas.viewport import Viewport

FROM: Final = 8.0
"""The zoom from which on the lines are drawn."""

FAINT: Final = QColor(128, 128, 128, 90)
"""Seen on light and on dark pixels, and loud on neither."""


class PixelGrid:
    """An overlay. `shown` says whether a person wants it."""

    def __init__(self) -> None:
        self.shown = True

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws the lines that are in sight."""
        if not self.shown or viewport.zoom < FROM:
            return
        part = viewport.visible
        if painter.hasClipping():
            part = part & viewport.to_document_rect(painter.clipBoundingRect())
        pen = QPen(FAINT, 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, viewport.crooked)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setTransform(viewport.transform, True)
        lines = [QLineF(x, part.y, x, part.bottom) for x in range(part.x, part.right + 1)]
        lines += [QLineF(part.x, y, part.right, y) for y in range(part.y, part.bottom + 1)]
        painter.drawLines(lines)
