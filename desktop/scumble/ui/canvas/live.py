"""The canvas's picture while something in it moves: drawn in the place of the kept tiles."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QRegion

from scumble.document import TILE, Rect, TileIndex, tile_rect
from scumble.render import Budget
from scumble.render.live import LivePicture
from scumble.ui.canvas.pixelgrid import draw_lines
from scumble.ui.canvas.tiles import ViewTiles
from scumble.ui.canvas.viewport import Viewport


class LiveView:
    """Draws a live picture on the checkerboard. Where it is not ready yet, and once it is `over`, the kept tiles show.

    After the end it still fills in for kept tiles that have not been drawn anew, so that nothing jumps back.
    """

    def __init__(self, picture: LivePicture, tiles: ViewTiles) -> None:
        self.picture = picture
        self.over = False
        self._tiles = tiles

    def draw(self, painter: QPainter, viewport: Viewport, part: QRect, budget: Budget) -> QRegion:
        """Draws what a part of the view shows of the document; returns where that is not the latest picture yet."""
        if not self.over:
            return self._draw(painter, viewport, part, budget)
        unfinished = self._tiles.draw(painter, viewport, part, budget)
        for rest in unfinished:  # type: ignore[attr-defined]  # the stubs do not know that a region is a sequence
            self._fill_in(painter, viewport, rest)
        return unfinished

    def prepare(self, viewport: Viewport, part: QRect, budget: Budget) -> bool:
        """Makes ready what will be seen, within a budget; False when there is more to do."""
        seen = viewport.to_screen_rect(part) & viewport.picture
        return all(self.picture.image(index, viewport.zoom, budget) is not None for index in seen.tiles())

    def _draw(self, painter: QPainter, viewport: Viewport, part: QRect, budget: Budget) -> QRegion:
        seen = viewport.to_screen_rect(part) & viewport.picture
        self.picture.expect(viewport.to_screen_rect(QRect(0, 0, *viewport.size)) & viewport.picture)
        images = {index: self.picture.image(index, viewport.zoom, budget) for index in seen.tiles()}
        unfinished = QRegion()
        for index, image in images.items():
            if image is None:
                target = viewport.from_screen_rect(tile_rect(index) & seen).toAlignedRect() & part
                self._tiles.draw(painter, viewport, target, Budget(0.0))
                unfinished += target
        self._paint(painter, viewport, part, seen, images)
        return unfinished

    def _fill_in(self, painter: QPainter, viewport: Viewport, part: QRect) -> None:
        seen = viewport.to_screen_rect(part) & viewport.picture
        images = {index: self.picture.image(index, viewport.zoom, Budget(0.0)) for index in seen.tiles()}
        self._paint(painter, viewport, part, seen, images)

    def _paint(
        self, painter: QPainter, viewport: Viewport, part: QRect, seen: Rect, images: Mapping[TileIndex, QImage | None]
    ) -> None:
        painter.save()
        if viewport.turned:
            painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
            painter.setTransform(viewport.turning, True)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.crooked)
            seen = viewport.picture
        upright = viewport.upright
        for index, image in images.items():
            if image is not None:
                place = tile_rect(index)
                piece = seen & place
                source = QRectF(piece.x - place.x, piece.y - place.y, piece.width, piece.height)
                target = upright.from_screen_rect(piece)
                if not self.picture.opaque(index):
                    painter.drawImage(target, self._tiles.checker, source)
                painter.drawImage(target, image, source)
        if self._tiles.has_grid(viewport.zoom):
            self._paint_grid(painter, upright, images)
        painter.restore()

    def _paint_grid(self, painter: QPainter, viewport: Viewport, images: Mapping[TileIndex, QImage | None]) -> None:
        painter.translate(*viewport.origin)
        painter.scale(1 / viewport.ratio, 1 / viewport.ratio)
        for index, image in images.items():
            place = tile_rect(index) & viewport.picture
            if image is not None:
                painter.setClipRect(place.x, place.y, place.width, place.height)
                shown = viewport.to_document_rect(viewport.from_screen_rect(place)) & Rect(0, 0, *viewport.extent)
                left, top = index[0] * TILE, index[1] * TILE
                painter.translate(left, top)
                draw_lines(painter, shown, viewport.zoom, left, top)
                painter.translate(-left, -top)
