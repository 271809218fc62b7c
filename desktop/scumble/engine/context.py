"""The engine as one job sees it."""

from __future__ import annotations

import functools
import importlib.metadata
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np

from scumble.api import FileKind, Mask, Model, Picture, ScumbleError, ToolJob
from scumble.engine.aside import Aside, Kept
from scumble.engine.control import JobControl
from scumble.engine.devices import Device
from scumble.engine.ladder import Ladder, Rung
from scumble.engine.results import picture_problem
from scumble.protocol import FrameWriter, Metric, Progress, Standing

STEP_INTERVAL: Final = 0.02
"""The least time between two steps that are told, in seconds; the first and the last always are."""

PREVIEW_INTERVAL: Final = 0.1
"""The least time between two previews."""

MAX_STEP: Final = (1 << 31) - 1
"""The largest number of a step, as the window's signals carry 32 bits."""


class LoadedModel(Model, Protocol):
    """A model that knows what it has used, and is told how its job is put aside."""

    vae: str
    used: dict[str, Path]
    notes: dict[str, str]
    aside: Aside | None


class ModelSource(Protocol):
    """What a context needs of the library and the device policy."""

    @property
    def device(self) -> Device:
        """What to compute on; found out at the first look."""
        ...

    def dtype(self, model: str) -> str:
        """What that model, or a job without one, computes in."""
        ...

    def load(self, model: str, check_cancelled: Callable[[], None], ladder: Ladder, vae: str | None) -> LoadedModel:
        """The model, with the autoencoder that the job wants. Raises `ScumbleError` and `Cancelled`."""
        ...

    def hash_of(self, path: Path) -> str:
        """The hash of a file."""
        ...

    @property
    def eraser(self) -> str:
        """The erase model that there is; empty where there is none."""
        ...

    def erase(self, picture: Picture, mask: Mask, check_cancelled: Callable[[], None]) -> Picture:
        """What it makes of a hole. Raises `ScumbleError` (`model-none`, `model-broken`) and `Cancelled`."""
        ...

    def find_file(self, kind: FileKind, name: str) -> Path:
        """A file of weights. Raises `ScumbleError` (`file-missing`)."""
        ...

    def unload(self, *, keep: str = "") -> None:
        """Lets go of what is loaded, but for one model."""
        ...


class EngineContext:
    """The `JobContext` of one job."""

    def __init__(
        self,
        job: ToolJob,
        models: ModelSource,
        writer: FrameWriter,
        control: JobControl,
        tmp_dir: Path,
        taken: tuple[Rung, ...] = (),
        forced: tuple[Rung, ...] = (),
        standing: bytes | None = b"",
    ) -> None:
        """`taken` is what a person wants to be given up to need less memory, `forced` what had to be. `standing` is
        where the job goes on from, empty for its beginning, None for a job that is not to be put aside."""
        self._job = job
        self._models = models
        self._writer = writer
        self._control = control
        self._tmp_dir = tmp_dir
        self._log = logging.getLogger(f"scumble.plugin.{job.plugin}")
        self._model: LoadedModel | None = None
        free, kept = partial(models.unload, keep=job.model), Kept.read(standing or b"")
        if kept.given_up:
            free()
        self._ladder = Ladder(free, taken, (*forced, *kept.given_up))
        self._aside = Aside(control, self._ladder, self._numbers, self._save, kept) if standing is not None else None
        self._files: dict[str, Path] = {}
        self._told = self._shown = float("-inf")

    @property
    def device(self) -> str:
        """The device, as torch names it."""
        return self._models.device.name

    @property
    def dtype(self) -> str:
        """What this job's model computes in."""
        return self._models.dtype(self._job.model)

    @property
    def tmp_dir(self) -> Path:
        """This job's folder."""
        return self._tmp_dir

    @property
    def log(self) -> logging.Logger:
        """The plugin's logger; its lines reach the window's log."""
        return self._log

    @property
    def model(self) -> Model:
        """The job's model. Raises `ScumbleError` (`model-missing`, `model-broken`) and `Cancelled`."""
        if self._model is None:
            if not self._job.model:
                raise ScumbleError("model-none", tool=self._job.tool)
            self._model = self._models.load(self._job.model, self.check_cancelled, self._ladder, self._job.vae)
            self._model.aside = self._aside
        return self._model

    @property
    def eraser(self) -> str:
        """The erase model on this machine."""
        return self._models.eraser

    def erase(self, picture: Picture, mask: Mask) -> Picture:
        """The picture with its hole filled by it. Raises `ScumbleError` (`model-none`, `model-broken`), `Cancelled`."""
        return self._models.erase(picture, mask, self.check_cancelled)

    def find_file(self, kind: FileKind, name: str) -> Path:
        """A file of weights. Raises `ScumbleError` (`file-missing`)."""
        path = self._models.find_file(kind, name)
        self._files[f"{kind}:{name}"] = path
        return path

    @property
    def notes(self) -> dict[str, str]:
        """How the job was done: what a recipe needs for the same bytes once more, and what was given up."""
        notes = {"memory": self._ladder.told} if self._ladder.told else {}
        used = dict(self._files)
        if self._model is not None:
            used |= self._model.used
            notes |= self._numbers()
        return notes | {name: self._models.hash_of(path) for name, path in used.items()}

    def _numbers(self) -> dict[str, str]:
        """What has computed with the model, by now."""
        if self._model is None:
            return {}
        return {
            "device": self.device,
            "dtype": self.dtype,
            "vae": self._model.vae,
            "family": self._model.info.family,
            **numerics(),
            **self._model.notes,
        }

    def _save(self, done: int, standing: bytes) -> None:
        """Has the window keep where the job stands, in case that the engine dies."""
        self._writer.write(Standing(job=self._job.id, done=done, standing=0), [np.frombuffer(standing, np.uint8)])

    def progress(self, step: int, steps: int, preview: Picture | None = None) -> None:
        """Sends a step, and now and then its preview. A step too soon after another is left out, unless it is the last.

        Raises `Cancelled`, and `TypeError` for a preview that is no picture.
        """
        self.check_cancelled()
        now, last = time.monotonic(), step >= steps
        if now - self._told < STEP_INTERVAL and not last:
            return
        self._told = now
        message = Progress(job=self._job.id, step=_step(step), steps=_step(steps))
        if preview is None or (now - self._shown < PREVIEW_INTERVAL and not last):
            self._writer.write(message)
            return
        problem = picture_problem(preview)
        if problem:
            raise TypeError(problem)
        self._shown = now
        self._writer.write(msgspec.structs.replace(message, preview=0), [preview])

    def check_cancelled(self) -> None:
        """Waits while the job is paused; raises `Cancelled` once the window has asked for it."""
        self._control.check()

    def rng(self, seed: int) -> np.random.Generator:
        """A generator that depends on the lower 64 bits of the seed."""
        return np.random.default_rng(seed & (1 << 64) - 1)

    def metric(self, name: str, step: int, value: float) -> None:
        """Sends a figure."""
        self._writer.write(Metric(job=self._job.id, name=str(name), step=_step(step), value=float(value)))


def numerics() -> dict[str, str]:
    """What sums differ with besides the device and the type of numbers."""
    import torch

    return {"threads": str(torch.get_num_threads()), **_versions()}


@functools.cache
def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in ("torch", "diffusers", "transformers")}


def _step(value: int) -> int:
    return max(0, min(int(value), MAX_STEP))
