"""The picture as the canvas shows it: opaque tiles of screen pixels with checkerboard and quick mask baked in."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QRegion, qRgba

from scumble.document import NOWHERE, TILE, ChangeSet, Document, Rect, Surface, TileIndex, tile_rect
from scumble.render import Budget, Compositor
from scumble.render.compositor import at_level
from scumble.render.profile import Profile
from scumble.ui.canvas.pixelgrid import FROM as GRID_FROM
from scumble.ui.canvas.pixelgrid import draw_lines
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.theme import Theme

CELL: Final = 8
"""The side of a square of the checkerboard, in screen pixels."""

SMOOTH_BELOW: Final = 2.0
"""From this zoom on, pixels are shown as squares."""

KEPT: Final = 1024
"""How many tiles are kept, 256 KiB each; more than the largest screen shows."""

WHOLE: Final = Rect(0, 0, TILE, TILE)


@dataclass(slots=True, eq=False)
class _Baked:
    image: QImage
    stale: Rect = WHOLE
    drawn: bool = False


class ViewTiles:
    """The document at one zoom, cut into tiles of screen pixels, so that panning only moves what is there.

    Tiles are baked when they are first seen and mended where a change touched them, as far as a budget allows; until
    then a tile shows what it did before, or a coarser level of detail. For the GUI thread.
    """

    def __init__(self, document: Document, compositor: Compositor, theme: Theme) -> None:
        self._document = document
        self._compositor = compositor
        self._theme = theme
        self._ground = theme.colour("canvas")
        self._baked: OrderedDict[TileIndex, _Baked] = OrderedDict()
        self._tint: tuple[QColor, float] | None = None
        self.restyle()
        self._zoom = 1.0
        self._quick_mask = False
        self._profile = Profile(document.structure.icc)
        self._grid = False

    def restyle(self) -> None:
        """Takes the checkerboard anew from the theme."""
        theme = self._theme
        self._checker = _checkerboard(theme.colour("checker-light"), theme.colour("checker-dark"))
        self._tints = _tints(*(self._tint or (theme.colour("quick-mask"), 0.5)))
        self._baked.clear()

    def tint(self, colour: QColor, opacity: float) -> None:
        """Chooses the colour of the quick mask and how much, 0…1, it covers."""
        self._tint = colour, opacity
        self._tints = _tints(colour, opacity)
        if self._quick_mask:
            self._spoil(self._document.selection_bounds)

    def show_on(self, screen: bytes) -> None:
        """Shows the picture on a screen of another ICC profile; an empty one stands for sRGB."""
        self._profile = Profile(self._document.structure.icc, screen)
        self._baked.clear()

    @property
    def profile(self) -> Profile:
        """How the document's colours become the screen's."""
        return self._profile

    @property
    def checker(self) -> QImage:
        """What shows through where the picture is transparent: a tile of it."""
        return self._checker

    def show_quick_mask(self, shown: bool) -> None:
        """Shows or hides the tint."""
        if shown != self._quick_mask:
            self._quick_mask = shown
            self._spoil(self._document.selection_bounds)

    def has_grid(self, zoom: float) -> bool:
        """Whether lines between the pixels are drawn at a zoom."""
        return self._grid and zoom >= GRID_FROM

    def show_grid(self, shown: bool) -> None:
        """Shows or hides the lines between large pixels."""
        if shown != self._grid:
            self._grid = shown
            if self._zoom >= GRID_FROM:
                self._baked.clear()

    def invalidate(self, change: ChangeSet) -> Rect:
        """Marks what a change touched, and returns it in screen pixels from the document's corner.

        Must be called after the compositor has heard of the change.
        """
        if change.structure and self._document.structure.icc != self._profile.icc:
            self.show_on(self._profile.screen)
            return self._extent
        if change.size:
            self._baked.clear()
            return NOWHERE
        return self._spoil(change.area | change.selected if self._quick_mask else change.area)

    def draw(self, painter: QPainter, viewport: Viewport, part: QRect, budget: Budget) -> QRegion:
        """Draws what a part of the view shows of the document; returns where that is not the latest picture yet."""
        seen = self._seen(viewport, part)
        if viewport.turned:
            return self._draw_turned(painter, viewport, part, seen, budget)
        pieces = [(index, seen & tile_rect(index)) for index in seen.tiles()]
        return self._draw_pieces(painter, viewport, viewport, pieces, budget)

    def _draw_turned(self, painter: QPainter, viewport: Viewport, part: QRect, seen: Rect, budget: Budget) -> QRegion:
        """The same in a view that is turned: whole tiles, so that what is smoothed does not depend on the part."""
        painter.save()
        painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
        painter.setTransform(viewport.turning, True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.crooked)
        whole = ((index, tile_rect(index) & self._extent) for index in seen.tiles())
        pieces = [found for found in whole if viewport.from_screen_rect(found[1]).intersects(QRectF(part))]
        unfinished = self._draw_pieces(painter, viewport, viewport.upright, pieces, budget)
        painter.restore()
        return unfinished.intersected(part)

    def _draw_pieces(
        self,
        painter: QPainter,
        viewport: Viewport,
        upright: Viewport,
        pieces: Sequence[tuple[TileIndex, Rect]],
        budget: Budget,
    ) -> QRegion:
        """Draws pieces of tiles: what is baked first, so that baking has what that leaves of the frame."""
        late = []
        for index, piece in pieces:
            baked = self._kept(index)
            if baked.stale.empty:
                self._show(painter, upright, index, piece, baked)
            else:
                late.append((index, piece, baked))
        unfinished = QRegion()
        for index, piece, baked in late:
            self._freshen(baked, index, budget)
            self._show(painter, upright, index, piece, baked)
            if not baked.stale.empty:
                unfinished += viewport.from_screen_rect(piece).toAlignedRect()
        return unfinished

    def _show(self, painter: QPainter, upright: Viewport, index: TileIndex, piece: Rect, baked: _Baked) -> None:
        """Draws a piece of a tile, in screen pixels; of one that was never baked, the coarser picture at hand."""
        if baked.drawn:
            place = tile_rect(index)
            source = QRectF(*_xywh(piece.translated(-place.x, -place.y)))
            painter.drawImage(upright.from_screen_rect(piece), baked.image, source)
        else:
            self._sketch(painter, upright, index, piece)

    def complete(self, viewport: Viewport, part: QRect) -> None:
        """Bakes all that a part of the view shows, however long that takes."""
        for index in self._seen(viewport, part).tiles():
            self._freshen(self._kept(index), index, Budget())

    def _seen(self, viewport: Viewport, part: QRect) -> Rect:
        """A part of the view in screen pixels of the document; tiles of another zoom are let go."""
        if viewport.zoom != self._zoom:
            self._zoom = viewport.zoom
            self._baked.clear()
        return viewport.to_screen_rect(part) & self._extent

    @property
    def _extent(self) -> Rect:
        """The document in screen pixels."""
        width, height = self._document.width, self._document.height
        return Rect(0, 0, max(round(width * self._zoom), 1), max(round(height * self._zoom), 1))

    @property
    def _level(self) -> int:
        return level_of(self._zoom)

    @property
    def _cell(self) -> float:
        """Screen pixels for each pixel of the level of detail; exactly 1 where none has to be scaled."""
        cell = self._zoom * (1 << self._level)
        return 1.0 if abs(cell - 1.0) < 1e-9 else cell

    def _kept(self, index: TileIndex) -> _Baked:
        baked = self._baked.get(index)
        if baked is None:
            baked = self._baked[index] = _Baked(QImage(TILE, TILE, QImage.Format.Format_RGB32))
            if len(self._baked) > KEPT:
                self._baked.popitem(last=False)
        else:
            self._baked.move_to_end(index)
        return baked

    def _freshen(self, baked: _Baked, index: TileIndex, budget: Budget) -> None:
        """Bakes what is stale of a tile, if the budget reaches."""
        if not baked.stale.empty and not budget.spent and self._bake(baked.image, index, baked.stale, budget):
            baked.stale, baked.drawn = NOWHERE, True

    def _bake(self, image: QImage, index: TileIndex, stale: Rect, budget: Budget) -> bool:
        """Draws the stale part of a tile; False, and nothing done, when the budget does not reach."""
        scaled = self._cell != 1.0
        # A scaled tile is mended in whole rows from the same source, which makes every pixel as in a new one.
        part = Rect(0, stale.y, TILE, stale.height) if scaled else stale
        wanted = self._source(tile_rect(index) if scaled else part.translated(index[0] * TILE, index[1] * TILE))
        images = [self._compositor.image_within(budget, number, self._level) for number in wanted.tiles()]
        found = [image for image in images if image is not None]
        if len(found) < len(images) or not budget.grant():
            return False
        painter = QPainter(image)
        painter.setClipRect(*_xywh(part))
        painter.drawImage(QPoint(part.x, part.y), self._checker, QRect(*_xywh(part)))
        target = self._target(wanted, index)
        if scaled:
            gathered = QImage(wanted.width, wanted.height, QImage.Format.Format_ARGB32_Premultiplied)
            with QPainter(gathered) as inner:
                inner.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
                self._paint(inner, QPoint(0, 0), wanted, found)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom < SMOOTH_BELOW)
            painter.drawImage(target, gathered)
        else:
            self._paint(painter, target.topLeft().toPoint(), wanted, found)
        if self._grid and self._zoom >= GRID_FROM:
            draw_lines(painter, wanted, self._zoom, index[0] * TILE, index[1] * TILE)
        painter.end()
        return True

    def _paint(self, painter: QPainter, corner: QPoint, wanted: Rect, images: Sequence[QImage]) -> None:
        """Draws pixels of the level of detail, and the tint over them."""
        for index, image in zip(wanted.tiles(), images, strict=True):
            place = tile_rect(index)
            piece = place & wanted
            shift = QPoint(piece.x - wanted.x, piece.y - wanted.y)
            source = QRect(*_xywh(piece.translated(-place.x, -place.y)))
            if self._profile.converts:
                painter.drawImage(corner + shift, self._profile.shown(image, source))
            else:
                painter.drawImage(corner + shift, image, source)
        if self._quick_mask:
            values = mask_at_level(self._document.selection, wanted, self._level)
            if values.any():
                tint = QImage(
                    values.data, wanted.width, wanted.height, values.strides[0], QImage.Format.Format_Indexed8
                )
                tint.setColorTable(self._tints)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
                painter.drawImage(corner, tint)

    def _sketch(self, painter: QPainter, upright: Viewport, index: TileIndex, piece: Rect) -> None:
        """Draws the coarser picture that is at hand straight to the view: of a tile often only a strip is in sight."""
        place = tile_rect(index)
        strip = QRectF(*_xywh(piece.translated(-place.x, -place.y)))
        painter.save()
        painter.translate(upright.from_screen_rect(place).topLeft())
        painter.scale(1 / upright.ratio, 1 / upright.ratio)
        painter.setClipRect(strip, Qt.ClipOperation.IntersectClip)
        numbers = list(self._source(piece).tiles())
        found = [self._compositor.at_hand(number, self._level) for number in numbers]
        whole = None not in found
        if whole:
            painter.drawImage(strip, self._checker, strip)
        else:
            painter.fillRect(strip, self._ground)
        for number, known in zip(numbers, found, strict=True):
            if known is not None:
                target = self._target(tile_rect(number), index)
                if not whole:
                    painter.drawImage(target & strip, self._checker, target & strip)
                if self._profile.converts:
                    painter.drawImage(target, self._profile.shown(known[0], QRect(*_xywh(known[1]))))
                else:
                    painter.drawImage(target, known[0], QRectF(*_xywh(known[1])))
        painter.restore()

    def _source(self, shown: Rect) -> Rect:
        """The pixels of the level of detail that screen pixels are made from."""
        bounds, cell = self._document.bounds, self._cell
        limit = at_level(bounds, self._level)
        if cell == 1.0:
            return shown & limit
        edges = shown.x / cell, shown.y / cell, -shown.right / cell, -shown.bottom / cell
        left, top, right, bottom = (math.floor(edge) for edge in edges)
        # Two more pixels on every side, because smooth scaling looks at its neighbours.
        return Rect.from_edges(left, top, -right, -bottom).expanded(2) & limit

    def _target(self, source: Rect, index: TileIndex) -> QRectF:
        """Where pixels of the level of detail lie in a tile."""
        cell = self._cell
        x, y = source.x * cell - index[0] * TILE, source.y * cell - index[1] * TILE
        return QRectF(x, y, source.width * cell, source.height * cell)

    def _spoil(self, area: Rect) -> Rect:
        """Marks the tiles that show a part of the document; returns it in screen pixels."""
        changed, cell = at_level(area & self._document.bounds, self._level), self._cell
        if changed.empty:
            return NOWHERE
        if cell != 1.0:
            reach = math.ceil(cell) + 1
            left, top = math.floor(changed.x * cell), math.floor(changed.y * cell)
            right, bottom = math.ceil(changed.right * cell), math.ceil(changed.bottom * cell)
            changed = Rect.from_edges(left, top, right, bottom).expanded(reach)
        for index in changed.tiles():
            baked = self._baked.get(index)
            if baked is not None:
                place = tile_rect(index)
                baked.stale = baked.stale | (changed & place).translated(-place.x, -place.y)
        return changed & self._extent


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


def _tints(colour: QColor, opacity: float) -> list[int]:
    return [qRgba(colour.red(), colour.green(), colour.blue(), round(value * opacity)) for value in range(256)]
