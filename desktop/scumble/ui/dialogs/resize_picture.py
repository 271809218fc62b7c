"""Another size for the picture."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QWidget

from scumble.document import Document
from scumble.paint.reshape import Reshape, resize_picture
from scumble.ui.dialogs.form import FilterChoice, FormDialog
from scumble.ui.dialogs.lengths import told
from scumble.ui.dialogs.sides import Sides
from scumble.ui.icons import Icons
from scumble.ui.widgets import indent


class ResizePictureDialog(FormDialog):
    """`wanted` carries a `Reshape`."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget, icons: Icons, document: Document) -> None:
        super().__init__(parent, "", "")
        self.setWindowTitle(self.tr("Resize picture"))
        self.do.setText(self.tr("Resize"))
        self._document = document
        structure = document.structure
        self.sides = Sides(icons, structure.width, structure.height, structure.dpi, linked=True)
        self.dpi = QDoubleSpinBox()
        indent(self.dpi)
        self.dpi.setRange(1, 4800)
        self.dpi.setDecimals(1)
        self.dpi.setSuffix(self.tr(" dpi"))
        self.dpi.setValue(structure.dpi)
        self.dpi.setAccessibleName(self.tr("Resolution"))
        self.dpi.setToolTip(self.tr("Pixels per inch on paper"))
        self.resample = QCheckBox(self.tr("&Change the number of pixels"))
        self.resample.setChecked(True)
        self.resample.setToolTip(self.tr("Without it, only the resolution on paper changes"))
        self.filter = FilterChoice()
        self.form.addRow(self.sides)
        self.form.addRow(self.tr("&Resolution"), self.dpi)
        self.form.addRow("", self.resample)
        self.form.addRow(self.tr("Re&sampling"), self.filter)
        self.finish()
        self.sides.changed.connect(self._tell)
        self.dpi.valueChanged.connect(self.sides.set_dpi)
        self.resample.toggled.connect(self._on_resample)
        self.accepted.connect(lambda: self.wanted.emit(self.result_value()))
        self._tell()
        self.sides.width_field.setFocus()
        self.sides.width_field.selectAll()

    def result_value(self) -> Reshape:
        """What the fields say."""
        return resize_picture(self._document.structure, *self._size, self.filter.method, self.dpi.value())

    @property
    def _size(self) -> tuple[int, int]:
        if not self.resample.isChecked():
            return self._document.width, self._document.height
        return self.sides.size_in_pixels

    def _on_resample(self, on: bool) -> None:
        self.sides.setEnabled(on)
        self.filter.setEnabled(on)
        self._tell()

    def _tell(self) -> None:
        depth = self._document.format.dtype.itemsize * 4
        self.outcome.setText(told(*self._size, self.dpi.value(), depth))
