"""Work that takes a while, off the window's thread; what comes of it arrives back on it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from scumble.api import ScumbleError

T = TypeVar("T")
THREADS = 2


class Background(QObject):
    """A small pool of threads. `busy_changed` tells how many pieces of work are under way."""

    busy_changed = Signal(int)
    _landed = Signal(object)

    def __init__(self, parent: QObject | None = None, threads: int = THREADS) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="scumble-work")
        self._busy = 0
        self._landed.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(self, work: Callable[[], T], done: Callable[[T], object], failed: Callable[[ScumbleError], object]) -> None:
        """Calls `work` on another thread, then `done` or `failed` on this one."""
        self._busy += 1
        self.busy_changed.emit(self._busy)
        future = self._pool.submit(work)
        future.add_done_callback(lambda ended: self._landed.emit(partial(_hand_over, ended, done, failed)))

    @property
    def busy(self) -> int:
        """How many pieces of work are under way."""
        return self._busy

    def close(self) -> None:
        """Waits for what is under way, so that no file is left half thought of."""
        self._pool.shutdown(wait=True)

    def _deliver(self, hand_over: Callable[[], None]) -> None:
        self._busy -= 1
        self.busy_changed.emit(self._busy)
        hand_over()


def _hand_over(ended: Future[T], done: Callable[[T], object], failed: Callable[[ScumbleError], object]) -> None:
    fault = ended.exception()
    if fault is None:
        done(ended.result())
    else:
        failed(as_error(fault))


def as_error(fault: BaseException) -> ScumbleError:
    """Any exception as one with a sentence for a person."""
    if isinstance(fault, ScumbleError):
        return fault
    report = "".join(traceback.format_exception(fault))
    return ScumbleError("internal", where="Scumble", details=report)
