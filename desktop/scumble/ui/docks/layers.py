"""The layers dock."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from scumble.document import ChangeSet, Layer, LayerId, PaintLayer, Transaction, find, walk
from scumble.document.edits import set_layer, set_layers
from scumble.document.layers import update
from scumble.ui.actions.selection import select_part
from scumble.ui.docks.layer_delegate import THUMB, LayerDelegate, Part
from scumble.ui.docks.layer_filter import LayerFilter
from scumble.ui.docks.layer_model import LayerModel
from scumble.ui.docks.layer_solo import Solo
from scumble.ui.docks.layer_view import LayerView
from scumble.ui.docks.modecombo import ModeCombo
from scumble.ui.docks.thumbnails import Thumbnails
from scumble.ui.session import DocumentSession, Target
from scumble.ui.widgets import SliderField, action_button
from scumble.ui.window import MainWindow

DELAY = 200
"""Milliseconds after the last change until thumbnails are made again."""

BUTTONS = ("layer.add", "layer.group", "layer.duplicate", "layer.mask", "layer.up", "layer.down", "layer.delete")

SWITCHES = ("layer.clip", "layer.alpha-lock", "layer.pass-through")
"""What can be switched on for the chosen layers, beside their mode."""

MENU = (
    "layer.add",
    "layer.group",
    "layer.group-chosen",
    "layer.ungroup",
    "layer.duplicate",
    "layer.rename",
    "layer.delete",
    "",
    "layer.clip",
    "layer.alpha-lock",
    "layer.pass-through",
    "",
    "layer.mask",
    "layer.mask-switch",
    "layer.mask-apply",
    "",
    "layer.merge",
    "layer.merge-visible",
    "layer.flatten",
)
"""What a right click on a layer offers; an empty one is a line."""


class LayersDock(QWidget):
    """The tree; mode, opacity and switches of the chosen layers; and buttons for the commands on layers."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._session: DocumentSession | None = None
        self._model: LayerModel | None = None
        self._drag: Transaction | None = None
        self._solo = Solo()
        self.mode = ModeCombo()
        self.mode.activated.connect(self._choose_mode)
        self.opacity = SliderField(self.tr("Opacity"), 0, 100, unit="%")
        self.opacity.changed.connect(self._change_opacity)
        self.opacity.dragged.connect(self._drag_opacity)
        self.filter = LayerFilter(window.icons)
        self.filter.changed.connect(self._apply_filter)
        self._build_view()
        self._thumbnail_timer = QTimer(self, singleShot=True, interval=DELAY)
        self._thumbnail_timer.timeout.connect(self._refresh_thumbnails)
        window.screen_colours.changed.connect(self.view.viewport().update)
        self._lay_out()
        window.session_changed.connect(self.follow)
        self.follow(window.session)

    def _build_view(self) -> None:
        window = self._window
        self.view = LayerView(window.icons)
        self._delegate = LayerDelegate(window.theme, window.icons, self.view)
        self._tint()
        self.view.setItemDelegate(self._delegate)
        self.view.setAccessibleName(self.tr("Layers"))
        self.view.chosen.connect(self._choose)
        self.view.pressed_part.connect(self._press)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(
            lambda place: self.make_menu().popup(self.view.viewport().mapToGlobal(place))
        )

    def _lay_out(self) -> None:
        commands = self._window.commands
        modes = QHBoxLayout()
        modes.setSpacing(2)
        modes.addWidget(self.mode, 1)
        modes.addSpacing(4)
        for name in SWITCHES:
            modes.addWidget(action_button(commands.action(name)))
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for name in BUTTONS:
            if name == BUTTONS[-1]:
                buttons.addStretch(1)
            buttons.addWidget(action_button(commands.action(name)))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        self.setMinimumWidth(248)
        column.addLayout(modes)
        column.addWidget(self.opacity)
        column.addWidget(self.filter)
        column.addWidget(self.view, 1)
        column.addLayout(buttons)

    def _tint(self) -> None:
        palette = self.view.palette()
        palette.setColor(QPalette.ColorRole.Highlight, self._window.theme.colour("selected"))
        self.view.setPalette(palette)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "view"):
            self._tint()
            self._show_session()

    def follow(self, session: DocumentSession | None) -> None:
        """Shows another document."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_changed)
            self._session.stale_changed.disconnect(self.view.viewport().update)
            self._session.target_changed.disconnect(self._on_target)
            self._session.chosen_changed.disconnect(self._show_active)
            self._session.rename_wanted.disconnect(self.rename)
        self._session = session
        if session is not None:
            session.changed.connect(self._on_changed)
            session.stale_changed.connect(self.view.viewport().update)
            session.target_changed.connect(self._on_target)
            session.chosen_changed.connect(self._show_active)
            session.rename_wanted.connect(self.rename)
        self._solo = Solo()
        self._show_session()

    def _show_session(self) -> None:
        old, session = self._model, self._session
        self._delegate.session = session
        self._delegate.thumbnails = None
        self._model = None
        if session is not None:
            theme, ratio = self._window.theme, self.devicePixelRatio()
            self._delegate.thumbnails = Thumbnails(session.document, theme, THUMB, ratio, self._window.screen_colours)
            self._model = LayerModel(session)
            self._model.refused.connect(self._window.show_error)
        self.view.setModel(self._model)
        if self._model is not None:
            self.view.expandAll()
            self._apply_filter()
        if old is not None:
            old.deleteLater()
        self._show_active()

    def _on_changed(self, change: ChangeSet) -> None:
        if self._model is None:
            return
        if change.structure:
            folded = self.view.folded()
            if self._model.update():
                self.view.expandAll()
                for layer_id in folded:
                    self.view.collapse(self._model.index_of(layer_id))
                self._apply_filter()
            elif not self.filter.idle:
                self._apply_filter()
        if change.structure or change.active:
            self._show_active()
        if change.history:
            self._thumbnail_timer.start()

    def _on_target(self) -> None:
        self.view.viewport().update()

    def _apply_filter(self) -> None:
        if self._session is not None:
            self.view.show_only(None if self.filter.idle else self.filter.found(self._session.document.layers))

    def make_menu(self) -> QMenu:
        """The commands on layers, for the one under the pointer, which a right press has made active."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in MENU:
            menu.addAction(self._window.commands.action(name)) if name else menu.addSeparator()
        menu.addMenu(self._window.menus["mask"])
        return menu

    def rename(self) -> None:
        """Opens the field for the name of the active layer."""
        dock = self.parentWidget()
        if dock is not None:
            dock.show()
            dock.raise_()
        self.view.edit(self.view.currentIndex())

    def _show_active(self) -> None:
        layer = self._active()
        for widget in (self.mode, self.opacity):
            widget.setEnabled(layer is not None)
        if layer is None or self._model is None or self._session is None:
            return
        self.mode.show_mode(layer.mode)
        self.opacity.show_value(layer.opacity * 100)
        self.view.show_chosen(self._session.chosen, layer.id)
        self.view.viewport().update()

    def _active(self) -> Layer | None:
        return self._session.document.active if self._session is not None else None

    def _choose(self, layer_ids: list[LayerId], active: LayerId) -> None:
        if self._session is not None:
            self._session.choose(layer_ids, active)
            self._show_active()

    def _press(self, layer_id: LayerId, part: Part, keys: Qt.KeyboardModifier) -> None:
        session = self._session
        if session is not None:
            session.settle_then(lambda: self._act_on(session, layer_id, part, keys))

    def _act_on(self, session: DocumentSession, layer_id: LayerId, part: Part, keys: Qt.KeyboardModifier) -> None:
        layer = find(session.document.layers, layer_id)
        if layer is None:
            return
        alone = part is Part.EYE and bool(keys & Qt.KeyboardModifier.AltModifier)
        if alone:
            again = self.tr("Show layers again")
            self._solo.toggle(session.document, layer_id, self.tr("Show layer alone"), again)
        elif part is Part.EYE:
            self._set(layer, self.tr("Hide layer") if layer.visible else self.tr("Show layer"), "visible")
        elif part is Part.LOCK:
            self._set(layer, self.tr("Unlock layer") if layer.locked else self.tr("Lock layer"), "locked")
        elif part is Part.MASK and keys & Qt.KeyboardModifier.ShiftModifier:
            enabled = not layer.mask_enabled
            set_layer(session.document, layer_id, self.tr("Switch layer mask"), mask_enabled=enabled)
        elif part in (Part.MASK, Part.THUMBNAIL) and keys & Qt.KeyboardModifier.ControlModifier:
            self._window.attempt(lambda: select_part(session, layer_id, mask=part is Part.MASK, keys=keys))
        elif part in (Part.MASK, Part.THUMBNAIL):
            session.document.activate(layer_id)
            session.set_target(Target.MASK if part is Part.MASK else Target.LAYER)

    def _set(self, layer: Layer, step: str, field: str) -> None:
        """Switches a field of a layer; of all that are chosen where it is one of them."""
        assert self._session is not None
        chosen = self._session.chosen
        wanted = not getattr(layer, field)
        ids = chosen if layer.id in chosen else (layer.id,)
        set_layers(self._session.document, ids, step, **{field: wanted})

    def _choose_mode(self) -> None:
        session, mode = self._session, self.mode.currentData()
        if session is not None and self._active() is not None:
            session.settle_then(lambda: set_layers(session.document, session.chosen, self.tr("Blend mode"), mode=mode))

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
        if self._session is None or self._active() is None:
            return
        document, chosen = self._session.document, self._session.chosen
        if self._drag is not None:
            tree = document.layers
            for layer_id in chosen:
                tree = update(tree, layer_id, opacity=value / 100)
            self._drag.set_structure(document.structure.with_layers(tree))
        else:
            self._session.settle()
            set_layers(document, chosen, self.tr("Layer opacity"), opacity=value / 100)

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
