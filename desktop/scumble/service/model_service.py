"""The object that the window talks to when it wants something generated."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from scumble.api import ToolJob
from scumble.protocol import (
    Converted,
    ConvertModel,
    CountTokens,
    ListModels,
    Log,
    ModelEntry,
    ModelFiles,
    Models,
    Ready,
    Tokens,
    UseModels,
)
from scumble.service.jobs import EngineInfo, EngineState, Failure, ModelFilesFound, Place
from scumble.service.lane import Lane
from scumble.service.launch import EngineSettings

LOG = logging.getLogger("scumble.engine")

LIGHT_IDLE_MS: Final = 300_000
"""For how long the light engine is kept when nobody adjusts anything: it is back in a fraction of a second."""

SHUTDOWN_MS: Final = 5000
"""A bound for `shutdown`, which takes some tens of ms, and little over a second with an engine that hangs."""


class ModelService(QObject):
    """Two queues of jobs, each with an engine that works it off, one job at a time, on a thread of the service's own.

    What generates goes to the one; light tools go to the other, whose engine is started when first needed, so that
    nothing quick waits behind a model.

    Every public method may be called from the window's thread and returns at once, except `shutdown`. What becomes
    of a job is told by exactly one of `finished`, `failed` and `cancelled`. An engine that dies takes only the running
    job with it and is started again; the job goes on where it was last known to stand, if that is known.
    """

    engine_changed = Signal(str)
    """An `EngineState`."""
    engine_info = Signal(object)
    """An `EngineInfo`."""
    models_changed = Signal(object)
    """A tuple of `ModelInfo`."""
    queued = Signal(str, int)
    """A job that waits, perhaps put aside, and how many are before it, the running one included; again whenever that
    changes."""
    started = Signal(str)
    """The engine has the job; again when it goes on after it was put aside."""
    paused = Signal(str, bool)
    """A job that has begun is held, or goes on."""
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
    loras_changed = Signal(object)
    """The LoRAs for which a model wants other settings: name → `Suits`."""
    plugin_faulted = Signal(str, object)
    """A plugin that could not be imported or that took the engine down with it, and the `Failure`."""
    files_changed = Signal(object)
    """A `ModelFilesFound`; again when more is known, such as a hash."""
    converted = Signal(str, str, object)
    """The path of a pickle file, that of the file it was converted to, and None or the `Failure`."""
    _asked = Signal(object)

    def __init__(self, settings: EngineSettings) -> None:
        super().__init__()
        self._ended = False
        self._entries: list[ModelEntry] = []
        self._converting: list[str] = []
        self._heavy = Lane(settings, self)
        self._light = Lane(replace(settings, light=True), self, LIGHT_IDLE_MS)
        for lane in (self._heavy, self._light):
            self._repeat(lane)
        self._heavy.state_changed.connect(self.engine_changed)
        self._heavy.state_changed.connect(self._on_heavy)
        self._asked.connect(self._do, Qt.ConnectionType.QueuedConnection)
        self._home = self.thread()
        self._thread = QThread()
        self._thread.setObjectName("model service")

    @property
    def engine_pid(self) -> int:
        """The process of the engine that was greeted last, or 0."""
        return self._heavy.pid

    @property
    def state(self) -> EngineState:
        """What `engine_changed` said last."""
        return self._heavy.state

    @property
    def light_pid(self) -> int:
        """The process of the light engine that was greeted last, or 0."""
        return self._light.pid

    @property
    def light_state(self) -> EngineState:
        """How the light engine is; `off` until a light job has come."""
        return self._light.state

    def start(self) -> None:
        """Starts the thread and the engine. To be called once, on the thread that made the service."""
        self.moveToThread(self._thread)
        self._thread.start()
        self._asked.emit(self._begin)

    def submit(self, job: ToolJob, *, light: bool = False, place: Place = "back") -> None:
        """Puts a job into its queue; `light` as the manifest of its tool says. Its id must be new.

        `front` goes before all that wait there, and before the running one if that can be put aside; `instead` cancels
        those that wait and have not begun.
        """
        self._asked.emit(partial(self._submit, job, light, place))

    def advance(self, job_id: str) -> None:
        """Puts a waiting job before the others, as `front` does; nothing happens if it runs or has ended."""
        self._asked.emit(partial(self._advance, job_id))

    def pause(self, job_id: str, paused: bool = True) -> None:
        """Holds a running job with all that it has computed, or lets it go on: the same comes of it in the end. Others
        need not wait for it if it can be put aside."""
        self._asked.emit(partial(self._pause, job_id, paused))

    def get_light_ready(self) -> None:
        """Starts the light engine, because something for it is about to come."""
        self._asked.emit(self._get_light_ready)

    def cancel(self, job_id: str) -> None:
        """Takes a job back, waiting or running; nothing happens if it has ended."""
        self._asked.emit(partial(self._cancel, job_id))

    def count_tokens(self, model_id: str, text: str) -> None:
        """Asks for `tokens_counted`, which does not come if the model cannot say."""
        self._asked.emit(partial(self._heavy.send, CountTokens(model=model_id, text=text)))

    def list_models(self) -> None:
        """Asks for another look into the model folders, and `models_changed`."""
        self._asked.emit(partial(self._heavy.send, ListModels()))

    def use_models(self, settings: EngineSettings) -> None:
        """Other folders of models or autoencoders, as the settings have them; the engine goes on as it is."""
        folders = tuple(str(folder) for folder in settings.model_folders)
        message = UseModels(model_folders=folders, vaes=dict(settings.vaes))
        self._asked.emit(partial(self._heavy.adopt, settings, message))

    def convert_model(self, path: str) -> None:
        """Has a pickle file converted, as data, and asks for `converted`."""
        self._asked.emit(partial(self._convert, path))

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

    def _repeat(self, lane: Lane) -> None:
        lane.queued.connect(self.queued)
        lane.started.connect(self.started)
        lane.paused.connect(self.paused)
        lane.progress.connect(self.progress)
        lane.metric.connect(self.metric)
        lane.finished.connect(self.finished)
        lane.failed.connect(self.failed)
        lane.cancelled.connect(self.cancelled)
        lane.plugin_faulted.connect(self.plugin_faulted)
        lane.said.connect(self._on_said)

    @Slot(object)
    def _do(self, action: Callable[[], None]) -> None:
        action()

    def _begin(self) -> None:
        self._heavy.begin()

    def _get_light_ready(self) -> None:
        if not self._ended:
            self._light.begin()

    def _end(self) -> None:
        self._ended = True
        for lane in (self._light, self._heavy):
            lane.end()
        self.moveToThread(self._home)
        self._thread.quit()

    def _advance(self, job_id: str) -> None:
        for lane in (self._heavy, self._light):
            lane.advance(job_id)

    def _pause(self, job_id: str, paused: bool) -> None:
        for lane in (self._heavy, self._light):
            lane.pause(job_id, paused)

    def _submit(self, job: ToolJob, light: bool, place: Place) -> None:
        if self._ended:
            self.cancelled.emit(job.id)
            return
        (self._light if light else self._heavy).submit(job, place)

    def _cancel(self, job_id: str) -> None:
        for lane in (self._heavy, self._light):
            lane.cancel(job_id)

    def _convert(self, path: str) -> None:
        self._converting.append(path)
        if not self._heavy.send(ConvertModel(path=path)):
            self._end_conversions()

    def _end_conversions(self) -> None:
        while self._converting:
            path = self._converting.pop()
            params = {"model": Path(path).name, "reason": "the engine stopped meanwhile"}
            self.converted.emit(path, "", Failure("model-unsafe", params))

    @Slot(str)
    def _on_heavy(self, state: EngineState) -> None:
        """A conversion ends with the engine that it was given to."""
        if state in ("starting", "unavailable"):
            self._end_conversions()

    def _configure(self, settings: EngineSettings) -> None:
        self._heavy.configure(settings)
        self._light.configure(replace(settings, light=True))

    def _take_files(self, message: ModelFiles) -> None:
        """A list of files comes in parts."""
        if message.first:
            self._entries.clear()
        self._entries += message.entries
        if message.last:
            self.files_changed.emit(ModelFilesFound(tuple(self._entries), message.roots, message.memory))

    @Slot(object)
    def _on_said(self, message: object) -> None:
        match message:
            case Ready() if self.sender() is self._heavy:
                info = EngineInfo(self._heavy.pid, message.device, message.dtype, message.reason, message.versions)
                self.engine_info.emit(info)
            case Models(models=models, loras=loras):
                self.models_changed.emit(models)
                self.loras_changed.emit(loras)
            case ModelFiles():
                self._take_files(message)
            case Converted(path=path, made=made, code=code, params=params) if path in self._converting:
                self._converting.remove(path)
                self.converted.emit(path, made, Failure(code, params) if code else None)
            case Tokens(model=model, text=text, count=count, limit=limit):
                self.tokens_counted.emit(model, text, count, limit)
            case Log(level=level, logger=logger, text=text):
                LOG.log(level, "%s: %s", logger, text)
