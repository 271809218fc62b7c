"""Waiting for what the window and the engine do."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication


def wait(until, seconds=30.0, what="it"):
    """Lets events be handled until something is so."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, f"{what} did not happen"
        QCoreApplication.processEvents()
        time.sleep(0.002)


def settle(seconds=0.05):
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end)
