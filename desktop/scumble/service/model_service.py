"""The object that the window talks to when it wants something generated."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from scumble.api import Candidate, ToolJob, ToolResult
from scumble.protocol import (
    CancelJob,
    CancelledJob,
    CountTokens,
    Failed,
    Finished,
    ListModels,
    Log,
    Message,
    Metric,
    Models,
    PluginFault,
    Progress,
    ProtocolError,
    Ready,
    RunJob,
    Started,
    Tokens,
)
from scumble.protocol.framing import Array
from scumble.service.jobs import EngineInfo, EngineState, Failure, RunningJob
from scumble.service.keeper import EngineKeeper, Received
from scumble.service.launch import EngineSettings
from scumble.service.link import Ended

LOG = logging.getLogger("scumble.engine")

CANCEL_GRACE_MS: Final = 3000
"""How long a job may take to stop after it was cancelled; then the engine is killed."""

SHUTDOWN_MS: Final = 5000
"""A bound for `shutdown`, which takes some tens of ms, and little over a second with an engine that hangs."""


class ModelService(QObject):
    """A queue of jobs and the engine that works it off, one job at a time, on a thread of the service's own.

    Every public method may be called from the window's thread and returns at once, except `shutdown`. What becomes
    of a job is told by exactly one of `finished`, `failed` and `cancelled`. An engine that dies takes only the running
    job with it and is started again.
    """

    engine_changed = Signal(str)
    """An `EngineState`."""
    engine_info = Signal(object)
    """An `EngineInfo`."""
    models_changed = Signal(object)
    """A tuple of `ModelInfo`."""
    queued = Signal(str, int)
    """A job and how many are before it, the running one included; again whenever that changes."""
    started = Signal(str)
    progress = Signal(str, int, int, object, object)
    """Job, step, steps, seconds left (float, or None while unknown), preview (`Picture` or None)."""
    metric = Signal(str, str, int, float)
    """Job, name, step, value."""
    finished = Signal(str, object)
    """Job, `ToolResult`."""
    failed = Signal(str, object)
    """Job, `Failure`."""
    cancelled = Signal(str)
    tokens_counted = Signal(str, str, int, int)
    """Model, text, how many tokens it has, how many the model reads."""
    plugin_faulted = Signal(str, object)
    """A plugin that could not be imported or that took the engine down with it, and the `Failure`."""
    _asked = Signal(object)

    def __init__(self, settings: EngineSettings) -> None:
        super().__init__()
        self._waiting: deque[ToolJob] = deque()
        self._running: RunningJob | None = None
        self._state: EngineState = "off"
        self._pid = 0
        self._up = False
        self._stale = False
        self._ended = False
        self._keeper = self._make_keeper(settings)
        self._grace = QTimer(self, singleShot=True, interval=CANCEL_GRACE_MS)
        self._grace.timeout.connect(self._keeper.kill)
        self._asked.connect(self._do, Qt.ConnectionType.QueuedConnection)
        self._home = self.thread()
        self._thread = QThread()
        self._thread.setObjectName("model service")

    @property
    def engine_pid(self) -> int:
        """The process of the engine that was greeted last, or 0."""
        return self._pid

    @property
    def state(self) -> EngineState:
        """What `engine_changed` said last."""
        return self._state

    def start(self) -> None:
        """Starts the thread and the engine. To be called once, on the thread that made the service."""
        self.moveToThread(self._thread)
        self._thread.start()
        self._asked.emit(self._begin)

    def submit(self, job: ToolJob) -> None:
        """Puts a job at the end of the queue. Its id must be new."""
        self._asked.emit(partial(self._submit, job))

    def cancel(self, job_id: str) -> None:
        """Takes a job back, waiting or running; nothing happens if it has ended."""
        self._asked.emit(partial(self._cancel, job_id))

    def count_tokens(self, model_id: str, text: str) -> None:
        """Asks for `tokens_counted`, which does not come if the model cannot say."""
        self._asked.emit(partial(self._send, CountTokens(model=model_id, text=text)))

    def list_models(self) -> None:
        """Asks for another look into the model folders, and `models_changed`."""
        self._asked.emit(partial(self._send, ListModels()))

    def configure(self, settings: EngineSettings) -> None:
        """Other settings, or other plugins in the same folder: the engine starts anew, once it is idle."""
        self._asked.emit(partial(self._configure, settings))

    def shutdown(self) -> None:
        """Ends engine and threads and waits for that. May be called twice.

        Jobs that have not ended are cancelled, and so is every later one; a service is not started again.
        """
        if not self._thread.isRunning():
            return
        self._asked.emit(self._end)
        self._thread.wait(SHUTDOWN_MS)

    def _make_keeper(self, settings: EngineSettings) -> EngineKeeper:
        keeper = EngineKeeper(settings, self)
        keeper.up.connect(self._on_up)
        keeper.down.connect(self._on_down)
        keeper.received.connect(self._on_received)
        keeper.refused.connect(self._on_refused)
        keeper.unavailable.connect(self._on_unavailable)
        return keeper

    @Slot(object)
    def _do(self, action: Callable[[], None]) -> None:
        action()

    def _begin(self) -> None:
        self._set_state("starting")
        self._keeper.start()

    def _end(self) -> None:
        self._grace.stop()
        self._keeper.stop()
        self._up, self._ended = False, True
        for job in ([self._running.job] if self._running else []) + list(self._waiting):
            self.cancelled.emit(job.id)
        self._waiting.clear()
        self._running = None
        self._set_state("off")
        self.moveToThread(self._home)
        self._thread.quit()

    def _send(self, message: Message) -> None:
        self._keeper.send(message)

    def _submit(self, job: ToolJob) -> None:
        if self._ended:
            self.cancelled.emit(job.id)
            return
        self._waiting.append(job)
        self.queued.emit(job.id, len(self._waiting) - 1 + (self._running is not None))
        if self._state == "unavailable":
            self._begin()
        self._advance()

    def _cancel(self, job_id: str) -> None:
        if self._running is not None and self._running.job.id == job_id:
            if not self._running.cancelling:
                self._running.cancelling = True
                self._keeper.send(CancelJob(job=job_id))
                self._grace.start()
            return
        kept = deque(job for job in self._waiting if job.id != job_id)
        if len(kept) < len(self._waiting):
            self._waiting = kept
            self.cancelled.emit(job_id)
            self._tell_positions()

    def _configure(self, settings: EngineSettings) -> None:
        self._keeper.settings = settings
        self._stale = True
        if self._state == "unavailable":
            self._stale = False
            self._begin()
        self._advance()

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
            return
        job = self._waiting.popleft()
        self._running = RunningJob(job)
        self._set_state("busy")
        self._keeper.send(*_request(job))
        self._tell_positions()

    def _tell_positions(self) -> None:
        for index, job in enumerate(self._waiting):
            self.queued.emit(job.id, index + (self._running is not None))

    def _set_state(self, state: EngineState) -> None:
        if state != self._state:
            self._state = state
            self.engine_changed.emit(state)

    @Slot(int)
    def _on_up(self, pid: int) -> None:
        self._pid, self._up = pid, True
        self._advance()

    @Slot(object)
    def _on_down(self, ended: Ended) -> None:
        self._up = False
        self._set_state("starting")
        failure = Failure("engine-died", {"reason": ended.reason}, ended.tail)
        running = self._running
        if ended.blames_plugin and ended.inflight and not (running and running.cancelling):
            failure = Failure("engine-died", {"reason": f"{ended.inflight.plugin}, {ended.reason}"}, ended.tail)
            self.plugin_faulted.emit(ended.inflight.plugin, failure)
        if running is not None:
            self._conclude(running.job.id, lambda: self.failed.emit(running.job.id, failure))

    @Slot(object)
    def _on_unavailable(self, failure: Failure) -> None:
        self._up = False
        self._set_state("unavailable")
        failed = ([self._running.job] if self._running else []) + list(self._waiting)
        self._waiting.clear()
        self._running = None
        self._grace.stop()
        for job in failed:
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
            case Metric(job=job, name=name, step=step, value=value):
                self.metric.emit(job, name, step, value)
            case Finished(job=job):
                result = _result(frame, frame.message)
                self._conclude(job, lambda: self.finished.emit(job, result))
            case Failed(job=job, code=code, params=params, details=details):
                self._conclude(job, lambda: self.failed.emit(job, Failure(code, params, details)))
            case CancelledJob(job=job):
                self._conclude(job, lambda: self.cancelled.emit(job))
            case _:
                self._handle_aside(frame.message)

    def _handle_aside(self, message: object) -> None:
        """Messages that concern no job."""
        match message:
            case Ready():
                info = EngineInfo(self._pid, message.device, message.dtype, message.reason, message.versions)
                self.engine_info.emit(info)
            case Models(models=models):
                self.models_changed.emit(models)
            case Tokens(model=model, text=text, count=count, limit=limit):
                self.tokens_counted.emit(model, text, count, limit)
            case PluginFault(plugin=plugin, code=code, params=params, details=details):
                self.plugin_faulted.emit(plugin, Failure(code, params, details))
            case Log(level=level, logger=logger, text=text):
                LOG.log(level, "%s: %s", logger, text)

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


def _request(job: ToolJob) -> tuple[RunJob, list[Array]]:
    names = list(job.inputs)
    request = RunJob(
        job=job.id,
        plugin=job.plugin,
        tool=job.tool,
        params=dict(job.params),
        inputs={name: index for index, name in enumerate(names)},
        size=job.size,
        model=job.model,
    )
    return request, [job.inputs[name] for name in names]


def _result(frame: Received, message: Finished) -> ToolResult:
    candidates = tuple(Candidate(frame.blob(made.image), made.seed) for made in message.candidates)
    return ToolResult(candidates, message.notes)
