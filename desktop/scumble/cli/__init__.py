"""Commands and arguments. Each command is a module of its own, imported when it is asked for."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from typing import Final

from scumble import __version__

COMMANDS: Final = {
    "run": "run a tool without a window",
    "replay": "make the generated layers of a picture again, and tell which come out the same",
    "convert": "write a picture in another format",
    "plugin": "install, list, switch and remove plugins",
    "models": "list the models on this machine",
    "demo": "draw, fill, restyle and enlarge a picture by itself, and tell how",
    "diagnostics": "print versions, devices and folders, for a report",
}
"""The commands and what each does. A file that is called like one is opened as `./run`."""


def main(arguments: Sequence[str]) -> int:
    """Parses and runs a command line; returns the exit code: 0 done, 1 failed, 2 not understood."""
    try:
        if arguments and arguments[0] in COMMANDS:
            return _command(arguments[0], arguments[1:])
        files = _parser().parse_args(arguments).files
        return _command("window", files)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0


def _command(name: str, arguments: Sequence[str]) -> int:
    code: int = importlib.import_module(f"scumble.cli.{name}").main(arguments)
    return code


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    commands = "".join(f"  {name:<{width}}  {purpose}\n" for name, purpose in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="scumble",
        usage="scumble [FILES …]\n       scumble COMMAND …",
        description="An offline image editor with generation in it. Without a command, the window opens.",
        epilog=f"commands (each explains itself with --help):\n{commands}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="*", metavar="FILES", help="pictures to open")
    parser.add_argument("--version", action="version", version=f"scumble {__version__}")
    return parser
