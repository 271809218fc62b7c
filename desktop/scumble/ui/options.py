"""The bar above the canvas: what the tool in hand can be told."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolBar, QWidget

from scumble.ui.icons import Icons
from scumble.ui.overflow import ElidedLabel, OverflowRow
from scumble.ui.toolbox import FACES
from scumble.ui.tooloptions import MAKERS, OptionWidget, translate
from scumble.ui.toolstate import MAX_SIZE, MIN_SIZE, ToolState
from scumble.ui.widgets import SliderField, tool_button

HEIGHT = 40
ORDER = ("size", "opacity", "hardness", "flow")
"""Which sliders stay when there is not room for all: the first ones."""

FIRST, EACH = 300, 165
"""Pixels that the bar needs without sliders, and for each of them."""


class OptionsBar(QToolBar):
    """Follows the tool: brush sliders for what paints, add or subtract for masks, its options, a hint."""

    def __init__(self, tools: ToolState, icons: Icons) -> None:
        super().__init__()
        self._tools = tools
        self._icons = icons
        self.setObjectName("options")
        self.setWindowTitle(self.tr("Tool options"))
        self.setMovable(False)
        self.setFloatable(False)
        self._name = QLabel()
        self._name.setObjectName("heading")
        self._name.setMinimumWidth(112)
        self.add = tool_button(icons.icon("add-mode"), self.tr("Add to the selection  (X)"), checkable=True)
        self.subtract = tool_button(
            icons.icon("subtract-mode"), self.tr("Take away from the selection  (X, or hold Alt)"), checkable=True
        )
        self._modes = self._mode_buttons()
        self.sliders = {
            "size": SliderField(self.tr("Size"), MIN_SIZE, MAX_SIZE, unit="px", curve=3.0),
            "hardness": SliderField(self.tr("Hardness"), 0, 100, unit="%"),
            "opacity": SliderField(self.tr("Opacity"), 0, 100, unit="%"),
            "flow": SliderField(self.tr("Flow"), 1, 100, unit="%"),
        }
        self._hint = ElidedLabel()
        self._hint.setObjectName("muted")
        inner = QWidget()
        inner.setFixedHeight(HEIGHT)
        line = QHBoxLayout(inner)
        self._line = line
        self._panels: dict[str, QWidget] = {}
        line.setContentsMargins(16, 4, 8, 4)
        line.setSpacing(8)
        line.addWidget(self._name)
        line.addWidget(self._modes)
        self._labels: dict[str, QLabel] = {}
        self._add_sliders()
        self.row = OverflowRow(icons)
        self.controls: dict[str, OptionWidget] = {}
        line.addWidget(self.row)
        line.addWidget(self._hint, 1000)
        line.addStretch(1)
        inner.setMinimumWidth(1)
        self.addWidget(inner)
        tools.tool_changed.connect(self._on_tool)
        tools.brush_changed.connect(self._show_brush)
        tools.mode_changed.connect(self._show_mode)
        self._on_tool(tools.tool)
        self._show_mode(tools.add)

    def _mode_buttons(self) -> QWidget:
        """Whether the mask brush adds or takes away."""
        modes = QWidget()
        row = QHBoxLayout(modes)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(2)
        group = QButtonGroup(self)
        for button, add in ((self.add, True), (self.subtract, False)):
            group.addButton(button)
            row.addWidget(button)
            button.clicked.connect(lambda _checked=False, value=add: self._tools.set_add(value))
        return modes

    def _add_sliders(self) -> None:
        """Those of the brush, each with its label."""
        for name, slider in self.sliders.items():
            label = QLabel(slider.slider.accessibleName())
            label.setBuddy(slider)
            self._labels[name] = label
            slider.setMaximumWidth(190)
            slider.slider.setMinimumWidth(24)
            self._line.addWidget(label)
            self._line.addWidget(slider, 2)
            self._line.addSpacing(8)
            slider.changed.connect(lambda value, field=name: self._change(field, value))

    def add_panel(self, tool: str, panel: QWidget) -> None:
        """Shows a widget in the place of everything else while a tool is in hand."""
        self._panels[tool] = panel
        self._line.insertWidget(1, panel, 1)
        panel.hide()

    def _change(self, field: str, value: float) -> None:
        self._tools.change_brush(**{field: value if field == "size" else value / 100})

    def _on_tool(self, tool: str) -> None:
        face = FACES[tool]
        self._name.setText(QCoreApplication.translate("commands", face.text))
        self._modes.setVisible(tool == "mask")
        self._show_sliders()
        self._show_options(face.options)
        for name, panel in self._panels.items():
            panel.setVisible(name == tool)
        self._hint.setText(translate(face.hint) if face.hint else "")
        self._hint.setVisible(bool(face.hint))
        self._show_brush()

    def _show_options(self, names: tuple[str, ...]) -> None:
        """The controls of the tool's options; each is made when it is first needed."""
        for name in names:
            if name not in self.controls:
                control = MAKERS[name](self._tools, self._icons, name)
                self.controls[name] = control
        self.row.setVisible(bool(names))
        self.row.show_widgets([self.controls[name] for name in names])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shows as many sliders as there is room for; the brush dock has them all."""
        super().resizeEvent(event)
        self._show_sliders()

    def _show_sliders(self) -> None:
        room = max(1, (self.width() - FIRST) // EACH) if self._tools.has_brush else 0
        for name in self.sliders:
            shown = ORDER.index(name) < room
            self.sliders[name].setVisible(shown)
            self._labels[name].setVisible(shown)

    def _show_brush(self) -> None:
        brush = self._tools.brush
        for name, slider in self.sliders.items():
            value = getattr(brush, name)
            slider.show_value(value if name == "size" else value * 100)

    def _show_mode(self, add: bool) -> None:
        for button, on in ((self.add, add), (self.subtract, not add)):
            with QSignalBlocker(button):
                button.setChecked(on)
