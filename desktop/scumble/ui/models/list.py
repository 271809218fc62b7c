"""The list of model files: what is in it, what is searched for, how a row looks."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QIcon, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from scumble.protocol import ModelEntry
from scumble.ui.icons import Icons
from scumble.ui.models.shelf import Shelf
from scumble.ui.models.thumbnails import Thumbnails
from scumble.ui.models.words import kind_text, size_text
from scumble.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex

ENTRY: Final = Qt.ItemDataRole.UserRole
ROW, THUMB, GAP = 56, 44, 10
"""Height of a row, side of a thumbnail, and the room round it, in device-independent pixels."""

ORDER: Final = ("checkpoint", "lora", "embedding", "vae", "eraser", "upscaler", "pickle")
"""The kinds in order of use; the others follow."""

ICONS: Final = {"checkpoint": "generate", "lora": "style", "embedding": "text-to-image", "vae": "picture"}


class FileModel(QAbstractListModel):
    """The entries in order: favourites, then by kind and name."""

    def __init__(self, shelf: Shelf, parent: QObject) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._entries: list[ModelEntry] = []
        shelf.changed.connect(self.reload)
        self.reload()

    def reload(self) -> None:
        """Takes in what has changed."""
        entries = sorted(self._shelf.entries, key=self._rank)
        if [entry.path for entry in entries] == [entry.path for entry in self._entries]:
            self._entries = entries
            self.dataChanged.emit(self.index(0), self.index(max(len(entries) - 1, 0)))
            return
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """How many there are."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The entry itself, its title, and what a screen reader says of it."""
        entry = self._entries[index.row()]
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title or entry.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.title or entry.name}, {kind_text(entry)}, {size_text(entry.stamp[1])}"
        return None

    def _rank(self, entry: ModelEntry) -> tuple[bool, int, bool, str]:
        place = ORDER.index(entry.kind) if entry.kind in ORDER else len(ORDER)
        return not self._shelf.note(entry).favourite, place, bool(entry.fault), (entry.title or entry.name).casefold()


class Filter(QSortFilterProxyModel):
    """Shows what has every word that is searched for in its name, words, note or folder, and is of the kind."""

    def __init__(self, shelf: Shelf, parent: QObject) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._wanted: list[str] = []
        self._kind = ""
        self._favourites = False

    def search(self, text: str, kind: str, *, favourites: bool) -> None:
        """Looks for other words; an empty kind means every one."""
        self.beginFilterChange()
        self._wanted, self._kind, self._favourites = text.casefold().split(), kind, favourites
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a row is shown."""
        entry: ModelEntry = self.sourceModel().index(row, 0, parent).data(ENTRY)
        note = self._shelf.note(entry)
        if (self._kind and entry.kind != self._kind) or (self._favourites and not note.favourite):
            return False
        text = f"{entry.title} {entry.path} {kind_text(entry)} {self._shelf.words(entry)} {note.text}".casefold()
        return all(word in text for word in self._wanted)


class RowDelegate(QStyledItemDelegate):
    """A thumbnail, the title with a star for favourites, and below it kind and size."""

    def __init__(self, shelf: Shelf, thumbnails: Thumbnails, theme: Theme, icons: Icons, parent: QObject) -> None:
        super().__init__(parent)
        self._shelf, self._thumbnails, self._theme, self._icons = shelf, thumbnails, theme, icons

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Every row is as high."""
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws a row."""
        entry: ModelEntry = index.data(ENTRY)
        self.initStyleOption(option, index)
        option.text, option.icon = "", QIcon()
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        box: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        faint = bool(entry.fault) and entry.kind != "pickle"
        self._draw_thumbnail(painter, box, entry)
        self._draw_words(painter, box.adjusted(THUMB + GAP + 8, 0, -8, 0), entry, chosen=chosen, faint=faint)

    def _draw_thumbnail(self, painter: QPainter, box: QRect, entry: ModelEntry) -> None:
        place = QRect(box.left() + 6, box.top() + (ROW - THUMB) // 2, THUMB, THUMB)
        picture = self._thumbnails.get(entry)
        if picture is not None:
            side = min(picture.width(), picture.height())
            part = QRect((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, picture, part)
            return
        painter.fillRect(place, self._theme.colour("field"))
        icon = "warning" if entry.fault and entry.kind != "pickle" else ICONS.get(entry.kind, "form")
        self._icons.icon(icon, "muted").paint(painter, place.adjusted(10, 10, -10, -10))

    def _draw_words(self, painter: QPainter, box: QRect, entry: ModelEntry, *, chosen: bool, faint: bool) -> None:
        metrics = painter.fontMetrics()
        line, top = metrics.height(), box.top() + (ROW - 2 * metrics.height() - 2) // 2
        ink = "muted" if faint and not chosen else "text"
        title = QRect(box.left(), top, box.width(), line)
        if self._shelf.note(entry).favourite:
            self._icons.icon("star-filled", "warning").paint(
                painter, QRect(title.right() - 14, title.top() + (line - 14) // 2, 14, 14)
            )
            title.setRight(title.right() - 20)
        painter.setPen(self._theme.colour(ink))
        words = metrics.elidedText(entry.title or entry.name, Qt.TextElideMode.ElideRight, title.width())
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(self._theme.colour("text" if chosen else "muted"))
        below = QRect(box.left(), top + line + 2, box.width(), line)
        facts = f"{kind_text(entry)} · {size_text(entry.stamp[1])}"
        painter.drawText(
            below, Qt.AlignmentFlag.AlignVCenter, metrics.elidedText(facts, Qt.TextElideMode.ElideRight, below.width())
        )
