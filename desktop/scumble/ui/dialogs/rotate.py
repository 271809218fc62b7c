"""The picture turned by any angle."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QWidget

from scumble.document import MAX_SIDE, Document
from scumble.paint.reshape import Reshape, rotate
from scumble.ui.dialogs.form import FilterChoice, FormDialog
from scumble.ui.dialogs.lengths import told
from scumble.ui.widgets import indent


class RotateDialog(FormDialog):
    """`wanted` carries a `Reshape`."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget, document: Document) -> None:
        super().__init__(parent, "", "")
        self.setWindowTitle(self.tr("Rotate picture"))
        self.do.setText(self.tr("Rotate"))
        self._document = document
        self.angle = QDoubleSpinBox()
        indent(self.angle)
        self.angle.setRange(-360, 360)
        self.angle.setDecimals(2)
        self.angle.setSuffix("°")
        self.angle.setAccessibleName(self.tr("Angle"))
        self.angle.setToolTip(self.tr("Degrees to the right; below 0 to the left"))
        self.enlarge = QCheckBox(self.tr("&Enlarge the canvas to hold all of it"))
        self.enlarge.setChecked(True)
        self.filter = FilterChoice()
        self.form.addRow(self.tr("&Angle"), self.angle)
        self.form.addRow("", self.enlarge)
        self.form.addRow(self.tr("Re&sampling"), self.filter)
        self.finish()
        self.angle.valueChanged.connect(self._tell)
        self.enlarge.toggled.connect(self._tell)
        self.accepted.connect(lambda: self.wanted.emit(self.result_value()))
        self._tell()
        self.angle.setFocus()
        self.angle.selectAll()

    def result_value(self) -> Reshape:
        """What the fields say."""
        return rotate(
            self._document.structure, self.angle.value(), self.filter.method, enlarge=self.enlarge.isChecked()
        )

    def _tell(self) -> None:
        document = self._document
        try:
            made = self.result_value()
        except ValueError:
            self.do.setEnabled(False)
            self.outcome.setText(self.tr("A canvas has {most} px at most on each side.").format(most=MAX_SIDE))
            return
        self.do.setEnabled(True)
        self.outcome.setText(told(made.width, made.height, document.structure.dpi, document.format.dtype.itemsize * 4))
