"""Keeps everything that is generated on disk, and brings back what waited when the program ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from scumble.api import Picture, ScumbleError, Tool
from scumble.files.results import Entry, Kept, ResultStore
from scumble.plugins import Catalogue
from scumble.ui.background import Background
from scumble.ui.candidates.records import Home, revived, written
from scumble.ui.generate.candidates import Candidates, Result
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

T = TypeVar("T")

BUDGET = "results.budget"
"""The setting that says how many MiB the results may take."""

MOST = 48
"""So many candidates come back to a document that is opened; what is older is found among the results."""

Found: TypeAlias = tuple[list[Result], list[ScumbleError]]


class ResultKeeper(QObject):
    """`changed` says that there are other results on disk, or other stars. All that touches the disk happens on a
    thread of its own, in order."""

    changed = Signal()

    def __init__(self, window: MainWindow, candidates: Candidates, catalogue: Catalogue, folder: Path) -> None:
        super().__init__(window)
        self._window = window
        self._candidates = candidates
        self._catalogue = catalogue
        self._folder = folder
        self._store: ResultStore | None = None
        self._closed = False
        self._background = Background(self, threads=1)
        self._files: dict[DocumentSession, Path | None] = {}
        candidates.added.connect(self._keep)
        candidates.settled.connect(self._settle)
        candidates.starred.connect(self._star)
        window.session_opened.connect(self._on_opened)
        window.session_closed.connect(lambda session: self._files.pop(session, None))
        window.closed.connect(self._close)
        for session in window.sessions:
            self._on_opened(session)
        tools = self._tools()
        self._run(lambda store: _loaded(store, store.stranded(), tools, None), self._restore)

    # What others ask for

    def entries(self, done: Callable[[list[Entry]], object]) -> None:
        """All results that there are, the newest first."""
        self._run(lambda store: store.entries(), done)

    def thumbnails(self, ids: Sequence[str], done: Callable[[dict[str, Picture]], object]) -> None:
        """The small pictures of some; those that cannot be read are left out."""
        self._run(lambda store: _readable(store, ids), done)

    def load(self, result_id: str, done: Callable[[Kept], object]) -> None:
        """One with its pictures."""
        self._run(lambda store: store.load(result_id), done)

    def remove(self, ids: Sequence[str]) -> None:
        """Deletes some for good, also from the strip."""
        self._candidates.discard(*(result for result in self._candidates.all if result.id in ids))
        self._run(lambda store: store.remove(ids), self._tell)

    def star(self, ids: Sequence[str], starred: bool) -> None:
        """Marks the good ones."""
        here = [result for result in self._candidates.all if result.id in ids]
        if here:
            self._candidates.star(here, starred)
        self._run(lambda store: store.star(ids, starred), self._tell)

    def result(self, kept: Kept, session: DocumentSession | None) -> Result:
        """A result as it was when it was made, for a document or for none."""
        result = revived(kept, self._tools(), _home(session))
        result.session = session
        return result

    def _tools(self) -> dict[str, Tool]:
        return {tool.id: tool for _, tool in self._catalogue.tools()}

    # Events

    def _keep(self, results: Sequence[Result]) -> None:
        budget = int(self._window.settings.number(BUDGET)) << 20

        def work(store: ResultStore) -> None:
            for result in results:
                store.add(written(result, file, store.session))
            store.prune(budget, [result.id for result in results])

        file = results[0].file if results else ""
        self._run(work, self._tell)

    def _settle(self, results: Sequence[Result]) -> None:
        if results:
            self._run(lambda store: store.settle([result.id for result in results]), self._tell)

    def _star(self, results: Sequence[Result]) -> None:
        by_star = {on: [result.id for result in results if result.starred is on] for on in (True, False)}
        for on, ids in by_star.items():
            if ids:
                self._run(partial(ResultStore.star, ids=ids, starred=on), self._tell)

    def _on_opened(self, session: DocumentSession) -> None:
        self._files[session] = session.path
        session.state_changed.connect(lambda: self._on_state(session))
        self._candidates.attach(session)
        # What it was read from is known once whoever opened it has said so.
        QTimer.singleShot(0, self, lambda: self._seek(session))

    def _seek(self, session: DocumentSession) -> None:
        """Brings back what waits for a document."""
        key, path = session.document.key, _file(session)
        known = {result.id for result in self._candidates.all}
        tools, home = self._tools(), _home(session)

        def work(store: ResultStore) -> Found:
            waiting = [entry for entry in store.waiting(key, path) if entry.about.id not in known]
            return _loaded(store, waiting, tools, home)

        self._run(work, lambda found: self._restore(found, session))

    def _on_state(self, session: DocumentSession) -> None:
        """Saved under another name: what waits for it waits for that."""
        if session in self._files and self._files[session] != session.path:
            self._files[session] = session.path
            self._adopt([result for result in self._candidates.all if result.session is session], session)

    def _restore(self, found: Found, session: DocumentSession | None = None) -> None:
        """What waits for a document that was closed meanwhile opens as one of its own."""
        here = session if session in self._window.sessions else None
        results = found[0]
        for result in results:
            result.session = here
        for fault in found[1][:1]:
            self._window.show_error(fault)
        self._candidates.restore(results)
        if here is not None:
            self._adopt(results, here)
        for other in self._window.sessions:
            self._candidates.attach(other)

    def _adopt(self, results: Sequence[Result], session: DocumentSession) -> None:
        ids, key, path = [result.id for result in results], session.document.key, _file(session)
        if ids:
            self._run(lambda store: store.adopt(ids, key, path), lambda _: None)

    def _tell(self, _done: object = None) -> None:
        self.changed.emit()

    def _close(self) -> None:
        """What waits for no file waits no more: its document was given up on purpose. It stays among the results."""
        self._settle([result for result in self._candidates.all if not result.file])
        self._closed = True
        self._background.close()
        if self._store is not None:
            self._store.close()

    def _run(self, work: Callable[[ResultStore], T], done: Callable[[T], object]) -> None:
        if not self._closed:
            self._background.run(lambda: work(self._opened()), done, self._window.show_error)

    def _opened(self) -> ResultStore:
        """On the thread of the store."""
        if self._store is None:
            self._store = ResultStore(self._folder)
        return self._store


def _file(session: DocumentSession) -> str:
    return str(session.path or session.source or "")


def _loaded(store: ResultStore, entries: Sequence[Entry], tools: Mapping[str, Tool], home: Home | None) -> Found:
    """The latest that can be read, and why others cannot, which wait no more."""
    found: list[Result] = []
    faults: list[ScumbleError] = []
    for entry in entries[-MOST:]:
        try:
            found.append(revived(store.load(entry.about.id), tools, home))
        except ScumbleError as error:
            faults.append(error)
            store.settle([entry.about.id])
    return found, faults


def _home(session: DocumentSession | None) -> Home | None:
    return None if session is None else (session.document.key, session.document.structure.frame)


def _readable(store: ResultStore, ids: Sequence[str]) -> dict[str, Picture]:
    found: dict[str, Picture] = {}
    for name in ids:
        try:
            found[name] = store.thumbnail(name)
        except ScumbleError:
            continue
    return found
