"""Jobs that are being prepared: what is seen is flattened in slices, the rest is done on another thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from scumble.api import ScumbleError
from scumble.document import LayerId, Pixels, Rect, Snapshot
from scumble.generation import Prepared
from scumble.generation.stale import right_above
from scumble.render import Remembered
from scumble.service import Place
from scumble.ui.background import Background, as_error
from scumble.ui.generate.jobs import Job, JobBoard

SLICE: Final = 0.004
"""Seconds that are spent at a time on the window's thread."""

Aside: TypeAlias = Callable[[], Any]
"""Work for another thread."""

Steps: TypeAlias = Generator[Aside | None, Any, Prepared]
"""How a job is prepared: it yields None after a short piece of work, so that the window can go on; or work for another
thread, and is sent what that returns. What it reads is its own, so that nobody can change it meanwhile."""


@dataclass(slots=True, eq=False)
class _Draft:
    job: Job
    steps: Steps
    place: Place
    light: bool


class Preparing(QObject):
    """Prepares jobs one at a time, in the order in which they were asked for, and hands them over to the board.

    One that waits for another's result holds up those behind it in its lane, unless they are to go before what waits.
    `failed` carries the job and the `ScumbleError` for which there is none.
    """

    failed = Signal(object, object)

    def __init__(self, board: JobBoard, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._board, self._background = board, background
        self._drafts: list[_Draft] = []
        self._current: _Draft | None = None
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._go_on)
        board.changed.connect(self._begin)

    def add(self, job: Job, steps: Steps, place: Place = "back", *, light: bool = False) -> None:
        """Shows a job on the board at once, and prepares it soon. In the place of others, it is in that of those too
        that are still being prepared."""
        if place == "instead":
            for other in [draft.job for draft in self._drafts if draft.light == light]:
                self._board.cancel(other)
        self._drafts.append(_Draft(job, steps, place, light))
        self._board.announce(job)

    def stop(self) -> None:
        """The window closes: what is not prepared will not be."""
        self._drafts.clear()
        self._current = None
        self._board.changed.disconnect(self._begin)

    def _begin(self) -> None:
        """Takes up the first that waits for nothing; forgets those that were cancelled."""
        self._drafts = [draft for draft in self._drafts if draft.job in self._board]
        if self._current is None:
            self._current = next((draft for draft in self._drafts if self._free(draft)), None)
            if self._current is not None:
                self._current.job.after = None
                self._next.start()

    def _free(self, draft: _Draft) -> bool:
        """Whether its turn has come."""
        if draft.job.after is not None and draft.job.after in self._board:
            return False
        before = self._drafts[: self._drafts.index(draft)]
        return draft.place != "back" or all(other.light != draft.light for other in before)

    def _go_on(self, given: Any = None) -> None:
        """Does some milliseconds of work, or has it done on another thread."""
        draft = self._current
        if draft is None or draft.job not in self._board:
            self._end()
            return
        until = time.perf_counter() + SLICE
        try:
            work = draft.steps.send(given)
            while work is None and time.perf_counter() < until:
                work = draft.steps.send(None)
        except StopIteration as end:
            self._end()
            self._board.hand_over(draft.job, end.value, draft.place)
        except ScumbleError as error:
            self._fail(error)
        except Exception as fault:  # a fault in one must not hold up all that are asked for later
            self._fail(as_error(fault))
        else:
            if work is None:
                self._next.start()
            else:
                self._background.run(work, self._go_on, self._fail)

    def _fail(self, error: ScumbleError) -> None:
        draft = self._current
        self._end()
        if draft is not None and draft.job in self._board:
            self._board.drop(draft.job)
            self.failed.emit(draft.job, error)

    def _end(self) -> None:
        self._drafts = [draft for draft in self._drafts if draft is not self._current]
        self._current = None
        self._begin()


def look_in_slices(
    flatten: Remembered, snapshot: Snapshot, box: Rect, above: LayerId | None
) -> Generator[None, None, tuple[Pixels, Pixels]]:
    """What a tool sees in a box, and what a layer right above another one would lie on there, as stored pixels."""
    seen = yield from flatten.in_slices(snapshot, box)
    under = right_above(snapshot, above)
    lower = seen if under is snapshot else (yield from flatten.in_slices(under, box))
    return seen, lower
