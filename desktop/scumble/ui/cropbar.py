"""What the options bar shows while the crop tool is in hand."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from scumble.document import MAX_SIDE
from scumble.paint.expanding import grows
from scumble.tools.cropping import RATIOS
from scumble.ui.crop import CropMode, CropSettings
from scumble.ui.icons import Icons
from scumble.ui.widgets import indent, tool_button


class CropBar(QWidget):
    """Follows the mode that is given to `follow`."""

    def __init__(self, icons: Icons, settings: CropSettings) -> None:
        super().__init__()
        self._settings = settings
        self._mode: CropMode | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.ratio = QComboBox()
        self.ratio.addItem(self.tr("Any ratio"), None)
        self.ratio.addItem(self.tr("As it is"), "original")
        for width, height in RATIOS:
            self.ratio.addItem(f"{width} : {height}", width / height)
            if width != height:
                self.ratio.addItem(f"{height} : {width}", height / width)
        self.ratio.setAccessibleName(self.tr("Ratio of width and height"))
        self.ratio.setToolTip(self.tr("Ratio of width and height"))
        self.ratio.activated.connect(self._on_ratio)
        self.width_field = self._field(self.tr("Width in pixels"))
        self.height_field = self._field(self.tr("Height in pixels"))
        self.cut = QCheckBox(self.tr("Cut off what lies outside"))
        self.cut.setChecked(settings.cut)
        self.cut.setToolTip(self.tr("Without it, layers keep what is out of sight"))
        self.cut.toggled.connect(self._on_cut)
        self.fill = QCheckBox(self.tr("Fill the new area"))
        self.fill.setChecked(settings.fill)
        self.fill.setToolTip(self.tr("Selects what the frame adds to the picture, ready to be filled"))
        self.fill.toggled.connect(self._on_fill)
        for box in (self.cut, self.fill):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the frame, where Enter crops
        self.cancel = tool_button(icons.icon("close"), self.tr("Give up  (Escape)"))
        self.apply = tool_button(icons.icon("apply"), self.tr("Crop  (Enter)"))
        self.cancel.clicked.connect(lambda: self._mode.give_up() if self._mode is not None else None)
        self.apply.clicked.connect(lambda: self._mode.apply() if self._mode is not None else None)
        row.addWidget(self.ratio)
        row.addWidget(self.width_field)
        row.addWidget(QLabel("×"))
        row.addWidget(self.height_field)
        row.addWidget(self.cut)
        row.addWidget(self.fill)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.apply)

    def follow(self, mode: CropMode) -> None:
        """Shows a frame, and works on it until it has ended."""
        self._mode = mode
        mode.changed.connect(self._show)
        mode.ended.connect(self._let_go)
        self.ratio.setCurrentIndex(0)
        self._show()

    def _field(self, name: str) -> QSpinBox:
        field = QSpinBox()
        indent(field)
        field.setRange(1, MAX_SIDE)
        field.setSuffix(self.tr(" px"))
        field.setKeyboardTracking(False)
        field.setFixedWidth(96)
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.valueChanged.connect(self._on_size)
        return field

    def _on_ratio(self) -> None:
        if self._mode is not None:
            chosen = self.ratio.currentData()
            canvas = self._mode.frame.canvas
            ratio = canvas.width / canvas.height if chosen == "original" else chosen
            self._mode.change(self._mode.frame.with_ratio(ratio))
            self._mode.canvas.setFocus()

    def _on_size(self) -> None:
        if self._mode is not None:
            width, height, frame = self.width_field.value(), self.height_field.value(), self._mode.frame
            if frame.ratio is not None and width != frame.rect.width:
                height = round(width / frame.ratio)
            elif frame.ratio is not None:
                width = round(height * frame.ratio)
            self._mode.change(frame.with_size(width, height))

    def _on_cut(self, cut: bool) -> None:
        self._settings.cut = cut

    def _on_fill(self, fill: bool) -> None:
        self._settings.fill = fill

    def _show(self) -> None:
        if self._mode is not None:
            rect = self._mode.frame.rect
            self.fill.setEnabled(grows(self._mode.frame.canvas, rect))
            for field, value in ((self.width_field, rect.width), (self.height_field, rect.height)):
                with QSignalBlocker(field):
                    field.setValue(value)

    def _let_go(self) -> None:
        self._mode = None
