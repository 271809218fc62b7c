"""The crop tool: a frame over the picture that becomes its canvas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from scumble.paint.reshape import Reshape, crop
from scumble.tools import Pointer
from scumble.tools.cropping import Frame, dragged, hit
from scumble.tools.transforming import ON_BOX, Handle, Shape
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.handles import NEAR, cursor_for, paint_handle, paint_outline
from scumble.ui.canvas.mode import CanvasMode
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.theme import Theme

SNAP = 6.0
"""View pixels within which an edge falls onto the edge of the canvas."""


@dataclass(slots=True)
class CropSettings:
    """`cut` throws away what comes to lie outside, `fill` selects what is new, to be filled."""

    cut: bool = True
    fill: bool = False


class CropOverlay:
    """Dims what goes, draws the frame with its handles, and lines at the thirds."""

    def __init__(self, colour: QColor) -> None:
        self._colour = colour
        self.frame: Frame | None = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws nothing without a frame."""
        if self.frame is None:
            return
        corners = [viewport.to_view(*self.frame.place(handle)) for handle in ON_BOX if handle.corner]
        painter.save()
        frame = QPainterPath()
        frame.addPolygon(QPolygonF(corners))
        frame.closeSubpath()
        outside = QPainterPath()
        outside.addRect(QRectF(0, 0, *viewport.size))
        painter.fillPath(outside.subtracted(frame), QColor(0, 0, 0, 140))
        painter.restore()
        self._paint_thirds(painter, corners)
        paint_outline(painter, corners, self._colour)
        for handle in ON_BOX:
            paint_handle(painter, viewport.to_view(*self.frame.place(handle)), self._colour)

    def _paint_thirds(self, painter: QPainter, corners: list[QPointF]) -> None:
        top_left, top_right, bottom_right, bottom_left = corners
        for colour, shift in ((QColor(0, 0, 0, 90), 1.0), (QColor(255, 255, 255, 130), 0.0)):
            painter.setPen(QPen(colour, 1))
            for part in (1 / 3, 2 / 3):
                for start, end in (
                    (top_left + (top_right - top_left) * part, bottom_left + (bottom_right - bottom_left) * part),
                    (top_left + (bottom_left - top_left) * part, top_right + (bottom_right - top_right) * part),
                ):
                    painter.drawLine(start + QPointF(shift, shift), end + QPointF(shift, shift))


class CropMode(CanvasMode):
    """`changed` says that the frame is another one. What else wants to change the document gives it up."""

    changed = Signal()

    def __init__(
        self, canvas: Canvas, settings: CropSettings, theme: Theme, reshape: Callable[[Reshape, str], None]
    ) -> None:
        """`reshape` does it, given also what the history calls the step."""
        super().__init__(canvas)
        document = canvas.session.document
        chosen = document.selection_bounds
        self._settings = settings
        self._reshape = reshape
        self._first = Frame(document.bounds if chosen.empty else chosen, document.bounds)
        self._frame = self._first
        self._grip: tuple[Handle, Frame, tuple[float, float]] | None = None
        self._closed = False
        self._overlay = CropOverlay(theme.colour("accent"))
        self._overlay.frame = self._frame
        canvas.add_overlay(self._overlay)
        canvas.outline.veiled = True
        canvas.session.begin_interaction(self.finish)

    @property
    def frame(self) -> Frame:
        """What will be the canvas."""
        return self._frame

    def change(self, frame: Frame) -> None:
        """Goes on to another frame."""
        if not self._closed:
            self._frame = self._overlay.frame = frame
            self.canvas.update()
            self.changed.emit()

    def press(self, pointer: Pointer) -> None:
        """Takes hold of what is there."""
        place = (pointer.x, pointer.y)
        self._grip = (hit(self._frame, place, NEAR / self.canvas.viewport.scale), self._frame, place)

    def drag(self, pointer: Pointer) -> None:
        """Drags it."""
        if self._grip is not None:
            handle, start, place = self._grip
            if handle is Handle.OUTSIDE and place == (pointer.x, pointer.y):
                return
            near = SNAP / self.canvas.viewport.scale
            self.change(
                dragged(start, handle, place, (pointer.x, pointer.y), near, square=pointer.shift, centred=pointer.alt)
            )

    def release(self, pointer: Pointer) -> None:
        """Lets go."""
        self.drag(pointer)
        self._grip = None

    def hover(self, pointer: Pointer) -> None:
        """Shows what dragging would do."""
        handle = hit(self._frame, (pointer.x, pointer.y), NEAR / self.canvas.viewport.scale)
        if handle is Handle.OUTSIDE:
            self.canvas.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.canvas.setCursor(cursor_for(handle, Shape.untouched(self._frame.rect)))

    def nudge(self, dx: int, dy: int) -> None:
        """Moves by whole pixels."""
        self.change(dragged(self._frame, Handle.INSIDE, (0, 0), (dx, dy), 0.0))

    def step_back(self) -> None:
        """The frame as it was at first; and then gives up."""
        if self._frame == self._first:
            self.give_up()
        else:
            self.change(self._first)

    def apply(self) -> None:
        """The frame becomes the canvas."""
        if not self._closed:
            frame = self._frame
            self._end()
            step = QCoreApplication.translate("steps", "Crop")
            wanted = crop(frame.rect, keep_outside=not self._settings.cut)
            self._reshape(replace(wanted, select_new=self._settings.fill), step)

    def give_up(self) -> None:
        """All stays as it is."""
        self._end()

    def _end(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.canvas.session.end_interaction()
        self.canvas.remove_overlay(self._overlay)
        self.canvas.outline.veiled = False
        super().close()
        self.ended.emit()
