"""`scumble [FILES…]`: opens the window."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from scumble.cli.report import reported


@reported
def main(arguments: Sequence[str]) -> int:
    """Opens the window with these files; returns the exit code."""
    code: int = importlib.import_module("scumble.app.window").run([Path(name) for name in arguments])
    return code
