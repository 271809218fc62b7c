"""The layers dock."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QDropEvent, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHBoxLayout, QMenu, QTreeView, QVBoxLayout, QWidget

from scumble.document import BlendMode, ChangeSet, Group, Layer, LayerId, PaintLayer, Transaction, find, walk
from scumble.document.edits import set_layer
from scumble.document.layers import update
from scumble.ui.docks.layer_delegate import THUMB, LayerDelegate, Part, mode_title
from scumble.ui.docks.layer_model import LayerModel
from scumble.ui.docks.thumbnails import Thumbnails
from scumble.ui.icons import Icons
from scumble.ui.session import DocumentSession, Target
from scumble.ui.widgets import SliderField, action_button
from scumble.ui.window import MainWindow

DELAY = 200
"""Milliseconds after the last change until thumbnails are made again."""

BUTTONS = ("layer.add", "layer.group", "layer.duplicate", "layer.mask", "layer.up", "layer.down", "layer.delete")

MENU = (
    "layer.add",
    "layer.group",
    "layer.duplicate",
    "layer.delete",
    "",
    "layer.merge",
    "layer.flatten",
    "",
    "layer.mask",
    "layer.mask-switch",
)
"""What a right click on a layer offers; an empty one is a line."""


class LayersDock(QWidget):
    """The tree, mode and opacity of the active layer, and buttons for the commands on layers."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._session: DocumentSession | None = None
        self._model: LayerModel | None = None
        self._drag: Transaction | None = None
        self.mode = QComboBox()
        self.mode.setAccessibleName(self.tr("Blend mode"))
        self.mode.setToolTip(self.tr("Blend mode"))
        for mode in BlendMode:
            self.mode.addItem(mode_title(mode), mode)
        self.mode.activated.connect(self._choose_mode)
        self.opacity = SliderField(self.tr("Opacity"), 0, 100, unit="%")
        self.opacity.changed.connect(self._change_opacity)
        self.opacity.dragged.connect(self._drag_opacity)
        self.view = LayerView(window.icons)
        self._delegate = LayerDelegate(window.theme, window.icons, self.view)
        self._delegate.pressed.connect(self._press)
        palette = self.view.palette()
        palette.setColor(QPalette.ColorRole.Highlight, window.theme.colour("selected"))
        self.view.setPalette(palette)
        self.view.setItemDelegate(self._delegate)
        self.view.setAccessibleName(self.tr("Layers"))
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(
            lambda place: self.make_menu().popup(self.view.viewport().mapToGlobal(place))
        )
        self._thumbnail_timer = QTimer(self, singleShot=True, interval=DELAY)
        self._thumbnail_timer.timeout.connect(self._refresh_thumbnails)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for name in BUTTONS:
            if name == BUTTONS[-1]:
                buttons.addStretch(1)
            buttons.addWidget(action_button(window.commands.action(name)))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        self.setMinimumWidth(248)
        column.addWidget(self.mode)
        column.addWidget(self.opacity)
        column.addWidget(self.view, 1)
        column.addLayout(buttons)
        window.session_changed.connect(self.follow)
        self.follow(window.session)

    def follow(self, session: DocumentSession | None) -> None:
        """Shows another document."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_changed)
            self._session.target_changed.disconnect(self._on_target)
        old = self._model
        self._session = session
        self._delegate.session = session
        self._delegate.thumbnails = None
        self._model = None
        if session is not None:
            document = session.document
            self._delegate.thumbnails = Thumbnails(document, self._window.theme, THUMB, self.devicePixelRatio())
            self._model = LayerModel(session)
            self._model.refused.connect(self._window.show_error)
            session.changed.connect(self._on_changed)
            session.target_changed.connect(self._on_target)
        self.view.setModel(self._model)
        if self._model is not None:
            self.view.expandAll()
            self.view.selectionModel().currentChanged.connect(self._on_current)
        if old is not None:
            old.deleteLater()
        self._show_active()

    def _on_changed(self, change: ChangeSet) -> None:
        if self._model is None:
            return
        if change.structure:
            folded = self.view.folded()
            self._model.update()
            self.view.expandAll()
            for layer_id in folded:
                self.view.collapse(self._model.index_of(layer_id))
        if change.structure or change.active:
            self._show_active()
        if change.history:
            self._thumbnail_timer.start()

    def _on_target(self) -> None:
        self.view.viewport().update()

    def make_menu(self) -> QMenu:
        """The commands on layers, for the one under the pointer, which a right press has made active."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in MENU:
            menu.addAction(self._window.commands.action(name)) if name else menu.addSeparator()
        return menu

    def _show_active(self) -> None:
        layer = self._active()
        for widget in (self.mode, self.opacity):
            widget.setEnabled(layer is not None)
        if layer is None or self._model is None:
            return
        self.mode.setCurrentIndex(list(BlendMode).index(layer.mode))
        self.opacity.show_value(layer.opacity * 100)
        index = self._model.index_of(layer.id)
        if self.view.currentIndex() != index:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.view.selectionModel().setCurrentIndex(index, flags)
        self.view.viewport().update()

    def _active(self) -> Layer | None:
        return self._session.document.active if self._session is not None else None

    def _on_current(self, index: QModelIndex) -> None:
        if self._session is not None and self._model is not None and index.isValid():
            self._session.document.activate(self._model.layer(index).id)

    def _press(self, layer_id: LayerId, part: Part) -> None:
        if self._session is None:
            return
        document = self._session.document
        layer = find(document.layers, layer_id)
        if layer is None:
            return
        self._session.settle()
        if part is Part.EYE:
            step = self.tr("Hide layer") if layer.visible else self.tr("Show layer")
            set_layer(document, layer_id, step, visible=not layer.visible)
        elif part is Part.LOCK:
            step = self.tr("Unlock layer") if layer.locked else self.tr("Lock layer")
            set_layer(document, layer_id, step, locked=not layer.locked)
        else:
            document.activate(layer_id)
            if part in (Part.MASK, Part.THUMBNAIL):
                self._session.set_target(Target.MASK if part is Part.MASK else Target.LAYER)

    def _choose_mode(self) -> None:
        layer = self._active()
        if self._session is not None and layer is not None:
            self._session.settle()
            set_layer(self._session.document, layer.id, self.tr("Blend mode"), mode=self.mode.currentData())

    def _drag_opacity(self, begun: bool) -> None:
        if self._session is None:
            return
        if begun:
            self._session.settle()
            self._drag = self._session.document.history.transaction(self.tr("Layer opacity"))
            self._session.begin_interaction(self._end_drag)
        else:
            self._session.settle()

    def _end_drag(self) -> None:
        if self._drag is not None:
            drag, self._drag = self._drag, None
            drag.commit()

    def _change_opacity(self, value: float) -> None:
        layer = self._active()
        if self._session is None or layer is None:
            return
        document = self._session.document
        if self._drag is not None:
            tree = update(document.layers, layer.id, opacity=value / 100)
            self._drag.set_structure(document.structure.with_layers(tree))
        else:
            self._session.settle()
            set_layer(document, layer.id, self.tr("Layer opacity"), opacity=value / 100)

    def _refresh_thumbnails(self) -> None:
        thumbnails = self._delegate.thumbnails
        if self._session is None or thumbnails is None or self._model is None:
            return
        document = self._session.document
        thumbnails.keep_only(set(document.structure.surfaces()))
        for layer in walk(document.layers):
            surfaces = [layer.surface] if isinstance(layer, PaintLayer) else []
            surfaces += [layer.mask] if layer.mask is not None else []
            # Every surface is to be looked at, not only up to the first that has changed.
            changed = [thumbnails.refresh(surface) for surface in surfaces]
            if any(changed):
                self._model.touch(layer.id)


class LayerView(QTreeView):
    """A tree without a header, whose rows are dragged."""

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        self.setHeaderHidden(True)
        self.setIndentation(16)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        """A chevron beside a group that holds something."""
        model = self.model()
        if self.selectionModel().isSelected(index):
            painter.fillRect(rect, self.palette().highlight())
        if isinstance(model, LayerModel) and model.rowCount(index):
            box = QRect(0, 0, 16, 16)
            box.moveCenter(QPoint(rect.right() - self.indentation() // 2 + 1, rect.center().y()))
            self._icons.icon("chevron-down" if self.isExpanded(index) else "chevron-right").paint(painter, box)

    def folded(self) -> list[LayerId]:
        """The groups whose layers are not shown."""
        model = self.model()
        if not isinstance(model, LayerModel):
            return []
        found: list[LayerId] = []
        waiting = [model.index(row, 0) for row in range(model.rowCount())]
        while waiting:
            index = waiting.pop()
            layer = model.layer(index)
            if isinstance(layer, Group):
                if layer.children and not self.isExpanded(index):
                    found.append(layer.id)
                waiting += [model.index(row, 0, index) for row in range(model.rowCount(index))]
        return found

    def dropEvent(self, event: QDropEvent) -> None:
        """The document moves the layer; the view must not take a row out by itself."""
        super().dropEvent(event)
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
