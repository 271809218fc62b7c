"""A button that shows a colour and asks for another."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QColorDialog, QPushButton

SWATCH = QSize(36, 16)


class ColourButton(QPushButton):
    """`chosen` carries the new colour as `#rrggbb`."""

    chosen = Signal(str)

    def __init__(self, colour: str, title: str) -> None:
        super().__init__()
        self._title = title
        self.setIconSize(SWATCH)
        self.show_colour(colour)
        self.clicked.connect(self._ask)

    @property
    def colour(self) -> str:
        """The colour as `#rrggbb`."""
        return self._colour.name()

    def show_colour(self, colour: str) -> None:
        """Shows a colour without saying that it has changed."""
        self._colour = QColor(colour)
        ratio = self.devicePixelRatio()
        swatch = QPixmap(SWATCH * ratio)
        swatch.setDevicePixelRatio(ratio)
        swatch.fill(self._colour)
        with QPainter(swatch) as painter:
            painter.setPen(QColor(0, 0, 0, 90))
            painter.drawRect(0, 0, SWATCH.width() - 1, SWATCH.height() - 1)
        self.setIcon(QIcon(swatch))
        self.setText(self._colour.name())

    def _ask(self) -> None:
        dialog = QColorDialog(self._colour, self)
        dialog.setWindowTitle(self._title)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.colorSelected.connect(self.take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take(self, colour: QColor) -> None:
        """Takes a colour that was chosen."""
        self.show_colour(colour.name())
        self.chosen.emit(colour.name())
