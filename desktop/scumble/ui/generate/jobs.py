"""The jobs that were asked for and have not ended: what the window knows about each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from PySide6.QtCore import QObject, Signal

from scumble.api import Picture, ToolResult
from scumble.generation import Prepared
from scumble.service import Failure, ModelService, Place
from scumble.ui.session import DocumentSession


class Stage(Enum):
    """Where a job is."""

    PREPARING = "preparing"
    """The engine does not know of it yet."""
    WAITING = "waiting"
    RUNNING = "running"


ORDER: Final = (Stage.RUNNING, Stage.WAITING, Stage.PREPARING)
"""In which a person sees them."""


@dataclass(slots=True, eq=False)
class Job:
    """A request on its way, `before` as many that come first. `asked` is what the engine is asked, None while that is
    being prepared. `session` is None once its document has been closed. `group` is shared by those that were asked for
    at once, for several places of one picture; else it is empty. It is not prepared before `after` has ended."""

    asked: Prepared | None
    session: DocumentSession | None
    title: str
    stage: Stage = Stage.WAITING
    before: int = 0
    paused: bool = False
    step: int = 0
    steps: int = 0
    seconds_left: float = -1.0
    preview: Picture | None = None
    group: str = ""
    after: Job | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        if self.asked is not None:
            self.id = self.asked.job.id

    @property
    def prepared(self) -> Prepared:
        """What the engine is asked. RuntimeError while that is being prepared."""
        if self.asked is None:
            raise RuntimeError("this job is still being prepared")
        return self.asked


class JobBoard(QObject):
    """Hands jobs to the service and follows them. What comes of a job that was cancelled here is passed over.

    `changed`: a job came or went or began; `progressed` carries the job; `delivered` the job and its `ToolResult`;
    `failed` the job and its `Failure`.
    """

    changed = Signal()
    progressed = Signal(object)
    delivered = Signal(object, object)
    failed = Signal(object, object)

    def __init__(self, service: ModelService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._jobs: dict[str, Job] = {}
        service.queued.connect(self._on_queued)
        service.started.connect(self._on_started)
        service.paused.connect(self._on_paused)
        service.progress.connect(self._on_progress)
        service.finished.connect(self._on_finished)
        service.failed.connect(self._on_failed)
        service.cancelled.connect(self._on_cancelled)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """In the order in which they are done."""
        return tuple(sorted(self._jobs.values(), key=lambda job: (ORDER.index(job.stage), job.before)))

    def __contains__(self, job: Job) -> bool:
        return self._jobs.get(job.id) is job

    def submit(
        self,
        prepared: Prepared,
        session: DocumentSession | None,
        title: str,
        place: Place = "back",
        group: str = "",
    ) -> Job:
        """Asks the service for a job."""
        job = Job(prepared, session, title, group=group)
        self._jobs[job.id] = job
        self.hand_over(job, prepared, place)
        return job

    def announce(self, job: Job) -> None:
        """Takes up a job that is being prepared."""
        job.stage = Stage.PREPARING
        self._jobs[job.id] = job
        self.changed.emit()

    def hand_over(self, job: Job, prepared: Prepared, place: Place = "back") -> None:
        """Asks the service for a job that was announced."""
        job.asked, job.stage = prepared, Stage.WAITING
        job.before = sum(other.stage is not Stage.PREPARING for other in self._jobs.values()) - 1
        self._service.submit(prepared.job, light=prepared.tool.light, place=place)
        self.changed.emit()

    def drop(self, job: Job) -> None:
        """A job that was announced cannot be prepared."""
        if self._jobs.pop(job.id, None) is not None:
            self.changed.emit()

    def cancel(self, job: Job) -> None:
        """Ends a job; it is gone at once, whatever the engine still does."""
        if self._jobs.pop(job.id, None) is not None:
            if job.stage is not Stage.PREPARING:
                self._service.cancel(job.id)
            self.changed.emit()

    def advance(self, job: Job) -> None:
        """Has a job done before the others; one that runs is put aside for it, where that can be."""
        self._service.advance(job.id)

    def pause(self, job: Job, paused: bool) -> None:
        """Holds a job that has begun, or lets it go on."""
        self._service.pause(job.id, paused)

    def cancel_all(self) -> None:
        """Ends every job."""
        for job in self.jobs:
            self.cancel(job)

    def forget_session(self, session: DocumentSession) -> None:
        """A document was closed; its jobs go on, and their results are kept."""
        for job in self._jobs.values():
            if job.session is session:
                job.session = None
        self.changed.emit()

    def _on_queued(self, job_id: str, before: int) -> None:
        if (job := self._jobs.get(job_id)) and (job.stage, job.before) != (Stage.WAITING, before):
            job.stage, job.before = Stage.WAITING, before
            self.changed.emit()

    def _on_paused(self, job_id: str, paused: bool) -> None:
        if job := self._jobs.get(job_id):
            job.paused = paused
            self.changed.emit()

    def _on_started(self, job_id: str) -> None:
        if job := self._jobs.get(job_id):
            job.stage = Stage.RUNNING
            self.changed.emit()

    def _on_progress(self, job_id: str, step: int, steps: int, seconds_left: float, preview: Picture | None) -> None:
        if job := self._jobs.get(job_id):
            job.step, job.steps = step, steps
            job.seconds_left = -1.0 if seconds_left is None else float(seconds_left)
            job.preview = preview if preview is not None else job.preview
            self.progressed.emit(job)

    def _on_finished(self, job_id: str, result: ToolResult) -> None:
        if job := self._jobs.pop(job_id, None):
            self.delivered.emit(job, result)
            self.changed.emit()

    def _on_failed(self, job_id: str, failure: Failure) -> None:
        if job := self._jobs.pop(job_id, None):
            self.failed.emit(job, failure)
            self.changed.emit()

    def _on_cancelled(self, job_id: str) -> None:
        if self._jobs.pop(job_id, None):
            self.changed.emit()
