"""Lines between the pixels of the document, where they are large enough to be told apart."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtGui import QImage, QPainter

from scumble.document import TILE, Rect

FROM: Final = 8.0
"""The zoom from which on the lines are drawn."""

FAINT: Final = np.uint32(0x5A2D2D2D)
"""A grey that is seen on light and on dark pixels and loud on neither, premultiplied."""


def draw_lines(painter: QPainter, pixels: Rect, zoom: float, left: int, top: int) -> None:
    """Draws the left and upper edges of document pixels in a tile, at `zoom` screen pixels each.

    `left` and `top` are the screen pixels, from the document's corner, that the tile has at (0, 0).
    """
    across = np.rint(np.arange(pixels.x, pixels.right + 1) * zoom).astype(np.intp) - left
    down = np.rint(np.arange(pixels.y, pixels.bottom + 1) * zoom).astype(np.intp) - top
    # QPainter takes a hundred times as long for a line that stands upright as for a row of an image.
    lines = np.zeros((TILE, TILE), np.uint32)
    lines[:, across[(across >= 0) & (across < TILE)]] = FAINT
    lines[down[(down >= 0) & (down < TILE)]] = FAINT
    image = QImage(lines.data, TILE, TILE, lines.strides[0], QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(0, 0, image)
