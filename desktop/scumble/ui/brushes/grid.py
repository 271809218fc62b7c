"""The presets as a grid of strokes with their names."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from scumble.ui.brushes.choice import PresetChoice
from scumble.ui.brushes.library import PresetLibrary
from scumble.ui.brushes.preset import CATEGORIES, Preset
from scumble.ui.brushes.thumbnails import Thumbnails
from scumble.ui.theme import Theme

Index: TypeAlias = QModelIndex | QPersistentModelIndex

THUMBNAIL = QSize(124, 42)
"""Of a stroke, in device-independent pixels."""

LABEL = 20
CELL = 132
"""The least width of a cell; there are as many in a row as fit."""

ID = Qt.ItemDataRole.UserRole


class PresetModel(QAbstractListModel):
    """The presets that are looked for, by id."""

    def __init__(self, library: PresetLibrary) -> None:
        super().__init__()
        self._library = library
        self._shown: dict[str, Preset] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The ids that are shown."""
        return tuple(self._shown)

    def show(self, words: str, category: str) -> None:
        """Shows the presets that have every word in name or category, and are of a category (all when empty)."""
        wanted = words.casefold().split()
        self.beginResetModel()
        presets = {name: self._library[name] for name in self._library}
        # A copy: the view may ask for what the library has just let go.
        self._shown = {
            name: preset
            for name, preset in presets.items()
            if category in ("", preset.category) and all(word in _searched(preset) for word in wanted)
        }
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # as Qt declares it
        """How many there are."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The name, what it is, the id."""
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        name, preset = list(self._shown.items())[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return preset.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{preset.name} ({category_name(preset.category)})"
        return name if role == ID else None


class PresetGrid(QListView):
    """`chosen` carries the id of a preset that was clicked, or on which Enter was pressed; `removal` that of one on
    which Delete was pressed; `menu_wanted` an id (empty for none) and a place on the screen."""

    chosen = Signal(str)
    removal = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(self, library: PresetLibrary, choice: PresetChoice, thumbnails: Thumbnails, theme: Theme) -> None:
        super().__init__()
        self.presets = PresetModel(library)
        self.setModel(self.presets)
        self.setItemDelegate(_Delegate(library, choice, thumbnails, theme, self))
        self.setObjectName("swatches")
        self.setAccessibleName(self.tr("Brush presets"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.setMinimumHeight(THUMBNAIL.height() + LABEL + 8)
        self.customContextMenuRequested.connect(self._ask_menu)
        thumbnails.made.connect(self.viewport().update)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._into_sight)

    def show_found(self, words: str, category: str) -> None:
        """Shows other presets; the place of the keys stays on the same one where it is still there."""
        name = self.currentIndex().data(ID)
        self.presets.show(words, category)
        self.set_current(str(name))

    def set_current(self, name: str) -> None:
        """Puts the place of the keys on a preset, if it is shown, and brings it into sight."""
        if name in self.presets.names:
            index = self.presets.index(self.presets.names.index(name))
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Brings the place of the keys into sight."""
        super().showEvent(event)
        self._soon.start()

    def _into_sight(self) -> None:
        """A list knows where its items are only once it has laid them out."""
        if self.currentIndex().isValid():
            self.executeDelayedItemsLayout()
            self.scrollTo(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cells as fit, and as wide as there is room."""
        super().resizeEvent(event)
        room = self.viewport().width() - 1
        columns = max(room // CELL, 1)
        cell = QSize(room // columns, THUMBNAIL.height() + LABEL + 8)
        if cell != self.gridSize():
            self.setGridSize(cell)
            self._soon.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes the preset that is pressed."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.chosen.emit(index.data(ID))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes a preset, Delete asks to remove it, the arrows walk."""
        name = self.currentIndex().data(ID)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and name:
            self.chosen.emit(name)
        elif event.key() == Qt.Key.Key_Delete and name:
            self.removal.emit(name)
        else:
            super().keyPressEvent(event)

    def _ask_menu(self, point: QPoint) -> None:
        index = self.indexAt(point)
        self.menu_wanted.emit(index.data(ID) if index.isValid() else "", self.viewport().mapToGlobal(point))


class _Delegate(QStyledItemDelegate):
    """A stroke over a name; the chosen one on another ground, with a dot when the brush differs from it."""

    def __init__(
        self, library: PresetLibrary, choice: PresetChoice, thumbnails: Thumbnails, theme: Theme, view: QListView
    ) -> None:
        super().__init__(view)
        self._library, self._choice, self._thumbnails, self._view = library, choice, thumbnails, view
        self._ground, self._chosen = theme.colour("field"), theme.colour("selected")
        self._text, self._muted = theme.colour("text"), theme.colour("muted")
        self._focus, self._hover = theme.colour("accent-strong"), theme.colour("border")

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The grid decides."""
        return self._view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws one."""
        name = index.data(ID)
        if not isinstance(name, str) or name not in self._library:
            return
        rect = QRect(option.rect).adjusted(2, 2, -2, -2)
        chosen = name == self._choice.chosen
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._chosen if chosen else self._ground)
        painter.setPen(self._frame(option, index, chosen))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        picture = self._thumbnails.get(self._library[name], self._view.devicePixelRatioF())
        if picture is not None:
            self._draw_stroke(painter, rect, picture)
        text = self._library[name].name
        if chosen and self._choice.modified:
            text = "• " + text
        painter.setPen(self._text if chosen else self._muted)
        line = QRect(rect.left() + 6, rect.bottom() - LABEL, rect.width() - 12, LABEL)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)
        painter.restore()

    def _draw_stroke(self, painter: QPainter, rect: QRect, picture: QPixmap) -> None:
        whole = QRectF(rect.center().x() - THUMBNAIL.width() / 2 + 0.5, rect.top() + 2, *THUMBNAIL.toTuple())
        path = QPainterPath()
        path.addRoundedRect(whole, 3, 3)
        painter.save()
        painter.setClipPath(path)
        painter.drawPixmap(whole.topLeft(), picture)
        painter.restore()

    def _frame(self, option: QStyleOptionViewItem, index: Index, chosen: bool) -> QPen:
        if self._view.hasFocus() and index == self._view.currentIndex():
            return QPen(self._focus, 1.5)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            return QPen(self._focus if chosen else self._hover, 1)
        return QPen(Qt.PenStyle.NoPen)


def category_name(category: str) -> str:
    """A category in the person's language."""
    return QCoreApplication.translate("presets", CATEGORIES[category])


def _searched(preset: Preset) -> str:
    return f"{preset.name} {preset.category} {category_name(preset.category)}".casefold()
