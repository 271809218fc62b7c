"""The seam inspector's heat: how large the step across the edge of a generated region is, place by place."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from PySide6.QtGui import QImage, QPainter

from scumble.document import Rect
from scumble.generation.seam import Seam
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.generate.overlays import image_of_stored

HOTTEST: Final = 10.0
"""The ΔE above that of the surroundings that is drawn hottest; it is seen at a glance."""

COLDEST: Final = 40
"""Where the scale of colours begins: at a blue that is seen on dark pictures too."""

STRENGTH: Final = 210
"""How opaque the heat is, 0…255."""


class SeamOverlay:
    """Cold where the edge is as quiet as its surroundings, hot where it is not."""

    def __init__(self) -> None:
        self._image: QImage | None = None
        self._box = Rect(0, 0, 0, 0)

    @property
    def box(self) -> Rect:
        """Where it is shown; empty while nothing is."""
        return self._box if self._image is not None else Rect(0, 0, 0, 0)

    def clear(self) -> None:
        """Shows nothing."""
        self._image = None

    def show(self, seam: Seam, box: Rect) -> None:
        """Shows the heat of a seam over its box."""
        over = np.clip((seam.heat - seam.around) / HOTTEST, 0.0, 1.0)
        colours = cv2.applyColorMap((COLDEST + over * (255 - COLDEST)).astype(np.uint8), cv2.COLORMAP_TURBO)
        alpha = np.where(seam.heat > 0, STRENGTH, 0).astype(np.uint16)
        stored = np.empty((*alpha.shape, 4), np.uint8)
        stored[..., :3] = (colours * alpha[..., None] + 127) // 255
        stored[..., 3] = alpha
        self._image, self._box = image_of_stored(stored), box

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws it."""
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.zoom < 2 or viewport.crooked)
            if viewport.turned:
                painter.setTransform(viewport.turning, True)
            painter.drawImage(viewport.upright.to_view_rect(self._box), self._image)
