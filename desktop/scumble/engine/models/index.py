"""What has been found out about the files on this machine, kept on disk, so that each is looked into once."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from scumble.protocol import ModelEntry

VERSION: Final = 4
"""Raised when files are to be looked into anew, as more is recognised in them."""


class _Stored(msgspec.Struct, frozen=True):
    version: int
    entries: list[ModelEntry]


class Index:
    """The entries by path. Any thread may ask; losing the file costs another look at each model and its hash."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._changed = False
        self._entries = {entry.path: entry for entry in _read(file)}

    def get(self, path: Path, stamp: tuple[int, int]) -> ModelEntry | None:
        """What is known of a file, if it is still the one that was looked into."""
        entry = self._entries.get(str(path))
        return entry if entry is not None and entry.stamp == stamp else None

    def put(self, entry: ModelEntry) -> None:
        """Takes an entry in, in place of an older one."""
        with self._lock:
            self._entries[entry.path] = entry
            self._changed = True

    def put_hash(self, path: Path, stamp: tuple[int, int], sha256: str) -> bool:
        """Adds a file's hash; False, and for nothing, where the file is another by now."""
        entry = self.get(path, stamp)
        if entry is not None:
            self.put(msgspec.structs.replace(entry, sha256=sha256))
        return entry is not None

    def save(self, kept: Iterable[Path] = ()) -> None:
        """Writes what has changed. `kept` are files that are there; others are kept only if their folder is not, as
        that of a disk that is not plugged in. A disk that cannot be written to is no fault."""
        known = {str(path) for path in kept}
        with self._lock:
            gone = [key for key in self._entries if known and key not in known and os.path.isdir(Path(key).parent)]
            for key in gone:
                del self._entries[key]
            if self._file is None or not (self._changed or gone):
                return
            self._changed = False
            raw = msgspec.json.encode(_Stored(VERSION, list(self._entries.values())))
            new = self._file.with_name(f"{self._file.name}.{os.getpid()}")
            with contextlib.suppress(OSError):
                self._file.parent.mkdir(parents=True, exist_ok=True)
                new.write_bytes(raw)
                new.replace(self._file)


def _read(file: Path | None) -> list[ModelEntry]:
    if file is None:
        return []
    try:
        stored = msgspec.json.decode(file.read_bytes(), type=_Stored)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return []
    return stored.entries if stored.version == VERSION else []
