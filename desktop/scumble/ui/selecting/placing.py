"""How a picture is read as a mask, where that is not plain: its size is another, or it has light and alpha."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QWidget

from scumble.files import MaskPicture
from scumble.paint.fitting import Fit, Values, fitted
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.selecting.amount import text

FITS: Final = (
    (Fit.STRETCH, QT_TRANSLATE_NOOP("selection", "Stretch it to the canvas")),
    (Fit.INSIDE, QT_TRANSLATE_NOOP("selection", "Scale it to fit, in its proportions")),
    (Fit.CENTRE, QT_TRANSLATE_NOOP("selection", "Put it in the middle, as large as it is")),
    (Fit.CORNER, QT_TRANSLATE_NOOP("selection", "Put it in the upper left corner, as large as it is")),
)

SIZES: Final = QT_TRANSLATE_NOOP("selection", "The picture is {picture} pixels, the canvas {canvas}.")


class PlacingDialog(QDialog):
    """`placed` carries the mask, `(height, width)` uint8 of the canvas."""

    placed = Signal(object)

    def __init__(self, picture: MaskPicture, width: int, height: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = picture
        self._size = width, height
        self.setWindowTitle(text(QT_TRANSLATE_NOOP("selection", "Picture as mask")))
        self.fit = QComboBox()
        for fit, title in FITS:
            self.fit.addItem(text(title), fit)
        self.channel = QComboBox()
        self.channel.addItem(text(QT_TRANSLATE_NOOP("selection", "Light: white is selected")), False)
        self.channel.addItem(text(QT_TRANSLATE_NOOP("selection", "Alpha: opaque is selected")), True)
        form = QFormLayout(self)
        form.setContentsMargins(24, 20, 24, 16)
        form.setSpacing(12)
        if picture.light.shape != (height, width):
            words = text(SIZES)
            about = QLabel(
                words.format(
                    picture=f"{picture.light.shape[1]} × {picture.light.shape[0]}", canvas=f"{width} × {height}"
                )
            )
            about.setTextFormat(Qt.TextFormat.PlainText)
            form.addRow(about)
            form.addRow(text(QT_TRANSLATE_NOOP("selection", "Size")), self.fit)
        if picture.alpha is not None:
            form.addRow(text(QT_TRANSLATE_NOOP("selection", "Taken from")), self.channel)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setProperty("primary", True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.fit.setAccessibleName(text(QT_TRANSLATE_NOOP("selection", "Size")))
        self.channel.setAccessibleName(text(QT_TRANSLATE_NOOP("selection", "Taken from")))
        self.setMinimumWidth(400)
        self.accepted.connect(lambda: self.placed.emit(self.chosen_mask()))
        self.finished.connect(self.deleteLater)

    def chosen_mask(self) -> Values:
        """What the fields say."""
        alpha = self._picture.alpha
        values = alpha if alpha is not None and self.channel.currentData() else self._picture.light
        return fitted(values, *self._size, self.fit.currentData())


def is_plain(picture: MaskPicture, width: int, height: int) -> bool:
    """Whether there is nothing to ask."""
    return picture.alpha is None and picture.light.shape == (height, width)
