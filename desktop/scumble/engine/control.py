"""What the window has said about a job since it was asked for: stop, pause, go on."""

from __future__ import annotations

import threading

from scumble.api import Cancelled


class JobControl:
    """Set by the thread that listens, looked at by the one that works."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._cancelled = self._paused = False

    @property
    def cancelled(self) -> bool:
        """Whether the job is to stop."""
        return self._cancelled

    def cancel(self) -> None:
        """Stops the job for good, also one that is paused."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def pause(self, paused: bool) -> None:
        """Holds the job where it is, or lets it go on."""
        with self._changed:
            self._paused = paused
            self._changed.notify_all()

    def check(self) -> None:
        """Returns at once, or, while the job is paused, once it goes on. Raises `Cancelled`."""
        if self._paused and not self._cancelled:
            with self._changed:
                self._changed.wait_for(lambda: self._cancelled or not self._paused)
        if self._cancelled:
            raise Cancelled
