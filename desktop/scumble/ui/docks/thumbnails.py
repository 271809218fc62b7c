"""Small pictures of layers and masks: sampled, not scaled, so that they cost next to nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from scumble.document import TILE, Document, Pixels, SurfaceId, Tile, TileIndex
from scumble.render.profile import Profile
from scumble.ui.screencolours import ScreenColours
from scumble.ui.theme import Theme

OVERSAMPLE = 2
"""Samples per thumbnail pixel on each side, averaged."""


class Thumbnails:
    """Keeps one for each surface, and makes it again only when the surface's tiles are other ones."""

    def __init__(
        self, document: Document, theme: Theme, side: int, ratio: float, screen: ScreenColours | None = None
    ) -> None:
        """In the colours of the `screen`, or of sRGB where none is given."""
        self._document = document
        self._screen = screen
        self._profile = Profile(b"")
        self._theme = theme
        self._side = round(side * ratio)
        self._ratio = ratio
        self._made: dict[SurfaceId, tuple[dict[TileIndex, Tile], QPixmap]] = {}

    def get(self, surface: SurfaceId) -> QPixmap:
        """The thumbnail as it was last made; made now when there is none."""
        self._take_profile()
        if surface not in self._made:
            self._make(surface)
        return self._made[surface][1]

    def refresh(self, surface: SurfaceId) -> bool:
        """Makes a thumbnail again where the surface has changed; returns whether it had."""
        self._take_profile()
        kept = self._made.get(surface)
        if kept is not None and kept[0] == self._document.surface(surface).tiles:
            return False
        self._make(surface)
        return True

    def keep_only(self, surfaces: set[SurfaceId]) -> None:
        """Forgets the others."""
        self._made = {surface: made for surface, made in self._made.items() if surface in surfaces}

    def _make(self, surface: SurfaceId) -> None:
        plane = self._document.surface(surface)
        width, height = self._document.width, self._document.height
        factor = self._side * OVERSAMPLE / max(width, height)
        columns = _places(width, max(1, round(width * factor)))
        rows = _places(height, max(1, round(height * factor)))
        samples = np.zeros((len(rows), len(columns), plane.channels), plane.dtype)
        for (tx, ty), tile in plane.tiles.items():
            across = slice(*np.searchsorted(columns, (tx * TILE, (tx + 1) * TILE)))
            down = slice(*np.searchsorted(rows, (ty * TILE, (ty + 1) * TILE)))
            found = tile.pixels[np.ix_(rows[down] - ty * TILE, columns[across] - tx * TILE)]
            samples[down, across] = found if plane.channels > 1 else found[..., None]
        image = self._colour_image(samples) if plane.channels > 1 else _mask_image(samples[..., 0])
        self._made[surface] = (dict(plane.tiles), self._framed(image))

    def _colour_image(self, samples: Pixels) -> QImage:
        straight = np.ascontiguousarray(self._document.format.to_straight(samples))
        height, width = straight.shape[:2]
        image = QImage(straight.data, width, height, width * 4, QImage.Format.Format_RGBA8888)
        return self._profile.shown(image, image.rect())

    def _take_profile(self) -> None:
        icc, screen = self._document.structure.icc, b"" if self._screen is None else self._screen.profile
        if (icc, screen) != (self._profile.icc, self._profile.screen):
            self._profile = Profile(icc, screen)
            self._made.clear()

    def _framed(self, image: QImage) -> QPixmap:
        pixmap = QPixmap(self._side, self._side)
        pixmap.fill(Qt.GlobalColor.transparent)
        wanted = QSize(image.size())
        wanted.scale(self._side, self._side, Qt.AspectRatioMode.KeepAspectRatio)
        wanted = wanted.expandedTo(QSize(1, 1))
        small = image.scaled(wanted, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
        left, top = (self._side - wanted.width()) // 2, (self._side - wanted.height()) // 2
        painter = QPainter(pixmap)
        light, dark = self._theme.colour("checker-light"), self._theme.colour("checker-dark")
        _checker(painter, left, top, wanted, light, dark, max(2, round(4 * self._ratio)))
        painter.drawImage(left, top, small)
        painter.end()
        pixmap.setDevicePixelRatio(self._ratio)
        return pixmap


def _places(length: int, count: int) -> NDArray[np.intp]:
    return ((np.arange(count) + 0.5) * length / count).astype(np.intp)


def _mask_image(values: NDArray[np.uint8]) -> QImage:
    grey = np.ascontiguousarray(values)
    height, width = grey.shape
    return QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8).copy()


def _checker(painter: QPainter, left: int, top: int, size: QSize, light: QColor, dark: QColor, cell: int) -> None:
    painter.fillRect(left, top, size.width(), size.height(), light)
    painter.setClipRect(left, top, size.width(), size.height())
    for y in range(0, size.height(), cell):
        for x in range((y // cell % 2) * cell, size.width(), 2 * cell):
            painter.fillRect(left + x, top + y, cell, cell, dark)
