"""How long drawing may hold the window up."""

from __future__ import annotations

import math
import time


class Budget:
    """Time for the pieces of work of one frame.

    The first piece is always granted, so that every frame comes nearer to the end however slow the machine is.
    """

    def __init__(self, seconds: float = math.inf) -> None:
        self._until = time.perf_counter() + seconds
        self._begun = False

    def grant(self) -> bool:
        """Whether another piece may be done."""
        granted = not self.spent
        self._begun = True
        return granted

    @property
    def spent(self) -> bool:
        """Whether nothing more would be granted."""
        return self._begun and time.perf_counter() >= self._until
