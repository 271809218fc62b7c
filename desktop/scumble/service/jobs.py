"""What the service says about jobs and engines."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from scumble.api import ScumbleError, ToolJob, sentence
from scumble.protocol import ModelEntry, ModelRoot
from scumble.protocol.framing import Array

EngineState = Literal["off", "starting", "idle", "busy", "unavailable"]
"""`unavailable`: it failed to start several times; the next job tries again."""

Place = Literal["back", "front", "instead"]
"""Where a job joins its queue: behind those that wait, before them, or in their place."""

MAX_DEATHS: Final = 3
"""Engines that may die in a job that goes on each time; the next one takes it along."""

RECENT: Final = 9
"""Steps whose median time foretells the rest."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A `ScumbleError` as a value: code, parameters for the sentence, and a report for developers."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    details: str = ""

    def __str__(self) -> str:
        return sentence(self.code, dict(self.params))

    def error(self) -> ScumbleError:
        """The same, to be raised."""
        return ScumbleError(self.code, details=self.details, **self.params)


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine computes on, and why. `device` is empty where it has not looked yet."""

    pid: int
    device: str
    dtype: str
    reason: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ModelFilesFound:
    """Every model file, the folders that were looked through, and the bytes of memory of the engine's machine (0 where
    it is not known)."""

    entries: tuple[ModelEntry, ...] = ()
    roots: tuple[ModelRoot, ...] = ()
    memory: int = 0


class StepClock:
    """Foretells how long a job will still take, from the median of its latest steps."""

    def __init__(self) -> None:
        self._last: tuple[int, float] | None = None
        self._times: deque[float] = deque(maxlen=RECENT)

    def left(self, step: int, steps: int, now: float | None = None) -> float | None:
        """Takes note that `step` is done; the seconds left, or None while there is nothing to go by."""
        now = time.monotonic() if now is None else now
        if self._last is not None and step > self._last[0]:
            self._times.append((now - self._last[1]) / (step - self._last[0]))
        elif self._last is not None and step < self._last[0]:
            self._times.clear()
        self._last = (step, now)
        return statistics.median(self._times) * max(0, steps - step) if self._times else None

    def rest(self) -> None:
        """The job was held: the time until its next step counts for nothing."""
        self._last = None


@dataclass(slots=True)
class BegunJob:
    """A job that the engine has, or had and is to have again.

    `standing` is where it stood when `done` steps were; `deaths` are what that was whenever the engine died of it, or
    with it. `overtaken_by` are jobs that it is to make way for.
    """

    job: ToolJob
    clock: StepClock = field(default_factory=StepClock)
    cancelling: bool = False
    paused: bool = False
    standing: Array | None = None
    done: int = 0
    deaths: list[int] = field(default_factory=list)
    overtaken_by: set[str] = field(default_factory=set)

    @property
    def can_go_on(self) -> bool:
        """Whether something of it is left for another engine, at which none has died yet."""
        return self.done > max(self.deaths, default=0) and len(self.deaths) < MAX_DEATHS
