"""The grid of results: thousands of them, of which only those in sight are ever read from disk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from scumble.api import Picture
from scumble.files.results import Entry
from scumble.ui.generate.inputs import image_of
from scumble.ui.generate.stripview import paint_star
from scumble.ui.theme import Theme

Index: TypeAlias = QModelIndex | QPersistentModelIndex

Read: TypeAlias = Callable[[Sequence[str], Callable[[Mapping[str, Picture]], object]], object]
"""Has small pictures read by their ids, and hands over those that it found."""

CELL: Final = 132
"""The least width of a cell, in device-independent pixels."""

LABEL: Final = 38
KEPT: Final = 600
"""Small pictures that are held in memory."""

AT_A_TIME: Final = 12
"""Small pictures that are read in one go; what has come into sight meanwhile is read first."""


class ResultModel(QAbstractListModel):
    """The results that are looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Entry] = []

    def show(self, entries: list[Entry]) -> None:
        """Shows others."""
        self.beginResetModel()
        self.shown = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # as Qt declares it
        """How many there are."""
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The title; all that is known for a tooltip and a screen reader; the entry."""
        if not index.isValid() or index.row() >= len(self.shown):
            return None
        entry = self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.about.title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return described(entry)
        return entry if role == Qt.ItemDataRole.UserRole else None


class Thumbnails:
    """Small pictures by the ids of results, read when they are first asked for, the latest asked for first."""

    def __init__(self, read: Read, made: Callable[[], object]) -> None:
        self._read = read
        self._made = made
        self._held: OrderedDict[str, QPixmap] = OrderedDict()
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._reading = False

    @property
    def waiting(self) -> int:
        """How many are still to be read."""
        return len(self._wanted)

    def get(self, result_id: str) -> QPixmap | None:
        """One; None while it is still to be read, an empty one where it cannot be."""
        if result_id in self._held:
            self._held.move_to_end(result_id)
            return self._held[result_id]
        self._wanted[result_id] = None
        self._wanted.move_to_end(result_id)
        while len(self._wanted) > KEPT // 2:
            self._wanted.popitem(last=False)
        self._go_on()
        return None

    def _go_on(self) -> None:
        if self._reading or not self._wanted:
            return
        self._reading = True
        batch = [self._wanted.popitem()[0] for _ in range(min(AT_A_TIME, len(self._wanted)))]
        self._read(batch, lambda found: self._take(batch, found))

    def _take(self, batch: Sequence[str], found: Mapping[str, Picture]) -> None:
        self._reading = False
        for name in batch:
            picture = found.get(name)
            self._held[name] = QPixmap() if picture is None else QPixmap.fromImage(image_of(picture))
        while len(self._held) > KEPT:
            self._held.popitem(last=False)
        self._made()
        self._go_on()


class ResultGrid(QListView):
    """`wanted` carries the entry that was double-clicked or on which Enter was pressed; `removal` says that Delete
    was pressed."""

    wanted = Signal(object)
    removal = Signal()

    def __init__(self, read: Read, theme: Theme) -> None:
        super().__init__()
        self.results = ResultModel()
        self.thumbnails = Thumbnails(read, self._repaint)
        self.setModel(self.results)
        self.setItemDelegate(_Cells(self, theme))
        self.setObjectName("swatches")
        self.setAccessibleName(self.tr("Results"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.SinglePass)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.setMinimumHeight(CELL + LABEL)
        self.doubleClicked.connect(lambda index: self.wanted.emit(entry_of(index)))

    @property
    def chosen(self) -> tuple[Entry, ...]:
        """Those that are selected, the newest first."""
        return tuple(entry_of(index) for index in sorted(self.selectedIndexes(), key=lambda index: index.row()))

    def show_entries(self, entries: list[Entry]) -> None:
        """Shows others; what is selected stays so where it is still there."""
        ids = {entry.about.id for entry in self.chosen}
        here = entry_of(self.currentIndex()).about.id if self.currentIndex().isValid() else ""
        self.results.show(entries)
        for row, entry in enumerate(entries if ids else []):
            if entry.about.id in ids:
                self.selectionModel().select(self.results.index(row), self.selectionModel().SelectionFlag.Select)
            if entry.about.id == here:
                self.selectionModel().setCurrentIndex(
                    self.results.index(row), self.selectionModel().SelectionFlag.NoUpdate
                )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cells as fit, and as wide as there is room."""
        super().resizeEvent(event)
        room = self.viewport().width() - 1
        side = room // max(room // CELL, 1)
        if QSize(side, side + LABEL - 8) != self.gridSize():
            self.setGridSize(QSize(side, side + LABEL - 8))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete asks to delete; the arrows walk."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.wanted.emit(entry_of(self.currentIndex()))
        elif event.key() == Qt.Key.Key_Delete and self.chosen:
            self.removal.emit()
        else:
            super().keyPressEvent(event)

    def _repaint(self) -> None:
        self.viewport().update()


def entry_of(index: Index) -> Entry:
    """The result of a cell."""
    entry = index.data(Qt.ItemDataRole.UserRole)
    assert isinstance(entry, Entry)
    return entry


def described(entry: Entry) -> str:
    """All that is known of a result, in lines."""
    about = entry.about
    seed = QCoreApplication.translate("results", "seed {seed}").format(seed=about.seed)
    size = f"{about.size[0]} × {about.size[1]}"
    facts = " · ".join(part for part in (about.tool_title, seed, size, about.model) if part)
    when = f"{datetime.fromtimestamp(about.made):%Y-%m-%d %H:%M}"
    return "\n".join(part for part in (about.prompt[:400] or about.title, facts, when) if part)


class _Cells(QStyledItemDelegate):
    """A small picture over its title and day."""

    def __init__(self, view: ResultGrid, theme: Theme) -> None:
        super().__init__(view)
        self._view = view
        self._text, self._muted, self._field = theme.colour("text"), theme.colour("muted"), theme.colour("field")
        self._chosen, self._focus, self._hover = (
            theme.colour("selected"),
            theme.colour("accent-strong"),
            theme.colour("border"),
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The grid decides."""
        return self._view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws one."""
        entry, rect = entry_of(index), QRect(option.rect).adjusted(2, 2, -2, -2)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setBrush(self._chosen if chosen else self._field)
        painter.setPen(self._frame(option, index))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        box = QRectF(rect.left() + 6, rect.top() + 6, rect.width() - 12, rect.height() - LABEL - 8)
        self._paint_picture(painter, box, entry)
        if entry.starred:
            paint_star(painter, QRect(int(box.right()) - 23, int(box.top()) + 3, 20, 20))
        self._paint_words(painter, rect, entry)
        painter.restore()

    def _paint_picture(self, painter: QPainter, box: QRectF, entry: Entry) -> None:
        pixmap = self._view.thumbnails.get(entry.about.id)
        if pixmap is None or pixmap.isNull():
            return
        size = pixmap.size().toSizeF().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(box.topLeft(), size)
        place.moveCenter(box.center())
        path = QPainterPath()
        path.addRoundedRect(place, 3, 3)
        painter.save()
        painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
        painter.restore()

    def _paint_words(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        metrics = painter.fontMetrics()
        day = f"{datetime.fromtimestamp(entry.about.made):%Y-%m-%d}"
        both = f"{entry.about.seed} · {day}"
        facts = both if metrics.horizontalAdvance(both) <= rect.width() - 12 else day
        lines = ((entry.about.title, self._text), (facts, self._muted))
        for number, (text, colour) in enumerate(lines):
            place = QRect(rect.left() + 6, rect.bottom() - LABEL + number * 18, rect.width() - 12, 18)
            painter.setPen(colour)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _frame(self, option: QStyleOptionViewItem, index: Index) -> QPen:
        if self._view.hasFocus() and index == self._view.currentIndex():
            return QPen(self._focus, 1.5)
        over = option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected)
        return QPen(self._hover, 1) if over else QPen(Qt.PenStyle.NoPen)
