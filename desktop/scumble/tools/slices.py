"""Work that takes longer than a frame: done in slices between which the window lives on, or on another thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event
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


def aside(work: Callable[[Event], T], event: Pointer, shown: Band) -> Generator[Band | None, Pointer, T]:
    """A part of a gesture that is done on another thread, while `shown` is seen; returns what `work` returns.

    `event` is the one that began it. Closing the gesture sets the event that `work` is given, so that it can stop;
    FINISH waits for the end. What is done within a slice needs no further turn.
    """
    stop = Event()
    pool = ThreadPoolExecutor(1, thread_name_prefix="scumble-tool")
    try:
        ahead = pool.submit(work, stop)
        patience = SLICE
        while event.phase is not Phase.FINISH and not wait([ahead], patience).done:
            event = yield replace(shown, more=True)
            # What the hand does meanwhile must not pile up.
            patience = SLICE if event.phase is Phase.MORE else 0.0
        return ahead.result()
    finally:
        stop.set()
        pool.shutdown(wait=False)
