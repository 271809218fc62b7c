"""The regions of a document as tints over its canvas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QImage, QPainter, qRgba

from scumble.document import Document, Rect, SurfaceId, Tile, TileIndex
from scumble.render.compositor import at_level
from scumble.ui.canvas.tiles import mask_at_level
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.marking import QT_TRANSLATE_NOOP

TINTS: Final = ("#e8664a", "#2f9fd0", "#e0ac2b", "#8f6be8", "#3fa868", "#d860a6")
"""The colours of the first regions; the next ones begin again."""

NAMES: Final = (
    QT_TRANSLATE_NOOP("regions", "red"),
    QT_TRANSLATE_NOOP("regions", "blue"),
    QT_TRANSLATE_NOOP("regions", "yellow"),
    QT_TRANSLATE_NOOP("regions", "violet"),
    QT_TRANSLATE_NOOP("regions", "green"),
    QT_TRANSLATE_NOOP("regions", "pink"),
)
"""The same in words, in the same order."""

OPACITY: Final = 0.42
"""How much a tint covers where its region is whole."""

LONGEST: Final = 1024
"""The tints of a larger canvas are drawn at a lower resolution, so that they keep up with panning."""

Shown = tuple[SurfaceId, QColor]


def tint_of(place: int) -> QColor:
    """The colour of the region at a place of the list."""
    return QColor(TINTS[place % len(TINTS)])


def tint_name(place: int) -> str:
    """The same in a word, for who does not see it."""
    return QCoreApplication.translate("regions", NAMES[place % len(NAMES)])


class RegionsOverlay:
    """For one canvas; whoever calls `show` has the canvas painted again where it says that something differs."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._shown: list[tuple[SurfaceId, int, dict[TileIndex, Tile]]] = []
        self._image: QImage | None = None
        self._place = self._bounds = Rect(0, 0, 0, 0)

    @property
    def shown(self) -> tuple[SurfaceId, ...]:
        """The regions that are tinted."""
        return tuple(surface for surface, _, _ in self._shown)

    def show(self, regions: Sequence[Shown]) -> bool:
        """Tints these regions, the last on top; returns whether that is anything new."""
        wanted = [(surface, tint.rgb(), dict(self._document.surface(surface).tiles)) for surface, tint in regions]
        if wanted == self._shown and self._bounds == self._document.bounds:
            return False
        self._shown, self._bounds = wanted, self._document.bounds
        self._image = self._drawn() if wanted else None
        return True

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws the tints."""
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.zoom < 2 or viewport.crooked)
            if viewport.turned:
                painter.setTransform(viewport.turning, True)
            painter.drawImage(viewport.upright.to_view_rect(self._place), self._image)

    def _drawn(self) -> QImage:
        bounds, level = self._document.bounds, 0
        while max(bounds.width, bounds.height) >> level > LONGEST:
            level += 1
        small = at_level(bounds, level)
        self._place = Rect(0, 0, small.width << level, small.height << level)
        image = QImage(small.width, small.height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        with QPainter(image) as painter:
            for surface, colour, _ in self._shown:
                values = mask_at_level(self._document.surface(surface), small, level)
                width, height = small.width, small.height
                layer = QImage(values.data, width, height, values.strides[0], QImage.Format.Format_Indexed8)
                layer.setColorTable(_shades(QColor(colour)))
                painter.drawImage(0, 0, layer)
        return image


def _shades(tint: QColor) -> list[int]:
    return [qRgba(tint.red(), tint.green(), tint.blue(), round(value * OPACITY)) for value in range(256)]
