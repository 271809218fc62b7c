"""The main window: documents in tabs, docks round them, and the commands that tie them together."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QStackedWidget, QTabBar, QTabWidget, QVBoxLayout, QWidget

from scumble.api import ScumbleError
from scumble.settings import Memory, Settings
from scumble.ui.background import Background
from scumble.ui.commands import Commands
from scumble.ui.icons import Icons
from scumble.ui.keymap import KeyMap
from scumble.ui.messages import MessageBar
from scumble.ui.statusbar import StatusBar
from scumble.ui.theme import Theme
from scumble.ui.widgets import tool_button

if TYPE_CHECKING:  # what documents need takes as long to import as all the rest, and the first paint has none
    from scumble.document import ChangeSet, Document
    from scumble.ui.canvas.canvas import Canvas
    from scumble.ui.screencolours import ScreenColours
    from scumble.ui.session import DocumentSession
    from scumble.ui.toolstate import ToolState

LAYOUT = 2
"""Raised when docks or tool bars change so much that an old arrangement no longer fits."""


class MainWindow(QMainWindow):
    """`session_changed` carries the current session, or None; `session_opened` and `session_closed` frame its life.

    `files_dropped` carries the paths that were dropped on the window. `closing` is emitted before the window closes: a
    listener that calls `hold_open` keeps it open for now. `close_requested` carries the session whose tab is to close.
    """

    session_changed = Signal(object)
    session_opened = Signal(object)
    session_closed = Signal(object)
    close_requested = Signal(object)
    expanded = Signal(object)
    files_dropped = Signal(list)
    closing = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, settings: Settings, memory: Memory) -> None:
        super().__init__()
        self.theme = theme
        self.settings = settings
        self.memory = memory
        self.icons = Icons(theme)
        self.keymap = KeyMap(settings, self)
        self.commands = Commands(self.icons, self, self.keymap)
        self.background = Background(self)
        self.menus: dict[str, QMenu] = {}
        self.drop_takers: list[Callable[[list[Path]], list[Path]]] = []  # each takes what is its own of dropped files
        self.facts: list[Callable[[], str]] = []  # what parts of the window have to say in the diagnostics, a line each
        self.remarks: dict[str, Callable[[], QWidget]] = {}  # what they show in the settings, by the section
        self._sessions: list[DocumentSession] = []
        self._canvases: dict[DocumentSession, Canvas] = {}
        self._shown: DocumentSession | None = None
        self._held = False
        self._build_centre()
        self.status = StatusBar(self)
        self.setStatusBar(self.status)
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.resize(QSize(1440, 900).boundedTo(self.screen().availableSize()))
        self._refresh = QTimer(self, singleShot=True, interval=0)
        self._refresh.timeout.connect(self._refresh_now)
        self.commands.set_guard(self.settle_then)
        self._update_title()

    def _build_centre(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tabs = QTabBar()
        self.tabs.setDocumentMode(True)
        self.tabs.setDrawBase(False)
        self.tabs.setMovable(True)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(self.tr("Open pictures"))
        self.tabs.currentChanged.connect(self._on_tab)
        self.tabs.tabMoved.connect(self._on_tab_moved)
        self.messages = MessageBar(self.icons)
        self._pages = QStackedWidget()
        for widget in (self.tabs, self.messages):
            column.addWidget(widget)
        column.addWidget(self._pages, 1)
        self.tabs.hide()
        self.setCentralWidget(centre)

    @cached_property
    def tools(self) -> ToolState:
        """What is in the painter's hand."""
        from scumble.ui.toolstate import ToolState  # noqa: PLC0415  # after the first paint

        return ToolState(self)

    @cached_property
    def screen_colours(self) -> ScreenColours:
        """The colours of the screen that it is seen on."""
        from scumble.ui.screencolours import ScreenColours  # noqa: PLC0415  # after the first paint

        return ScreenColours(self)

    # Documents

    @property
    def session(self) -> DocumentSession | None:
        """The document in the current tab."""
        return self._shown

    @property
    def sessions(self) -> tuple[DocumentSession, ...]:
        """All open documents, in the order of their tabs."""
        return tuple(self._sessions)

    @property
    def canvas(self) -> Canvas | None:
        """The canvas of the current document."""
        return self._canvases[self._shown] if self._shown is not None else None

    def canvas_of(self, session: DocumentSession) -> Canvas:
        """The canvas that shows a document. KeyError when it was closed."""
        return self._canvases[session]

    def open_document(self, document: Document, path: Path | None = None, title: str = "") -> DocumentSession:
        """Shows a document in a new tab and makes it the current one."""
        from scumble.ui.canvas.canvas import Canvas  # noqa: PLC0415  # after the first paint
        from scumble.ui.session import DocumentSession  # noqa: PLC0415

        document.history.budget = int(self.settings.number("history.budget")) << 20
        session = DocumentSession(document, path, title, self)
        canvas = Canvas(session, self.tools, self.theme)
        canvas.refused.connect(self.show_error)
        session.state_changed.connect(lambda: self._update_tab(session))
        session.changed.connect(lambda change: self._on_changed(session, change))
        self._canvases[session] = canvas
        self._pages.addWidget(canvas)
        self._sessions.append(session)
        self.session_opened.emit(session)
        self.tabs.show()
        index = self.tabs.addTab("")
        close = tool_button(self.icons.icon("close"), self.tr("Close the picture"))
        close.setIconSize(QSize(14, 14))
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(lambda: self.close_requested.emit(session))
        self.tabs.setTabButton(index, QTabBar.ButtonPosition.RightSide, close)
        self._update_tab(session)
        self.tabs.setCurrentIndex(index)
        self._on_tab(index)
        canvas.setFocus()
        return session

    def show_session(self, session: DocumentSession) -> None:
        """Brings a document's tab to the front."""
        self.tabs.setCurrentIndex(self._sessions.index(session))

    def settle_then(self, act: Callable[[], object]) -> None:
        """Acts once nothing is under way in the document in sight, which does not hold the window up."""
        if self._shown is not None and self._shown in self._canvases:
            self._shown.settle_then(act)
        else:
            act()

    def drop_session(self, session: DocumentSession) -> None:
        """Closes a document without asking."""
        index = self._sessions.index(session)
        canvas = self._canvases[session]
        canvas.gestures.cancel()
        session.settle()
        self.tabs.blockSignals(True)
        self._sessions.pop(index)
        self.tabs.removeTab(index)
        self.tabs.blockSignals(False)
        self.tabs.setVisible(bool(self._sessions))
        self._on_tab(self.tabs.currentIndex())
        del self._canvases[session]
        self._pages.removeWidget(canvas)
        session.close()
        self.session_closed.emit(session)
        canvas.deleteLater()
        session.deleteLater()

    # Parts

    def set_start_page(self, page: QWidget) -> None:
        """What is shown while no document is open."""
        self._pages.insertWidget(0, page)
        if not self._sessions:
            self._show_start_page()

    def _show_start_page(self) -> None:
        self._pages.setCurrentIndex(0)
        if (page := self._pages.currentWidget()) is not None:
            page.setFocus()

    def add_dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea, name: str) -> QDockWidget:
        """Puts a widget into a dock; `name` is what its place is remembered under."""
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        dock.dockLocationChanged.connect(self._trim_titles)
        dock.topLevelChanged.connect(self._trim_titles)
        dock.visibilityChanged.connect(self._trim_titles)
        self.addDockWidget(area, dock)
        if "docks" in self.menus:
            self.menus["docks"].addAction(dock.toggleViewAction())
        return dock

    def _trim_titles(self) -> None:
        """Docks that share a place have their names on their tabs, and need no title bar beside."""
        for dock in self.findChildren(QDockWidget):
            shared = not dock.isFloating() and bool(self.tabifiedDockWidgets(dock))
            bare = dock.titleBarWidget() is not None
            if shared and not bare:
                dock.setTitleBarWidget(QWidget(dock))
            elif bare and not shared:
                bar = dock.titleBarWidget()
                dock.setTitleBarWidget(None)  # type: ignore[arg-type]  # None is how Qt takes it back
                bar.deleteLater()
        for tabs in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            tabs.setAccessibleName(self.tr("Docks in one place"))

    def restore_layout(self) -> None:
        """Puts window, docks and tool bars where they were left."""
        geometry = self.memory.blob("window.geometry")
        if geometry:
            self.restoreGeometry(QByteArray(geometry))
        state = self.memory.blob("window.state")
        if state:
            self.restoreState(QByteArray(state), LAYOUT)
        self._trim_titles()

    def remember_layout(self) -> None:
        """Keeps where they are."""
        self.memory.keep_blob("window.geometry", bytes(self.saveGeometry().data()))
        self.memory.keep_blob("window.state", bytes(self.saveState(LAYOUT).data()))

    def show_error(self, error: ScumbleError) -> None:
        """Tells the person calmly, in a bar that can be dismissed and that has the details."""
        self.messages.show_error(error)

    def attempt(self, act: Callable[[], object]) -> None:
        """Calls something that a person asked for; an error of it is shown."""
        try:
            act()
        except ScumbleError as error:
            self.show_error(error)

    # Events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Opens what was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
        for take in self.drop_takers:
            paths = take(paths)
        if paths:
            self.files_dropped.emit(paths)

    def hold_open(self) -> None:
        """Keeps the window open when called by a listener of `closing`."""
        self._held = True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closes when nobody holds it open."""
        self._held = False
        self.closing.emit()
        if self._held:
            event.ignore()
            return
        self.remember_layout()
        for session in self.sessions:
            self.drop_session(session)
        self.background.close()
        self.closed.emit()
        event.accept()

    def _on_tab(self, index: int) -> None:
        session = self._sessions[index] if 0 <= index < len(self._sessions) else None
        if session is self._shown:
            return
        self.settle_then(lambda: None)
        self._shown = session
        if session is not None:
            self._pages.setCurrentWidget(self._canvases[session])
        elif self._pages.count():
            self._show_start_page()
        self.status.follow(self.canvas)
        self._update_title()
        self.session_changed.emit(session)
        self._refresh_now()

    def _on_tab_moved(self, source: int, target: int) -> None:
        self._sessions.insert(target, self._sessions.pop(source))

    def _on_changed(self, session: DocumentSession, change: ChangeSet) -> None:
        if session is self._shown and (change.history or change.structure or change.active):
            self._refresh.start()

    def _refresh_now(self) -> None:
        self.commands.refresh(self._shown)
        self.status.update_memory()

    def _update_tab(self, session: DocumentSession) -> None:
        if session not in self._sessions:
            return
        index = self._sessions.index(session)
        mark = "• " if session.modified else ""
        self.tabs.setTabText(index, mark + session.title.replace("&", "&&"))
        self.tabs.setTabToolTip(index, str(session.path) if session.path is not None else session.title)
        if session is self._shown:
            self._update_title()
            self._refresh.start()

    def _update_title(self) -> None:
        session = self._shown
        self.setWindowModified(session is not None and session.modified)
        self.setWindowTitle(self.tr("Scumble") if session is None else f"{session.title}[*] — {self.tr('Scumble')}")
