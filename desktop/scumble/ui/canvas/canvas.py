"""The canvas widget."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from scumble.document import Rect
from scumble.ui.canvas.overlay import Overlay
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.session import DocumentSession


class Canvas(QWidget):
    """Shows one document. `viewport_changed` carries the new viewport."""

    viewport_changed = Signal(object)

    def __init__(self, session: DocumentSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._overlays: list[Overlay] = []

    @property
    def viewport(self) -> Viewport:
        """Where the document lies now."""
        return self.session.viewport

    def set_viewport(self, viewport: Viewport) -> None:
        """Pans and zooms."""
        self.session.viewport = viewport
        self.update()
        self.viewport_changed.emit(viewport)

    def add_overlay(self, overlay: Overlay) -> None:
        """Draws it above the picture from now on, over those that were added before."""
        self._overlays.append(overlay)
        self.update()

    def remove_overlay(self, overlay: Overlay) -> None:
        """Draws it no more. ValueError when it was not there."""
        self._overlays.remove(overlay)
        self.update()

    def update_area(self, area: Rect, margin: int = 2) -> None:
        """Repaints where a rectangle of the document is seen, and a few view pixels round it."""
        seen = self.viewport.to_view_rect(area).adjusted(-margin, -margin, margin, margin)
        self.update(seen.toAlignedRect())
