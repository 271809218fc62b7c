"""Running one job and waiting for it, for programs without a window."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEventLoop, QObject, QTimer, Slot

from scumble.api import Cancelled, ScumbleError, ToolJob, ToolResult
from scumble.service.jobs import Failure
from scumble.service.model_service import ModelService

OnProgress = Callable[[int, int, float | None], None]
"""Called with step, steps, and the seconds left, None while unknown."""


def run_job(service: ModelService, job: ToolJob, on_progress: OnProgress | None = None) -> ToolResult:
    """Submits a job to a service that was started, and returns its result. Needs a `QCoreApplication`.

    Ctrl-C cancels the job. Raises `ScumbleError`, of which `Cancelled` is one.
    """
    waiter = _Waiter(service, job.id, on_progress)
    with _cancelled_by_interrupt(service, job.id):
        return waiter.wait(lambda: service.submit(job))


class _Waiter(QObject):
    """Stands on the caller's thread, so that its slots do too."""

    def __init__(self, service: ModelService, job_id: str, on_progress: OnProgress | None) -> None:
        super().__init__()
        self._job_id = job_id
        self._on_progress = on_progress
        self._loop = QEventLoop()
        self._outcome: ToolResult | ScumbleError | None = None
        # the interpreter handles signals of the system between two of its own steps only
        self._pulse = QTimer(self, interval=100)
        self._pulse.timeout.connect(_breathe)
        service.progress.connect(self._on_step)
        service.finished.connect(self._on_finished)
        service.failed.connect(self._on_failed)
        service.cancelled.connect(self._on_cancelled)

    def wait(self, begin: Callable[[], None]) -> ToolResult:
        self._pulse.start()
        begin()
        self._loop.exec()
        self._pulse.stop()
        if isinstance(self._outcome, ToolResult):
            return self._outcome
        raise self._outcome or Cancelled()

    @Slot(str, int, int, object, object)
    def _on_step(self, job_id: str, step: int, steps: int, left: float | None, _preview: object) -> None:
        if job_id == self._job_id and self._on_progress is not None:
            self._on_progress(step, steps, left)

    @Slot(str, object)
    def _on_finished(self, job_id: str, result: ToolResult) -> None:
        self._end(job_id, result)

    @Slot(str, object)
    def _on_failed(self, job_id: str, failure: Failure) -> None:
        self._end(job_id, failure.error())

    @Slot(str)
    def _on_cancelled(self, job_id: str) -> None:
        self._end(job_id, Cancelled())

    def _end(self, job_id: str, outcome: ToolResult | ScumbleError) -> None:
        if job_id == self._job_id:
            self._outcome = outcome
            self._loop.quit()


@contextmanager
def _cancelled_by_interrupt(service: ModelService, job_id: str) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: service.cancel(job_id))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _breathe() -> None:
    """Gives the interpreter a step of its own."""
