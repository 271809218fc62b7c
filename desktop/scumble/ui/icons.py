"""The icon family: SVG drawings on a grid of 24, in the theme's colours and sharp on every screen."""

from __future__ import annotations

from importlib import resources
from typing import ClassVar

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from scumble.ui.theme import Theme

SIZE = 20
"""The side at which tool bars and buttons show an icon, in device-independent pixels."""


class Icons:
    """Icons by name: the files `icons/<name>.svg` of the resources, drawn in `currentColor`."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._made: dict[str, QIcon] = {}

    def icon(self, name: str, ink: str = "text") -> QIcon:
        """The icon of that name in a colour of the theme; an empty one when there is no such drawing."""
        key = f"{name} {ink}"
        if key not in self._made:
            source = resources.files("scumble_resources").joinpath("icons", f"{name}.svg")
            made = QIcon(_Engine(source.read_text("utf-8"), self._theme, ink)) if source.is_file() else QIcon()
            self._made[key] = made
        return self._made[key]

    def pixmap(self, name: str, size: int, ratio: float) -> QPixmap:
        """The icon as a picture, for a widget that takes no QIcon."""
        return self.icon(name).pixmap(QSize(size, size), ratio)


class _Engine(QIconEngine):
    """Draws one SVG in the colour of the state that it is asked for."""

    # Qt deletes an engine with the last icon that holds it. Where Python collects icon and engine in one sweep, that
    # ends in a crash; so what Python holds of an engine, a few hundred bytes, is never collected.
    _alive: ClassVar[list[QIconEngine]] = []

    def __init__(self, svg: str, theme: Theme, ink: str) -> None:
        super().__init__()
        self._alive.append(self)
        self._svg = svg
        self._ink = ink
        self._theme = theme

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draws into a rectangle."""
        renderer = QSvgRenderer(
            QByteArray(self._svg.replace("currentColor", self._colour(mode, state).name()).encode())
        )
        renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
        renderer.render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """A picture of `size` screen pixels."""
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        """A copy, as Qt asks for when an icon is changed."""
        return _Engine(self._svg, self._theme, self._ink)

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        if mode == QIcon.Mode.Disabled:
            return self._theme.colour("disabled")
        if state == QIcon.State.On or mode == QIcon.Mode.Selected:
            return self._theme.colour("accent-text")
        return self._theme.colour(self._ink)
