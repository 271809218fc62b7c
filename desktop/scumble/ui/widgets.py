"""Small controls that more than one dock uses."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSlider,
    QToolButton,
    QWidget,
)

STEPS = 1000

INDENT = 6
"""Between the edge of a number's field and the number, in device-independent pixels; as in other fields."""


class SliderField(QWidget):
    """A slider with a number beside it. `changed` carries each new value; `dragged` says that a drag of the slider
    has begun (True) or ended (False)."""

    changed = Signal(float)
    dragged = Signal(bool)

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        *,
        unit: str = "",
        decimals: int = 0,
        curve: float = 1.0,
        parent: QWidget | None = None,
    ) -> None:
        """`curve` above 1 gives the low end of the slider more room."""
        super().__init__(parent)
        self._low, self._high, self._curve = low, high, curve
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(name)
        self.field = QDoubleSpinBox()
        self.field.setRange(low, high)
        self.field.setDecimals(decimals)
        self.field.setSuffix(f" {unit}" if unit else "")
        self.field.setAccessibleName(name)
        self.field.setToolTip(name)
        self.field.setKeyboardTracking(False)
        self.field.setProperty("bare", True)
        self.field.setFixedWidth(64)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        indent(self.field)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.slider, 1)
        row.addWidget(self.field)
        self.setFocusProxy(self.field)
        self.slider.valueChanged.connect(self._on_slider)
        self.field.valueChanged.connect(self._on_field)
        self.slider.sliderPressed.connect(lambda: self.dragged.emit(True))
        self.slider.sliderReleased.connect(lambda: self.dragged.emit(False))

    @property
    def value(self) -> float:
        """The value shown."""
        return self.field.value()

    def show_value(self, value: float) -> None:
        """Shows a value without saying that it has changed."""
        with QSignalBlocker(self.field), QSignalBlocker(self.slider):
            self.field.setValue(value)
            self.slider.setValue(self._to_step(value))

    def _on_slider(self, step: int) -> None:
        value = round(self._low + (self._high - self._low) * (step / STEPS) ** self._curve, self.field.decimals())
        with QSignalBlocker(self.field):
            self.field.setValue(value)
        self.changed.emit(value)

    def _on_field(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._to_step(value))
        self.changed.emit(value)

    def _to_step(self, value: float) -> int:
        part = max((value - self._low) / (self._high - self._low), 0.0)
        return round(STEPS * float(part ** (1 / self._curve)))


def indent(field: QAbstractSpinBox) -> None:
    """Keeps a number off the edges of its field: a style sheet's padding does not reach into a spin box."""
    right = field.alignment() & Qt.AlignmentFlag.AlignRight
    field.lineEdit().setTextMargins(0 if right else INDENT, 0, 2 if right else 0, 0)


def scrolled(widget: QWidget) -> QScrollArea:
    """A widget that may be taller than there is room for."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has the focus, and is scrolled to
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area


def tab_stops(widget: QWidget) -> list[QWidget]:
    """What the Tab key stops at inside a widget, itself among it, in the order in which it was put there."""
    within_fields = (QAbstractSpinBox, QComboBox)
    return [
        child
        for child in (widget, *widget.findChildren(QWidget))
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(child.parentWidget(), within_fields)
        and child.window() is widget.window()  # and not in the list that a choice opens
    ]


def tool_button(icon: QIcon, name: str, *, checkable: bool = False) -> QToolButton:
    """A flat button with an icon and a name for tooltip and screen reader."""
    button = QToolButton()
    button.setIcon(icon)
    button.setToolTip(name)
    button.setAccessibleName(name)
    button.setAutoRaise(True)
    button.setCheckable(checkable)
    return button


def action_button(action: QAction) -> QToolButton:
    """A flat button for a command."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setAccessibleName(action.text().replace("&", ""))
    return button


def search_field(placeholder: str, name: str, tip: str, icon: QIcon | None = None) -> QLineEdit:
    """A field that is looked for something with; it can be cleared, and all in it has a name."""
    field = QLineEdit()
    field.setPlaceholderText(placeholder)
    field.setAccessibleName(name)
    field.setToolTip(tip)
    field.setClearButtonEnabled(True)
    if icon is not None:
        field.addAction(icon, QLineEdit.ActionPosition.LeadingPosition)
    # Qt names neither the drawing of a lens nor the button that clears.
    for button in field.findChildren(QToolButton):
        word = name if button.defaultAction() in field.actions() else QCoreApplication.translate("widgets", "Clear")
        button.setAccessibleName(word)
        button.setToolTip(word)
    return field
