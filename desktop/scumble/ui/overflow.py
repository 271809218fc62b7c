"""A row of controls that holds in any width: what there is no room for waits behind a button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from scumble.ui.icons import Icons
from scumble.ui.widgets import tool_button

SPACING = 4


class ElidedLabel(QLabel):
    """A line of text that takes what room there is; where that is too little, the tooltip has all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As much of the text as fits."""
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if text != self.text() else "")
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class OverflowRow(QWidget):
    """Shows as many widgets as there is room for, the first ones; a button at the end opens a panel with the rest."""

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._widgets: list[QWidget] = []
        self._shown: list[QWidget] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACING)
        self.more = tool_button(icons.icon("more"), self.tr("More options"))
        self.more.clicked.connect(self._open)
        self._row.addWidget(self.more)
        self._row.addStretch(1)
        self.panel = QFrame(self, Qt.WindowType.Popup)
        self.panel.setObjectName("panel")
        self._column = QVBoxLayout(self.panel)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._arrange()

    def show_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Shows these, in this order; others that were shown before are hidden and stay the row's."""
        for widget in self._widgets:
            if widget not in widgets:
                widget.hide()
        self._widgets = list(widgets)
        self.panel.hide()
        self._shown = []
        self._arrange()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for all."""
        return QSize(self._width(self._widgets), max([20, *(widget.sizeHint().height() for widget in self._widgets)]))

    def minimumSizeHint(self) -> QSize:
        """Room for the button."""
        width = self.more.sizeHint().width() if self._widgets else 0
        return QSize(width, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Moves widgets between row and panel."""
        self._arrange()

    def _width(self, widgets: Sequence[QWidget]) -> int:
        return sum(widget.sizeHint().width() + SPACING for widget in widgets)

    def _arrange(self) -> None:
        fits = list(self._widgets)
        if self._width(fits) > self.width():
            room = self.width() - self.more.sizeHint().width()
            while fits and self._width(fits) > room:
                fits.pop()
        if fits == self._shown and all(widget.parent() for widget in self._widgets):
            return
        self._shown = fits
        for place, widget in enumerate(self._widgets):
            if place < len(fits):
                self._row.insertWidget(place, widget)
            else:
                self._column.addWidget(widget)
            widget.show()
        self.more.setVisible(len(fits) < len(self._widgets))

    def _open(self) -> None:
        self.panel.adjustSize()
        corner = self.more.mapToGlobal(QPoint(self.more.width() - self.panel.width(), self.more.height() + 4))
        self.panel.move(corner)
        self.panel.show()
        self.panel.setFocus()
