"""Drawings that are kept until what they show changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPixmap


class CachedPixmap:
    """One drawing. It is made again only when its size, the screen's ratio or its key differs from the last time."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._pixmap = QPixmap()

    def get(self, size: QSizeF, ratio: float, key: Hashable, draw: Callable[[QPainter, QRectF], None]) -> QPixmap:
        """The drawing, `size` device-independent pixels large; `draw` is called for a new one, with its rectangle."""
        full = (size.width(), size.height(), ratio, key)
        if full != self._key or self._pixmap.isNull():
            made = QPixmap(max(math.ceil(size.width() * ratio), 1), max(math.ceil(size.height() * ratio), 1))
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            draw(painter, QRectF(0, 0, size.width(), size.height()))
            painter.end()
            self._key, self._pixmap = full, made
        return self._pixmap
