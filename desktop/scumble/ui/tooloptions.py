"""The controls of the tools' options: one small widget for each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QSignalBlocker
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QDoubleSpinBox, QHBoxLayout, QLabel, QWidget

from scumble.document import MAX_SIDE
from scumble.paint import Shape
from scumble.tools import Combine, Proportion
from scumble.ui.icons import Icons
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.toolstate import MAX_SIZE, MIN_SIZE, ToolState
from scumble.ui.widgets import SliderField, indent, tool_button


class OptionWidget(QWidget):
    """Shows one option and changes it."""

    def __init__(self, tools: ToolState, name: str) -> None:
        super().__init__()
        self.tools = tools
        self.name = name
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 8, 0)
        self.row.setSpacing(8)
        tools.options_changed.connect(self.refresh)

    @property
    def value(self) -> Any:
        """What the option is now."""
        return getattr(self.tools.options, self.name)

    def change(self, value: Any) -> None:
        """Sets the option."""
        self.tools.change_options(**{self.name: value})

    def refresh(self) -> None:
        """Shows what the option is now."""


class Choice(OptionWidget):
    """A row of icons of which one is down, for an option that is an enum."""

    def __init__(self, tools: ToolState, icons: Icons, name: str, faces: tuple[tuple[Enum, str, str], ...]) -> None:
        """`faces` are member, icon and text."""
        super().__init__(tools, name)
        self.row.setSpacing(2)
        self._group = QButtonGroup(self)
        self.buttons = {}
        for member, icon, text in faces:
            button = tool_button(icons.icon(icon), translate(text), checkable=True)
            button.clicked.connect(lambda _checked=False, chosen=member: self.change(chosen))
            self._group.addButton(button)
            self.row.addWidget(button)
            self.buttons[member] = button
        self.refresh()

    def refresh(self) -> None:
        """Presses the right one."""
        with QSignalBlocker(self._group):
            self.buttons[self.value].setChecked(True)


class Menu(OptionWidget):
    """A list to choose from; its entries are values and texts."""

    def __init__(self, tools: ToolState, name: str, text: str, entries: tuple[tuple[Any, str], ...]) -> None:
        super().__init__(tools, name)
        self._values = [value for value, _ in entries]
        self.list = QComboBox()
        self.list.setAccessibleName(translate(text))
        self.list.addItems([translate(entry) for _, entry in entries])
        label = QLabel(translate(text))
        label.setBuddy(self.list)
        self.row.addWidget(label)
        self.row.addWidget(self.list)
        self.list.activated.connect(lambda place: self.change(self._values[place]))
        self.refresh()

    def refresh(self) -> None:
        """Shows the right entry."""
        self.list.setCurrentIndex(self._values.index(self.value))


class Amount(OptionWidget):
    """A slider with its number; shown times `scale`."""

    def __init__(
        self, tools: ToolState, name: str, text: str, low: float, high: float, unit: str, scale: float = 1.0
    ) -> None:
        super().__init__(tools, name)
        self._scale = scale
        self.slider = SliderField(translate(text), low, high, unit=unit, curve=2.0)
        self.slider.slider.setMinimumWidth(48)
        self.slider.setMaximumWidth(170)
        label = QLabel(translate(text))
        label.setBuddy(self.slider)
        self.row.addWidget(label)
        self.row.addWidget(self.slider)
        self.slider.changed.connect(lambda value: self.change(type(self.value)(value / scale)))
        self.refresh()

    def refresh(self) -> None:
        """Moves the slider."""
        self.slider.show_value(self.value * self._scale)


class BrushSize(OptionWidget):
    """The size of the brush that a tool draws with which has none of its own."""

    def __init__(self, tools: ToolState, name: str) -> None:
        super().__init__(tools, name)
        text = translate(QT_TRANSLATE_NOOP("OptionsBar", "Brush size"))
        self.slider = SliderField(text, MIN_SIZE, MAX_SIZE, unit="px", curve=3.0)
        self.slider.slider.setMinimumWidth(48)
        self.slider.setMaximumWidth(190)
        label = QLabel(text)
        label.setBuddy(self.slider)
        self.row.addWidget(label)
        self.row.addWidget(self.slider)
        self.slider.changed.connect(lambda size: tools.change_brush(size=size))
        tools.brush_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Moves the slider."""
        self.slider.show_value(self.tools.brush.size)


class Box(OptionWidget):
    """Whether a box is drawn freely, in a ratio or in a size, and the two numbers of that."""

    def __init__(self, tools: ToolState, name: str) -> None:
        super().__init__(tools, name)
        text = translate(QT_TRANSLATE_NOOP("OptionsBar", "Proportions of the box"))
        self.list = QComboBox()
        self.list.setAccessibleName(text)
        self.list.setToolTip(text)
        for _, entry in PROPORTIONS:
            self.list.addItem(translate(entry))
        self.width_field = self._field(translate(QT_TRANSLATE_NOOP("OptionsBar", "Width")))
        self.height_field = self._field(translate(QT_TRANSLATE_NOOP("OptionsBar", "Height")))
        self._sign = QLabel()
        for widget in (self.list, self.width_field, self._sign, self.height_field):
            self.row.addWidget(widget)
        self.list.activated.connect(lambda place: self.change(PROPORTIONS[place][0]))
        self.refresh()

    def _field(self, text: str) -> QDoubleSpinBox:
        field = QDoubleSpinBox()
        indent(field)
        field.setKeyboardTracking(False)
        field.setFixedWidth(80)
        field.setAccessibleName(text)
        field.setToolTip(text)
        field.valueChanged.connect(lambda _value: self._set_sides())
        return field

    def _set_sides(self) -> None:
        sides = (self.width_field.value(), self.height_field.value())
        self.tools.change_options(**{self.value.value: sides})

    def refresh(self) -> None:
        """Shows what holds, and the numbers that belong to it."""
        self.list.setCurrentIndex([member for member, _ in PROPORTIONS].index(self.value))
        free, size = self.value is Proportion.FREE, self.value is Proportion.SIZE
        sides = self.tools.options.size if size else self.tools.options.ratio
        self._sign.setText("×" if size else ":")
        self._sign.setVisible(not free)
        for field, value in zip((self.width_field, self.height_field), sides, strict=True):
            with QSignalBlocker(field):
                field.setDecimals(0 if size else 2)
                field.setRange(1 if size else 0.01, MAX_SIDE if size else 1000)
                field.setSuffix(translate(QT_TRANSLATE_NOOP("OptionsBar", " px")) if size else "")
                field.setValue(value)
            field.setVisible(not free)


class Switch(OptionWidget):
    """A check box."""

    def __init__(self, tools: ToolState, name: str, text: str) -> None:
        super().__init__(tools, name)
        self.box = QCheckBox(translate(text))
        self.box.toggled.connect(self.change)
        self.row.addWidget(self.box)
        self.refresh()

    def refresh(self) -> None:
        """Ticks it or not."""
        with QSignalBlocker(self.box):
            self.box.setChecked(self.value)


COMBINE: Final = (
    (Combine.REPLACE, "replace-mode", QT_TRANSLATE_NOOP("OptionsBar", "New selection")),
    (Combine.ADD, "add-mode", QT_TRANSLATE_NOOP("OptionsBar", "Add to the selection  (Shift)")),
    (Combine.SUBTRACT, "subtract-mode", QT_TRANSLATE_NOOP("OptionsBar", "Take away from the selection  (Alt)")),
    (Combine.INTERSECT, "intersect-mode", QT_TRANSLATE_NOOP("OptionsBar", "Keep what both have  (Shift+Alt)")),
)

GRADIENTS: Final = (
    (Shape.LINEAR, "gradient-linear", QT_TRANSLATE_NOOP("OptionsBar", "Linear gradient")),
    (Shape.REFLECTED, "gradient-reflected", QT_TRANSLATE_NOOP("OptionsBar", "Reflected gradient: to both sides")),
    (Shape.RADIAL, "gradient-radial", QT_TRANSLATE_NOOP("OptionsBar", "Radial gradient: in circles")),
    (Shape.CONICAL, "gradient-conical", QT_TRANSLATE_NOOP("OptionsBar", "Conical gradient: round the beginning")),
)

AVERAGES: Final = (
    (1, QT_TRANSLATE_NOOP("OptionsBar", "One pixel")),
    (3, QT_TRANSLATE_NOOP("OptionsBar", "3 × 3 pixels")),
    (5, QT_TRANSLATE_NOOP("OptionsBar", "5 × 5 pixels")),
    (11, QT_TRANSLATE_NOOP("OptionsBar", "11 × 11 pixels")),
)

PROPORTIONS: Final = (
    (Proportion.FREE, QT_TRANSLATE_NOOP("OptionsBar", "Any size")),
    (Proportion.RATIO, QT_TRANSLATE_NOOP("OptionsBar", "Fixed ratio")),
    (Proportion.SIZE, QT_TRANSLATE_NOOP("OptionsBar", "Fixed size")),
)

Maker = Callable[[ToolState, Icons, str], OptionWidget]

MAKERS: Final[Mapping[str, Maker]] = {
    "combine": lambda tools, icons, name: Choice(tools, icons, name, COMBINE),
    "feather": lambda tools, _icons, name: Amount(
        tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Feather"), 0, 250, "px"
    ),
    "smooth_edges": lambda tools, _icons, name: Switch(tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Smooth edges")),
    "proportion": lambda tools, _icons, name: Box(tools, name),
    "brush_size": lambda tools, _icons, name: BrushSize(tools, name),
    "tolerance": lambda tools, _icons, name: Amount(
        tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Tolerance"), 0, 100, "%", 100.0
    ),
    "contiguous": lambda tools, _icons, name: Switch(tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Contiguous")),
    "all_layers": lambda tools, _icons, name: Switch(tools, name, QT_TRANSLATE_NOOP("OptionsBar", "All layers")),
    "gap": lambda tools, _icons, name: Amount(tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Close gaps"), 0, 32, "px"),
    "auto_select": lambda tools, _icons, name: Switch(
        tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Take the layer under the pointer")
    ),
    "grow": lambda tools, _icons, name: Amount(tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Grow"), 0, 64, "px"),
    "cover": lambda tools, _icons, name: Amount(
        tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Opacity"), 0, 100, "%", 100.0
    ),
    "strength": lambda tools, _icons, name: Amount(
        tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Strength"), 0, 100, "%", 100.0
    ),
    "gradient": lambda tools, icons, name: Choice(tools, icons, name, GRADIENTS),
    "fade": lambda tools, _icons, name: Switch(tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Fade to nothing")),
    "aligned": lambda tools, _icons, name: Switch(tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Aligned")),
    "filled": lambda tools, _icons, name: Switch(tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Filled")),
    "visible": lambda tools, _icons, name: Switch(tools, name, QT_TRANSLATE_NOOP("OptionsBar", "All layers")),
    "average": lambda tools, _icons, name: Menu(tools, name, QT_TRANSLATE_NOOP("OptionsBar", "Sample"), AVERAGES),
}
"""How the control of each option is made."""


def translate(text: str) -> str:
    """A text of the options bar in the person's language."""
    return QCoreApplication.translate("OptionsBar", text)
