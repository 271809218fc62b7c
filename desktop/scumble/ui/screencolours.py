"""The colours of the screen for what is compared with the picture by eye, but is not on a canvas."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsEffect, QWidget

from scumble.render.profile import Profile


class ScreenColours(QObject):
    """`profile` is the ICC profile of the screen, empty for sRGB; `changed` says that it is another one."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.profile = b""
        self._effects: list[_Shown] = []

    def set(self, profile: bytes) -> None:
        """Shows everything on a screen with this profile from now on."""
        if profile != self.profile:
            self.profile = profile
            for effect in self._effects:
                effect.show_on(profile)
            self.changed.emit()

    def show(self, *widgets: QWidget) -> None:
        """Shows widgets that paint pictures or colours in sRGB as they are on this screen."""
        for widget in widgets:
            effect = _Shown(widget)
            effect.show_on(self.profile)
            widget.setGraphicsEffect(effect)
            self._effects.append(effect)
            effect.destroyed.connect(lambda _gone=None, effect=effect: self._effects.remove(effect))


class _Shown(QGraphicsEffect):
    """Costs nothing while the screen is taken for sRGB."""

    def show_on(self, screen: bytes) -> None:
        """Another profile."""
        self._profile = Profile(b"", screen)
        self.setEnabled(self._profile.converts)
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draws the widget's pixels, converted."""
        corner = QPoint()
        drawn = self.sourcePixmap(Qt.CoordinateSystem.DeviceCoordinates, corner, QGraphicsEffect.PixmapPadMode.NoPad)
        image: QImage = self._profile.shown(drawn.toImage(), QRect(QPoint(), drawn.size()))
        image.setDevicePixelRatio(drawn.devicePixelRatio())
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.drawImage(corner, image)
        painter.restore()
