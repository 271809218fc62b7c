"""The controls of a form: one for each type of parameter in a manifest."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QSlider,
    QToolButton,
    QWidget,
)

from scumble.api import Param, ParamValue
from scumble.plugins import SIZE_STEP
from scumble.plugins.params import MAX_SEED, RANDOM_SEED, bounds
from scumble.ui.colourbutton import ColourButton
from scumble.ui.icons import Icons
from scumble.ui.widgets import indent

SLIDER_STEPS: Final = 1000
"""A slider has at most so many places."""

SPIN_WIDTH: Final = 88
"""Of the numbers beside sliders, so that they stand in a column."""

WIDEST: Final = 1e15
"""Stands for a bound that a manifest does not give."""


class Field(QWidget):
    """One parameter's control. `changed` says that a person, or `set_value`, has changed the value."""

    changed = Signal()

    def __init__(self, param: Param, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.param = param
        self.setToolTip(param.help)
        self.setSizePolicy(self.sizePolicy().horizontalPolicy(), self.sizePolicy().verticalPolicy())

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width, under its title."""
        return False

    def value(self) -> ParamValue:
        """What the control shows, in the parameter's type."""
        raise NotImplementedError

    def set_value(self, value: ParamValue) -> None:
        """Shows another value; one that does not fit is passed over."""
        raise NotImplementedError

    def row(self, *widgets: QWidget) -> QHBoxLayout:
        """Lays widgets out side by side."""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in widgets:
            layout.addWidget(widget)
        return layout


class NumberField(Field):
    """A number: a spin box, with a slider beside it where both bounds are known."""

    def __init__(self, param: Param, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        low, high = bounds(param)
        self.spin = QDoubleSpinBox()
        indent(self.spin)
        self.spin.setRange(max(low, -WIDEST), min(high, WIDEST))
        step = param.step or _step(low, high, whole=param.type != "number")
        self.spin.setSingleStep(step)
        self.spin.setDecimals(0 if param.type != "number" else _decimals(step))
        self.spin.setSuffix(f" {param.unit}" if param.unit else "")
        self.spin.setKeyboardTracking(False)
        self.spin.setAccessibleName(param.title)
        self.spin.setFixedWidth(SPIN_WIDTH)
        self.slider: QSlider | None = None
        if math.isfinite(low) and math.isfinite(high) and param.ui != "spin" and high > low:
            self.slider = QSlider(Qt.Orientation.Horizontal)
            self.slider.setRange(0, min(max(round((high - low) / step), 1), SLIDER_STEPS))
            self.slider.setAccessibleName(param.title)
            self.row(self.slider, self.spin).setStretch(0, 1)
            self.slider.valueChanged.connect(self._slid)
            calm(self.slider)
        else:
            self.row(self.spin).addStretch(1)
        calm(self.spin)
        self.spin.valueChanged.connect(self._spun)
        self.set_value(param.default)
        self._follow()  # a default of 0 is what the number shows already

    def value(self) -> ParamValue:
        """A float, or an int for whole numbers."""
        value = self.spin.value()
        return value if self.param.type == "number" else round(value)

    def set_value(self, value: ParamValue) -> None:
        """Clipped to the bounds."""
        if isinstance(value, int | float):
            self.spin.setValue(float(value))

    def _slid(self, place: int) -> None:
        slider = self.slider
        assert slider is not None
        low, high = self.spin.minimum(), self.spin.maximum()
        raw = low + (high - low) * place / slider.maximum()
        step = self.spin.singleStep()
        self.spin.setValue(low + round((raw - low) / step) * step)

    def _spun(self, _value: float) -> None:
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        """Puts the slider where the number is."""
        if self.slider is not None:
            low, high = self.spin.minimum(), self.spin.maximum()
            with QSignalBlocker(self.slider):
                self.slider.setValue(round((self.spin.value() - low) / (high - low) * self.slider.maximum()))


class SizeField(NumberField):
    """A length in pixels that stays a multiple of 8."""

    def __init__(self, param: Param, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        step = max(round((param.step or SIZE_STEP) / SIZE_STEP), 1) * SIZE_STEP
        self.spin.setSingleStep(step)
        self.spin.setSuffix(self.tr(" px"))
        self.spin.editingFinished.connect(self._snap)

    def value(self) -> ParamValue:
        """An int."""
        return round(self.spin.value() / SIZE_STEP) * SIZE_STEP

    def _snap(self) -> None:
        self.spin.setValue(float(self.value()))


class BooleanField(Field):
    """True or false."""

    def __init__(self, param: Param, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.box = QCheckBox()
        self.box.setAccessibleName(param.title)
        self.row(self.box).addStretch(1)
        self.set_value(param.default)
        self.box.toggled.connect(self.changed)

    def value(self) -> ParamValue:
        """A bool."""
        return self.box.isChecked()

    def set_value(self, value: ParamValue) -> None:
        """Ticks or clears the box."""
        self.box.setChecked(bool(value))


class EnumField(Field):
    """One of the choices."""

    def __init__(self, param: Param, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.combo = QComboBox()
        self._fill()
        self.combo.setAccessibleName(param.title)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(8)
        self.row(self.combo)
        calm(self.combo)
        self.set_value(param.default)
        self.combo.currentIndexChanged.connect(self.changed)

    def _fill(self) -> None:
        for choice, label in self._choices():
            self.combo.addItem(label, choice)

    def _choices(self) -> Iterable[tuple[str, str]]:
        """What there is to choose from, each with what a person reads."""
        return zip(self.param.choices, self.param.labels or self.param.choices, strict=True)

    def value(self) -> ParamValue:
        """The choice."""
        return str(self.combo.currentData())

    def set_value(self, value: ParamValue) -> None:
        """Chooses; nothing happens where there is no such choice."""
        place = self.combo.findData(str(value))
        if place >= 0:
            self.combo.setCurrentIndex(place)


class FileField(EnumField):
    """A file of weights on this machine, or none. What is chosen and not there stays, and says so."""

    _names: Sequence[str] = ()

    def show_files(self, names: Sequence[str]) -> None:
        """The names of the files that there are."""
        self._names, chosen = names, self.value()
        with QSignalBlocker(self.combo):
            self.combo.clear()
            self._fill()
            self.set_value(chosen)

    def _choices(self) -> Iterable[tuple[str, str]]:
        none = self.param.labels[0] if self.param.labels else self.tr("None")
        return ("", none), *((name, name) for name in self._names)

    def set_value(self, value: ParamValue) -> None:
        """Chooses a file by its name."""
        if value and self.combo.findData(value) < 0:
            self.combo.addItem(self.tr("{file} (missing)").format(file=value), value)
        super().set_value(value)


class ColourField(Field):
    """A colour, `#rrggbb`."""

    def __init__(self, param: Param, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.button = ColourButton(str(param.default), param.title)
        self.button.setAccessibleName(param.title)
        self.row(self.button).addStretch(1)
        self.button.chosen.connect(self.changed)

    def value(self) -> ParamValue:
        """The colour."""
        return self.button.colour

    def set_value(self, value: ParamValue) -> None:
        """Shows it; what is no colour is passed over."""
        if QColor.isValidColorName(str(value)) and str(value) != self.button.colour:
            self.button.show_colour(str(value))
            self.changed.emit()


class TextField(Field):
    """A line of text."""

    def __init__(self, param: Param, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.line = QLineEdit()
        self.line.setAccessibleName(param.title)
        self.row(self.line)
        self.set_value(param.default)
        self.line.textChanged.connect(self.changed)

    def value(self) -> ParamValue:
        """The text."""
        return self.line.text()

    def set_value(self, value: ParamValue) -> None:
        """Writes the text."""
        self.line.setText(str(value))


class SeedField(Field):
    """A seed: a new one for each job, or one that is kept."""

    def __init__(self, param: Param, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(param, parent)
        self.spin = QDoubleSpinBox()
        indent(self.spin)
        self.spin.setDecimals(0)
        low, high = bounds(param)
        self.spin.setRange(max(low, 0), min(high, MAX_SEED))
        self.spin.setProperty("bare", True)
        self.spin.setAccessibleName(param.title)
        self.dice = _button(icons, "dice", self.tr("Another seed, and keep it"))
        self.lock = _button(icons, "lock", self.tr("Keep this seed; otherwise each job gets a new one"))
        self.lock.setCheckable(True)
        self.row(self.spin, self.dice, self.lock).setStretch(0, 1)
        calm(self.spin)
        self.set_value(param.default)
        self.spin.valueChanged.connect(self.changed)
        self.spin.lineEdit().textEdited.connect(self._typed)
        self.lock.toggled.connect(self.changed)
        self.dice.clicked.connect(self._roll)

    def value(self) -> ParamValue:
        """The seed, or -1 for a new one."""
        return round(self.spin.value()) if self.lock.isChecked() else RANDOM_SEED

    def set_value(self, value: ParamValue) -> None:
        """Keeps a seed; -1 lets each job have a new one."""
        if not isinstance(value, int | float):
            return
        if value != RANDOM_SEED:
            self.spin.setValue(float(value))
        self.lock.setChecked(value != RANDOM_SEED)

    def show_used(self, seed: int) -> None:
        """Shows the seed that a job got, to be kept with one click."""
        if not self.lock.isChecked():
            with QSignalBlocker(self.spin):
                self.spin.setValue(float(seed))

    def _typed(self) -> None:
        self.lock.setChecked(True)

    def _roll(self) -> None:
        self.spin.setValue(float(secrets.randbelow(2**31)))
        self.lock.setChecked(True)


class _Calm(QObject):
    """Lets the wheel pass to what scrolls, unless the control has the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def calm(widget: QWidget) -> None:
    """Keeps a form from changing under a person who only scrolls it."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_Calm(widget))


def _button(icons: Icons, icon: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icons.icon(icon))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setAutoRaise(True)
    return button


def _step(low: float, high: float, *, whole: bool) -> float:
    """A hundredth of the range, as a round number; 1 for whole numbers."""
    if whole:
        return 1.0
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return 0.1
    return float(10.0 ** math.floor(math.log10((high - low) / 50)))


def _decimals(step: float) -> int:
    return min(max(-math.floor(math.log10(step) + 1e-9), 0), 6) if step < 1 else int(not float(step).is_integer())
