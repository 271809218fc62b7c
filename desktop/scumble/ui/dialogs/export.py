"""How a picture is exported: what its format lets one choose, and how large the file will be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scumble.files import Choices, Format
from scumble.ui.widgets import SliderField

_SWATCH: Final = 20
_WITHOUT: Final = frozenset(("ORA", "PSD"))


def has_choices(known: Format) -> bool:
    """Whether there is anything to ask about a format."""
    return known.name not in _WITHOUT and (known.name != "BMP" or not known.alpha)


class ExportDialog(QDialog):
    """`chosen` carries the `Choices` when a person exports, `changed` whenever one of them is another."""

    chosen = Signal(object)
    changed = Signal(object)

    def __init__(self, path: Path, known: Format, choices: Choices, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export {name}").format(name=path.name))
        self._format = known
        self._choices = choices
        self._form = QFormLayout(self)
        self._form.setContentsMargins(24, 24, 24, 16)
        self._form.setSpacing(12)
        self.quality = SliderField(self.tr("Quality"), 1, 100)
        self.compression = SliderField(self.tr("Compression"), 0, 9)
        self.lossless = QCheckBox(self.tr("Lossless"))
        self.progressive = QCheckBox(self.tr("Progressive"))
        self.metadata = QCheckBox(self.tr("Keep what the camera noted (EXIF, XMP)"))
        self.recipes = QCheckBox(self.tr("Write the recipes into the picture, prompts included"))
        self.matte = QPushButton()
        self.file_size = QLabel(self.tr("…"))
        self._add_rows()
        self._add_buttons()
        self.setMinimumWidth(420)
        self._show(choices)
        self._listen()

    @property
    def choices(self) -> Choices:
        """What is chosen now."""
        return self._choices

    def show_size(self, size: int) -> None:
        """Shows how large the file will be, in bytes."""
        text = QLocale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)
        self.file_size.setText(self.tr("about {size}").format(size=text))

    def _add_rows(self) -> None:
        name = self._format.name
        if name == "WEBP":
            self._form.addRow("", self.lossless)
        if self._format.quality:
            self._form.addRow(self.tr("Quality"), self.quality)
        if name == "JPEG":
            self._form.addRow("", self.progressive)
        if name == "PNG":
            self.compression.setToolTip(self.tr("0 is the quickest, 9 makes the smallest file; all are lossless"))
            self._form.addRow(self.tr("Compression"), self.compression)
        if not self._format.alpha:
            self.matte.setAccessibleName(self.tr("Colour behind what is transparent"))
            self.matte.setToolTip(self.matte.accessibleName())
            self._form.addRow(self.tr("Background"), self.matte)
        if name != "BMP":
            kept = QVBoxLayout()
            kept.setSpacing(6)
            kept.addWidget(self.metadata)
            kept.addWidget(self.recipes)
            self._form.addRow(self.tr("Metadata"), kept)
        self.file_size.setAccessibleName(self.tr("Size of the file"))
        self._form.addRow(self.tr("File size"), self.file_size)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)

    def _add_buttons(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        export = buttons.addButton(self.tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        export.setDefault(True)
        export.setProperty("primary", True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._form.addRow(buttons)
        self.accepted.connect(lambda: self.chosen.emit(self._choices))

    def _listen(self) -> None:
        self.quality.changed.connect(lambda value: self._choose(quality=round(value)))
        self.compression.changed.connect(lambda value: self._choose(compression=round(value)))
        for name in ("lossless", "progressive", "metadata", "recipes"):
            box: QCheckBox = getattr(self, name)
            box.toggled.connect(lambda on, name=name: self._choose(**{name: on}))
        self.matte.clicked.connect(self._ask_matte)

    def _choose(self, **changes: object) -> None:
        self._choices = replace(self._choices, **changes)  # type: ignore[arg-type]  # each of its own type
        self._show(self._choices)
        self.changed.emit(self._choices)

    def _show(self, choices: Choices) -> None:
        self.quality.show_value(choices.quality)
        self.quality.setEnabled(not (choices.lossless and self._format.name == "WEBP"))
        self.compression.show_value(choices.compression)
        for name in ("lossless", "progressive", "metadata", "recipes"):
            box: QCheckBox = getattr(self, name)
            box.setChecked(getattr(choices, name))
        colour = QColor(*choices.matte)
        swatch = QPixmap(_SWATCH, _SWATCH)
        swatch.fill(colour)
        self.matte.setIcon(QIcon(swatch))
        self.matte.setText(f" {colour.name()}")

    def _ask_matte(self) -> None:
        dialog = QColorDialog(QColor(*self._choices.matte), self)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.colorSelected.connect(lambda colour: self._choose(matte=(colour.red(), colour.green(), colour.blue())))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
