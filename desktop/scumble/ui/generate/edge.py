"""Grow and feather: how a generated region meets its surroundings."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSlider, QSpinBox, QWidget

from scumble.api import ParamValue
from scumble.generation import Blend
from scumble.ui.generate.fields import calm
from scumble.ui.widgets import indent

MOST: Final = 256
"""The largest grow or feather, in pixels."""


class AutoPixels(QSpinBox):
    """A length in pixels, or “Auto”."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(-1, MOST)
        self.setSpecialValueText(self.tr("Auto"))
        self.setSuffix(self.tr(" px"))
        self.setValue(-1)
        self.setAccessibleName(title)
        indent(self)
        calm(self)


class EdgeFields:
    """The two controls of a tool's form; “Auto” suits the selection."""

    def __init__(self) -> None:
        self.grow = AutoPixels(QCoreApplication.translate("EdgeSliders", "Grow"))
        self.feather = AutoPixels(QCoreApplication.translate("EdgeSliders", "Feather"))

    def values(self) -> dict[str, ParamValue]:
        """To be remembered."""
        return {"grow": self.grow.value(), "feather": self.feather.value()}

    def set_values(self, values: dict[str, ParamValue]) -> None:
        """As they were remembered."""
        for spin, name in ((self.grow, "grow"), (self.feather, "feather")):
            value = values.get(name, -1)
            spin.setValue(int(value) if isinstance(value, int | float) else -1)


class EdgeSliders(QWidget):
    """The two sliders of a generated layer. `moved` carries a `Blend` while they move; `pressed`, `released` frame a
    drag."""

    moved = Signal(object)
    pressed = Signal()
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnMinimumWidth(0, 92)
        grid.setColumnStretch(1, 1)
        self.grow = self._row(grid, 0, self.tr("Grow"))
        self.feather = self._row(grid, 1, self.tr("Feather"))

    def blend(self) -> Blend:
        """What they show."""
        return Blend(self.grow[0].value(), self.feather[0].value())

    def show_blend(self, blend: Blend) -> None:
        """Shows settings, without a signal."""
        for (slider, spin), value in ((self.grow, blend.grow), (self.feather, blend.feather)):
            with QSignalBlocker(slider), QSignalBlocker(spin):
                slider.setValue(value)
                spin.setValue(value)

    def _row(self, grid: QGridLayout, row: int, title: str) -> tuple[QSlider, QSpinBox]:
        slider, spin = QSlider(Qt.Orientation.Horizontal), QSpinBox()
        indent(spin)
        for control in (slider, spin):
            control.setRange(0, MOST)
            control.setAccessibleName(title)
        spin.setSuffix(self.tr(" px"))
        spin.setKeyboardTracking(False)
        calm(slider)
        calm(spin)
        slider.sliderPressed.connect(self.pressed)
        slider.sliderReleased.connect(self.released)
        slider.valueChanged.connect(lambda value: self._set(spin, value))
        spin.valueChanged.connect(lambda value: self._set(slider, value))
        holder = QHBoxLayout()
        holder.addWidget(slider, 1)
        holder.addWidget(spin)
        grid.addWidget(QLabel(title), row, 0)
        grid.addLayout(holder, row, 1)
        return slider, spin

    def _set(self, other: QSlider | QSpinBox, value: int) -> None:
        with QSignalBlocker(other):
            other.setValue(value)
        self.moved.emit(self.blend())
