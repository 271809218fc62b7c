"""Work that takes longer than a frame, done in slices between which the window lives on."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Final, TypeVar

from scumble.tools.gesture import Band, Phase, Pointer

SLICE: Final = 0.02
"""Seconds."""

T = TypeVar("T")


def in_slices(work: Generator[object, None, T], event: Pointer) -> Generator[Band | None, Pointer, T]:
    """A part of a gesture that does a generator's steps; returns what that returns.

    `event` is the one that began it. Closing the gesture stops it, FINISH does all of the rest.
    """
    until = time.monotonic() + SLICE
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
        if event.phase is not Phase.FINISH and time.monotonic() > until:
            event = yield Band((), more=True)
            until = time.monotonic() + SLICE
