"""The canvas's picture while something in it moves: drawn in the place of the kept tiles."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QRegion

from scumble.document import Rect, TileIndex, tile_rect
from scumble.render import Budget
from scumble.render.live import LivePicture
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
        unfinished = QRegion()
        seen = viewport.to_screen_rect(part) & viewport.picture
        for index in seen.tiles():
            if not self._draw_tile(painter, viewport, index, seen, budget):
                target = viewport.from_screen_rect(tile_rect(index) & seen).toAlignedRect() & part
                self._tiles.draw(painter, viewport, target, Budget(0.0))
                unfinished += target
        return unfinished

    def _fill_in(self, painter: QPainter, viewport: Viewport, part: QRect) -> None:
        seen = viewport.to_screen_rect(part) & viewport.picture
        for index in seen.tiles():
            self._draw_tile(painter, viewport, index, seen, Budget(0.0))

    def _draw_tile(self, painter: QPainter, viewport: Viewport, index: TileIndex, seen: Rect, budget: Budget) -> bool:
        image = self.picture.image(index, viewport.zoom, budget)
        if image is None:
            return False
        place = tile_rect(index)
        piece = seen & place
        source = QRectF(piece.x - place.x, piece.y - place.y, piece.width, piece.height)
        target = viewport.from_screen_rect(piece)
        painter.drawImage(target, self._tiles.checker, source)
        painter.drawImage(target, image, source)
        return True
