"""Size and background of a new picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from scumble.document import MAX_SIDE
from scumble.ui.widgets import indent

PRESETS: Final = (
    (512, 512),
    (768, 512),
    (1024, 1024),
    (1216, 832),
    (1920, 1080),
    (2048, 2048),
    (3840, 2160),
    (2480, 3508),
    (4096, 4096),
)
TITLES: Final = {(2480, 3508): "A4, 300 dpi", (1920, 1080): "Full HD", (3840, 2160): "4K"}
BACKGROUNDS: Final[tuple[tuple[float, float, float] | None, ...]] = ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), None)


@dataclass(frozen=True, slots=True)
class NewPicture:
    """What was asked for; no background means a transparent one."""

    width: int
    height: int
    background: tuple[float, float, float] | None


class NewPictureDialog(QDialog):
    """`wanted` carries a `NewPicture`."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("New picture"))
        self.preset = QComboBox()
        self.preset.addItem(self.tr("Own size"), None)
        for size in PRESETS:
            name = f"{size[0]} × {size[1]}"
            self.preset.addItem(f"{name}  ({TITLES[size]})" if size in TITLES else name, size)
        self.width_field = self._side(self.tr("Width in pixels"))
        self.height_field = self._side(self.tr("Height in pixels"))
        self.background = QComboBox()
        for title in (self.tr("White"), self.tr("Black"), self.tr("Transparent")):
            self.background.addItem(title)
        sides = QHBoxLayout()
        sides.setSpacing(8)
        sides.addWidget(self.width_field, 1)
        sides.addWidget(QLabel("×"))
        sides.addWidget(self.height_field, 1)
        form = QFormLayout(self)
        form.setContentsMargins(24, 24, 24, 16)
        form.setSpacing(12)
        form.addRow(self.tr("Preset"), self.preset)
        form.addRow(self.tr("Size"), sides)
        form.addRow(self.tr("Background"), self.background)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        create = buttons.addButton(self.tr("Create"), QDialogButtonBox.ButtonRole.AcceptRole)
        create.setDefault(True)
        create.setProperty("primary", True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.preset.activated.connect(self._choose)
        self.accepted.connect(lambda: self.wanted.emit(self.result_value()))
        self.preset.setCurrentIndex(1 + PRESETS.index((1024, 1024)))
        self._choose()
        self.setMinimumWidth(380)

    def result_value(self) -> NewPicture:
        """What the fields say."""
        background = BACKGROUNDS[self.background.currentIndex()]
        return NewPicture(self.width_field.value(), self.height_field.value(), background)

    def _side(self, name: str) -> QSpinBox:
        field = QSpinBox()
        indent(field)
        field.setRange(1, MAX_SIDE)
        field.setSuffix(QCoreApplication.translate("NewPictureDialog", " px"))
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.valueChanged.connect(self._show_preset)
        return field

    def _choose(self) -> None:
        size = self.preset.currentData()
        if size is not None:
            self.width_field.setValue(size[0])
            self.height_field.setValue(size[1])

    def _show_preset(self) -> None:
        size = (self.width_field.value(), self.height_field.value())
        self.preset.setCurrentIndex(1 + PRESETS.index(size) if size in PRESETS else 0)
