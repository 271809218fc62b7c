"""What a job gives up, step by step, when memory runs out; the picture is made all the same."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, TypeVar

from scumble.engine.faults import is_out_of_memory

T = TypeVar("T")

SMALLEST_TILE, LARGEST_TILE = 256, 512
"""The sides, in pixels, of tiles in which a picture is decoded or encoded when memory is short; between them, a model's
native side."""


class Rung(Enum):
    """A way to need less memory. The values stand in the notes of a result."""

    OTHERS = "let go of other models"
    SINGLE = "one picture after the other"
    TILES = "decoded in tiles"
    OFFLOAD = "weights put aside until they are used"
    PROCESSOR = "computed on the processor"


THRIFT: Final[Mapping[str, tuple[Rung, ...]]] = {
    "": (),
    "frugal": (Rung.SINGLE, Rung.TILES),
    "least": (Rung.SINGLE, Rung.TILES, Rung.OFFLOAD),
}
"""What is given up from the start, by how much a person wants to save."""


class Ladder:
    """Tries a piece of work again, each time with one more rung taken; those stay taken for the rest of the job.

    `free` lets go of what the job does not need itself. Work must look at `has` each time it is called, and come to the
    same end however often it is begun.
    """

    def __init__(
        self, free: Callable[[], None] = lambda: None, taken: tuple[Rung, ...] = (), forced: tuple[Rung, ...] = ()
    ) -> None:
        """`taken` is what a person wants to be given up, `forced` what had to be before."""
        self._free = free
        self._taken = [*taken, *forced]
        self._told = len(taken)

    def has(self, rung: Rung) -> bool:
        """Whether it is taken."""
        return rung in self._taken

    @property
    def given_up(self) -> tuple[Rung, ...]:
        """What had to be given up."""
        return tuple(self._taken[self._told :])

    @property
    def told(self) -> str:
        """The same for the notes; empty where memory was enough."""
        return ", ".join(rung.value for rung in self.given_up)

    def climb(self, work: Callable[[], T], *rungs: Rung) -> T:
        """The result of `work`, with as many of `rungs` as it took. Raises what `work` raises when none is left."""
        left = [rung for rung in (Rung.OTHERS, *rungs) if rung not in self._taken]
        while True:
            try:
                return work()
            except Exception as error:
                if not left or not is_out_of_memory(error):
                    raise
            # outside of the handler, where the failed attempt's tensors are no longer held by its traceback
            self._taken.append(left.pop(0))
            self._free()
            gc.collect()
