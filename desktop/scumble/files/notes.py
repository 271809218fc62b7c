"""What a person should know about a file that was opened or written all the same; progress and cancelling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from scumble.api import sentence
from scumble.document import Document

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of parts done and of all parts, on the thread that reads or writes. May raise `Cancelled`."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark: a code of `scumble.api.MESSAGES` and its parameters."""

    code: str
    params: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, **params: object) -> Note:
        """A note with parameters turned into text."""
        return cls(code, tuple((name, str(value)) for name, value in params.items()))

    def __str__(self) -> str:
        return sentence(self.code, dict(self.params))


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A document as it was read, without any step to undo, and what could not be read as it was meant."""

    document: Document
    notes: tuple[Note, ...] = ()


def no_progress(done: int, total: int) -> None:
    """For a caller who does not watch."""
