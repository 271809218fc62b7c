"""The palette itself: a field, and under it the commands that its letters name."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QCloseEvent, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from scumble.ui.palette.entries import Entry, entries, matching
from scumble.ui.theme import Theme
from scumble.ui.window import MainWindow

WIDTH, HEIGHT, ROW = 560, 420, 44
MOVES: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
"""Keys that go to the list although the field has the focus."""

Index = QModelIndex | QPersistentModelIndex


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Entry] = []

    def show(self, rows: list[Entry]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (entry.text, entry.path, entry.keys, entry.why)))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        # One that cannot be chosen can still be walked over, so that its reason is read.
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _Model)
        entry, rect = model.rows[index.row()], QRect(option.rect)
        painter.save()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, self._theme.colour("selected"))
        inner = rect.adjusted(12, 4, -12, -4)
        font = QFont(option.font)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        keys = inner.adjusted(inner.width() - metrics.horizontalAdvance(entry.keys), 0, 0, 0)
        name = "text" if entry.enabled else "disabled"
        painter.setPen(self._theme.colour("text" if chosen else "muted"))
        painter.drawText(keys, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, entry.keys)
        room = inner.adjusted(0, 0, -keys.width() - 12, 0)
        half = room.height() // 2
        painter.setPen(self._theme.colour(name))
        words = metrics.elidedText(entry.text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room.adjusted(0, 0, 0, -half), Qt.AlignmentFlag.AlignBottom, words)
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        painter.setPen(self._theme.colour("text" if chosen else "muted"))
        below = " · ".join(filter(None, (entry.path, entry.why)))
        words = painter.fontMetrics().elidedText(below, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room.adjusted(0, half + 1, 0, 0), Qt.AlignmentFlag.AlignTop, words)
        painter.restore()


class CommandPalette(QFrame):
    """Opens over the window. Enter or a click does the command; what cannot be chosen is grey and says why."""

    def __init__(self, window: MainWindow, recent: list[str]) -> None:
        super().__init__(window)
        self._window = window
        self._recent = recent
        self._entries = entries(window)
        self.setObjectName("palette")
        self.setAccessibleName(self.tr("Commands"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Type a few letters of a command"))
        self.field.setAccessibleName(self.tr("Find a command"))
        self.field.setToolTip(self.tr("A few letters of the command's name or menu; Enter does it"))
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setToolTip("")
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = _Model()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(window.theme, self.list))
        self.nothing = QLabel(self.tr("No command has these letters."))
        self.nothing.setObjectName("muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        for widget in (self.field, self.nothing, self.list):
            column.addWidget(widget)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self.field.returnPressed.connect(lambda: self._choose(self.list.currentIndex()))
        self.list.clicked.connect(self._choose)
        self._search("")
        self._place()
        self._back = QApplication.focusWidget()
        application = QApplication.instance()
        self._application = application if isinstance(application, QApplication) else None
        if self._application is not None:
            self._application.focusChanged.connect(self._on_focus)

    @property
    def shown(self) -> list[Entry]:
        """What is listed."""
        return self._model.rows

    def _place(self) -> None:
        room = self._window.size()
        width, height = min(WIDTH, room.width() - 40), min(HEIGHT, room.height() - 80)
        self.setGeometry((room.width() - width) // 2, 60, width, height)
        self.raise_()

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        """A click elsewhere closes it; another program in front does not."""
        if now is not None and now is not self and not self.isAncestorOf(now):
            self._back = None
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The focus goes back where it was."""
        if self._application is not None:
            self._application.focusChanged.disconnect(self._on_focus)
            self._application = None
        if self._back is not None:
            self._back.setFocus()
        super().closeEvent(event)

    def _search(self, text: str) -> None:
        self._model.show(matching(self._entries, text, self._recent))
        self.nothing.setVisible(not self._model.rows)
        self.list.setVisible(bool(self._model.rows))
        if self._model.rows:
            self.list.setCurrentIndex(self._model.index(0, 0))

    def _choose(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        action = self._model.rows[index.row()].action
        if action.isEnabled():
            name = action.objectName()
            self._recent[:] = [name, *(other for other in self._recent if other != name)][:10]
            self.close()
            action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows walk through the list while one types; Escape closes."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.close()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in MOVES:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)
