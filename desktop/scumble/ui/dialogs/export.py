"""The quality of an exported picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QWidget

from scumble.ui.widgets import SliderField


class QualityDialog(QDialog):
    """Asked only for formats that have a quality. `chosen` carries it."""

    chosen = Signal(int)

    def __init__(self, path: Path, quality: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export {name}").format(name=path.name))
        self.quality = SliderField(self.tr("Quality"), 1, 100)
        self.quality.show_value(quality)
        form = QFormLayout(self)
        form.setContentsMargins(24, 24, 24, 16)
        form.setSpacing(12)
        form.addRow(self.tr("Quality"), self.quality)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        export = buttons.addButton(self.tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        export.setDefault(True)
        export.setProperty("primary", True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.setMinimumWidth(380)
        self.accepted.connect(lambda: self.chosen.emit(round(self.quality.value)))
