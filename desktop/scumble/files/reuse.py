"""Pictures that need no second encoding: a save copies what the last one wrote and no one has changed since."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

Key: TypeAlias = tuple[object, ...]
"""All that a picture was made from. Tiles compare by identity, and a committed tile never changes."""


class Reuse:
    """Remembers the last file that a document was written to, and from which tiles each of its entries was made.

    Give the same object to every save of one document. It serves one save at a time.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._stamp: tuple[int, ...] = ()
        self._entries: dict[str, tuple[Key, str]] = {}
        self._zip: zipfile.ZipFile | None = None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keeps the last file open for `find`, if it is still the one that was written."""
        try:
            if self._path is not None and _stamp_of(self._path) == self._stamp:
                self._zip = zipfile.ZipFile(self._path)
        except (OSError, zipfile.BadZipFile):
            self._zip = None
        try:
            yield
        finally:
            if self._zip is not None:
                self._zip.close()
                self._zip = None

    def find(self, slot: str, key: Key) -> bytes | None:
        """The entry that was written for a slot, if it was made from the same; None when it must be made again."""
        known = self._entries.get(slot)
        if self._zip is None or known is None or known[0] != key:
            return None
        try:
            return self._zip.read(known[1])
        except (OSError, KeyError, zipfile.BadZipFile):
            return None

    def remember(self, path: Path, entries: Mapping[str, tuple[Key, str]]) -> None:
        """Takes note of a file that has just been written: by slot, what was used and the name of the entry."""
        try:
            self._stamp = _stamp_of(path)
        except OSError:
            self._path, self._entries = None, {}
            return
        self._path, self._entries = path, dict(entries)


def _stamp_of(path: Path) -> tuple[int, ...]:
    found = os.stat(path)
    return found.st_ino, found.st_size, found.st_mtime_ns
