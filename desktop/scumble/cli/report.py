"""How a command ends: with its exit code, and one sentence on the standard error when it fails."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Final

from scumble.api import Cancelled, ScumbleError

FAILED: Final = 1
USAGE: Final = 2

_USAGE_CODES = frozenset(
    {"param-unknown", "param-invalid", "size-invalid", "tool-unknown", "tool-needs-input", "file-format-unknown"}
)
"""What a person has to say otherwise; everything else is a failure."""

Command = Callable[[Sequence[str]], int]


def reported(command: Command) -> Command:
    """The command, with its errors put into a sentence and an exit code."""

    @functools.wraps(command)
    def run(arguments: Sequence[str]) -> int:
        try:
            return command(arguments)
        except ScumbleError as error:
            complain(str(error))
            return USAGE if error.code in _USAGE_CODES else FAILED
        except KeyboardInterrupt:
            complain(str(Cancelled()))
            return FAILED

    return run


def complain(sentence: str) -> None:
    """Writes a sentence for a person on the standard error."""
    print(f"scumble: {sentence}", file=sys.stderr)
