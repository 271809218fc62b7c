"""What is drawn above the picture and is no part of it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtGui import QPainter

from scumble.ui.canvas.viewport import Viewport


class Overlay(Protocol):
    """Drawn on every repaint of the canvas, after the picture, in view coordinates.

    The painter comes saved, clipped to what has to be painted, and is restored afterwards. Whoever owns the overlay
    calls `Canvas.update()` when it looks different, or `Canvas.update_area(rect)` where that is in one place of the
    document.
    """

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws. Must be quick: it is a part of every frame that it shows in."""
        ...
