"""Writing files without making the window wait: flattening in slices on its thread, encoding on another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from scumble.api import ScumbleError
from scumble.document import Pixels, Rect, Snapshot
from scumble.files import Reuse, export_document, save_document
from scumble.render import flatten_tiles
from scumble.ui.background import Background
from scumble.ui.session import DocumentSession

SLICE: Final = 0.004
"""Seconds that one slice of flattening may take."""


@dataclass(slots=True, eq=False)
class _Task:
    snapshot: Snapshot
    merged: Pixels
    tiles: Iterator[tuple[Rect, Pixels]]
    write: Callable[[Pixels], object]
    done: Callable[[], object]
    failed: Callable[[ScumbleError], object]


class Saver(QObject):
    """One flattening at a time, in the order of asking. `progress` carries 0…1, and 1 when nothing is left to do."""

    progress = Signal(float)

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
    ) -> None:
        """Saves a document as it is now; `done` is given the revision that is in the file."""
        snapshot = session.document.snapshot()
        reuse = self._reuse.setdefault(session, Reuse())
        self._start(
            snapshot,
            lambda merged: save_document(snapshot, path, merged=merged, reuse=reuse),
            lambda: done(snapshot.revision),
            failed,
        )

    def export(
        self,
        session: DocumentSession,
        path: Path,
        quality: int,
        done: Callable[[], object],
        failed: Callable[[ScumbleError], object],
    ) -> None:
        """Writes a flat copy of the document as it is now."""
        snapshot = session.document.snapshot()
        self._start(
            snapshot, lambda merged: export_document(snapshot, path, quality=quality, merged=merged), done, failed
        )

    def forget(self, session: DocumentSession) -> None:
        """The document has been closed."""
        self._reuse.pop(session, None)

    def _start(
        self,
        snapshot: Snapshot,
        write: Callable[[Pixels], object],
        done: Callable[[], object],
        failed: Callable[[ScumbleError], object],
    ) -> None:
        bounds = snapshot.structure.bounds
        merged = np.zeros((bounds.height, bounds.width, 4), snapshot.format.dtype)
        self._tasks.append(_Task(snapshot, merged, flatten_tiles(snapshot), write, done, failed))
        self._timer.start()
        self.progress.emit(0.0)

    def _slice(self) -> None:
        task = self._tasks[0]
        bounds = task.snapshot.structure.bounds
        until = time.perf_counter() + SLICE
        while time.perf_counter() < until:
            try:
                part, pixels = next(task.tiles)
            except StopIteration:
                self._hand_over(self._tasks.pop(0))
                if not self._tasks:
                    self._timer.stop()
                return
            task.merged[part.slices(bounds)] = pixels
        self.progress.emit(0.5 * part.bottom / bounds.height)

    def _hand_over(self, task: _Task) -> None:
        self._writing += 1
        self.progress.emit(0.5)

        def done(_result: object) -> None:
            self._ended()
            task.done()

        def failed(error: ScumbleError) -> None:
            self._ended()
            task.failed(error)

        self._background.run(lambda: task.write(task.merged), done, failed)

    def _ended(self) -> None:
        self._writing -= 1
        if not self.busy:
            self.progress.emit(1.0)
