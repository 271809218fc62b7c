"""How a generated region meets its surroundings: the fields of a job's form, and the sliders of a generated layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSlider, QSpinBox, QWidget

from scumble.api import ParamValue
from scumble.generation import Blend
from scumble.ui.generate.fields import SPIN_WIDTH, calm
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.widgets import indent

MOST: Final = 256
"""The largest grow or feather, in pixels."""

AUTO: Final = -1
"""Stands for what suits the selection, or for what the settings say."""


@dataclass(frozen=True, slots=True)
class Control:
    """One setting of a blend: a length in pixels, or a part in percent. `least` is said in place of a 0."""

    name: str
    title: str
    tip: str
    is_length: bool = False
    least: str = ""

    def text(self, words: str) -> str:
        """Words of it in the person's language."""
        return QCoreApplication.translate("EdgeSliders", words) if words else ""


CONTROLS: Final = (
    Control(
        "grow",
        QT_TRANSLATE_NOOP("EdgeSliders", "Grow"),
        QT_TRANSLATE_NOOP("EdgeSliders", "How far beyond the selection the result covers the picture wholly"),
        is_length=True,
    ),
    Control(
        "feather",
        QT_TRANSLATE_NOOP("EdgeSliders", "Feather"),
        QT_TRANSLATE_NOOP("EdgeSliders", "Over how many pixels the result fades outward"),
        is_length=True,
    ),
    Control(
        "fade",
        QT_TRANSLATE_NOOP("EdgeSliders", "Fade"),
        QT_TRANSLATE_NOOP("EdgeSliders", "The shape of the fading: smooth at 0 %, straight at 50 %, hard at 100 %"),
        least=QT_TRANSLATE_NOOP("EdgeSliders", "Smooth"),
    ),
    Control(
        "match",
        QT_TRANSLATE_NOOP("EdgeSliders", "Match colours"),
        QT_TRANSLATE_NOOP("EdgeSliders", "Brings the colours and the contrast of the result to those round it"),
        least=QT_TRANSLATE_NOOP("EdgeSliders", "Off"),
    ),
    Control(
        "seam",
        QT_TRANSLATE_NOOP("EdgeSliders", "Even out seam"),
        QT_TRANSLATE_NOOP("EdgeSliders", "Spreads what difference is left along the edge smoothly over the inside"),
        least=QT_TRANSLATE_NOOP("EdgeSliders", "Off"),
    ),
)


class AutoSpin(QSpinBox):
    """A setting of a blend, or “Auto”."""

    def __init__(self, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(AUTO, MOST if control.is_length else 100)
        self.setSpecialValueText(self.tr("Auto"))
        self.setSuffix(self.tr(" px") if control.is_length else self.tr(" %"))
        self.setValue(AUTO)
        self.setAccessibleName(control.text(control.title))
        self.setToolTip(control.text(control.tip))
        indent(self)
        calm(self)


class EdgeFields:
    """The controls of a tool's form, by name; “Auto” suits the selection, or is as the settings say."""

    def __init__(self) -> None:
        self.spins = {control.name: AutoSpin(control) for control in CONTROLS}
        self.grow, self.feather = self.spins["grow"], self.spins["feather"]

    def values(self) -> dict[str, ParamValue]:
        """To be remembered; what is “Auto” is -1."""
        return {name: spin.value() for name, spin in self.spins.items()}

    def chosen(self) -> dict[str, int]:
        """What a person has chosen, lengths in pixels and parts in percent."""
        return {name: spin.value() for name, spin in self.spins.items() if spin.value() != AUTO}

    def set_values(self, values: dict[str, ParamValue]) -> None:
        """As they were remembered."""
        for name, spin in self.spins.items():
            value = values.get(name, AUTO)
            spin.setValue(int(value) if isinstance(value, int | float) else AUTO)


class EdgeSliders(QWidget):
    """The sliders of a generated layer, and of its opacity. `moved` carries a `Blend` while they move and
    `opacity_moved` a part of 1; `pressed` and `released` frame a drag of any of them."""

    moved = Signal(object)
    opacity_moved = Signal(float)
    pressed = Signal()
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnMinimumWidth(0, 92)
        self._grid.setColumnStretch(1, 1)
        self.rows = {control.name: self._row(control) for control in CONTROLS}
        self.grow, self.feather = self.rows["grow"], self.rows["feather"]
        shown = Control("opacity", self.tr("Opacity"), self.tr("How much of what lies below the layer hides"))
        self.opacity = self._row(shown)
        for control, (slider, _) in ((name, row) for name, row in self.rows.items()):
            slider.setObjectName(control)

    def blend(self) -> Blend:
        """What they show."""
        values = {name: slider.value() for name, (slider, _) in self.rows.items()}
        return Blend.of({control.name: values[control.name] / _unit(control) for control in CONTROLS})

    def show_blend(self, blend: Blend, opacity: float = 1.0) -> None:
        """Shows settings, without a signal."""
        values = {control.name: round(getattr(blend, control.name) * _unit(control)) for control in CONTROLS}
        rows = [(*self.rows[name], value) for name, value in values.items()]
        for slider, spin, value in (*rows, (*self.opacity, round(opacity * 100))):
            with QSignalBlocker(slider), QSignalBlocker(spin):
                slider.setValue(value)
                spin.setValue(value)

    def allow(self, *, mask: bool, pixels: bool) -> None:
        """Which of them can be moved: those that make the mask, those that make the colours."""
        for name, row in self.rows.items():
            for part in row:
                part.setEnabled(pixels if name in ("match", "seam") else mask)

    def _row(self, control: Control) -> tuple[QSlider, QSpinBox]:
        slider, spin = QSlider(Qt.Orientation.Horizontal), QSpinBox()
        title, tip = control.text(control.title), control.text(control.tip)
        for part in (slider, spin):
            part.setRange(0, MOST if control.is_length else 100)
            part.setAccessibleName(title)
            part.setToolTip(tip)
        slider.setPageStep(10)
        spin.setSuffix(self.tr(" px") if control.is_length else self.tr(" %"))
        spin.setSpecialValueText(control.text(control.least))
        spin.setFixedWidth(SPIN_WIDTH)
        spin.setKeyboardTracking(False)
        indent(spin)
        calm(slider)
        calm(spin)
        slider.sliderPressed.connect(self.pressed)
        slider.sliderReleased.connect(self.released)
        slider.valueChanged.connect(lambda value: self._set(control, spin, value))
        spin.valueChanged.connect(lambda value: self._set(control, slider, value))
        label = QLabel(title)
        label.setBuddy(spin)
        label.setToolTip(tip)
        holder = QHBoxLayout()
        holder.addWidget(slider, 1)
        holder.addWidget(spin)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        self._grid.addLayout(holder, row, 1)
        return slider, spin

    def _set(self, control: Control, other: QSlider | QSpinBox, value: int) -> None:
        with QSignalBlocker(other):
            other.setValue(value)
        if control.name == "opacity":
            self.opacity_moved.emit(value / 100)
        else:
            self.moved.emit(self.blend())


def _unit(control: Control) -> int:
    """What a setting is multiplied by to be shown."""
    return 1 if control.is_length else 100
