"""Small fields of colour in rows, to choose from with mouse and keys."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from scumble.files.palette import Swatch
from scumble.ui.colours.mixer import hex_name, to_qcolor, whole
from scumble.ui.theme import Theme

Index: TypeAlias = QModelIndex | QPersistentModelIndex

LEAST, MOST = 14, 24
"""The side of a field, in device-independent pixels."""


class SwatchModel(QAbstractListModel):
    """The swatches of a view."""

    def __init__(self) -> None:
        super().__init__()
        self._swatches: tuple[Swatch, ...] = ()

    @property
    def swatches(self) -> tuple[Swatch, ...]:
        """What it holds."""
        return self._swatches

    def show(self, swatches: tuple[Swatch, ...]) -> None:
        """Holds other ones."""
        if swatches != self._swatches:
            self.beginResetModel()
            self._swatches = swatches
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # as Qt declares it
        """How many there are."""
        return 0 if parent.isValid() else len(self._swatches)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The colour, and its name with its digits."""
        if not index.isValid() or index.row() >= len(self._swatches):
            return None
        swatch = self._swatches[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return to_qcolor(swatch.colour)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            digits = hex_name(swatch.colour)
            return f"{swatch.name}  {digits}" if swatch.name else digits
        return None


class SwatchView(QListView):
    """`chosen` carries the colour that was clicked, or on which Enter or the space bar was pressed; `removal` the
    number of the swatch on which Delete was pressed; `menu_wanted` a number (-1 for none) and a place on the screen.

    Where they are `movable`, `moved` carries the number of one that was dragged, or pushed with Ctrl and an arrow, and
    the number of the one that it is to stand before (how many there are for the end).
    """

    chosen = Signal(tuple)
    removal = Signal(int)
    moved = Signal(int, int)
    menu_wanted = Signal(int, QPoint)

    def __init__(self, theme: Theme, name: str, empty: str, columns: int = 12) -> None:
        """`empty` is shown while there are no swatches; `columns` is how many stand in a row where there is room."""
        super().__init__()
        self._muted = theme.colour("muted")
        self._empty = empty
        self.columns = columns
        self.movable = False
        self._held: tuple[int, QPoint] | None = None
        self._gap = -1
        self._line = theme.colour("accent-strong")
        self.swatches = SwatchModel()
        self.setModel(self.swatches)
        self.setItemDelegate(_Delegate(theme, self))
        self.setObjectName("swatches")
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.customContextMenuRequested.connect(self._ask_menu)
        self.arrange()

    def show_swatches(self, swatches: tuple[Swatch, ...], columns: int = 0) -> None:
        """Shows these; the place of the keys stays where it was, as far as it can."""
        self.columns = columns or self.columns
        row = self.currentIndex().row()
        self.swatches.show(swatches)
        if row >= 0 and swatches:
            index = self.swatches.index(min(row, len(swatches) - 1))
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.arrange()

    def arrange(self) -> None:
        """Fits the fields to the width."""
        room = self.width() - 2
        if self.verticalScrollBar().isVisible():
            room -= self.verticalScrollBar().width()
        side = min(max(room // max(self.columns, 1), LEAST), MOST)
        self.setGridSize(QSize(side, side))
        # A list wraps only at its edge: what is left over is kept from it.
        self.setViewportMargins(0, 0, max(room - self.columns * side, 0), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fits them again."""
        super().resizeEvent(event)
        self.arrange()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes the colour that is pressed."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self._held = index.row(), event.position().toPoint()
            self.chosen.emit(self.swatches.swatches[index.row()].colour)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Shows where the one that is held would go."""
        super().mouseMoveEvent(event)
        if self._held is None or not self.movable:
            return
        place = event.position().toPoint()
        far = (place - self._held[1]).manhattanLength() >= QApplication.startDragDistance()
        if far or self._gap >= 0:
            self._show_gap(self._gap_at(place))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Puts it there."""
        super().mouseReleaseEvent(event)
        held, gap = self._held, self._gap
        self._held = None
        self._show_gap(-1)
        if held is not None and gap >= 0:
            self._move(held[0], gap)

    def _gap_at(self, place: QPoint) -> int:
        """The number of the swatch before which something that is let go here goes."""
        index = self.indexAt(place)
        if index.isValid():
            return index.row() + (place.x() > self.visualRect(index).center().x())
        return 0 if place.y() < 0 else len(self.swatches.swatches)

    def _show_gap(self, gap: int) -> None:
        if gap != self._gap:
            self._gap = gap
            self.viewport().update()

    def _move(self, row: int, gap: int) -> None:
        if gap not in (row, row + 1):
            self.moved.emit(row, gap)
            place = self.swatches.index(gap - (gap > row))
            self.selectionModel().setCurrentIndex(place, QItemSelectionModel.SelectionFlag.NoUpdate)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes a colour, Delete asks to remove it, the arrows walk, and with Ctrl they push; Escape lets go."""
        row = self.currentIndex().row()
        push = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 2}.get(Qt.Key(event.key()), 0)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and row >= 0:
            self.chosen.emit(self.swatches.swatches[row].colour)
        elif event.key() == Qt.Key.Key_Delete and row >= 0:
            self.removal.emit(row)
        elif event.key() == Qt.Key.Key_Escape and self._gap >= 0:
            self._held = None
            self._show_gap(-1)
        elif push and row >= 0 and self.movable and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if 0 <= row + push <= len(self.swatches.swatches):
                self._move(row, row + push)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Says what is missing where there is nothing; a line where the one that is dragged would go."""
        super().paintEvent(event)
        if self._gap >= 0:
            self._paint_gap()
        if self.swatches.swatches or not self._empty:
            return
        painter = QPainter(self.viewport())
        painter.setPen(self._muted)
        painter.drawText(
            self.viewport().rect().adjusted(4, 2, -4, -2),
            Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
            self._empty,
        )
        painter.end()

    def _paint_gap(self) -> None:
        last = self._gap == len(self.swatches.swatches)
        field = self.visualRect(self.swatches.index(self._gap - last))
        left = field.x() + (field.width() - 1 if last else -1)
        with QPainter(self.viewport()) as painter:
            painter.fillRect(left, field.y(), 2, field.height(), self._line)

    def _ask_menu(self, point: QPoint) -> None:
        index = self.indexAt(point)
        self.menu_wanted.emit(index.row() if index.isValid() else -1, self.viewport().mapToGlobal(point))


class _Delegate(QStyledItemDelegate):
    """A rounded field, with a ring where the keys are or the pointer is."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._view = view
        self._line, self._focus = theme.colour("border"), theme.colour("accent-strong")
        self._text = theme.colour("text")

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The grid decides."""
        return self._view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws one."""
        colour = index.data(Qt.ItemDataRole.DecorationRole)
        if not isinstance(colour, QColor):
            return
        rect, state = option.rect, option.state
        field = QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(colour)
        ring = self._line
        if self._view.hasFocus() and index == self._view.currentIndex():
            ring = self._focus
        elif state & QStyle.StateFlag.State_MouseOver:
            ring = self._text
        painter.setPen(QPen(ring, 1 if ring == self._line else 2))
        painter.drawRoundedRect(field, 2.5, 2.5)
        painter.restore()


def contains(swatches: tuple[Swatch, ...], swatch: Swatch) -> bool:
    """Whether a colour is among them, in whole steps of 8 bits."""
    return any(whole(known.colour) == whole(swatch.colour) for known in swatches)
