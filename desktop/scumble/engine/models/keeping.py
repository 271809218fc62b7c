"""Keeps converted weights between jobs, in the background, so that nobody waits for the disk."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import Final

from scumble.engine.models.weights import Parts, WeightCache

LOG = logging.getLogger(__name__)

LOWEST: Final = 19
"""How far the writing stands back behind everything else, where the system has niceness for threads."""

PATIENCE: Final = 5.0
"""Seconds in which a file is written, at most."""


class _DroppedError(Exception):
    """What was to be kept is wanted no more."""


class WeightKeeper:
    """Writes into a cache on a thread of its own, while no job runs: `pause` when one begins, `go_on` after it.

    It begins paused. What is to be kept is held in memory until it is written or `drop` is called.
    """

    def __init__(self, cache: WeightCache) -> None:
        self.cache = cache
        self._state = threading.Condition()
        self._waiting: dict[str, Parts] = {}
        self._writing = ""
        self._paused = True
        self._thread: threading.Thread | None = None

    def put(self, key: str, parts: Parts) -> None:
        """Has components kept, once there is time. They must not change any more."""
        if not self.cache.wants(key, parts):
            return
        with self._state:
            self._waiting[key] = parts
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="weights", daemon=True)
                self._thread.start()
            self._state.notify_all()

    def pause(self) -> None:
        """Leaves off at the next file; what was begun is finished later."""
        with self._state:
            self._paused = True

    def go_on(self) -> None:
        """Writes, as long as there is something to write."""
        with self._state:
            self._paused = False
            self._state.notify_all()

    def drop(self) -> None:
        """Gives up all that is not written yet, and lets go of its memory."""
        with self._state:
            self._waiting.clear()
            self._state.notify_all()
            # a file that is being written is written to its end
            self._state.wait_for(lambda: not self._writing, PATIENCE)

    def wait(self, seconds: float) -> bool:
        """Waits until nothing is left to be written; whether that came to pass."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _work(self) -> None:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST)
        while self._write_next():
            pass

    def _write_next(self) -> bool:
        """Writes one model; False, once and for all, where there is none."""
        with self._state:
            self._state.wait_for(lambda: not self._waiting or not self._paused)
            if not self._waiting:
                self._thread = None
                return False
            key = self._writing = next(iter(self._waiting))
            parts = self._waiting[key]
        try:
            self.cache.write(key, parts, self._check)
        except _DroppedError:
            LOG.info("weights are not kept, as memory is short")
        except Exception:
            LOG.exception("weights could not be kept")
        del parts
        with self._state:
            self._waiting.pop(key, None)
            self._writing = ""
            self._state.notify_all()
        return True

    def _check(self) -> None:
        with self._state:
            self._state.wait_for(lambda: not self._paused or self._writing not in self._waiting)
            if self._writing not in self._waiting:
                raise _DroppedError
