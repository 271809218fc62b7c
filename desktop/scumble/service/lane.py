"""A lane of the service: a queue of jobs, and the one engine that works it off."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from scumble.api import ToolJob
from scumble.protocol import (
    CancelJob,
    CancelledJob,
    Failed,
    Finished,
    Message,
    Metric,
    PauseJob,
    PluginFault,
    Progress,
    ProtocolError,
    PutJobAside,
    RunJob,
    Standing,
    Started,
)
from scumble.service.jobs import BegunJob, EngineState, Failure, Place
from scumble.service.keeper import EngineKeeper, Received
from scumble.service.launch import EngineSettings
from scumble.service.link import Ended
from scumble.service.requests import request, result

LOG = logging.getLogger("scumble.engine")

CANCEL_GRACE_MS: Final = 3000
"""How long a job may take to stop after it was cancelled; then the engine is killed."""


class Lane(QObject):
    """Runs one job at a time. Lives on the service's thread; its signals are those of `ModelService`.

    A job that is put aside waits as another does, or, while it is paused, beside the queue.

    `said` carries what the engine says that concerns no job. With `idle_ms` the engine is started by the first job and
    ended when it has had none for so long; otherwise it is started by `begin`.
    """

    state_changed = Signal(str)
    queued = Signal(str, int)
    started = Signal(str)
    paused = Signal(str, bool)
    progress = Signal(str, int, int, object, object)
    metric = Signal(str, str, int, float)
    finished = Signal(str, object)
    failed = Signal(str, object)
    cancelled = Signal(str)
    plugin_faulted = Signal(str, object)
    said = Signal(object)

    def __init__(self, settings: EngineSettings, parent: QObject, idle_ms: int = 0) -> None:
        super().__init__(parent)
        self._waiting: deque[ToolJob] = deque()
        self._aside: dict[str, BegunJob] = {}
        self._running: BegunJob | None = None
        self._up = False
        self._stale = False
        self.pid = 0
        self.state: EngineState = "off"
        self._keeper = self._make_keeper(settings)
        self._grace = QTimer(self, singleShot=True, interval=CANCEL_GRACE_MS)
        self._grace.timeout.connect(self._keeper.kill)
        self._on_demand = idle_ms > 0
        self._idle = QTimer(self, singleShot=True, interval=idle_ms)
        self._idle.timeout.connect(self._rest)

    def begin(self) -> None:
        """Starts the engine, unless it is being started or up."""
        if self.state in ("off", "unavailable"):
            self._set_state("starting")
            self._keeper.start()

    def end(self) -> None:
        """Ends the engine and waits for that; every job is cancelled."""
        self._grace.stop()
        self._idle.stop()
        self._keeper.stop()
        self._up = False
        held = (job_id for job_id in self._aside if not self._waits(job_id))
        for job_id in [*held, *(job.id for job in self._take_all())]:
            self.cancelled.emit(job_id)
        self._aside.clear()
        self._set_state("off")

    def send(self, message: Message) -> bool:
        """Says something to the engine that concerns no job; False, and for nothing, where there is none."""
        return self._keeper.send(message)

    def submit(self, job: ToolJob, place: Place = "back") -> None:
        """Puts a job into the queue, `front` before the running one too; `instead` takes back all that wait and have
        not begun."""
        replaced = [waiting.id for waiting in self._waiting if waiting.id not in self._aside]
        for waiting in replaced if place == "instead" else ():
            self.cancel(waiting)
        if place == "front":
            self._overtake(job)
        else:
            self._waiting.append(job)
        self._queue_changed()

    def advance(self, job_id: str) -> None:
        """Puts a waiting job before all the others; nothing happens if it is not here."""
        first = [job for job in self._waiting if job.id == job_id]
        if first:
            self._waiting = deque(job for job in self._waiting if job.id != job_id)
            self._overtake(first[0])
            self._queue_changed()

    def pause(self, job_id: str, paused: bool) -> None:
        """Holds a job that has begun, or lets it go on; what waits behind it need not, if it can be put aside."""
        running = self._running
        if running is not None and running.job.id == job_id and not running.cancelling:
            running.clock.rest()
            running.paused = paused
            self._keeper.send(PauseJob(job=job_id, paused=paused))
            self.paused.emit(job_id, paused)
            self._make_way()
        elif not paused and job_id in self._aside and not self._waits(job_id):
            self._waiting.appendleft(self._aside[job_id].job)
            self._aside[job_id].paused = False
            self.paused.emit(job_id, False)
            self._queue_changed()

    def cancel(self, job_id: str) -> None:
        """Takes a job back, waiting or running; nothing happens if it is not here."""
        if self._running is not None and self._running.job.id == job_id:
            if not self._running.cancelling:
                self._running.cancelling = True
                self._keeper.send(CancelJob(job=job_id))
                self._grace.start()
            return
        kept = deque(job for job in self._waiting if job.id != job_id)
        if self._aside.pop(job_id, None) is not None or len(kept) < len(self._waiting):
            self._waiting = kept
            self.cancelled.emit(job_id)
            self._tell_positions()

    def adopt(self, settings: EngineSettings, message: Message) -> None:
        """Other settings that the engine takes from a message, and the next engine from its start."""
        self._keeper.settings = settings
        self._keeper.send(message)

    def configure(self, settings: EngineSettings) -> None:
        """Other settings: the engine starts anew, once it is idle."""
        self._keeper.settings = settings
        if self.state == "off":
            return
        self._stale = True
        if self.state == "unavailable":
            self._stale = False
            self.begin()
        self._advance()

    def _make_keeper(self, settings: EngineSettings) -> EngineKeeper:
        keeper = EngineKeeper(settings, self)
        keeper.up.connect(self._on_up)
        keeper.down.connect(self._on_down)
        keeper.received.connect(self._on_received)
        keeper.refused.connect(self._on_refused)
        keeper.unavailable.connect(self._on_unavailable)
        return keeper

    def _rest(self) -> None:
        """Nothing has come for a while: the engine ends until something does."""
        if self._running is None and not self._waiting:
            self.end()

    def _advance(self) -> None:
        """Gives the engine its next job, if it can take one."""
        if not self._up or self._running is not None:
            return
        if self._stale:
            self._stale = self._up = False
            self._keeper.kill()
            return
        if not self._waiting:
            self._set_state("idle")
            if self._on_demand:
                self._idle.start()
            return
        self._idle.stop()
        job = self._waiting.popleft()
        self._running = running = self._aside.pop(job.id, None) or BegunJob(job)
        self._set_state("busy")
        self._keeper.send(*request(job, running.standing))
        self._tell_positions()

    def _queue_changed(self) -> None:
        self._tell_positions()
        if self.state == "unavailable" or (self._on_demand and self.state == "off"):
            self.begin()
        self._make_way()
        self._advance()

    def _overtake(self, job: ToolJob) -> None:
        self._waiting.appendleft(job)
        if self._running is not None:
            self._running.overtaken_by.add(job.id)

    def _make_way(self) -> None:
        """Has the running job put aside where others are to go before it, or wait while it is held."""
        running = self._running
        if running is None or running.cancelling:
            return
        if any(running.paused or job.id in running.overtaken_by for job in self._waiting):
            self._keeper.send(PutJobAside(job=running.job.id))

    def _put_aside(self, running: BegunJob) -> None:
        """The engine has done with a job that is to go on: after those that overtook it, or when it is not held."""
        running.clock.rest()
        self._aside[running.job.id] = running
        if not running.paused:
            before = sum(job.id in running.overtaken_by for job in self._waiting)
            self._waiting.insert(before, running.job)
        running.overtaken_by.clear()
        self._tell_positions()

    def _waits(self, job_id: str) -> bool:
        return any(job.id == job_id for job in self._waiting)

    def _take_all(self) -> list[ToolJob]:
        """Empties lane and queue."""
        taken = ([self._running.job] if self._running else []) + list(self._waiting)
        self._waiting.clear()
        self._running = None
        for job in taken:
            self._aside.pop(job.id, None)
        return taken

    def _tell_positions(self) -> None:
        for index, job in enumerate(self._waiting):
            self.queued.emit(job.id, index + (self._running is not None))

    def _set_state(self, state: EngineState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)

    @Slot(int)
    def _on_up(self, pid: int) -> None:
        self.pid, self._up = pid, True
        self._advance()

    @Slot(object)
    def _on_down(self, ended: Ended) -> None:
        self._up = False
        self._set_state("starting")
        failure = Failure("engine-died", {"reason": ended.reason}, ended.tail)
        running = self._running
        if running is not None and running.can_go_on and not running.cancelling:
            LOG.warning("the engine died (%s); the job goes on after step %d", ended.reason, running.done)
            running.deaths.append(running.done)
            self._conclude(running.job.id, lambda: self._put_aside(running))
            return
        if ended.blames_plugin and ended.inflight and not (running and running.cancelling):
            failure = Failure("engine-died", {"reason": f"{ended.inflight.plugin}, {ended.reason}"}, ended.tail)
            self.plugin_faulted.emit(ended.inflight.plugin, failure)
        if running is not None:
            self._conclude(running.job.id, lambda: self.failed.emit(running.job.id, failure))

    @Slot(object)
    def _on_unavailable(self, failure: Failure) -> None:
        self._up = False
        self._set_state("unavailable")
        self._grace.stop()
        for job in self._take_all():
            self.failed.emit(job.id, failure)

    @Slot(object, str)
    def _on_refused(self, message: Message, reason: str) -> None:
        if isinstance(message, RunJob):
            failure = Failure("job-too-large", {"reason": reason})
            self._conclude(message.job, lambda: self.failed.emit(message.job, failure))

    @Slot(object)
    def _on_received(self, frame: Received) -> None:
        try:
            self._handle(frame)
        except ProtocolError:
            LOG.exception("the engine names a picture that it did not send")
            self._keeper.kill()

    def _handle(self, frame: Received) -> None:
        match frame.message:
            case Started(job=job):
                self.started.emit(job)
            case Progress(job=job, step=step, steps=steps, preview=index):
                if self._running is not None and self._running.job.id == job:
                    left = self._running.clock.left(step, steps)
                    self.progress.emit(job, step, steps, left, None if index is None else frame.blob(index))
            case Standing(job=job, done=done, standing=index, aside=aside):
                if (running := self._running) is not None and running.job.id == job:
                    running.done, running.standing = done, frame.blob(index)
                    if aside:
                        self._conclude(job, lambda: self._put_aside(running))
            case Metric(job=job, name=name, step=step, value=value):
                self.metric.emit(job, name, step, value)
            case Finished(job=job):
                made = result(frame, frame.message)
                self._conclude(job, lambda: self.finished.emit(job, made))
            case Failed(job=job, code=code, params=params, details=details):
                self._conclude(job, lambda: self.failed.emit(job, Failure(code, params, details)))
            case CancelledJob(job=job):
                self._conclude(job, lambda: self.cancelled.emit(job))
            case PluginFault(plugin=plugin, code=code, params=params, details=details):
                self.plugin_faulted.emit(plugin, Failure(code, params, details))
            case _:
                self.said.emit(frame.message)

    def _conclude(self, job_id: str, tell: Callable[[], None]) -> None:
        """Ends the running job; one that was cancelled ends as cancelled, whatever the engine made of it."""
        running = self._running
        if running is None or running.job.id != job_id:
            return
        self._running = None
        self._grace.stop()
        if running.cancelling:
            self.cancelled.emit(job_id)
        else:
            tell()
        self._advance()
