"""`scumble demo`: the program works by itself and tells what it does."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

from scumble.cli.report import reported


@reported
def main(arguments: Sequence[str]) -> int:
    """Runs the demonstration; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scumble demo", description="Draws, fills, restyles and enlarges a picture by itself.", allow_abbrev=False
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to put the pictures")
    options = parser.parse_args(arguments)
    code: int = importlib.import_module("scumble.app.demo").run(options.out, print)
    return code
