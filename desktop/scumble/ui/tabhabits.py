"""What one is used to do with tabs: the middle button closes, the right one offers a menu, Ctrl+Tab goes on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QMenu

from scumble.ui.actions.file import FileActions
from scumble.ui.commands import Command
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow


def several(session: DocumentSession | None) -> bool:
    """There is another tab to go to."""
    window = session.parent() if session is not None else None
    return isinstance(window, MainWindow) and len(window.sessions) > 1


NEXT = Command("window.next", QT_TRANSLATE_NOOP("commands", "Ne&xt picture"), "", ("Ctrl+Tab",), "", several)
PREVIOUS = Command(
    "window.previous", QT_TRANSLATE_NOOP("commands", "Pre&vious picture"), "", ("Ctrl+Shift+Tab",), "", several
)
OTHERS = Command("file.close-others", QT_TRANSLATE_NOOP("commands", "Close &others"), "", (), "", several)
ALL = Command("file.close-all", QT_TRANSLATE_NOOP("commands", "Close a&ll"), "", ("Ctrl+Shift+W",), "", several)


class TabHabits(QObject):
    """Watches the tabs of a window."""

    def __init__(self, window: MainWindow, files: FileActions) -> None:
        super().__init__(window)
        self._window = window
        self._files = files
        self._pressed = -1
        add = window.commands.add
        add(NEXT, lambda: self._step(1))
        add(PREVIOUS, lambda: self._step(-1))
        add(OTHERS, lambda: files.close_sessions([s for s in window.sessions if s is not window.session]))
        add(ALL, lambda: files.close_sessions(list(window.sessions)))
        window.tabs.installEventFilter(self)
        window.tabs.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        window.tabs.customContextMenuRequested.connect(self._on_menu)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The middle button, pressed and let go on the same tab, closes its picture."""
        if isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.MiddleButton:
            tab = self._window.tabs.tabAt(event.position().toPoint())
            if event.type() == QEvent.Type.MouseButtonPress:
                self._pressed = tab
            elif event.type() == QEvent.Type.MouseButtonRelease and tab == self._pressed >= 0:
                self._window.close_requested.emit(self._window.sessions[tab])
            return True
        return super().eventFilter(watched, event)

    def make_menu(self, tab: int) -> QMenu:
        """What can be done with the picture of a tab, which becomes the current one."""
        window = self._window
        session = window.sessions[tab]
        window.show_session(session)
        menu = QMenu(window)
        for name in ("file.save", "file.save-as", "", "file.close", "file.close-others", "file.close-all"):
            menu.addAction(window.commands.action(name)) if name else menu.addSeparator()
        if session.path is not None:
            path = session.path
            menu.addSeparator()
            copy = menu.addAction(self.tr("Copy the &path of the file"))
            copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(str(path)))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _on_menu(self, place: QPoint) -> None:
        tab = self._window.tabs.tabAt(place)
        if tab >= 0:
            self.make_menu(tab).popup(self._window.tabs.mapToGlobal(place))

    def _step(self, direction: int) -> None:
        window = self._window
        if window.session is not None:
            place = (window.sessions.index(window.session) + direction) % len(window.sessions)
            window.show_session(window.sessions[place])
            if window.canvas is not None:
                window.canvas.setFocus()
