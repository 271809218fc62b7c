"""What a canvas shows: one document at a viewport, what lies over it, and the frames that it is drawn in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from scumble.document import ChangeSet, Rect
from scumble.render import Budget
from scumble.render.live import LivePicture
from scumble.render.profile import Profile
from scumble.ui.canvas.live import LiveView
from scumble.ui.canvas.outline import INTERVAL, SelectionOutline
from scumble.ui.canvas.overlay import Overlay
from scumble.ui.canvas.tiles import ViewTiles
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.session import DocumentSession
from scumble.ui.theme import Theme

FRAME = 0.004
"""Seconds after which a repaint bakes no more tiles; the rest is drawn in the frames that follow."""

MANY_RECTS = 32
"""A repaint of more rectangles than this is done as the one round them all."""


class CanvasView(QWidget):
    """`viewport_changed` carries the new viewport."""

    viewport_changed = Signal(object)

    def __init__(self, session: DocumentSession, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._ground = theme.colour("canvas")
        self._tiles = ViewTiles(session.document, session.compositor, theme)
        self._outline = SelectionOutline(session.document)
        self._outline.budget = FRAME / 2
        self._overlays: list[Overlay] = [self._outline]
        self._live: LiveView | None = None
        self._fit: Callable[[Viewport], Viewport] | None = None
        self._coarse = QRegion()
        self._refinement = QTimer(self, singleShot=True, interval=0)
        self._refinement.timeout.connect(self._refine)
        self._ants = QTimer(self, interval=INTERVAL)
        self._ants.timeout.connect(self._march)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        session.changed.connect(self._on_changed)

    # The view

    @property
    def viewport(self) -> Viewport:
        """Where the document lies now."""
        return self.session.viewport

    def set_viewport(self, viewport: Viewport) -> None:
        """Pans and zooms."""
        self._fit = None
        if viewport != self.session.viewport:
            self.session.viewport = viewport
            self.update()
            self.viewport_changed.emit(viewport)

    def fit(self) -> None:
        """All of the picture in sight, as when it was opened."""
        self.fit_by(Viewport.fitted_whole)

    def fit_by(self, how: Callable[[Viewport], Viewport]) -> None:
        """Fits the picture, and again whenever the canvas changes its size, until a person pans or zooms."""
        self.set_viewport(how(self.viewport))
        self._fit = how

    def add_overlay(self, overlay: Overlay, *, lowest: bool = False) -> None:
        """Draws it above the picture from now on, over those that were added before, or under all of them."""
        self._overlays.insert(0 if lowest else len(self._overlays), overlay)
        self.update()

    def tint(self, colour: QColor, opacity: float) -> None:
        """Chooses the colour of the quick mask and how much, 0…1, it covers."""
        self._tiles.tint(colour, opacity)
        self.update()

    def show_on(self, screen: bytes) -> None:
        """Shows the picture in the colours of a screen with this ICC profile; an empty one stands for sRGB."""
        self._tiles.show_on(screen)
        self.update()

    @property
    def profile(self) -> Profile:
        """How the document's colours become the screen's."""
        return self._tiles.profile

    def remove_overlay(self, overlay: Overlay) -> None:
        """Draws it no more."""
        self._overlays.remove(overlay)
        self.update()

    def show_grid(self, shown: bool) -> None:
        """Shows or hides the lines between large pixels."""
        self._tiles.show_grid(shown)
        self.update()

    def update_area(self, area: Rect, margin: int = 2) -> None:
        """Repaints where a rectangle of the document is seen, and a few view pixels round it."""
        seen = self.viewport.to_view_rect(area).adjusted(-margin, -margin, margin, margin)
        self.update(seen.toAlignedRect())

    def show_live(self, picture: LivePicture) -> LiveView:
        """Shows a picture in which something moves in the place of the document's, until its view is `over`."""
        picture.profile = self._tiles.profile
        self._live = LiveView(picture, self._tiles)
        self.update()
        return self._live

    def end_live(self, *, changed: bool) -> None:
        """Shows the document again; at once unless it is `changed`, and then as it gets drawn."""
        if self._live is not None and changed:
            self._live.over = True
        else:
            self._live = None
        self.update()

    @property
    def outline(self) -> SelectionOutline:
        """The marching ants."""
        return self._outline

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws what is asked for: ground, picture, overlays, and what the hand is doing."""
        budget = Budget(FRAME)
        painter = QPainter(self)
        viewport = self.viewport
        region = event.region()
        if region.rectCount() > MANY_RECTS:
            region = QRegion(event.rect())
        self._paint_ground(painter, region)
        for part in region:  # type: ignore[attr-defined]  # the stubs do not know that a region is a sequence
            self._coarse += (self._live or self._tiles).draw(painter, viewport, part, budget)
        if not self._coarse.isEmpty():
            self._refinement.start()
        elif self._live is not None and self._live.over:
            self._live = None
        # Overlays may look at the clip to leave out what need not be painted.
        painter.setClipRegion(region)
        for overlay in self._overlays:
            painter.save()
            overlay.paint(painter, viewport)
            painter.restore()
        if self._outline.unfinished:
            self._outline.unfinished = False
            self._coarse += self.rect()
            self._refinement.start()
        self.paint_hand(painter, viewport)
        painter.end()

    def paint_hand(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws above all else what the hand is doing."""

    def _paint_ground(self, painter: QPainter, region: QRegion) -> None:
        if self.viewport.crooked:
            picture = QRect()
        else:
            picture = self.viewport.to_view_rect(self.session.document.bounds).toAlignedRect()
        for part in region.subtracted(picture.adjusted(1, 1, -1, -1)):  # type: ignore[attr-defined]  # as above
            painter.fillRect(part, self._ground)

    def _refine(self) -> None:
        """Goes on where the last frame had to stop."""
        coarse, self._coarse = self._coarse, QRegion()
        self.update(coarse)

    @property
    def finished(self) -> bool:
        """Whether all that is in sight has been drawn to the end."""
        return self._coarse.isEmpty()

    def complete(self) -> None:
        """Draws all that is in sight to the end, however long that takes; the next frame shows it."""
        self._tiles.complete(self.viewport, self.rect())
        self._outline.complete(self.viewport)
        self.update()

    # Changes

    def _on_changed(self, change: ChangeSet) -> None:
        shown = self._tiles.invalidate(change)
        if change.size:
            self._outline.forget()
            self.update()
            return
        if not shown.empty:
            reach = 2 if self.viewport.turned else 0
            self.update(self.viewport.from_screen_rect(shown).adjusted(-reach, -reach, reach, reach).toAlignedRect())
        if not change.selected.empty:
            self._outline.forget(change.selected)
            self.update_area(change.selected)

    def _march(self) -> None:
        region = self._outline.region(self.viewport)
        if not region.isEmpty():
            self._outline.step()
            self.update(region)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._tiles.restyle()
            self.update()
