"""How a job leaves the engine between two steps and is taken up again, and what is saved meanwhile should it die.

That goes for what a tool does with the denoising loop: runs that have ended give their results once more, the one that
was stopped goes on, and what the tool does before and between is done anew, and is the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from scumble.engine.control import JobControl
from scumble.engine.ladder import Ladder, Rung

SAVE_S: Final = 2.0
"""The least time between two standings that are saved while a job runs, in seconds."""

MAX_SAVED: Final = 8 << 20
"""The most bytes of one of those; a job whose standing is larger is only saved when it is put aside."""


class Run(msgspec.Struct, frozen=True):
    """Where a run over latents of that shape stands, as bytes."""

    shape: tuple[int, ...]
    data: bytes


class Kept(msgspec.Struct, frozen=True):
    """The runs of a job, with what must be the same when they are taken up, which is what computes them, and what had
    to be given up for want of memory."""

    numbers: dict[str, str] = {}
    given_up: tuple[Rung, ...] = ()
    runs: tuple[Run, ...] = ()

    @classmethod
    def read(cls, data: bytes) -> Kept:
        """From its bytes; nothing, where there are none or they are damaged."""
        try:
            return msgspec.msgpack.decode(data, type=cls)
        except msgspec.MsgspecError:
            return cls()


class Aside:
    """One job's way aside. `numbers` tells what computes it, `save` takes steps done and a standing."""

    def __init__(
        self,
        control: JobControl,
        ladder: Ladder,
        numbers: Callable[[], Mapping[str, str]],
        save: Callable[[int, bytes], None],
        kept: Kept,
    ) -> None:
        self._control = control
        self._ladder = ladder
        self._numbers = numbers
        self._save = save
        self._kept = kept
        self._ended: tuple[Run, ...] = ()
        self._steps = 0
        self._over = False
        self._saved = 0.0

    def begin(self, able: bool) -> bool:
        """A run begins; whether the job can be put aside in it, which it cannot any more after one that is not `able`
        to be."""
        if not self._steps:
            self._saved = time.monotonic()  # loading a model is no progress that would be worth another try
        self._over = self._over or not able
        self._control.movable = not self._over
        return not self._over

    def known(self, shape: tuple[int, ...]) -> Run | None:
        """What is known from before of the run that begins, over latents of that shape."""
        place = len(self._ended)
        if place >= len(self._kept.runs) or self._kept.numbers != self._numbers():
            return None
        run = self._kept.runs[place]
        return run if run.shape == shape else None

    def end(self, run: Run, steps: int, *, known: bool) -> None:
        """A run of so many steps has come to its end; where nothing was `known` of it, nothing is of those to come."""
        self._ended += (run,)
        self._steps += steps
        if not known:
            self._kept = Kept()

    def reached(self, done: int, pack: Callable[[], Run]) -> None:
        """So many steps of the run are done, and `pack` gives its standing. Raises `PutAside` where the job is to make
        way."""
        leaving, now = self._control.making_way, time.monotonic()
        if not leaving and now - self._saved < SAVE_S:
            return
        self._saved = now
        kept = Kept(dict(self._numbers()), self._ladder.given_up, (*self._ended, pack()))
        data = msgspec.msgpack.encode(kept)
        if leaving:
            self._control.leave(self._steps + done, data)
        if len(data) <= MAX_SAVED:
            self._save(self._steps + done, data)
