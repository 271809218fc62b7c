"""The layer tree as a Qt model: the topmost layer first, as painters see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal

from scumble.api import ScumbleError
from scumble.document import Group, Layer, LayerId, walk
from scumble.document.arranging import move_layers
from scumble.document.edits import set_layer
from scumble.ui.session import DocumentSession

MIME = "application/x-scumble-layer"
Index = QModelIndex | QPersistentModelIndex


class LayerModel(QAbstractItemModel):
    """Rows are layers; an index holds the layer's id. Names are edited in place; rows are dragged, also into groups."""

    refused = Signal(object)

    def __init__(self, session: DocumentSession) -> None:
        super().__init__(session)
        self._session = session
        self._layers: dict[int, Layer] = {}
        self._place: dict[int, tuple[int, int]] = {}
        self._children: dict[int, list[int]] = {}
        self._read()

    def layer(self, index: Index) -> Layer:
        """The layer of a row. KeyError for an index that is not valid."""
        return self._layers[int(index.internalId())]

    def index_of(self, layer_id: LayerId | int) -> QModelIndex:
        """The row of a layer; an invalid index when it has gone."""
        if layer_id not in self._place:
            return QModelIndex()
        return self.createIndex(self._place[layer_id][1], 0, layer_id)

    def update(self) -> bool:
        """Reads the tree again: names and flags in place, another shape as a reset. Whether it was one."""
        before = self._layers
        if _shape(self._session.document.layers) != self._children:
            self.beginResetModel()
            self._read()
            self.endResetModel()
            return True
        self._read()
        for layer_id, layer in self._layers.items():
            if layer is not before[layer_id]:
                self.touch(LayerId(layer_id))
        return False

    def touch(self, layer_id: LayerId) -> None:
        """A row looks different, such as by its thumbnail."""
        index = self.index_of(layer_id)
        self.dataChanged.emit(index, index)

    def _read(self) -> None:
        layers = self._session.document.layers
        self._layers = {layer.id: layer for layer in walk(layers)}
        self._children = _shape(layers)
        self._place = {
            child: (parent, row) for parent, children in self._children.items() for row, child in enumerate(children)
        }

    # The interface of Qt

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """The index of a row."""
        children = self._children.get(self._id(parent), [])
        return self.createIndex(row, column, children[row]) if 0 <= row < len(children) else QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        """The index of the group round a layer."""
        if not index.isValid():
            return QModelIndex()
        place = self._place.get(int(index.internalId()))
        return self.index_of(place[0]) if place is not None and place[0] else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many layers a group has."""
        return len(self._children.get(self._id(parent), []))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """One."""
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name, also for screen readers; all else is drawn by the delegate."""
        if not index.isValid():
            return None
        layer = self.layer(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return layer.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            kind = self.tr("Group") if isinstance(layer, Group) else self.tr("Layer")
            states = (
                (not layer.visible, self.tr("hidden")),
                (layer.locked, self.tr("locked")),
                (layer.clip, self.tr("clipped to the layer below")),
                (layer.mask is not None and not layer.mask_enabled, self.tr("mask switched off")),
            )
            return ", ".join([f"{kind} {layer.name}", *(words for holds, words in states if holds)])
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Renames a layer."""
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or not name:
            return False
        layer_id = self.layer(index).id
        self._session.settle_then(lambda: self._rename(layer_id, name))
        return True

    def _rename(self, layer_id: LayerId, name: str) -> None:
        if layer_id in self._layers:
            set_layer(self._session.document, layer_id, self.tr("Rename layer"), name=name)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Everything can be dragged; only groups, and the root, take drops."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemIsDragEnabled
        )
        return flags | Qt.ItemFlag.ItemIsDropEnabled if isinstance(self.layer(index), Group) else flags

    def supportedDropActions(self) -> Qt.DropAction:
        """Layers are moved, never copied, by a drag."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """What a drag carries."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The ids of the dragged layers."""
        data = QMimeData()
        if indexes:
            data.setData(MIME, " ".join(str(self.layer(index).id) for index in indexes).encode())
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Moves the dragged layers. Always False, because the model has then been reset from the document."""
        if data.hasFormat(MIME):
            self.move([LayerId(int(word)) for word in bytes(data.data(MIME).data()).split()], parent, row)
        return False

    def move(self, layer_ids: Sequence[LayerId], parent: Index, row: int) -> None:
        """Puts layers before `row` of a group (of the root for an invalid index), counted from the top; -1: on top."""
        moving = [layer_id for layer_id in layer_ids if layer_id in self._layers]
        siblings = self._children.get(self._id(parent), [])
        above = [layer_id for layer_id in siblings[: max(row, 0)] if layer_id not in moving]
        index = len([layer_id for layer_id in siblings if layer_id not in moving]) - len(above)
        if moving:
            group = LayerId(self._id(parent)) if parent.isValid() else None
            self._session.settle_then(lambda: self._move(moving, group, index))

    def _move(self, moving: Sequence[LayerId], group: LayerId | None, index: int) -> None:
        try:
            move_layers(self._session.document, moving, parent=group, index=index, step=self.tr("Move layer"))
        except ValueError:
            self.refused.emit(ScumbleError("layer-into-itself", layer=self._layers[moving[0]].name))

    @staticmethod
    def _id(index: Index) -> int:
        return int(index.internalId()) if index.isValid() else 0


def _shape(layers: tuple[Layer, ...]) -> dict[int, list[int]]:
    """The ids of the children of every group, and of the root under 0, the topmost first."""
    shape: dict[int, list[int]] = {0: [layer.id for layer in reversed(layers)]}
    for layer in walk(layers):
        if isinstance(layer, Group):
            shape[layer.id] = [child.id for child in reversed(layer.children)]
    return shape
