"""The strip of candidates: thumbnails to look at, compare, choose, apply or let go."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QListWidgetItem, QSizePolicy, QToolButton, QWidget

from scumble.generation import layer_name
from scumble.generation.prompts import prompt_of
from scumble.ui.generate.candidates import Candidates, Result
from scumble.ui.generate.stripview import SIDE, CandidateList, result_of, thumbnail
from scumble.ui.icons import Icons
from scumble.ui.theme import Theme
from scumble.ui.widgets import tool_button

COMPARE = Qt.Key.Key_Backslash
"""The key that shows the picture without the candidate as long as it is held."""


class CandidateStrip(QWidget):
    """Pointing at a card shows it in place; arrows walk, Enter applies, Delete discards, Esc hides.

    `chosen_changed`: others are chosen, with Ctrl or Shift held; `menu_wanted` carries a place on the screen; `ended`
    the press of Apply (True) or Discard (False) while candidates are painted together; `picked` the one to paint from.
    """

    chosen_changed = Signal()
    menu_wanted = Signal(QPoint)
    ended = Signal(bool)
    picked = Signal(object)

    def __init__(self, candidates: Candidates, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._candidates = candidates
        self._known: dict[Result, QListWidgetItem] = {}
        self._pointing = False
        self.list = CandidateList(candidates, theme)
        self.list.setAccessibleName(self.tr("Candidates"))
        self.empty = QLabel(self.tr("What you generate appears here. Nothing touches the picture until you apply it."))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setObjectName("muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.empty, 1)
        layout.addLayout(self._buttons(icons))
        self.setMinimumHeight(SIDE + 50)
        self.list.itemEntered.connect(self._point)
        self.list.itemClicked.connect(self._click)
        self.list.itemDoubleClicked.connect(self._double)
        self.list.currentItemChanged.connect(self._on_current)
        self.list.itemSelectionChanged.connect(self._on_chosen)
        self.list.customContextMenuRequested.connect(self._ask_menu)
        self.list.installEventFilter(self)
        candidates.changed.connect(self._fill)
        candidates.shown_changed.connect(self._mark)
        self._fill()

    @property
    def chosen(self) -> tuple[Result, ...]:
        """Those that are chosen together, in the order of the strip; else the one that is shown."""
        shown = self._candidates.shown
        several = tuple(result for result in self._candidates.offered if self._is_selected(result))
        return several if len(several) > 1 or shown is None else (shown,)

    def paint_from(self, results: Sequence[Result], source: Result | None) -> None:
        """Numbers those that are painted together, of which one is the source; none when the list is empty."""
        self.list.numbers = {result: place for place, result in enumerate(results, 1)}
        self.list.source = source
        self.list.viewport().update()
        self._name_buttons()
        self._mark()

    def apply_shown(self) -> None:
        """Applies the one that is shown; with Alt held, one that is for a layer becomes a layer of its own."""
        if self.list.numbers:
            self.ended.emit(True)
        elif (shown := self._candidates.shown) is not None:
            held = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.AltModifier
            self._candidates.apply_soon(shown, anew=bool(held))

    def discard_shown(self) -> None:
        """Lets those that are chosen go."""
        if self.list.numbers:
            self.ended.emit(False)
        else:
            self._candidates.discard(*self.chosen)

    def key(self, key: int) -> bool:
        """Does what a key means while candidates are looked at; False when it means nothing."""
        shown = self._candidates.shown is not None
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._candidates.walk(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (shown or self.list.numbers):
            self.apply_shown()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and shown:
            self.discard_shown()
        elif key == Qt.Key.Key_Escape and (shown or self.list.numbers):
            self._hide_shown()
        elif key == COMPARE and shown:
            self._candidates.compare(True)
        else:
            return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the list; with Shift or Ctrl they choose several."""
        if isinstance(event, QKeyEvent) and event.key() == COMPARE:
            if not event.isAutoRepeat() and event.type() != QEvent.Type.ShortcutOverride:
                self._candidates.compare(event.type() == QEvent.Type.KeyPress and self._candidates.shown is not None)
            return event.type() != QEvent.Type.ShortcutOverride
        if event.type() == QEvent.Type.FocusOut:
            self._candidates.compare(False)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            return plain and self.key(event.key())
        return super().eventFilter(watched, event)

    def _is_selected(self, result: Result) -> bool:
        item = self._known.get(result)
        return item is not None and item.isSelected()

    def _hide_shown(self) -> None:
        if self.list.numbers:
            self.ended.emit(False)
        else:
            self._candidates.show(None)

    def _buttons(self, icons: Icons) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        self.apply_button = _wide_button(icons, "apply")
        self.set_button = QToolButton(autoRaise=True, toolButtonStyle=Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.set_button.setAccessibleName(self.tr("Apply all of this set"))
        self.discard_button = _wide_button(icons, "delete")
        self.like_button = tool_button(icons.icon("more-like"), self.tr("More like this"))
        self.star_button = tool_button(icons.icon("star"), self.tr("Star"), checkable=True)
        self.compare_button = tool_button(
            icons.icon("compare"), self.tr("The picture without it, as long as it is held  (\\)")
        )
        self.together_button = tool_button(icons.icon("together"), "")
        self.more_button = tool_button(icons.icon("more"), self.tr("More that can be done with it"))
        self.clear_button = tool_button(icons.icon("close"), self.tr("Let all of them go"))
        self.apply_button.clicked.connect(self.apply_shown)
        self.discard_button.clicked.connect(self.discard_shown)
        self.clear_button.clicked.connect(self._candidates.discard_all)
        self.compare_button.pressed.connect(lambda: self._candidates.compare(True))
        self.compare_button.released.connect(lambda: self._candidates.compare(False))
        self.more_button.clicked.connect(
            lambda: self.menu_wanted.emit(self.more_button.mapToGlobal(self.more_button.rect().bottomLeft()))
        )
        grid.addWidget(self.apply_button, 0, 0, 1, 2)
        grid.addWidget(self.set_button, 0, 2)
        grid.addWidget(self.discard_button, 1, 0, 1, 3)
        first = (self.like_button, self.star_button, self.compare_button)
        second = (self.together_button, self.more_button, self.clear_button)
        for place, button in enumerate((*first, *second)):
            grid.addWidget(button, 2 + place // 3, place % 3)
        grid.setRowStretch(4, 1)
        self._name_buttons()
        return grid

    def _name_buttons(self) -> None:
        together = bool(self.list.numbers)
        self.apply_button.setText(self.tr("Apply"))
        self.discard_button.setText(self.tr("Give up") if together else self.tr("Discard"))
        self.apply_button.setToolTip(
            self.tr("Make one layer of what is painted  (Enter)")
            if together
            else self.tr("Make it a layer  (Enter, or Ctrl+Shift+Return anywhere)")
        )
        self.discard_button.setToolTip(
            self.tr("Leave the picture as it is  (Escape)") if together else self.tr("Let it go  (Delete)")
        )
        words = self.tr("Paint together: choose two or more of one place, and a brush takes parts of each")
        for change in (self.together_button.setToolTip, self.together_button.setAccessibleName):
            change(words)

    def _fill(self) -> None:
        offered = self._candidates.offered
        for result in [known for known in self._known if known not in offered]:
            self.list.takeItem(self.list.row(self._known.pop(result)))
        for place, result in enumerate(offered):
            if result not in self._known:
                self._known[result] = self._item(result)
                self.list.insertItem(place, self._known[result])
            self._label(result, self._known[result])
        self.list.setVisible(bool(offered))
        self.empty.setVisible(not offered)
        self.list.fit()
        self.list.scheduleDelayedItemsLayout()
        self.list.viewport().update()
        self._mark()

    def _item(self, result: Result) -> QListWidgetItem:
        item = QListWidgetItem()
        item.setData(Qt.ItemDataRole.UserRole, result)
        item.setData(Qt.ItemDataRole.DecorationRole, thumbnail(result, self.devicePixelRatioF()))
        return item

    def _label(self, result: Result, item: QListWidgetItem) -> None:
        text = str(result.candidate.seed)
        tip = self.tr("{name}\nSeed {seed}").format(name=_prompt(result), seed=result.candidate.seed)
        if result.prepared.anchor.instead is not None:
            tip += "\n" + self.tr("Enter gives its layer these pixels, Alt+Enter makes a new layer.")
        if (together := len(self._candidates.set_of(result))) > 1:
            tip += "\n" + self.tr("One of a set of {count}, which can be applied together.").format(count=together)
        if result.session is None:
            text = self.tr("new picture")
            tip += "\n" + self.tr("Its picture was closed; applying it opens a new one.")
        elif not result.in_place:
            text = self.tr("new picture")
            tip += "\n" + self.tr("Applying it opens it as a new picture.")
        item.setText(text)
        if result.blurred:
            tip += "\n" + self.tr("The safety checker flagged it, so it was blurred. The preferences switch that off.")
        item.setToolTip(tip)
        starred = self.tr(", starred") if result.starred else ""
        item.setData(Qt.ItemDataRole.AccessibleTextRole, tip.replace("\n", ". ") + starred)

    def _mark(self) -> None:
        """The one that is shown is the current one; unless it is only pointed at, it alone is chosen."""
        shown = self._candidates.shown
        item = self._known.get(shown) if shown is not None else None
        model = self.list.selectionModel()
        if item is None:
            self.list.setCurrentRow(-1)
            self.list.clearSelection()
        elif item is not self.list.currentItem():
            whole = QItemSelectionModel.SelectionFlag.ClearAndSelect
            flag = QItemSelectionModel.SelectionFlag.NoUpdate if self._pointing else whole
            model.setCurrentIndex(self.list.indexFromItem(item), flag)
            self.list.scrollToItem(item)
        self.list.viewport().update()
        self._enable(item is not None)

    def _enable(self, shown: bool) -> None:
        together = bool(self.list.numbers)
        chosen = self.chosen
        self.apply_button.setEnabled(shown or together)
        self.discard_button.setEnabled(bool(chosen) or together)
        for button in (self.star_button, self.like_button, self.more_button):
            button.setEnabled(bool(chosen) and not together)
        self.star_button.setChecked(bool(chosen) and all(result.starred for result in chosen))
        self.compare_button.setEnabled(shown)
        self.clear_button.setEnabled(self.list.count() > 0 and not together)

    def _on_current(self, item: QListWidgetItem | None) -> None:
        """The keys of the list have gone to another."""
        if item is not None and self._candidates.shown is not None and not self.list.numbers:
            self._candidates.show(result_of(self.list.indexFromItem(item)))

    def _on_chosen(self) -> None:
        self._enable(self._candidates.shown is not None)
        self.chosen_changed.emit()

    def _point(self, item: QListWidgetItem) -> None:
        if not self.list.numbers:
            self._pointing = True
            self._candidates.show(result_of(self.list.indexFromItem(item)))
            self._pointing = False

    def _click(self, item: QListWidgetItem) -> None:
        result = result_of(self.list.indexFromItem(item))
        if self.list.numbers:
            self.picked.emit(result)
        elif self._candidates.shown is not result:
            self._point(item)

    def _double(self, item: QListWidgetItem) -> None:
        if not self.list.numbers:
            self._candidates.apply_soon(result_of(self.list.indexFromItem(item)))

    def _ask_menu(self, place: QPoint) -> None:
        if self.list.itemAt(place) is not None and not self.list.numbers:
            self.menu_wanted.emit(self.list.viewport().mapToGlobal(place))


def _wide_button(icons: Icons, icon: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icons.icon(icon))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, button.sizePolicy().verticalPolicy())
    button.setMinimumWidth(84)
    return button


def _prompt(result: Result) -> str:
    """The whole prompt, or what a layer of it is called."""
    tool, params = result.prepared.tool, result.prepared.job.params
    return prompt_of(tool, params).strip() or layer_name(result.prepared)
