"""Turning what went wrong into an error with a code."""

from __future__ import annotations

import traceback
from typing import Final

from scumble.api import ScumbleError, ToolJob

MAX_REASON: Final = 300
"""Characters of a reason that is shown in a sentence."""

MAX_DETAILS: Final = 64_000
"""Characters of a report; the end is kept, where the cause stands."""

_MEMORY_WORDS = ("not enough memory", "can't allocate memory", "out of memory", "could not create a primitive")
"""What torch says of it, in lower case; the last is all that oneDNN says where it finds no room for its kernels."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out: Python's, numpy's, or torch's on any device."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _MEMORY_WORDS)


def out_of_memory(job: ToolJob, error: BaseException) -> ScumbleError:
    """The error for a job that was too large."""
    width, height = job.size
    return ScumbleError("out-of-memory", width=width, height=height, details=report(error))


def reason(error: BaseException) -> str:
    """An exception in one line: its text, or its type where it has none."""
    lines = str(error).strip().splitlines()
    return clean(f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__)


def report(error: BaseException) -> str:
    """The traceback."""
    return clean("".join(traceback.format_exception(error))[-MAX_DETAILS:], MAX_DETAILS)


def clean(text: str, limit: int = MAX_REASON) -> str:
    """Text that fits into a message: no longer than `limit`, and without half characters."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return short.encode("utf-8", "replace").decode()
