"""The brush settings: those of the brush of the tool in use."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRadialGradient
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from scumble.ui.theme import Theme
from scumble.ui.toolstate import MAX_SIZE, MIN_SIZE, ToolState
from scumble.ui.widgets import SliderField


class BrushDock(QWidget):
    """Size, hardness, opacity, flow, spacing, smoothing, and what the pen's pressure changes."""

    def __init__(self, tools: ToolState, theme: Theme) -> None:
        super().__init__()
        self._tools = tools
        self.preview = DabPreview(tools, theme)
        self.sliders = {
            "size": SliderField(self.tr("Size"), MIN_SIZE, MAX_SIZE, unit="px", curve=3.0),
            "hardness": SliderField(self.tr("Hardness"), 0, 100, unit="%"),
            "opacity": SliderField(self.tr("Opacity"), 0, 100, unit="%"),
            "flow": SliderField(self.tr("Flow"), 1, 100, unit="%"),
            "spacing": SliderField(self.tr("Spacing"), 2, 100, unit="%"),
            "smoothing": SliderField(self.tr("Smoothing"), 0, 95, unit="%"),
        }
        self.pressure = {
            "pressure_size": QCheckBox(self.tr("Pressure changes the size")),
            "pressure_opacity": QCheckBox(self.tr("Pressure changes the opacity")),
        }
        form = QFormLayout()
        form.setSpacing(8)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for name, slider in self.sliders.items():
            label = QLabel(slider.slider.accessibleName())
            label.setBuddy(slider)
            form.addRow(label, slider)
            slider.changed.connect(lambda value, field=name: self._change(field, value))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.preview)
        column.addLayout(form)
        for field, box in self.pressure.items():
            column.addWidget(box)
            box.toggled.connect(lambda on, name=field: tools.change_brush(**{name: on}))
        column.addStretch(1)
        tools.brush_changed.connect(self._show)
        self._show()

    def _change(self, field: str, value: float) -> None:
        self._tools.change_brush(**{field: value if field == "size" else value / 100})

    def _show(self) -> None:
        brush = self._tools.brush
        for name, slider in self.sliders.items():
            value = getattr(brush, name)
            slider.show_value(value if name == "size" else value * 100)
        for name, box in self.pressure.items():
            with QSignalBlocker(box):
                box.setChecked(getattr(brush, name))


class DabPreview(QWidget):
    """What one dab looks like, as light on dark."""

    def __init__(self, tools: ToolState, theme: Theme) -> None:
        super().__init__()
        self._tools = tools
        self._ground = theme.colour("field")
        self._paint = theme.colour("text")
        self.setMinimumHeight(64)
        self.setMaximumHeight(96)
        self.setAccessibleName(self.tr("Preview of the brush"))
        tools.brush_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, 72)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws a dab; large ones are shrunk to fit."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ground)
        painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
        brush = self._tools.brush
        radius = min(brush.size / 2, self.height() / 2 - 4)
        centre = QRectF(self.rect()).center()
        paint, clear = QColor(self._paint), QColor(self._paint)
        paint.setAlphaF(brush.opacity)
        clear.setAlphaF(0)
        fade = QRadialGradient(centre, max(radius, 0.5))
        fade.setColorAt(0, paint)
        fade.setColorAt(min(brush.hardness, 0.98), paint)
        fade.setColorAt(1, clear)
        painter.setBrush(fade)
        painter.drawEllipse(centre, radius, radius)
        painter.end()
