"""Writing files without making the window wait: flattening in slices on its thread, encoding on another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from scumble.api import Cancelled, ScumbleError
from scumble.document import Pixels, Rect, Snapshot
from scumble.files import Choices, Note, Reuse, export_document, save_document
from scumble.render import flatten_tiles
from scumble.ui.background import Background
from scumble.ui.session import DocumentSession
from scumble.ui.work import Work

T = TypeVar("T")

SLICE: Final = 0.004
"""Seconds that one slice of flattening may take."""

FLATTENING: Final = 0.3
"""The part of a save, 0…1, that flattening is shown as."""


@dataclass(slots=True, eq=False)
class _Task:
    snapshot: Snapshot
    merged: Pixels
    tiles: Iterator[tuple[Rect, Pixels]]
    work: Work
    then: Callable[[Pixels], object]
    failed: Callable[[ScumbleError], object]


class Saver(QObject):
    """One flattening at a time, in the order of asking. `progress` carries 0…1, and 1 when nothing is left to do;
    `started` carries the `Work` of each saving and export."""

    progress = Signal(float)
    started = Signal(object)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._tasks: list[_Task] = []
        self._reuse: dict[DocumentSession, Reuse] = {}
        self._writing = 0
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._slice)

    @property
    def busy(self) -> bool:
        """Whether something is still being written."""
        return bool(self._tasks) or self._writing > 0

    def save(
        self,
        session: DocumentSession,
        path: Path,
        done: Callable[[int], object],
        failed: Callable[[ScumbleError], object],
    ) -> Work:
        """Saves a document as it is now; `done` is given the revision that is in the file.

        The work may be called off: then `failed` is given `Cancelled`, and the file is as it was.
        """
        snapshot = session.document.snapshot()
        reuse = self._reuse.setdefault(session, Reuse())
        work = self._work(self.tr("Saving {name}").format(name=path.name))
        self._start(
            snapshot,
            work,
            lambda merged: save_document(snapshot, path, merged=merged, progress=work.report, reuse=reuse),
            lambda _result: done(snapshot.revision),
            failed,
        )
        return work

    def export(
        self,
        session: DocumentSession,
        path: Path,
        choices: Choices,
        done: Callable[[tuple[Note, ...]], object],
        failed: Callable[[ScumbleError], object],
    ) -> Work:
        """Writes a copy of the document as it is now, in another format; `done` is given what that could not hold."""
        snapshot = session.document.snapshot()
        work = self._work(self.tr("Exporting {name}").format(name=path.name))
        self._start(
            snapshot,
            work,
            lambda merged: export_document(snapshot, path, choices=choices, merged=merged, progress=work.report),
            done,
            failed,
        )
        return work

    def flatten(self, snapshot: Snapshot, then: Callable[[Pixels], object]) -> Work:
        """Has the whole visible picture made, stored pixels, and handed over; calling off the work prevents that."""
        work = Work("", self)
        self._queue(snapshot, work, then, lambda _error: None)
        return work

    def forget(self, session: DocumentSession) -> None:
        """The document has been closed."""
        self._reuse.pop(session, None)

    def _work(self, title: str) -> Work:
        work = Work(title, self, (FLATTENING, 1.0))
        self.started.emit(work)
        return work

    def _start(
        self,
        snapshot: Snapshot,
        work: Work,
        write: Callable[[Pixels], T],
        done: Callable[[T], object],
        failed: Callable[[ScumbleError], object],
    ) -> None:
        self._queue(snapshot, work, lambda merged: self._hand_over(merged, work, write, done, failed), failed)

    def _queue(
        self,
        snapshot: Snapshot,
        work: Work,
        then: Callable[[Pixels], object],
        failed: Callable[[ScumbleError], object],
    ) -> None:
        bounds = snapshot.structure.bounds
        merged = np.zeros((bounds.height, bounds.width, 4), snapshot.format.dtype)
        self._tasks.append(_Task(snapshot, merged, flatten_tiles(snapshot), work, then, failed))
        self._timer.start()
        self.progress.emit(0.0)

    def _slice(self) -> None:
        task = self._tasks[0]
        bounds = task.snapshot.structure.bounds
        until = time.perf_counter() + SLICE
        part = bounds
        while time.perf_counter() < until:
            if task.work.cancelled:
                self._next()
                task.work.end()
                task.failed(Cancelled())
                self._tell_if_idle()
                return
            try:
                part, pixels = next(task.tiles)
            except StopIteration:
                self._next()
                task.then(task.merged)
                self._tell_if_idle()
                return
            task.merged[part.slices(bounds)] = pixels
        share = FLATTENING * part.bottom / bounds.height
        self.progress.emit(share)
        task.work.moved.emit(share)

    def _next(self) -> None:
        self._tasks.pop(0)
        if not self._tasks:
            self._timer.stop()

    def _hand_over(
        self,
        merged: Pixels,
        work: Work,
        write: Callable[[Pixels], T],
        done: Callable[[T], object],
        failed: Callable[[ScumbleError], object],
    ) -> None:
        self._writing += 1
        self.progress.emit(FLATTENING)

        def written(result: T) -> None:
            self._ended(work)
            done(result)

        def unwritten(error: ScumbleError) -> None:
            self._ended(work)
            failed(error)

        self._background.run(lambda: write(merged), written, unwritten)

    def _ended(self, work: Work) -> None:
        self._writing -= 1
        work.end()
        self._tell_if_idle()

    def _tell_if_idle(self) -> None:
        if not self.busy:
            self.progress.emit(1.0)
