"""The canvas widget: what shows a document takes strokes, pans and zooms."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from scumble.api import ScumbleError
from scumble.render.live import LivePicture
from scumble.tools import Band, Drift
from scumble.ui.canvas.gestures import Gestures
from scumble.ui.canvas.marks import paint_band, paint_brush
from scumble.ui.canvas.navigation import Navigation
from scumble.ui.canvas.nudging import ARROWS, nudge_by, nudges
from scumble.ui.canvas.pointer import eraser_end, from_mouse, from_tablet
from scumble.ui.canvas.view import CanvasView
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.session import DocumentSession
from scumble.ui.theme import Theme
from scumble.ui.toolbox import FACES
from scumble.ui.toolstate import ToolState

GESTURES = (QEvent.Type.Gesture, QEvent.Type.NativeGesture)

ENDINGS = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""The keys that end a gesture: the first gives it up."""


class Canvas(CanvasView):
    """`pointed` carries the document point under the pointer or None, `menu_wanted` the place on the screen that was
    clicked with the right button, `banded` the rubber band of a gesture, `refused` the `ScumbleError` of a tool that
    cannot work here."""

    menu_wanted = Signal(object)
    banded = Signal(object)
    pointed = Signal(object)
    refused = Signal(object)

    def __init__(self, session: DocumentSession, tools: ToolState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self._tools = tools
        self._gestures = Gestures(session, tools)
        self._gestures.shown = self._update_band
        self._gestures.drifted = self._show_drift
        self._fitted = False
        self._navigation = Navigation(self, lambda: self.viewport, self.set_viewport)
        self._hover: QPointF | None = None
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(self.tr("Canvas"))
        session.quick_mask_changed.connect(lambda _on: self._on_tool())
        tools.tool_changed.connect(self._on_tool)
        tools.brush_changed.connect(self.update_cursor)
        self._on_tool()

    def _show_drift(self, drift: Drift | None) -> None:
        """Shows pixels where a tool has them; the real picture again when it is done with them."""
        if drift is None:
            self.end_live(changed=True)
            return
        if self._live is None or self._live.over or self._live.picture.lifted is not drift.lifted:
            self.show_live(LivePicture(self.session.document, drift.lifted))
        assert self._live is not None
        self.update_area(self._live.picture.move(drift.matrix))

    @property
    def panning(self) -> bool:
        """Whether the pointer moves the view, or would when it is pressed."""
        return self._navigation.space or self._navigation.active

    @property
    def gestures(self) -> Gestures:
        """The tool at work on this document."""
        return self._gestures

    def paint_hand(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws the rubber band, and the outline of the brush."""
        band = self._gestures.band or self._gestures.mark
        if band is not None:
            paint_band(painter, band, viewport)
        if self._hover is not None and self._shows_outline():
            paint_brush(painter, self._hover, self._tools.brush, viewport)

    def _shows_outline(self) -> bool:
        return self._tools.has_brush and self._navigation.cursor is None

    def _outline_rect(self, centre: QPointF) -> QRect:
        radius = self._tools.brush.size / 2 * self.viewport.scale + 4
        return QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius).toAlignedRect()

    def _hover_at(self, point: QPointF | None) -> None:
        if self._shows_outline():
            for place in (self._hover, point):
                if place is not None:
                    self.update(self._outline_rect(place))
        self._hover = point
        self.pointed.emit(None if point is None else self.viewport.to_document(point))

    def _on_tool(self, _tool: str = "") -> None:
        masking = self._tools.tool == "mask" or self.session.quick_mask
        self._tiles.show_quick_mask(masking)
        self._outline.shown = not masking
        self.update_cursor()
        self.update()

    def update_cursor(self) -> None:
        """Shows the cursor of the tool in use."""
        cursor = self._navigation.cursor
        if cursor is not None:
            self.setCursor(cursor)
        elif self._tools.has_brush:
            self.setCursor(Qt.CursorShape.BlankCursor)
        else:
            self.setCursor(FACES[self._tools.tool].cursor)
        if self._hover is not None:
            self.update()

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins a stroke, or panning with the middle button or the space bar."""
        if self._navigation.press(event):
            self.update_cursor()
        elif event.button() == Qt.MouseButton.LeftButton:
            picks = self._tools.tool == "eraser" or FACES[self._tools.tool].paints
            pick = picks and event.modifiers() == Qt.KeyboardModifier.ControlModifier
            self._press(event, "picker" if pick else None)

    def _press(self, event: QMouseEvent | QTabletEvent, tool: str | None = None) -> None:
        pointer = (
            from_tablet(event, self.viewport) if isinstance(event, QTabletEvent) else from_mouse(event, self.viewport)
        )
        before = self._gestures.band
        try:
            self._gestures.press(pointer, tool)
        except ScumbleError as error:
            self.refused.emit(error)
        self._update_band(before)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Goes on with a stroke or with panning."""
        if self._gestures.held and not event.buttons() & Qt.MouseButton.LeftButton:
            before = self._gestures.band
            self._gestures.let_go()  # a dialog or another window has had the release
            self._update_band(before)
        if not self._navigation.move(event):
            self._move_to(event, event.position())

    def _move_to(self, event: QMouseEvent | QTabletEvent, position: QPointF) -> None:
        if self._gestures.active:
            before = self._gestures.band
            pointer = (
                from_tablet(event, self.viewport)
                if isinstance(event, QTabletEvent)
                else from_mouse(event, self.viewport)
            )
            self._gestures.move(pointer)
            self._update_band(before)
        self._hover_at(position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends a stroke or panning."""
        if self._navigation.release():
            self.update_cursor()
        elif event.button() == Qt.MouseButton.LeftButton and self._gestures.active:
            before = self._gestures.band
            self._gestures.release(from_mouse(event, self.viewport))
            self._update_band(before)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """The same with a pen, whose other end erases."""
        event.accept()
        kind = event.type()
        if kind == QEvent.Type.TabletPress and self._navigation.press(event):
            self.update_cursor()
        elif kind == QEvent.Type.TabletPress and event.button() == Qt.MouseButton.LeftButton:
            erases = eraser_end(event) and self._tools.tool == "brush"
            self._press(event, "eraser" if erases else None)
        elif kind == QEvent.Type.TabletMove and not self._navigation.move(event):
            self._move_to(event, event.position())
        elif kind == QEvent.Type.TabletRelease:
            if self._navigation.release():
                self.update_cursor()
            elif self._gestures.active:
                before = self._gestures.band
                self._gestures.release(from_tablet(event, self.viewport))
                self._update_band(before)

    def _update_band(self, before: Band | None) -> None:
        for band in (before, self._gestures.band, self._gestures.mark):
            if band is not None:
                self.update_area(band.bounds, margin=10)
        shift = self._gestures.band.shift if self._gestures.band is not None else None
        if shift != self._outline.shift:
            self._outline.shift = shift
            self.update()
        if before != self._gestures.band:
            self.banded.emit(self._gestures.band)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms, or scrolls."""
        self._navigation.wheel(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The outline of the brush goes with the pointer."""
        self._hover_at(None)

    # Keys, gestures, size

    def event(self, event: QEvent) -> bool:
        """Two fingers zoom and turn; the stroke that the first of them began is given up."""
        if event.type() in GESTURES and self._navigation.gesture(event):
            if event.type() == QEvent.Type.Gesture:
                self._end_gesture(finish=False)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._gestures.active:
            # While a gesture is on, Backspace is its own and no command's.
            event.setAccepted(event.key() == Qt.Key.Key_Backspace)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space pans, Escape gives a gesture up, Enter ends it, the arrows nudge while the move tool is in use."""
        if event.key() == Qt.Key.Key_Space:
            self._navigation.space = self._gestures.space = True
            self.update_cursor()
        elif event.key() == Qt.Key.Key_Backspace and self._gestures.active:
            before = self._gestures.band
            self._gestures.back()
            self._update_band(before)
        elif event.key() in ENDINGS and self._gestures.active:
            self._end_gesture(finish=event.key() != Qt.Key.Key_Escape)
        elif event.key() in ARROWS and nudges(self.session, self._tools.tool) and not self._gestures.active:
            self._nudge(event)
        else:
            super().keyPressEvent(event)

    def _nudge(self, event: QKeyEvent) -> None:
        try:
            nudge_by(self.session, self._tools.tool, event)
        except ScumbleError as error:
            self.refused.emit(error)

    def _end_gesture(self, *, finish: bool) -> None:
        before = self._gestures.band
        if finish:
            self._gestures.finish()
        else:
            self._gestures.cancel()
        self._update_band(before)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ends a gesture of several presses; to any other tool it is one more press."""
        if self._gestures.active:
            self._end_gesture(finish=True)
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button asks for a menu, but not in the middle of a gesture."""
        if not self._gestures.active:
            self.menu_wanted.emit(event.globalPos())

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space let go."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._navigation.space = self._gestures.space = False
            self.update_cursor()
        else:
            super().keyReleaseEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the picture fitted, or the middle in the middle; under a stroke nothing moves."""
        size = (self.width(), self.height())
        if self.gestures.active:
            self.session.viewport = replace(self.viewport, size=size)
        else:
            self.session.viewport = self.viewport.resized(size, self.devicePixelRatio())
        if not self._fitted and self.isVisible():
            self._fitted = True
            self.fit()
        elif self._fit is not None and not self.gestures.active:
            self.fit_by(self._fit)
        self.viewport_changed.emit(self.viewport)

    def showEvent(self, event: QShowEvent) -> None:
        """The ants march only where they are seen."""
        self._ants.start()
        if not self._fitted:
            self._fitted = True
            self.session.viewport = self.viewport.resized((self.width(), self.height()), self.devicePixelRatio())
            self.fit()

    def hideEvent(self, event: QHideEvent) -> None:
        """And rest where they are not."""
        self._ants.stop()
        self._navigation.space = self._gestures.space = False
