"""What generating draws over the canvas: what the model sees, what may change, the picture in the making."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from scumble.api import Mask, Picture
from scumble.document import BGRA8, TILE, Pixels, Rect
from scumble.document.tiles import TileMap
from scumble.generation import Blend, Prepared, Region, composite_mask, outline
from scumble.generation.islands import reduced
from scumble.generation.masks import scaled
from scumble.generation.pictures import to_stored
from scumble.render.profile import Profile
from scumble.tools.transforming import Shape
from scumble.ui.canvas.handles import paint_handle, paint_outline, shown_handles
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.theme import Theme

OUTLINE_SIDE: Final = 1024
"""The affected area of a larger box is outlined at a lower resolution, so that it keeps up with the brush."""

OUTLINE_POINTS: Final = 4000
"""An outline with more corners than this is drawn at half the resolution, and again, until it has fewer."""

SHOWN_SIDE: Final = 2048
"""A candidate in a larger box is shown at a lower resolution; it is applied at the full one."""

PREVIEW_SIDE: Final = 512

LIGHT: Final = 0.64
"""Lines on a picture are at least as light, 0…1."""

FAR_SIDE: Final = 4 * OUTLINE_SIDE
"""The selection in a box that is larger than this is outlined as seen from afar."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A context box as it is drawn: its region, what is said of it, and the outline of what may change in it."""

    region: Region
    label: str
    path: QPainterPath = field(default_factory=QPainterPath)


class ContextOverlay:
    """The boxes that the model sees, dashed and labelled, and the outline of the affected area.

    `veiled` keeps them out of sight while a result is judged; while `editing`, the box has handles and all round it
    is dimmed.
    """

    def __init__(self, theme: Theme) -> None:
        self._chosen = theme.colour("accent-strong")  # becomes another when the theme does
        self.veiled = False
        self.editing = False
        self._seen: tuple[Seen, ...] = ()
        self._rings: list[tuple[QPolygonF, QRectF]] = []
        self._places: list[QRectF] = []

    @property
    def _accent(self) -> QColor:
        """The colour of the theme, light enough for lines with a dark rim, whatever the picture shows."""
        hue, saturation, lightness = self._chosen.hslHueF(), self._chosen.hslSaturationF(), self._chosen.lightnessF()
        return QColor.fromHslF(max(hue, 0.0), saturation, max(lightness, LIGHT))

    @property
    def region(self) -> Region | None:
        """What is shown; the first of several."""
        return self._seen[0].region if self._seen else None

    @property
    def seen(self) -> tuple[Seen, ...]:
        """All that is shown."""
        return self._seen

    @property
    def affected(self) -> QPainterPath:
        """The outline of what may change, in document coordinates."""
        path = QPainterPath()
        for seen in self._seen:
            path.addPath(seen.path)
        return path

    def clear(self) -> None:
        """Shows nothing."""
        self.show()

    def show(self, *seen: Seen) -> None:
        """Shows context boxes."""
        self._seen = seen
        self._rings = [(ring, ring.boundingRect()) for one in seen for ring in one.path.toSubpathPolygons()]
        self._places = []

    def reframe(self, region: Region, label: str) -> None:
        """Shows another region round the same affected area."""
        if self._seen:
            self._seen = (Seen(region, label, self._seen[0].path),)
            self._places = []

    def label_at(self, point: QPointF) -> bool:
        """Whether a label was drawn at a point of the view."""
        return not self.veiled and any(place.contains(point) for place in self._places)

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws them."""
        if not self._seen or (self.veiled and not self.editing):
            return
        boxes = [viewport.to_view_polygon(seen.region.box) for seen in self._seen]
        if self.editing:
            self._paint_editing(painter, viewport, boxes[0])
        else:
            for box in boxes:
                self._paint_box(painter, box)
        if self._rings:
            self._paint_affected(painter, viewport)
        places: list[QRectF] = []
        for seen, box in zip(self._seen, boxes, strict=True):
            places.append(self._paint_label(painter, viewport, seen.label, box.boundingRect(), places))
        self._places = places

    def _paint_box(self, painter: QPainter, box: QPolygonF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, pattern in ((QColor(0, 0, 0, 110), None), (self._accent, (6.0, 5.0))):
            pen = QPen(colour, 1.0)
            if pattern is not None:
                pen.setDashPattern(pattern)
            painter.setPen(pen)
            painter.drawPolygon(box)

    def _paint_editing(self, painter: QPainter, viewport: Viewport, box: QPolygonF) -> None:
        painter.save()
        frame, outside = QPainterPath(), QPainterPath()
        frame.addPolygon(box)
        frame.closeSubpath()
        outside.addRect(QRectF(0, 0, *viewport.size))
        painter.fillPath(outside.subtracted(frame), QColor(0, 0, 0, 90))
        painter.restore()
        painter.save()
        paint_outline(painter, box.toList()[:4], self._accent)
        shape = Shape.untouched(self._seen[0].region.box)
        for handle in shown_handles(shape, viewport):
            paint_handle(painter, viewport.to_view(*shape.place(handle)), self._accent)
        painter.restore()

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

    def _paint_label(
        self, painter: QPainter, viewport: Viewport, label: str, box: QRectF, taken: Sequence[QRectF]
    ) -> QRectF:
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(label) + 12, metrics.height() + 4
        place = QRectF(box.left(), box.top() - height - (10 if self.editing else 3), width, height)
        if place.top() < 0:
            place.moveTop(max(box.top(), 0) + 4)
            place.moveLeft(box.left() + 4)
        place.moveLeft(min(max(place.left(), 4), max(viewport.size[0] - width - 4, 4)))
        for other in sorted(taken, key=QRectF.top):
            if place.intersects(other):
                place.moveTop(other.bottom() + 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 20, 20, 200))
        painter.drawRoundedRect(place, 3, 3)
        painter.setPen(QColor(230, 230, 230))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, label)
        return place


class PictureOverlay:
    """A picture in place: a preview while a job runs, or a candidate. It is not drawn while `hidden`."""

    def __init__(self) -> None:
        self.hidden = False
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
        screen: bytes = b"",
    ) -> None:
        """Shows a picture in its box, through the mask that the layer would wear, or another one over the box; in the
        colours of a screen with the ICC profile `screen`."""
        box = prepared.anchor.box
        shrink = max(max(box.width, box.height) / longest, 1.0)
        size = max(round(box.width / shrink), 1), max(round(box.height / shrink), 1)
        pixels = Profile(b"", screen).converted(to_stored(picture, BGRA8, size), BGRA8)
        mask = mask if mask is not None else self._mask_of(prepared)
        if mask is not None:
            pixels = through(pixels, scaled(mask, size))
        self._image = image_of_stored(pixels)
        self._box, self._source = box, source

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws it; pixels stay square from 200 % on, as the canvas's own do."""
        if self._image is not None and not self.hidden:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, viewport.zoom < 2 or viewport.crooked)
            if viewport.turned:
                painter.setTransform(viewport.turning, True)
            painter.drawImage(viewport.upright.to_view_rect(self._box), self._image)

    def _mask_of(self, prepared: Prepared) -> Mask | None:
        if self._mask is None or self._mask[0] is not prepared:
            chosen = prepared.selection if prepared.tool.result == "masked-layer" else None
            self._mask = prepared, None if chosen is None else composite_mask(chosen, prepared.blend)
        return self._mask[1]


def affected_path(selection: Mask, blend: Blend, box: Rect, pixel: int = 1) -> QPainterPath:
    """The outline of what may change, in document coordinates; a pixel of the mask stands for `pixel` of the box's."""
    shrink = max(-(-max(selection.shape) // OUTLINE_SIDE), 1)
    rings = _rings(selection, blend, shrink, pixel)
    while sum(map(len, rings)) > OUTLINE_POINTS:
        shrink *= 2
        rings = _rings(selection, blend, shrink, pixel)
    path = QPainterPath()
    for ring in rings:
        corners = ring * shrink * pixel + (box.x, box.y)
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners.tolist()]))
        path.closeSubpath()
    return path


def far_path(tiles: TileMap, blend: Blend, box: Rect) -> QPainterPath:
    """The same, of a selection whose box is too large to be read pixel by pixel while a person waits."""
    pixel = 1 << (max(box.width, box.height) // OUTLINE_SIDE).bit_length()
    seen, origin = reduced(tiles, box, min(pixel, TILE))
    return affected_path(seen, blend, Rect(*origin, box.width, box.height), min(pixel, TILE))


def _rings(selection: Mask, blend: Blend, shrink: int, pixel: int) -> list[NDArray[np.float32]]:
    """The borders of what may change, in pixels that stand for `shrink` × `shrink` of the selection's."""
    if shrink > 1:
        kernel = np.ones((shrink, shrink), np.uint8)
        selection = np.ascontiguousarray(cv2.dilate(selection, kernel, anchor=(0, 0))[::shrink, ::shrink])
    far = shrink * pixel
    if far > 1:
        blend = replace(blend, grow=-(-blend.grow // far), feather=-(-blend.feather // far))
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
