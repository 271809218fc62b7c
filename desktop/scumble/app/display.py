"""Whether a window can be opened here. Qt aborts where it cannot, so it is tried in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

WAIT = 20.0
"""Seconds that a display may take to answer."""


def answers() -> bool:
    """Tries; takes about as long as Qt takes to start."""
    if os.environ.get("QT_QPA_PLATFORM") in {"offscreen", "minimal"}:
        return False
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    probe = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
    quiet = subprocess.DEVNULL
    try:
        return subprocess.run([sys.executable, "-c", probe], stdout=quiet, stderr=quiet, timeout=WAIT).returncode == 0
    except subprocess.TimeoutExpired:
        return False


if __name__ == "__main__":
    sys.exit(0 if answers() else 1)
