"""When live painting runs: at once where a run is quick, after a pause of the hand where it is slow."""

from __future__ import annotations

from collections import deque
from typing import Final

OFTEN: Final = 0.1
"""Seconds from the first change to a run, while runs are quick: more changes come along in it."""

PAUSE: Final = 0.25
"""Seconds without a change before a slow run, so that it is not of half a stroke."""

SLOW: Final = 1.5
"""From so many seconds on, in the mean, a run is slow."""

LONGEST: Final = 3.0
"""No run waits longer than this, however long a person paints on."""

REMEMBERED: Final = 10
"""So many runs make the mean."""


class LiveClock:
    """Told of changes and runs, with times in seconds of one clock, it says when the next run is due."""

    def __init__(self) -> None:
        self._runs: deque[float] = deque(maxlen=REMEMBERED)
        self._first: float | None = None
        self._last = 0.0

    @property
    def mean(self) -> float:
        """Seconds that a run takes, of late; 0 before the first."""
        return sum(self._runs) / len(self._runs) if self._runs else 0.0

    def changed(self, now: float) -> None:
        """What the tool would see is another."""
        self._first = now if self._first is None else self._first
        self._last = now

    def begun(self) -> None:
        """A run sees all that has changed so far."""
        self._first = None

    def ran(self, seconds: float) -> None:
        """A run has ended."""
        self._runs.append(seconds)

    def due(self, now: float) -> float | None:
        """In how many seconds to run; None where nothing has changed."""
        if self._first is None:
            return None
        wanted = self._last + PAUSE if self.mean > SLOW else self._first + OFTEN
        return max(min(wanted, self._first + LONGEST) - now, 0.0)
