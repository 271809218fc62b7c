"""Several curves, or levels, in one place: a choice of the channel, and its editor under it."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QStackedWidget, QVBoxLayout, QWidget

from scumble.ui.generate.curvefield import CurveField
from scumble.ui.generate.fields import calm
from scumble.ui.generate.levelsfield import LevelsField

ToneField: TypeAlias = CurveField | LevelsField


class ChannelStack(QWidget):
    """Shows one of its fields. A channel whose values are not the defaults is marked in the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("Channel"))
        self.choice.setToolTip(self.tr("The channel that is edited"))
        calm(self.choice)
        self.pages = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.choice)
        column.addWidget(self.pages)
        self.choice.currentIndexChanged.connect(self.pages.setCurrentIndex)
        self.choice.hide()

    def add(self, title: str, field: ToneField) -> None:
        """One more field."""
        place = self.pages.addWidget(field)
        self.choice.addItem(title)
        self.choice.setVisible(place > 0)
        field.changed.connect(lambda: self._mark(place, title, field))

    def _mark(self, place: int, title: str, field: ToneField) -> None:
        touched = field.value() != field.param.default
        self.choice.setItemText(place, f"{title}  •" if touched else title)
        self.choice.setItemData(place, self.tr("Changed") if touched else "", Qt.ItemDataRole.ToolTipRole)
