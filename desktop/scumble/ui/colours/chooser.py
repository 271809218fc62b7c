"""What the choosers have in common: a shape to drag in, the arrow keys, a mark where the colour is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from scumble.ui.colours.mixer import Mixer
from scumble.ui.theme import Theme

STEP, COARSE = 0.01, 0.1
"""What an arrow key changes, and what it changes with Ctrl."""


class Chooser(QWidget):
    """Arrows change saturation (across) and value (up), with Shift the hue; Ctrl makes bigger steps."""

    def __init__(self, mixer: Mixer, theme: Theme, name: str) -> None:
        super().__init__()
        self.mixer = mixer
        self._focus = theme.colour("accent-strong")
        self._part = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setToolTip(self.tr("{name}: drag, or use the arrow keys, with Shift for the hue").format(name=name))
        mixer.changed.connect(self._on_changed)
        self._on_changed()

    def draw(self, painter: QPainter) -> None:
        """Draws the shape and its marks."""
        raise NotImplementedError

    def part_at(self, point: QPointF) -> str:
        """Which part a press takes hold of; empty for none."""
        raise NotImplementedError

    def take(self, part: str, point: QPointF) -> None:
        """A part is dragged to a point, which may lie outside of it."""
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws, with a frame while the keys go here."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.draw(painter)
        if self.hasFocus():
            painter.setPen(QPen(self._focus, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of a part."""
        self._part = self.part_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else ""
        if self._part:
            self.take(self._part, event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags it."""
        if self._part:
            self.take(self._part, event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go."""
        self._part = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows."""
        across = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        up = {Qt.Key.Key_Down: -1, Qt.Key.Key_Up: 1}.get(Qt.Key(event.key()), 0)
        if not across and not up:
            super().keyPressEvent(event)
            return
        step = COARSE if event.modifiers() & Qt.KeyboardModifier.ControlModifier else STEP
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.mixer.turn((across + up) * step)
        elif across:
            self.mixer.mix(saturation=self.mixer.saturation + across * step)
        else:
            self.mixer.mix(value=self.mixer.value + up * step)

    def _on_changed(self) -> None:
        mixer = self.mixer
        words = self.tr("Hue {hue}°, saturation {saturation} %, value {value} %")
        self.setAccessibleDescription(
            words.format(
                hue=round(mixer.hue * 360), saturation=round(mixer.saturation * 100), value=round(mixer.value * 100)
            )
        )
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()


def draw_mark(painter: QPainter, place: QPointF, radius: float = 5.5) -> None:
    """A ring that stands out from any colour."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 160), 3.5), (QColor("white"), 1.75)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(place, radius, radius)
