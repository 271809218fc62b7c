"""Another size for the canvas, the picture staying as large as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QGridLayout, QToolButton, QWidget

from scumble.document import MAX_SIDE, Document, Rect
from scumble.paint.reshape import Reshape, crop, resize_canvas
from scumble.ui.dialogs.form import FormDialog
from scumble.ui.dialogs.lengths import told
from scumble.ui.dialogs.sides import Sides
from scumble.ui.icons import Icons

PARTS: Final = (0.0, 0.5, 1.0)

STEPS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class AnchorGrid(QWidget):
    """Nine places of which one is chosen, with arrow keys too. `changed` says that it is another one."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        names = (
            self.tr("Top left"), self.tr("Top"), self.tr("Top right"),
            self.tr("Left"), self.tr("Middle"), self.tr("Right"),
            self.tr("Bottom left"), self.tr("Bottom"), self.tr("Bottom right"),
        )  # fmt: skip
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(3)
        grid.setColumnStretch(3, 1)
        self._group = QButtonGroup(self)
        self.places: list[QToolButton] = []
        for number, name in enumerate(names):
            place = QToolButton()
            place.setObjectName("anchor")
            place.setCheckable(True)
            place.setFixedSize(28, 28)
            place.setAccessibleName(name)
            place.setToolTip(name)
            self._group.addButton(place, number)
            grid.addWidget(place, number // 3, number % 3)
            self.places.append(place)
        self.places[4].setChecked(True)
        self._group.idClicked.connect(self._choose)
        self._choose(4)

    @property
    def anchor(self) -> tuple[float, float]:
        """0, ½ or 1 across and down."""
        row, column = divmod(self._group.checkedId(), 3)
        return PARTS[column], PARTS[row]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from place to place."""
        step = STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        row, column = divmod(self._group.checkedId(), 3)
        column, row = (min(max(place + by, 0), 2) for place, by in zip((column, row), step, strict=True))
        self.places[row * 3 + column].setChecked(True)
        self.places[row * 3 + column].setFocus()
        self._choose(row * 3 + column)

    def _choose(self, number: int) -> None:
        for place, button in enumerate(self.places):
            button.setText("●" if place == number else "")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if place == number else Qt.FocusPolicy.ClickFocus)
        self.changed.emit()


class ResizeCanvasDialog(FormDialog):
    """`wanted` carries a `Reshape`. With `filling` it begins with a larger canvas, whose new part is to be filled."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget, icons: Icons, document: Document, *, filling: bool = False) -> None:
        super().__init__(parent, "", "")
        self.setWindowTitle(self.tr("Expand canvas and fill") if filling else self.tr("Resize canvas"))
        self.do.setText(self.tr("Expand") if filling else self.tr("Resize"))
        self._document = document
        structure = document.structure
        self.sides = Sides(icons, structure.width, structure.height, structure.dpi, linked=False)
        self.grid = AnchorGrid()
        self.cut = QCheckBox(self.tr("&Cut off what lies outside"))
        self.cut.setToolTip(self.tr("Without it, layers keep what is out of sight"))
        self.form.addRow(self.sides)
        self.form.addRow(self.tr("Picture"), self.grid)
        self.fill = QCheckBox(self.tr("&Fill the new area"))
        self.fill.setToolTip(self.tr("Selects what is new, ready to be filled"))
        self.fill.setChecked(filling)
        self.form.addRow("", self.cut)
        self.form.addRow("", self.fill)
        self.finish()
        self.sides.changed.connect(self._tell)
        self.grid.changed.connect(self._tell)
        self.accepted.connect(lambda: self.wanted.emit(self.result_value()))
        if filling:
            self.sides.width_field.setValue(_larger(structure.width))
            self.sides.height_field.setValue(_larger(structure.height))
        self._tell()
        self.sides.width_field.setFocus()
        self.sides.width_field.selectAll()

    def result_value(self) -> Reshape:
        """What the fields say."""
        width, height = self.sides.size_in_pixels
        made = resize_canvas(self._document.structure, width, height, self.grid.anchor)
        place = Rect(-round(made.matrix[0, 2]), -round(made.matrix[1, 2]), width, height)
        return replace(crop(place, keep_outside=not self.cut.isChecked()), select_new=self.fill.isChecked())

    def _tell(self) -> None:
        width, height = self.sides.size_in_pixels
        document = self._document
        more = (width - document.width, height - document.height)
        size = told(width, height, document.structure.dpi, document.format.dtype.itemsize * 4)
        change = self.tr("{across:+d} px across, {down:+d} px down").format(across=more[0], down=more[1])
        self.outcome.setText(f"{size}\n{change}" if any(more) else size)
        self.fill.setEnabled(max(more) > 0)


def _larger(side: int) -> int:
    """By a quarter, at least, to a multiple of 8."""
    return min(-(-side * 5 // 32) * 8, MAX_SIDE)
