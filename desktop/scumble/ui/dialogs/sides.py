"""Two lengths side by side with a unit and a link: width and height, as several dialogs ask for them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QLabel, QWidget

from scumble.document import MAX_SIDE
from scumble.ui.dialogs.lengths import DECIMALS, UNITS, Unit, from_pixels, to_pixels
from scumble.ui.icons import Icons
from scumble.ui.widgets import indent, tool_button


class Sides(QWidget):
    """`changed` says that width or height are others. What they are is held in pixels, whatever unit is shown."""

    changed = Signal()

    def __init__(self, icons: Icons, width: int, height: int, dpi: float, *, linked: bool) -> None:
        super().__init__()
        self._before = (width, height)
        self._dpi = dpi
        self._pixels = [float(width), float(height)]
        self.unit = QComboBox()
        for unit, text in UNITS:
            self.unit.addItem(QCoreApplication.translate("lengths", text), unit)
        self.unit.setAccessibleName(self.tr("Unit"))
        self.unit.setToolTip(self.tr("Unit"))
        self.width_field = self._field(0, self.tr("Width"))
        self.height_field = self._field(1, self.tr("Height"))
        self.link = tool_button(icons.icon("link"), self.tr("Keep the ratio of width and height"), checkable=True)
        self.link.setChecked(linked)
        self._labels: list[QLabel] = []
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(12)
        for row, (text, field) in enumerate(
            ((self.tr("&Width"), self.width_field), (self.tr("&Height"), self.height_field))
        ):
            label = QLabel(text)
            label.setBuddy(field)
            self._labels.append(label)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self.link, 0, 2, 2, 1)
        grid.addWidget(self.unit, 0, 3, 2, 1)
        grid.setColumnStretch(1, 1)
        self.unit.currentIndexChanged.connect(self._show)
        self.link.toggled.connect(lambda on: self._set(0, self._pixels[0]) if on else None)
        self._show()

    @property
    def size_in_pixels(self) -> tuple[int, int]:
        """Width and height, whole pixels within what a canvas can have."""
        width, height = (min(max(round(side), 1), MAX_SIDE) for side in self._pixels)
        return width, height

    def align(self, width: int, gap: int) -> None:
        """Brings the fields in line with those of a form whose labels are so wide, with a gap behind them."""
        widest = max(width, *(label.sizeHint().width() for label in self._labels))
        self._grid.setHorizontalSpacing(gap)
        for label in self._labels:
            label.setFixedWidth(widest)

    def set_dpi(self, dpi: float) -> None:
        """Another resolution: lengths on paper stay as they are shown, the pixels follow; else the pixels stay."""
        unit = self.unit.currentData()
        shown = [
            from_pixels(side, unit, whole, self._dpi) for side, whole in zip(self._pixels, self._before, strict=True)
        ]
        self._dpi = dpi
        if unit not in (Unit.PIXELS, Unit.PERCENT):
            self._pixels = [to_pixels(side, unit, whole, dpi) for side, whole in zip(shown, self._before, strict=True)]
        self._show()
        self.changed.emit()

    def _field(self, axis: int, name: str) -> QDoubleSpinBox:
        field = QDoubleSpinBox()
        indent(field)
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.setMinimumWidth(110)
        field.valueChanged.connect(lambda value: self._on_value(axis, value))
        return field

    def _on_value(self, axis: int, value: float) -> None:
        self._set(axis, to_pixels(value, self.unit.currentData(), self._before[axis], self._dpi))

    def _set(self, axis: int, pixels: float) -> None:
        self._pixels[axis] = pixels
        if self.link.isChecked():
            other = 1 - axis
            self._pixels[other] = pixels * self._before[other] / self._before[axis]
            self._show(but=axis)
        self.changed.emit()

    def _show(self, _index: int = 0, *, but: int | None = None) -> None:
        unit = self.unit.currentData()
        for axis, field in enumerate((self.width_field, self.height_field)):
            if axis == but:
                continue
            with QSignalBlocker(field):
                field.setDecimals(DECIMALS[unit])
                field.setSuffix(f" {unit.value}")
                field.setRange(*(from_pixels(side, unit, self._before[axis], self._dpi) for side in (1, MAX_SIDE)))
                field.setValue(from_pixels(self._pixels[axis], unit, self._before[axis], self._dpi))
