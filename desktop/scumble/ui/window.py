"""The main window: documents in tabs, docks round them, and the commands that tie them together."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget, QWidget

from scumble.api import ScumbleError
from scumble.document import Document
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.commands import Commands
from scumble.ui.icons import Icons
from scumble.ui.session import DocumentSession
from scumble.ui.theme import Theme


class MainWindow(QMainWindow):
    """`session_changed` carries the current session, or None; `session_opened` and `session_closed` frame its life."""

    session_changed = Signal(object)
    session_opened = Signal(object)
    session_closed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.icons = Icons(theme)
        self.commands = Commands(self.icons, self)
        self._sessions: list[DocumentSession] = []
        self._canvases: dict[DocumentSession, Canvas] = {}
        self._pages = QStackedWidget()
        self.setCentralWidget(self._pages)

    @property
    def session(self) -> DocumentSession | None:
        """The document in the current tab."""
        return self._sessions[-1] if self._sessions else None

    def open_document(self, document: Document, path: Path | None = None, title: str = "") -> DocumentSession:
        """Shows a document in a new tab and makes it the current one."""
        session = DocumentSession(document, path, title, self)
        self._sessions.append(session)
        self._canvases[session] = Canvas(session)
        self.session_opened.emit(session)
        self.session_changed.emit(session)
        return session

    @property
    def canvas(self) -> Canvas | None:
        """The canvas of the current document."""
        return self.canvas_of(self.session) if self.session is not None else None

    def canvas_of(self, session: DocumentSession) -> Canvas:
        """The canvas that shows a document. KeyError when it was closed."""
        return self._canvases[session]

    def add_dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea, name: str) -> QDockWidget:
        """Puts a widget into a dock; `name` is what its place is remembered under."""
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def show_error(self, error: ScumbleError) -> None:
        """Tells the person calmly, in a bar that can be dismissed and that has the details."""
        raise NotImplementedError
