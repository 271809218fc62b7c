"""Commands and arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from scumble import __version__


def main(arguments: Sequence[str]) -> int:
    """Parses and runs a command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="scumble", description="An offline image editor with generation in it.")
    parser.add_argument("--version", action="version", version=f"scumble {__version__}")
    parser.parse_args(arguments)
    return 0
