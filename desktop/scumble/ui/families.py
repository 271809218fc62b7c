"""A button of the tool bar for several tools that are alike."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QIcon, QKeyEvent, QPainter, QPaintEvent, QPalette, QPolygon
from PySide6.QtWidgets import QMenu, QToolButton

from scumble.ui.icons import SIZE

CORNER: Final = 5
"""The side of the small triangle that says that there is more, in device-independent pixels."""


class FamilyButton(QToolButton):
    """Shows the tool that was used last; held down, or with the right button or the arrow key, it offers all."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._show_icons)
        self._faces: dict[QAction, QAction] = {}
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.DelayedPopup)
        self.setAutoRaise(True)
        self.setIconSize(QSize(SIZE, SIZE))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("family", True)
        self.add(action)
        self._show(action)

    @property
    def actions_offered(self) -> tuple[QAction, ...]:
        """The tools, in the order of the menu."""
        return tuple(self._faces)

    def add(self, action: QAction) -> None:
        """One more tool. The menu shows it with its icon, which other menus leave out."""
        face = QAction(action.icon(), action.text(), self._menu)
        face.setIconVisibleInMenu(True)
        face.setShortcuts([])
        face.triggered.connect(action.trigger)
        self._menu.addAction(face)
        self._faces[action] = face
        action.toggled.connect(lambda on: self._show(action) if on else None)
        action.changed.connect(lambda: self._refresh(action))
        self._refresh(action)

    def _refresh(self, action: QAction) -> None:
        """The key is written beside the text: a shortcut of its own would make the real one ambiguous."""
        keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
        self._faces[action].setText(f"{action.text()}\t{keys}" if keys else action.text())
        self._faces[action].setEnabled(action.isEnabled())

    def _show(self, action: QAction) -> None:
        self.setDefaultAction(action)
        name = action.text().replace("&", "")
        self.setAccessibleName(name)
        self.setToolTip(action.toolTip() + "\n" + QCoreApplication.translate("ToolBar", "Hold for more"))

    def _show_icons(self) -> None:
        for action, face in self._faces.items():
            face.setIcon(QIcon(action.icon()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button offers all at once."""
        self.showMenu()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """So does the arrow key."""
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self.showMenu()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button with a small triangle in its corner."""
        super().paintEvent(event)
        right, bottom = self.width() - 4, self.height() - 4
        with QPainter(self) as painter:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(QPalette.ColorRole.ButtonText))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            corner = QPoint(right, bottom)
            painter.drawPolygon(QPolygon([corner, corner - QPoint(CORNER, 0), corner - QPoint(0, CORNER)]))
