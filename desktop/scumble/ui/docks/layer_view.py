"""The list of layers: a tree without a header, whose rows are chosen together, dragged and renamed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QDropEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QTreeView

from scumble.document import Group, LayerId
from scumble.ui.docks.layer_delegate import Part, part_at
from scumble.ui.docks.layer_model import LayerModel
from scumble.ui.icons import Icons

SPECIAL: Final = {
    Part.THUMBNAIL: Qt.KeyboardModifier.ControlModifier,
    Part.MASK: Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
}
"""The keys with which a press on a part of a row means something else than choosing rows."""


class LayerView(QTreeView):
    """`chosen` carries the ids of the layers that a person has chosen together, and the one to be active.

    `pressed_part` carries a layer's id, the `Part` of its row that was pressed, and the keys that were held.
    """

    chosen = Signal(list, object)
    pressed_part = Signal(object, object, object)

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        self._by_hand = False
        self.setHeaderHidden(True)
        self.setIndentation(16)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_chosen(self, layer_ids: tuple[LayerId, ...], active: LayerId | None) -> None:
        """Shows which layers are chosen; while a person is choosing, it is left to them."""
        model, chosen = self.model(), self.selectionModel()
        if self._by_hand or not isinstance(model, LayerModel):
            return
        wanted = QItemSelection()
        for layer_id in layer_ids:
            index = model.index_of(layer_id)
            wanted.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        if {index.internalId() for index in chosen.selectedIndexes()} != set(layer_ids):
            chosen.select(wanted, flags.ClearAndSelect)
        index = model.index_of(active) if active is not None else QModelIndex()
        if self.currentIndex() != index:
            chosen.setCurrentIndex(index, flags.NoUpdate)
            self.scrollTo(index)

    # Choosing

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on eye or lock works on them alone; any other chooses the row, and tells of the part."""
        index = self.indexAt(event.position().toPoint())
        part = self._part(index, event)
        left = event.button() == Qt.MouseButton.LeftButton
        layer_id = LayerId(int(index.internalId())) if index.isValid() else None
        if left and part in (Part.EYE, Part.LOCK):
            self.pressed_part.emit(layer_id, part, event.modifiers())
            event.accept()
            return
        if left and part in SPECIAL and event.modifiers() & SPECIAL[part]:
            self.pressed_part.emit(layer_id, part, event.modifiers())
            event.accept()
            return
        self._by_hand = True
        super().mousePressEvent(event)
        self._tell()
        if left and part is not None and not event.modifiers():
            self.pressed_part.emit(layer_id, part, event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Twice on the name renames; twice on the eye are two presses."""
        if self._part(self.indexAt(event.position().toPoint()), event) in (Part.EYE, Part.LOCK):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Letting go of one of several chosen rows, without a drag, chooses that one alone."""
        self._by_hand = True
        super().mouseReleaseEvent(event)
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows choose, with Shift several."""
        self._by_hand = True
        super().keyPressEvent(event)
        self._tell()

    def _tell(self) -> None:
        """Says what is chosen now, unless nothing is: then the active layer stays chosen."""
        self._by_hand = False
        model = self.model()
        if not isinstance(model, LayerModel):
            return
        rows = self.selectionModel().selectedIndexes()
        current = self.currentIndex()
        if rows:
            active = current if current in rows else rows[-1]
            self.chosen.emit([model.layer(row).id for row in rows], model.layer(active).id)
        elif current.isValid():
            self.chosen.emit([model.layer(current).id], model.layer(current).id)

    def _part(self, index: QModelIndex, event: QMouseEvent) -> Part | None:
        model = self.model()
        if not index.isValid() or not isinstance(model, LayerModel):
            return None
        return part_at(model.layer(index), self.visualRect(index), event.position().toPoint())

    # Drawing, folding, dropping

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        """A chevron beside a group that holds something."""
        model = self.model()
        if self.selectionModel().isSelected(index):
            painter.fillRect(rect, self.palette().highlight())
        if isinstance(model, LayerModel) and model.rowCount(index):
            box = QRect(0, 0, 16, 16)
            box.moveCenter(QPoint(rect.right() - self.indentation() // 2 + 1, rect.center().y()))
            self._icons.icon("chevron-down" if self.isExpanded(index) else "chevron-right").paint(painter, box)

    def rows(self) -> list[QModelIndex]:
        """Every row, shown or not."""
        model = self.model()
        found: list[QModelIndex] = []
        waiting = [QModelIndex()] if isinstance(model, LayerModel) else []
        while waiting:
            parent = waiting.pop()
            inner = [model.index(row, 0, parent) for row in range(model.rowCount(parent))]
            found += inner
            waiting += inner
        return found

    def folded(self) -> list[LayerId]:
        """The groups whose layers are not shown."""
        model = self.model()
        if not isinstance(model, LayerModel):
            return []
        groups = [(index, model.layer(index)) for index in self.rows()]
        return [
            layer.id
            for index, layer in groups
            if isinstance(layer, Group) and layer.children and not self.isExpanded(index)
        ]

    def show_only(self, layer_ids: set[LayerId] | None) -> None:
        """Hides all rows but these; None shows all."""
        for index in self.rows():
            hidden = layer_ids is not None and LayerId(int(index.internalId())) not in layer_ids
            self.setRowHidden(index.row(), index.parent(), hidden)

    def dropEvent(self, event: QDropEvent) -> None:
        """The document moves the layers; the view must not take rows out by itself."""
        super().dropEvent(event)
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
