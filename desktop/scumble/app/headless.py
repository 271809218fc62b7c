"""The program without a window: the same plugins, service and engine, for the command line and for tests."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Self

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QTimer, Slot

from scumble.api import Cancelled, ModelInfo, ScumbleError, ToolJob, ToolResult
from scumble.app.computing import computing
from scumble.app.guard import PluginGuard
from scumble.plugins import Catalogue
from scumble.service import EngineSettings, ModelService, OnProgress, run_job
from scumble.settings import ModelNotes, Settings, own_folders
from scumble.settings.paths import Paths, standard_paths

PULSE_MS = 100
"""How often the interpreter gets a step of its own while Qt waits; only then does it see Ctrl-C."""


class Headless:
    """Plugins and, inside `with`, a service with its engine. For the main thread.

    `warm_up` has the engine import torch at once, while files are still being read.
    """

    def __init__(self, paths: Paths | None = None, *, warm_up: bool = True) -> None:
        self.paths = paths or standard_paths()
        self.catalogue = Catalogue(self.paths.plugins)
        self._application = QCoreApplication.instance() or QCoreApplication([])
        settings = Settings(self.paths.settings)
        made = EngineSettings(
            home=self.paths.cache / "engine",
            plugin_folder=self.paths.plugins,
            model_folders=(self.paths.models, *own_folders(settings)),
            warm_up=warm_up,
            vaes=ModelNotes(self.paths.model_notes).vaes,
        )
        self._service = ModelService(computing(made, settings))
        self._models = _ModelsWaiter(self._service)
        self._tokens = _TokenCounts(self._service)
        self._guard = PluginGuard(self._service, self.catalogue)

    def __enter__(self) -> Self:
        self._service.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._service.shutdown()

    @property
    def engine_pid(self) -> int:
        """The engine's process, or 0."""
        return self._service.engine_pid

    def models(self) -> tuple[ModelInfo, ...]:
        """The models on this machine. Raises `ScumbleError` (`engine-unavailable`, `cancelled`)."""
        return self._models.wait()

    def find_model(self, model_id: str = "") -> ModelInfo:
        """A model by its id, or the first there is. Raises `ScumbleError` (`model-missing`), and as `models` does."""
        for model in self.models():
            if model_id in ("", model.id):
                return model
        raise ScumbleError("model-missing", model=model_id or "starter_model")

    def ask_tokens(self, model: ModelInfo, text: str) -> None:
        """Has the engine count the tokens of a text while it works; `too_long` knows the answer afterwards."""
        self._service.count_tokens(model.id, text)

    def too_long(self) -> tuple[ScumbleError, ...]:
        """For each text asked about that the model does not read to its end, a `prompt-too-long`, to be told."""
        return tuple(
            ScumbleError("prompt-too-long", count=count, limit=limit)
            for count, limit in self._tokens.counts
            if count > limit
        )

    def run(self, job: ToolJob, on_progress: OnProgress | None = None) -> ToolResult:
        """Runs a job and waits for it; Ctrl-C cancels it. Raises `ScumbleError`, of which `Cancelled` is one."""
        return run_job(self._service, job, on_progress)


class _ModelsWaiter(QObject):
    """Waits for the first list of models; lives on the caller's thread, so that its slots do too."""

    def __init__(self, service: ModelService) -> None:
        super().__init__()
        self._models: tuple[ModelInfo, ...] | None = None
        self._unavailable = False
        self._interrupted = False
        self._loop = QEventLoop()
        service.models_changed.connect(self._on_models)
        service.engine_changed.connect(self._on_engine)

    def wait(self) -> tuple[ModelInfo, ...]:
        """The list, as soon as it is there."""
        if self._models is None and not self._unavailable:
            self._exec()
        if self._interrupted:
            raise Cancelled
        if self._models is None:
            raise ScumbleError("engine-unavailable", reason="it ended several times before it was ready")
        return self._models

    def _exec(self) -> None:
        pulse = QTimer(interval=PULSE_MS)
        pulse.timeout.connect(_breathe)
        pulse.start()
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            self._loop.exec()
        finally:
            signal.signal(signal.SIGINT, before)
            pulse.stop()

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupted = True
        self._loop.quit()

    @Slot(object)
    def _on_models(self, models: tuple[ModelInfo, ...]) -> None:
        self._models = models
        self._loop.quit()

    @Slot(str)
    def _on_engine(self, state: str) -> None:
        if state == "unavailable":
            self._unavailable = True
            self._loop.quit()


class _TokenCounts(QObject):
    """Gathers what the engine counted, on the caller's thread."""

    def __init__(self, service: ModelService) -> None:
        super().__init__()
        self.counts: list[tuple[int, int]] = []
        service.tokens_counted.connect(self._on_counted)

    @Slot(str, str, int, int)
    def _on_counted(self, _model: str, _text: str, count: int, limit: int) -> None:
        self.counts.append((count, limit))


def _breathe() -> None:
    """Nothing but a step of the interpreter."""
