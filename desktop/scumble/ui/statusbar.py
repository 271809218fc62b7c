"""The status bar: zoom, size, place of the pointer, memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QLabel, QStatusBar, QWidget

if TYPE_CHECKING:  # the bar is there before there is anything to paint on
    from scumble.document import Rect
    from scumble.tools import Band
    from scumble.ui.canvas.canvas import Canvas

ZOOMS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
MIB = 1 << 20
PLACE_DELAY = 50
"""Milliseconds that the place of the pointer may be behind."""


class StatusBar(QStatusBar):
    """Follows the current canvas."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._canvas: Canvas | None = None
        self._pointed: tuple[float, float] | None = None
        self._soon = QTimer(self, singleShot=True, interval=PLACE_DELAY)
        self._soon.timeout.connect(self._show_place)
        self._hint = QLabel()
        self._hint.setObjectName("muted")
        self._place = self._label(96, self.tr("Place of the pointer"))
        self._size = self._label(104, self.tr("Size of the picture"))
        self._selected = self._label(0, self.tr("Size of the selection, or of what is being drawn"))
        self._memory = self._label(80, self.tr("Memory that the picture takes, with its undo steps"))
        self.zoom = QComboBox()
        self.zoom.setEditable(True)
        self.zoom.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.zoom.setFixedWidth(92)
        self.zoom.setToolTip(self.tr("Zoom"))
        self.zoom.setAccessibleName(self.tr("Zoom"))
        self.zoom.addItems([percent(zoom) for zoom in ZOOMS])
        self.zoom.activated.connect(self._choose)
        line = self.zoom.lineEdit()
        if line is not None:
            line.returnPressed.connect(self._choose)
        self.addWidget(self._hint, 1)
        for widget in (self._selected, self._place, self._size, self._memory, self.zoom):
            self.addPermanentWidget(widget)
        self.follow(None)

    def say(self, text: str) -> None:
        """A hint on the left: what the tool in hand can do."""
        self._hint.setText(text)

    def follow(self, canvas: Canvas | None) -> None:
        """Shows another canvas."""
        if self._canvas is not None:
            self._canvas.viewport_changed.disconnect(self._on_viewport)
            self._canvas.pointed.disconnect(self._on_pointed)
            self._canvas.banded.disconnect(self._on_band)
        self._canvas = canvas
        for widget in (self._selected, self._place, self._size, self._memory, self.zoom):
            widget.setVisible(canvas is not None)
        if canvas is not None:
            canvas.viewport_changed.connect(self._on_viewport)
            canvas.pointed.connect(self._on_pointed)
            canvas.banded.connect(self._on_band)
            self._on_viewport()
            self._on_pointed(None)
            self.update_memory()

    def update_memory(self) -> None:
        """Counts again."""
        if self._canvas is not None:
            document = self._canvas.session.document
            self._size.setText(f"{document.width} × {document.height}")
            self._show_selected(self._canvas.session.selection_bounds)
            used = (document.memory + document.history.size) / MIB
            self._memory.setText(self.tr("{size} MiB").format(size=f"{used:.0f}" if used >= 10 else f"{used:.1f}"))

    def _on_band(self, band: Band | None) -> None:
        if self._canvas is not None:
            area = self._canvas.session.selection_bounds
            if band is not None and band.shift is None:
                area = band.inner
            self._show_selected(area)

    def _show_selected(self, area: Rect) -> None:
        words = self.tr("Selection {width} × {height}").format(width=area.width, height=area.height)
        self._selected.setText("" if area.empty else words)
        self._selected.setToolTip("" if area.empty else self.tr("From {x}, {y}").format(x=area.x, y=area.y))

    def _label(self, width: int, about: str) -> QLabel:
        label = QLabel()
        label.setMinimumWidth(width)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setToolTip(about)
        label.setAccessibleName(about)
        return label

    def _on_viewport(self) -> None:
        if self._canvas is not None:
            self.zoom.setCurrentText(percent(self._canvas.viewport.zoom))

    def _on_pointed(self, point: tuple[float, float] | None) -> None:
        # Painting a label anew costs as much as a dab: so not for every event of a stroke.
        self._pointed = point
        if not self._soon.isActive():
            self._soon.start()

    def _show_place(self) -> None:
        point = self._pointed
        self._place.setText("" if point is None else f"{point[0] // 1:.0f}, {point[1] // 1:.0f}")

    def _choose(self) -> None:
        if self._canvas is None:
            return
        try:
            zoom = float(self.zoom.currentText().replace("%", "").replace(",", ".").strip()) / 100
        except ValueError:
            zoom = 0.0
        if zoom > 0:
            self._canvas.set_viewport(self._canvas.viewport.zoomed(zoom))
        self._on_viewport()
        self._canvas.setFocus()


def percent(zoom: float) -> str:
    """A zoom as a person reads it."""
    value = zoom * 100
    return f"{value:.0f} %" if value >= 10 else f"{value:.1f} %"
