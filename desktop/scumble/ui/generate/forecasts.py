"""Remembers how long jobs took, model by model, and foretells the next."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from scumble.api import ToolResult
from scumble.generation import Region
from scumble.generation.forecast import Pace, learned, memory, seconds, work_of
from scumble.settings import Memory
from scumble.ui.generate.generator import Part, Wish
from scumble.ui.generate.jobs import Job, JobBoard, Stage

MEMORY: Final = "forecast"
"""What the measurements are remembered under."""


@dataclass(slots=True)
class _Clock:
    """When a job began, and when its first and latest steps were done."""

    began: float
    first: tuple[int, float] | None = None
    last: tuple[int, float] | None = None


class Forecasts(QObject):
    """`learned` says that the forecasts are others. `value_bytes` tells how large a value the engine computes in for a
    model trained at so many pixels, `thrift` how much memory it is to save."""

    learned = Signal()

    def __init__(
        self,
        board: JobBoard,
        kept: Memory,
        value_bytes: Callable[[int], int],
        thrift: Callable[[], str],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._kept = kept
        self._board = board
        self._value_bytes = value_bytes
        self._thrift = thrift
        self._paces = _read(kept)
        self._clocks: dict[Job, _Clock] = {}
        board.changed.connect(self._on_changed)
        board.progressed.connect(self._on_progress)
        board.delivered.connect(self._on_delivered)

    def foretell(self, wish: Wish, parts: Sequence[Part]) -> tuple[float | None, int | None]:
        """Seconds for all parts together, and bytes of memory at the peak; None where it is not known."""
        works = [work_of(part.region, wish.params, part.change) for part in parts]
        known = self._paces.get(_key(wish.tool.id, wish.model.id if wish.model is not None else ""), ())
        times = [seconds(known, work) for work in works]
        duration = sum(each for each in times if each is not None) if None not in times else None
        if wish.model is None:
            return duration, None
        model, value_bytes = wish.model, self._value_bytes(wish.model.native)
        needs = [
            memory(model.family, work, one.region, value_bytes, thrift=self._thrift())
            for work, one in zip(works, parts, strict=True)
        ]
        return duration, max((need for need in needs if need is not None), default=None)

    def _on_changed(self) -> None:
        jobs = self._board.jobs
        running = {job for job in jobs if job.stage is Stage.RUNNING and not job.paused}
        self._clocks = {job: clock for job, clock in self._clocks.items() if job in running}
        for job in running:
            if job not in self._clocks and not job.step:  # of one that was held, only a part could be timed
                self._clocks[job] = _Clock(time.monotonic())

    def _on_progress(self, job: Job) -> None:
        clock = self._clocks.get(job)
        if clock is not None:
            clock.last = job.step, time.monotonic()
            clock.first = clock.first or clock.last

    def _on_delivered(self, job: Job, _result: ToolResult) -> None:
        clock = self._clocks.pop(job, None)
        if clock is None:
            return
        key = _key(job.prepared.tool.id, job.prepared.job.model)
        asked = job.prepared.job
        region = Region(job.prepared.anchor.box, asked.size, asked.first)
        work = work_of(region, asked.params, job.prepared.affected)
        stepping, rest = _taken(clock, job.steps, time.monotonic())
        self._paces[key] = learned(self._paces.get(key, ()), work, stepping, rest)
        self._kept.keep_blob(MEMORY, _written(self._paces))
        self.learned.emit()


def _taken(clock: _Clock, steps: int, ended: float) -> tuple[float, float]:
    """The seconds of all steps, in proportion to those between the first and the last that were told; and of the rest.

    What came before the steps may have been the loading of a model, and counts for no more than what came after them.
    """
    if clock.first is None or clock.last is None or clock.last[0] <= clock.first[0]:
        return ended - clock.began, 0.0
    per_step = (clock.last[1] - clock.first[1]) / (clock.last[0] - clock.first[0])
    before = max(clock.first[1] - clock.began - per_step * clock.first[0], 0.0)
    after = ended - clock.last[1]
    return per_step * steps, after + min(before, after)


def _key(tool: str, model: str) -> str:
    return f"{tool} {model}".strip()


def _written(paces: dict[str, tuple[Pace, ...]]) -> bytes:
    return json.dumps({key: [[one.load, one.each, one.rest] for one in known] for key, known in paces.items()}).encode()


def _read(kept: Memory) -> dict[str, tuple[Pace, ...]]:
    """What was remembered; what is not of that form is forgotten."""
    try:
        found = json.loads(kept.blob(MEMORY) or b"{}")
        return {
            str(key): tuple(Pace(*(max(float(value), 1e-9) for value in one)) for one in known)
            for key, known in found.items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}
