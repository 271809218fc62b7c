"""What the dialogs of the Image menu have in common: margins, a line that tells what comes of it, two buttons."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QWidget

from scumble.paint.transform import Resampling
from scumble.ui.dialogs.sides import Sides
from scumble.ui.transformbar import FILTERS
from scumble.ui.transformbar import translate as filter_text

GAP: Final = 12
"""Pixels between the parts of a dialog."""

LABEL: Final = QFormLayout.ItemRole.LabelRole


class FormDialog(QDialog):
    """A form with its buttons; `outcome` is said below the fields."""

    def __init__(self, parent: QWidget, title: str, button: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.form = QFormLayout(self)
        self.form.setContentsMargins(24, 24, 24, 16)
        self.form.setSpacing(GAP)
        self.outcome = QLabel()
        self.outcome.setObjectName("muted")
        self.outcome.setWordWrap(True)
        self.outcome.setMinimumHeight(36)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.do = self.buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.do.setDefault(True)
        self.do.setProperty("primary", True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.setMinimumWidth(420)

    def finish(self) -> None:
        """Puts the outcome and the buttons below the rows that were added, and one column of labels in line."""
        items = [self.form.itemAt(row, LABEL) for row in range(self.form.rowCount())]
        widest = max((item.sizeHint().width() for item in items if item is not None), default=0)
        for sides in self.findChildren(Sides):
            sides.align(widest, GAP)
        self.form.addRow(self.outcome)
        self.form.addRow(self.buttons)


class FilterChoice(QComboBox):
    """How pixels are resampled."""

    def __init__(self) -> None:
        super().__init__()
        for method, text in FILTERS:
            self.addItem(filter_text(text), method)
        self.setCurrentIndex(self.findData(Resampling.BICUBIC))
        self.setAccessibleName(self.tr("How pixels are resampled"))
        self.setToolTip(self.tr("How pixels are resampled"))

    @property
    def method(self) -> Resampling:
        """The one that is chosen."""
        chosen = self.currentData()
        assert isinstance(chosen, Resampling)
        return chosen
