"""Copies of changed documents while one works, and what a crash left."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer

from scumble.files import Autosave, Opened, Recoverable
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

MINUTE = 60_000


class Autosaver(QObject):
    """Saves what has changed every few minutes; a document that is saved or closed on purpose leaves nothing."""

    def __init__(self, window: MainWindow, autosave: Autosave) -> None:
        super().__init__(window)
        self._window = window
        self._autosave = autosave
        self._keys: dict[DocumentSession, str] = {}
        self._number = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.save_now)
        window.session_closed.connect(self._discard)
        window.session_opened.connect(self._watch)
        window.settings.connect(lambda name: self._schedule() if name == "files.autosave-minutes" else None)
        window.closed.connect(self.close)
        self._schedule()

    def save_now(self) -> None:
        """Saves every document with changes that are in no file."""
        for session in self._window.sessions:
            if session.modified:
                self._autosave.save(
                    self._key(session), session.document.snapshot(), title=session.title, original=session.path
                )

    def offer(self) -> None:
        """Shows what a crash left, to be recovered or discarded."""
        left = self._autosave.recoverable()
        if not left:
            return
        names = ", ".join(f"“{item.title}” ({datetime.fromtimestamp(item.time):%H:%M})" for item in left[:3])
        more = self.tr(" and {count} more").format(count=len(left) - 3) if len(left) > 3 else ""
        self._window.messages.show_message(
            self.tr("Scumble did not close properly. Unsaved work was kept: {names}{more}.").format(
                names=names, more=more
            ),
            "warning",
            (
                (self.tr("Recover"), lambda: self._recover(left)),
                (self.tr("Discard"), lambda: self._forget(left)),
            ),
        )

    def close(self) -> None:
        """Ends the session; waits for what is being written."""
        self._timer.stop()
        self._autosave.close()

    def _recover(self, left: list[Recoverable]) -> None:
        for item in left:
            show = partial(self._show, item)
            self._window.background.run(partial(self._autosave.recover, item), show, self._window.show_error)

    def _show(self, item: Recoverable, opened: Opened) -> None:
        session = self._window.open_document(opened.document, item.original, item.title)
        session.mark_modified()
        # Only when this session holds a copy of its own may the one of the crash go.
        kept = self._autosave.save(
            self._key(session), session.document.snapshot(), title=session.title, original=session.path
        )
        kept.add_done_callback(lambda done: self._autosave.forget(item) if done.exception() is None else None)

    def _forget(self, left: list[Recoverable]) -> None:
        for item in left:
            self._autosave.forget(item)

    def _schedule(self) -> None:
        minutes = self._window.settings.number("files.autosave-minutes")
        if minutes > 0:
            self._timer.start(round(minutes * MINUTE))
        else:
            self._timer.stop()

    def _watch(self, session: DocumentSession) -> None:
        session.state_changed.connect(lambda: None if session.modified else self._discard(session))

    def _discard(self, session: DocumentSession) -> None:
        key = self._keys.pop(session, None)
        if key is not None:
            self._autosave.discard(key)

    def _key(self, session: DocumentSession) -> str:
        if session not in self._keys:
            self._number += 1
            self._keys[session] = f"document-{self._number}"
        return self._keys[session]
