"""What generating draws over the canvas: what the model sees, what may change, the picture in the making."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from scumble.api import Mask, Picture
from scumble.document import BGRA8, Pixels, Rect
from scumble.generation import Blend, Prepared, Region, composite_mask, outline
from scumble.generation.masks import scaled
from scumble.generation.pictures import to_stored
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.theme import Theme

OUTLINE_SIDE: Final = 1024
"""The affected area of a larger box is outlined at a lower resolution, so that it keeps up with the brush."""

OUTLINE_POINTS: Final = 4000
"""An outline with more corners than this is drawn at half the resolution, and again, until it has fewer."""

SHOWN_SIDE: Final = 2048
"""A candidate in a larger box is shown at a lower resolution; it is applied at the full one."""

PREVIEW_SIDE: Final = 512


class ContextOverlay:
    """The box that the model sees, dashed and labelled, and the outline of the affected area.

    `veiled` keeps them out of sight while a result is judged.
    """

    def __init__(self, theme: Theme) -> None:
        self._accent = theme.colour("accent-strong")
        self.veiled = False
        self._region: Region | None = None
        self._path = QPainterPath()
        self._rings: list[tuple[QPolygonF, QRectF]] = []
        self._label = ""

    @property
    def region(self) -> Region | None:
        """What is shown."""
        return self._region

    @property
    def affected(self) -> QPainterPath:
        """The outline of what may change, in document coordinates."""
        return self._path

    def clear(self) -> None:
        """Shows nothing."""
        self._region, self._path, self._rings = None, QPainterPath(), []

    def show(self, region: Region, selection: Mask | None, blend: Blend, label: str = "") -> None:
        """Shows a region; `selection` covers its box where something is selected."""
        self._region = region
        self._label = label or seen_label(region)
        self._path = QPainterPath() if selection is None else affected_path(selection, blend, region.box)
        self._rings = [(ring, ring.boundingRect()) for ring in self._path.toSubpathPolygons()]

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws both."""
        if self._region is None or self.veiled:
            return
        box = viewport.to_view_polygon(self._region.box)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, pattern in ((QColor(0, 0, 0, 110), None), (self._accent, (6.0, 5.0))):
            pen = QPen(colour, 1.0)
            if pattern is not None:
                pen.setDashPattern(pattern)
            painter.setPen(pen)
            painter.drawPolygon(box)
        if not self._path.isEmpty():
            self._paint_affected(painter, viewport)
        self._paint_label(painter, viewport, box.boundingRect())

    def _paint_affected(self, painter: QPainter, viewport: Viewport) -> None:
        painter.save()
        painter.setTransform(viewport.transform, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        reach = 3.0 / viewport.scale
        seen = painter.clipBoundingRect()
        part = seen.adjusted(-reach, -reach, reach, reach)
        for colour, width in ((QColor(0, 0, 0, 120), 3.0), (self._accent, 1.4)):
            pen = QPen(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            for ring, around in self._rings:
                if around.intersects(part):
                    painter.drawPolygon(ring)
        painter.restore()

    def _paint_label(self, painter: QPainter, viewport: Viewport, box: QRectF) -> None:
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(self._label) + 12, metrics.height() + 4
        place = QRectF(box.left(), box.top() - height - 3, width, height)
        if place.top() < 0:
            place.moveTop(max(box.top(), 0) + 4)
            place.moveLeft(box.left() + 4)
        place.moveLeft(min(max(place.left(), 4), max(viewport.size[0] - width - 4, 4)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 20, 20, 200))
        painter.drawRoundedRect(place, 3, 3)
        painter.setPen(QColor(230, 230, 230))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._label)


class PictureOverlay:
    """A picture in place: a preview while a job runs, or a candidate."""

    def __init__(self) -> None:
        self._image: QImage | None = None
        self._box = Rect(0, 0, 0, 0)
        self._source: object = None
        self._mask: tuple[Prepared, Mask | None] | None = None

    @property
    def source(self) -> object:
        """Whose picture is shown; None when there is none."""
        return self._source

    @property
    def box(self) -> Rect:
        """Where it is shown."""
        return self._box

    def clear(self) -> None:
        """Shows nothing."""
        self._image = self._source = self._mask = None

    def show(
        self,
        source: object,
        prepared: Prepared,
        picture: Picture,
        longest: int = SHOWN_SIDE,
        *,
        mask: Mask | None = None,
    ) -> None:
        """Shows a picture in its box, through the mask that the layer would wear, or another one over the box."""
        box = prepared.anchor.box
        shrink = max(max(box.width, box.height) / longest, 1.0)
        size = max(round(box.width / shrink), 1), max(round(box.height / shrink), 1)
        pixels = to_stored(picture, BGRA8, size)
        mask = mask if mask is not None else self._mask_of(prepared)
        if mask is not None:
            pixels = through(pixels, scaled(mask, size))
        self._image = image_of_stored(pixels)
        self._box, self._source = box, source

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws it; pixels stay square from 200 % on, as the canvas's own do."""
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.zoom < 2 or viewport.crooked)
            if viewport.turned:
                painter.setTransform(viewport.turning, True)
            painter.drawImage(viewport.upright.to_view_rect(self._box), self._image)

    def _mask_of(self, prepared: Prepared) -> Mask | None:
        if self._mask is None or self._mask[0] is not prepared:
            chosen = prepared.selection if prepared.tool.result == "masked-layer" else None
            self._mask = prepared, None if chosen is None else composite_mask(chosen, prepared.blend)
        return self._mask[1]


def seen_label(region: Region) -> str:
    """What the model sees, in words."""
    width, height = region.size
    size = f"{width} × {height}"
    text = QCoreApplication.translate("generate", "the model sees {size} at {scale}×")
    return text.format(size=size, scale=f"{region.scale:.1f}" if region.scale >= 0.95 else f"{region.scale:.2f}")


def worked_on_label(region: Region) -> str:
    """What a tool without a model works on, in words."""
    text = QCoreApplication.translate("generate", "works on {width} × {height}")
    return text.format(width=region.size[0], height=region.size[1])


def affected_path(selection: Mask, blend: Blend, box: Rect) -> QPainterPath:
    """The outline of what may change, in document coordinates."""
    shrink = max(-(-max(box.width, box.height) // OUTLINE_SIDE), 1)
    rings = _rings(selection, blend, shrink)
    while sum(map(len, rings)) > OUTLINE_POINTS:
        shrink *= 2
        rings = _rings(selection, blend, shrink)
    path = QPainterPath()
    for ring in rings:
        corners = ring * shrink + (box.x, box.y)
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners.tolist()]))
        path.closeSubpath()
    return path


def _rings(selection: Mask, blend: Blend, shrink: int) -> list[NDArray[np.float32]]:
    """The borders of what may change, in pixels that stand for `shrink` × `shrink` of the selection's."""
    if shrink > 1:
        kernel = np.ones((shrink, shrink), np.uint8)
        selection = np.ascontiguousarray(cv2.dilate(selection, kernel, anchor=(0, 0))[::shrink, ::shrink])
        blend = Blend(-(-blend.grow // shrink), -(-blend.feather // shrink))
    return outline(composite_mask(selection, blend))


def through(pixels: Pixels, mask: Mask) -> Pixels:
    """8-bit premultiplied pixels as seen through a mask."""
    product = pixels.astype(np.uint16) * mask[..., None]
    return ((product + 127) // 255).astype(np.uint8)


def image_of_stored(pixels: Pixels) -> QImage:
    """8-bit stored pixels as a QImage of its own."""
    whole = np.ascontiguousarray(pixels)
    height, width = whole.shape[:2]
    return QImage(whole.data, width, height, whole.strides[0], QImage.Format.Format_ARGB32_Premultiplied).copy()
