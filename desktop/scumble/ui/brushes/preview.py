"""The brush in hand as a stroke, drawn again soon after it has changed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from scumble.ui.brushes.stroke import Drawing, advance, draw_stroke
from scumble.ui.colours.mixer import from_qcolor
from scumble.ui.theme import Theme
from scumble.ui.toolstate import ToolState

SOON: Final = 50
"""The least time between two drawings, in milliseconds."""

SLICE: Final = 0.006
"""Seconds that the window spends on it at a time."""


class StrokePreview(QWidget):
    """Draws only while it is in sight."""

    def __init__(self, tools: ToolState, theme: Theme) -> None:
        super().__init__()
        self._tools = tools
        self._ground, self._ink = theme.colour("field"), theme.colour("text")
        self._image = QImage()
        self._shown: object = None
        self._drawing: Drawing | None = None
        self._stale = True
        self.setFixedHeight(72)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Preview of the brush"))
        self.setToolTip(self.tr("A stroke with this brush, with a pen that is pressed and let go"))
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self.update)
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._go_on)
        tools.brush_changed.connect(self._on_changed)

    @property
    def image(self) -> QImage:
        """The stroke as it was drawn last."""
        return self._image

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(240, 72)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Shows the stroke, and begins to draw it again when the brush is another one."""
        brush, tool = self._tools.brush, self._tools.tool
        self._stale = False
        size, ratio = self.size(), self.devicePixelRatioF()
        wanted = (brush, tool, size.toTuple(), ratio, self._ink.name())
        if wanted != self._shown:
            self._shown = wanted
            self._drawing = draw_stroke(brush, size, ratio, from_qcolor(self._ink), tool)
            self._next.start()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ground)
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.drawImage(0, 0, self._image)
        painter.end()

    @property
    def drawing(self) -> bool:
        """Whether the stroke that is shown is not yet that of the brush in hand."""
        return self._stale or self._drawing is not None

    def _go_on(self) -> None:
        """A slice of the drawing; a stroke of thousands of small dabs takes several."""
        if self._drawing is None:
            return
        image = advance(self._drawing, SLICE)
        if image is None:
            self._next.start()
            return
        self._drawing = None
        self._image = image
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size is another drawing, at once."""
        self.update()

    def _on_changed(self) -> None:
        self._stale = True
        if not self._soon.isActive():
            self._soon.start()
