"""`scumble [FILES…]`: opens the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scumble.app import start
from scumble.cli.report import reported


@reported
def main(arguments: Sequence[str]) -> int:
    """Opens the window with these files; returns the exit code."""
    return start.run([Path(name) for name in arguments])
