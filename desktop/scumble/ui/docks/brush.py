"""The brush settings: those of the brush of the tool in use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from scumble.paint import Brush, Curve
from scumble.ui.brushes.fields import GROUPS, Amount, Group, Response, Switch
from scumble.ui.brushes.preview import StrokePreview
from scumble.ui.brushes.tip import TipEditor
from scumble.ui.curve import CurveEditor
from scumble.ui.icons import Icons
from scumble.ui.notebook import Notebook
from scumble.ui.section import Section
from scumble.ui.theme import Theme
from scumble.ui.toolstate import ToolState
from scumble.ui.widgets import SliderField, scrolled

LABELS = 82
"""The width of the column of labels, in device-independent pixels."""


class BrushDock(QWidget):
    """Sections that fold away, under a stroke with the brush as it is, which stays in sight.

    `usual` gives the brush that a double click on a label goes back to, field by field.
    """

    def __init__(
        self, tools: ToolState, theme: Theme, icons: Icons, notebook: Notebook, usual: Callable[[], Brush] = Brush
    ) -> None:
        super().__init__()
        self._tools = tools
        self._theme = theme
        self._usual = usual
        self.preview = StrokePreview(tools, theme)
        self.sliders: dict[str, SliderField] = {}
        self.boxes: dict[str, QCheckBox] = {}
        self.curves: dict[str, CurveEditor] = {}
        self.labels: dict[str, ResetLabel] = {}
        self.sections: dict[str, Section] = {}
        self._scales: dict[str, float] = {}
        sections = QWidget()
        below = QVBoxLayout(sections)
        below.setContentsMargins(8, 0, 8, 8)
        below.setSpacing(6)
        for group in GROUPS:
            section = Section(
                _text(group.title), self._body(group), icons, shown=notebook.flag(f"brush.{group.id}", True)
            )
            section.toggled.connect(lambda shown, name=group.id: notebook.keep(f"brush.{name}", shown))
            self.sections[group.id] = section
            below.addWidget(section)
        below.addStretch(1)
        above = QVBoxLayout()
        above.setContentsMargins(8, 8, 8, 0)
        above.addWidget(self.preview)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(above)
        self.area = scrolled(sections)
        column.addWidget(self.area, 1)
        tools.brush_changed.connect(self._show)
        self._show()

    def reset(self, field: str) -> None:
        """One field, with its curve, back to what is usual."""
        usual = self._usual()
        changes = {field: getattr(usual, field)}
        if field in self.curves:
            changes[f"{field}_curve"] = getattr(usual, f"{field}_curve")
        self._tools.change_brush(**changes)

    def _body(self, group: Group) -> QWidget:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(4, 0, 0, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, LABELS)
        grid.setColumnStretch(1, 1)
        for row in group.rows:
            if isinstance(row, Amount):
                self._add_amount(grid, row)
            else:
                self._add_switch(grid, row)
        if group.tip:
            line = QHBoxLayout()
            self.tip = TipEditor(self._tools, self._theme)
            line.addStretch(1)
            line.addWidget(self.tip)
            line.addStretch(1)
            grid.addLayout(line, grid.rowCount(), 0, 1, 2)
        return body

    def _add_amount(self, grid: QGridLayout, row: Amount) -> None:
        text, line = _text(row.text), grid.rowCount()
        slider = SliderField(text, row.low, row.high, unit=row.unit, curve=row.curve)
        label = ResetLabel(text)
        label.setBuddy(slider)
        label.reset.connect(lambda: self.reset(row.field))
        slider.changed.connect(lambda value: self._tools.change_brush(**{row.field: value / row.scale}))
        grid.addWidget(label, line, 0)
        grid.addWidget(slider, line, 1)
        self.labels[row.field] = label
        self.sliders[row.field] = slider
        self._scales[row.field] = row.scale

    def _add_switch(self, grid: QGridLayout, row: Switch | Response) -> None:
        box = QCheckBox(_text(row.text))
        if isinstance(row, Switch) and row.tip:
            box.setToolTip(_text(row.tip))
        box.toggled.connect(lambda on: self._tools.change_brush(**{row.field: on}))
        self.boxes[row.field] = box
        grid.addWidget(box, grid.rowCount(), 0, 1, 2)
        if isinstance(row, Response):
            name = self.tr("{what}: by how much").format(what=_text(row.text))
            editor = CurveEditor(self._theme, name)
            editor.changed.connect(lambda points: self._bend(row.field, points))
            self.curves[row.field] = editor
            grid.addWidget(editor, grid.rowCount(), 0, 1, 2)

    def _bend(self, field: str, points: Any) -> None:
        self._tools.change_brush(**{f"{field}_curve": Curve(points)})

    def _show(self) -> None:
        brush = self._tools.brush
        for field, slider in self.sliders.items():
            slider.show_value(getattr(brush, field) * self._scales[field])
        for field, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setChecked(getattr(brush, field))
        for field, editor in self.curves.items():
            editor.setVisible(getattr(brush, field))
            editor.show_points(getattr(brush, f"{field}_curve").points)


class ResetLabel(QLabel):
    """A label whose double click puts its field back."""

    reset = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setToolTip(self.tr("{name}: double-click to reset").format(name=text))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Asks for the reset."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset.emit()


def _text(text: str) -> str:
    return QCoreApplication.translate("brush", text)
