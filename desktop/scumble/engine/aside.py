"""How a job leaves the engine between two steps and is taken up again, and what is saved meanwhile should it die.

That goes for a tool's first run of the denoising loop: what a tool does before is done anew, and it is the same; what
it does later stays in memory alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import msgspec

from scumble.engine.control import JobControl
from scumble.engine.ladder import Ladder, Rung

SAVE_S: Final = 2.0
"""The least time between two standings that are saved while a job runs, in seconds."""

MAX_SAVED: Final = 8 << 20
"""The most bytes of one of those; a job whose standing is larger is only saved when it is put aside."""


class Kept(msgspec.Struct, frozen=True):
    """A standing with what must be the same when it is taken up: what computes it, and the latent's `shape`.

    `given_up` is what had to be given up for want of memory. `run` is empty where nothing was kept.
    """

    numbers: dict[str, str] = {}
    shape: tuple[int, ...] = ()
    given_up: tuple[Rung, ...] = ()
    run: bytes = b""

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
        self._shape: tuple[int, ...] = ()
        self._over = False
        self._saved = 0.0

    @contextmanager
    def run(self, shape: tuple[int, ...], able: bool) -> Iterator[bytes | None]:
        """A run of the loop, over latents of that shape: where it is to go on from, empty for its beginning; None where
        the job cannot be put aside in it, because it is not the first, or not `able`. One that raises may be tried
        again."""
        if self._over or not able:
            yield None
        else:
            self._shape, self._saved = shape, time.monotonic()
            fits = self._kept.shape == shape and self._kept.numbers == self._numbers()
            with self._control.movable():
                yield self._kept.run if fits else b""
        self._over = True

    def reached(self, done: int, pack: Callable[[], bytes]) -> None:
        """So many steps of the run are done, and `pack` gives its standing. Raises `PutAside` where the job is to make
        way."""
        leaving, now = self._control.making_way, time.monotonic()
        if not leaving and now - self._saved < SAVE_S:
            return
        self._saved = now
        kept = Kept(dict(self._numbers()), self._shape, self._ladder.given_up, pack())
        data = msgspec.msgpack.encode(kept)
        if leaving:
            self._control.leave(done, data)
        if len(data) <= MAX_SAVED:
            self._save(done, data)
