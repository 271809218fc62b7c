"""The navigator dock: all of the picture small, the part in sight, and how it is seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from scumble.document import TILE, ChangeSet, Document, tile_rect
from scumble.render import Budget, Compositor
from scumble.render.compositor import at_level
from scumble.render.profile import Profile
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.viewport import MAX_ZOOM, MIN_ZOOM, Viewport
from scumble.ui.session import DocumentSession
from scumble.ui.theme import Theme
from scumble.ui.widgets import SliderField, action_button
from scumble.ui.window import MainWindow

SIDE: Final = 512
"""The longest side of the small picture, in pixels."""

LARGEST: Final = 1200
"""Tiles of a document up to which the small picture is composited; a larger one shows what is at hand."""

SLICE: Final = 0.004
"""Seconds at a time for the small picture."""

IDLE, NEXT = 250, 30
"""Milliseconds without a change before the small picture is made, and between two slices of that."""


class SmallPicture:
    """All of a document in an image of at most `SIDE` pixels, made in slices, from the tiles that the view is of; in
    the colours of a screen with the ICC profile `screen`, of sRGB where that is empty."""

    def __init__(self, document: Document, compositor: Compositor, screen: bytes = b"") -> None:
        self._document = document
        self._profile = Profile(document.structure.icc, screen)
        self._compositor = compositor
        longest = max(document.width, document.height)
        self._level = max(0, math.ceil(math.log2(longest / SIDE)))
        self._place = at_level(document.bounds, self._level)
        self.image = QImage(self._place.width, self._place.height, QImage.Format.Format_ARGB32_Premultiplied)
        self.image.fill(Qt.GlobalColor.transparent)
        self._stale = set(self._place.tiles())

    def invalidate(self, change: ChangeSet) -> bool:
        """Marks what a change touched; False where that was nothing."""
        if self._document.structure.icc != self._profile.icc:
            self._profile = Profile(self._document.structure.icc, self._profile.screen)
            self._stale = set(self._place.tiles())
            return True
        touched = set((at_level(change.area & self._document.bounds, self._level) & self._place).tiles())
        self._stale |= touched
        return bool(touched)

    def work(self, budget: Budget) -> bool:
        """Draws what is out of date as far as the budget reaches; True when nothing is left to do."""
        whole = at_level(self._document.bounds, 0)
        small = len(range(0, whole.width, TILE)) * len(range(0, whole.height, TILE)) <= LARGEST
        profile = self._profile
        for index in sorted(self._stale):
            source = QRectF(0, 0, TILE, TILE)
            if small:
                found = self._compositor.image_within(budget, index, self._level)
            else:
                at_hand = self._compositor.at_hand(index, self._level)
                found = at_hand[0] if at_hand is not None else None
                if at_hand is not None:
                    part = at_hand[1]
                    source = QRectF(part.x, part.y, part.width, part.height)
            if found is None:
                return not small
            place = tile_rect(index)
            with QPainter(self.image) as painter:
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
                shown = QRectF(place.x, place.y, TILE, TILE)
                if profile.converts:
                    painter.drawImage(shown, profile.shown(found, source.toRect()))
                else:
                    painter.drawImage(shown, found, source)
            self._stale.discard(index)
        return True


class NavigatorView(QWidget):
    """The small picture with the outline of what is in sight; a drag pans, the wheel zooms."""

    moved = Signal(float, float)
    zoomed = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._small: SmallPicture | None = None
        self._viewport: Viewport | None = None
        self.setMinimumHeight(96)
        self.setAccessibleName(self.tr("Small picture of all: drag to pan"))
        self.setToolTip(self.tr("Drag to pan, turn the wheel to zoom"))
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(220, 180)

    def show_picture(self, small: SmallPicture | None, viewport: Viewport | None) -> None:
        """Shows another document, or nothing."""
        self._small, self._viewport = small, viewport
        self.update()

    def show_viewport(self, viewport: Viewport) -> None:
        """Outlines another part."""
        self._viewport = viewport
        self.update()

    @property
    def picture(self) -> QRectF:
        """Where the small picture is; empty without one."""
        if self._small is None:
            return QRectF()
        size = QSizeF(self._small.image.size()).scaled(
            QSizeF(self.size()) - QSizeF(8, 8), Qt.AspectRatioMode.KeepAspectRatio
        )
        place = QRectF(QPointF(0, 0), size)
        place.moveCenter(QRectF(self.rect()).center())
        return place

    @property
    def seen(self) -> QPolygonF:
        """The outline of what is in sight, in this widget."""
        if self._viewport is None or self._small is None:
            return QPolygonF()
        (width, height), (across, down) = self._viewport.extent, self._viewport.size
        place = self.picture
        corners = [QPointF(0, 0), QPointF(across, 0), QPointF(across, down), QPointF(0, down)]
        points = [self._viewport.to_document(corner) for corner in corners]
        return QPolygonF(
            [
                QPointF(place.left() + x / width * place.width(), place.top() + y / height * place.height())
                for x, y in points
            ]
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture, and outline."""
        if self._small is None:
            return
        place = self.picture
        with QPainter(self) as painter:
            painter.fillRect(place, self._theme.colour("checker-light"))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._small.image)
            painter.setClipRect(self.rect())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for colour, width in ((QColor(0, 0, 0, 150), 3.0), (self._theme.colour("accent-strong"), 1.5)):
                painter.setPen(QPen(colour, width))
                painter.drawPolygon(self.seen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The middle of the view goes there."""
        if event.buttons() & Qt.MouseButton.LeftButton and self._viewport is not None:
            place, (width, height) = self.picture, self._viewport.extent
            x = (event.position().x() - place.left()) / max(place.width(), 1.0) * width
            y = (event.position().y() - place.top()) / max(place.height(), 1.0) * height
            self.moved.emit(min(max(x, 0.0), width), min(max(y, 0.0), height))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """And follows."""
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms about the middle."""
        event.accept()
        self.zoomed.emit(2.0 ** (event.angleDelta().y() / 480.0))


class NavigatorDock(QWidget):
    """Follows the current canvas."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._canvas: Canvas | None = None
        self._session: DocumentSession | None = None
        self._small: SmallPicture | None = None
        self.view = NavigatorView(window.theme)
        self.zoom = SliderField(self.tr("Zoom"), math.log2(MIN_ZOOM), math.log2(MAX_ZOOM), decimals=1)
        self.zoom.field.hide()
        self.angle = SliderField(self.tr("Turn"), -180, 180, unit="°")
        self.view.moved.connect(lambda x, y: self._show(lambda viewport: viewport.centred_on(x, y)))
        self.view.zoomed.connect(lambda factor: self._show(lambda viewport: viewport.zoomed(viewport.zoom * factor)))
        self.zoom.changed.connect(lambda power: self._show(lambda viewport: viewport.zoomed(2.0**power)))
        self.angle.changed.connect(lambda angle: self._show(lambda viewport: viewport.turned_to(angle)))
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._work)
        self._lay_out()
        window.session_changed.connect(self.follow)
        window.screen_colours.changed.connect(lambda: self._begin() if self._session is not None else None)
        self.follow(window.session)

    def _lay_out(self) -> None:
        commands = self._window.commands
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.view, 1)
        rows = (("view.out", self.zoom, "view.in"), ("view.turn-left", self.angle, "view.turn-right"))
        ends = ("view.fit", "view.mirror")
        for (before, field, after), end in zip(rows, ends, strict=True):
            row = QHBoxLayout()
            row.setSpacing(4)
            row.addWidget(action_button(commands.action(before)))
            row.addWidget(field, 1)
            row.addWidget(action_button(commands.action(after)))
            row.addWidget(action_button(commands.action(end)))
            column.addLayout(row)

    def follow(self, session: DocumentSession | None) -> None:
        """Shows another document."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_changed)
        if self._canvas is not None:
            self._canvas.viewport_changed.disconnect(self._on_viewport)
        self._session, self._canvas, self._small = session, self._window.canvas, None
        for widget in (self.view, self.zoom, self.angle):
            widget.setEnabled(session is not None)
        if session is not None and self._canvas is not None:
            session.changed.connect(self._on_changed)
            self._canvas.viewport_changed.connect(self._on_viewport)
            self._begin()
            self._on_viewport(self._canvas.viewport)
        else:
            self._timer.stop()
            self.view.show_picture(None, None)

    def _begin(self) -> None:
        assert self._session is not None
        screen = self._window.screen_colours.profile
        self._small = SmallPicture(self._session.document, self._session.compositor, screen)
        self.view.show_picture(self._small, self._session.viewport)
        self._timer.start(IDLE)

    def showEvent(self, event: QShowEvent) -> None:
        """What changed while nobody looked."""
        super().showEvent(event)
        self._timer.start(NEXT)

    def _on_changed(self, change: ChangeSet) -> None:
        if change.size:
            self._begin()
        elif self._small is not None and self._small.invalidate(change):
            self._timer.start(IDLE)

    def _work(self) -> None:
        if self._small is None or not self.isVisible():
            return
        if self._session is not None and self._session.document.history.busy:
            self._timer.start(IDLE)
            return
        if not self._small.work(Budget(SLICE)):
            self._timer.start(NEXT)
        self.view.update()

    def _on_viewport(self, viewport: Viewport) -> None:
        self.view.show_viewport(viewport)
        self.zoom.show_value(math.log2(viewport.zoom))
        self.angle.show_value((viewport.angle + 180.0) % 360.0 - 180.0)

    def _show(self, change: Callable[[Viewport], Viewport]) -> None:
        if self._canvas is not None:
            self._canvas.set_viewport(change(self._canvas.viewport))
