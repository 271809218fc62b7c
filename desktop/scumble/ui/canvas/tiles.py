"""The picture as the canvas shows it: opaque tiles with checkerboard and quick mask baked in, at levels of detail."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, qRgba

from scumble.document import NOWHERE, TILE, ChangeSet, Document, Rect, Surface, TileIndex, tile_rect
from scumble.render import Compositor
from scumble.render.compositor import local_part
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.theme import Theme

CELL: Final = 8
"""The side of a square of the checkerboard, in pixels of the level of detail that is shown."""

SMOOTH_BELOW: Final = 2.0
"""From this zoom on, pixels are shown as squares."""

BUDGET: Final = 1024
"""How many tiles are kept, 256 KiB each."""

MAX_LEVEL: Final = 6
"""The level of detail of the lowest zoom."""

WHOLE: Final = Rect(0, 0, TILE, TILE)


@dataclass(slots=True, eq=False)
class _Baked:
    image: QImage
    stale: Rect


class ViewTiles:
    """Bakes tiles when they are first seen and mends them where a change touched them. For the GUI thread."""

    def __init__(self, document: Document, compositor: Compositor, theme: Theme) -> None:
        self._document = document
        self._compositor = compositor
        self._checker = _checkerboard(theme.colour("checker-light"), theme.colour("checker-dark"))
        self._tints = _tints(theme.colour("quick-mask"))
        self._baked: OrderedDict[tuple[TileIndex, int], _Baked] = OrderedDict()
        self._quick_mask = False

    @property
    def quick_mask(self) -> bool:
        """Whether the selection is shown as a tint."""
        return self._quick_mask

    def show_quick_mask(self, shown: bool) -> None:
        """Shows or hides the tint."""
        if shown != self._quick_mask:
            self._quick_mask = shown
            self._spoil(self._document.selection_bounds)

    def invalidate(self, change: ChangeSet) -> None:
        """Marks what a change touched. Must be called after the compositor has heard of it."""
        if change.size:
            self._baked.clear()
            return
        self._spoil(change.area | change.selected if self._quick_mask else change.area)

    def draw(self, painter: QPainter, viewport: Viewport, part: QRect) -> None:
        """Draws what a part of the view shows of the document. The painter's clip is set to that part."""
        bounds = self._document.bounds
        seen = QRectF(part) & viewport.to_view_rect(bounds)
        if seen.isEmpty():
            return
        painter.save()
        painter.setClipRect(seen)
        level = level_of(viewport.zoom)
        wanted = _at_level(viewport.to_document_rect(seen), bounds, level)
        cell = viewport.scale * (1 << level)
        if abs(cell * viewport.ratio - 1.0) < 1e-9:
            self._draw_tiles(painter, wanted, level, viewport.to_view(0, 0), cell)
        else:
            gathered = QImage(wanted.width, wanted.height, QImage.Format.Format_RGB32)
            inner = QPainter(gathered)
            self._draw_tiles(inner, wanted, level, QPointF(-wanted.x, -wanted.y), 1.0)
            inner.end()
            smooth = viewport.zoom < SMOOTH_BELOW
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            corner = viewport.to_view(wanted.x << level, wanted.y << level)
            painter.drawImage(QRectF(corner.x(), corner.y(), wanted.width * cell, wanted.height * cell), gathered)
        painter.restore()

    def _draw_tiles(self, painter: QPainter, wanted: Rect, level: int, origin: QPointF, cell: float) -> None:
        for index in wanted.tiles():
            part = tile_rect(index) & wanted
            inner = part.translated(-index[0] * TILE, -index[1] * TILE)
            target = QRectF(
                origin.x() + part.x * cell, origin.y() + part.y * cell, part.width * cell, part.height * cell
            )
            painter.drawImage(target, self._tile(index, level), QRectF(*_xywh(inner)))

    def _tile(self, index: TileIndex, level: int) -> QImage:
        key = (index, level)
        baked = self._baked.get(key)
        if baked is None:
            baked = _Baked(QImage(TILE, TILE, QImage.Format.Format_RGB32), WHOLE)
            self._baked[key] = baked
            if len(self._baked) > BUDGET:
                self._baked.popitem(last=False)
        else:
            self._baked.move_to_end(key)
        if not baked.stale.empty:
            self._bake(baked.image, index, level, baked.stale)
            baked.stale = NOWHERE
        return baked.image

    def _bake(self, image: QImage, index: TileIndex, level: int, part: Rect) -> None:
        corner, source = QPoint(part.x, part.y), QRect(*_xywh(part))
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(corner, self._checker, source)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.drawImage(corner, self._compositor.image(index, level), source)
        if self._quick_mask:
            values = mask_at_level(self._document.selection, part.translated(index[0] * TILE, index[1] * TILE), level)
            if values.any():
                tint = QImage(values.data, part.width, part.height, values.strides[0], QImage.Format.Format_Indexed8)
                tint.setColorTable(self._tints)
                painter.drawImage(corner, tint)
        painter.end()

    def _spoil(self, area: Rect) -> None:
        if area.empty:
            return
        for level in range(MAX_LEVEL + 1):
            for index in area_at_level(area, level).tiles():
                baked = self._baked.get((index, level))
                if baked is not None:
                    baked.stale = baked.stale | local_part(area, index, level)


def area_at_level(area: Rect, level: int) -> Rect:
    """The smallest rectangle of pixels of a level that shows all of `area`."""
    return Rect.from_edges(area.x >> level, area.y >> level, -(-area.right >> level), -(-area.bottom >> level))


def level_of(zoom: float) -> int:
    """The level of detail to draw a zoom from: the one whose pixels are shrunk by less than half."""
    return max(0, math.floor(-math.log2(zoom) + 1e-9))


def mask_at_level(surface: Surface, place: Rect, level: int) -> NDArray[np.uint8]:
    """Every 2ⁿth value of a mask, `(h, w)` uint8; `place` is in pixels of the level."""
    step = 1 << level
    area = Rect(place.x << level, place.y << level, place.width << level, place.height << level)
    values = np.zeros((place.height, place.width), np.uint8)
    for index in area.tiles():
        tile = surface.tiles.get(index)
        if tile is not None:
            part = tile_rect(index) & area
            rows, columns = part.slices(tile_rect(index))
            found = tile.pixels[rows.start : rows.stop : step, columns.start : columns.stop : step]
            top, left = (part.y - area.y) >> level, (part.x - area.x) >> level
            values[top : top + found.shape[0], left : left + found.shape[1]] = found
    return values


def _at_level(rect: Rect, bounds: Rect, level: int) -> Rect:
    # Two more pixels on every side, because smooth scaling looks at its neighbours.
    limit = Rect(0, 0, -(-bounds.width >> level), -(-bounds.height >> level))
    return area_at_level(rect, level).expanded(2) & limit


def _xywh(rect: Rect) -> tuple[int, int, int, int]:
    return rect.x, rect.y, rect.width, rect.height


def _checkerboard(light: QColor, dark: QColor) -> QImage:
    image = QImage(TILE, TILE, QImage.Format.Format_RGB32)
    image.fill(light)
    painter = QPainter(image)
    for y in range(0, TILE, CELL):
        for x in range((y // CELL % 2) * CELL, TILE, 2 * CELL):
            painter.fillRect(x, y, CELL, CELL, dark)
    painter.end()
    return image


def _tints(colour: QColor) -> list[int]:
    return [qRgba(colour.red(), colour.green(), colour.blue(), value // 2) for value in range(256)]
