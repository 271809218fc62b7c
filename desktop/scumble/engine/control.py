"""What the window has said about a job since it was asked for: stop, pause, go on, make way."""

from __future__ import annotations

import threading

from scumble.api import Cancelled


class PutAside(Cancelled):
    """Stops a job that goes on later, on its way through the tool."""


class JobControl:
    """Set by the thread that listens, looked at by the one that works.

    `movable` is whether the job can be put aside as it works now. `left` is what it has left behind for later: how many
    steps are done, and its standing as bytes.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._cancelled = self._paused = self._making_way = self.movable = False
        self.left: tuple[int, bytes] | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the job is to stop."""
        return self._cancelled

    @property
    def making_way(self) -> bool:
        """Whether the job is to be put aside after its step."""
        return self._making_way

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

    def make_way(self) -> None:
        """Has the job put aside once it can be; for that, one that is paused and `movable` goes on to the end of a
        step."""
        with self._changed:
            self._making_way = True
            self._changed.notify_all()

    def leave(self, done: int, standing: bytes) -> None:
        """Puts the job aside; raises `PutAside`."""
        self.left = done, standing
        raise PutAside

    def check(self) -> None:
        """Returns at once, or, while the job is paused, once it goes on. Raises `Cancelled`."""
        if self._held():
            with self._changed:
                self._changed.wait_for(lambda: not self._held())
        if self._cancelled:
            raise Cancelled
        if self.left is not None:
            raise PutAside

    def _held(self) -> bool:
        if self._cancelled or self.left is not None or (self._making_way and self.movable):
            return False
        return self._paused
