"""Autosave and recovery: what a crash left is found again, and only then.

Each running program has a session: a file in the folder that it holds locked as long as it lives, however it ends.
The files of a session whose lock is free are there to be recovered.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from scumble.api import ScumbleError
from scumble.document import Snapshot
from scumble.files.atomic import atomic_write, reason_of, sweep
from scumble.files.documents import open_document
from scumble.files.locks import try_lock
from scumble.files.notes import Opened
from scumble.files.openraster_write import write_openraster
from scumble.files.reuse import Reuse
from scumble.files.texts import whole

_LOCK: Final = ".lock"
_NOTE: Final = ".json"


class Sidecar(msgspec.Struct, kw_only=True):
    """What is known about an autosaved document. `original` is empty for one that was never saved."""

    version: int = 1
    title: str
    original: str
    time: float
    pid: int
    revision: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Recoverable:
    """A document that a program which no longer runs has left. `time` is in seconds since 1970."""

    file: Path
    title: str
    original: Path | None
    time: float
    pid: int
    revision: int
    size: tuple[int, int]


@dataclass(slots=True)
class _Kept:
    path: Path
    reuse: Reuse = field(default_factory=Reuse)
    revision: int = -1
    discarded: bool = False


class Autosave:
    """Writes snapshots to a folder of the program's own, on one thread of its own.

    `key` is the caller's name for an open document. Layers that have not changed since the last time are copied, not
    encoded again; there is no merged picture in these files.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._session, self._lock = _begin(folder)
        except OSError as error:
            raise ScumbleError("file-unwritable", path=folder, reason=reason_of(error)) from error
        self._folder = folder
        self._kept: dict[str, _Kept] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="scumble-autosave")

    def save(self, key: str, snapshot: Snapshot, *, title: str, original: Path | None = None) -> Future[Path]:
        """Has a snapshot written; at once done when that revision was written before.

        The future holds the file, or the ScumbleError of `atomic_write`.
        """
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = _Kept(self._folder / f"{self._session}-{uuid.uuid4().hex[:8]}.ora")
        return self._pool.submit(self._write, kept, snapshot, title, original)

    def discard(self, key: str) -> Future[None]:
        """Removes the file of a document that was saved, or closed on purpose."""
        kept = self._kept.pop(key, None)
        if kept is not None:
            kept.discarded = True
        return self._pool.submit(_remove, kept.path if kept is not None else None)

    def recoverable(self) -> list[Recoverable]:
        """What programs that no longer run have left, the newest first; their empty remains are cleared away."""
        sweep(self._folder)
        found: list[Recoverable] = []
        for lock in self._folder.glob(f"*{_LOCK}"):
            if lock.stem != self._session:
                found.extend(_left_by(lock))
        return sorted(found, key=lambda item: item.time, reverse=True)

    def recover(self, item: Recoverable) -> Opened:
        """Opens what was left. The file stays until it is forgotten. Raises what `open_document` raises."""
        return open_document(item.file)

    def forget(self, item: Recoverable) -> None:
        """Deletes what was left, for good."""
        _remove(item.file)

    def close(self) -> None:
        """Ends the session, after what is being written. What was not discarded will be offered at the next start."""
        self._pool.shutdown(wait=True)
        lock = self._folder / f"{self._session}{_LOCK}"
        if not any(kept.path.exists() for kept in self._kept.values()):
            with suppress(OSError):
                lock.unlink()
        self._lock.close()

    def _write(self, kept: _Kept, snapshot: Snapshot, title: str, original: Path | None) -> Path:
        if kept.discarded or kept.revision == snapshot.revision:
            return kept.path
        structure, path = snapshot.structure, "" if original is None else str(original)
        note = Sidecar(
            title=whole(title),
            original=path if path == whole(path) else "",
            time=time.time(),
            pid=os.getpid(),
            revision=snapshot.revision,
            width=structure.width,
            height=structure.height,
        )
        with atomic_write(kept.path.with_suffix(_NOTE)) as file:
            file.write(msgspec.json.encode(note))
        write_openraster(snapshot, kept.path, merged=None, reuse=kept.reuse, workers=1)
        kept.revision = snapshot.revision
        return kept.path


def _begin(folder: Path) -> tuple[str, BinaryIO]:
    """A new session and its lock. Someone who clears up may have taken the file away in between: then another one."""
    while True:
        session = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        path = folder / f"{session}{_LOCK}"
        lock = path.open("x+b")
        if try_lock(lock) and path.exists():
            return session, lock
        lock.close()


def _left_by(lock: Path) -> Iterator[Recoverable]:
    """The documents of a session, if it has ended."""
    try:
        with lock.open("r+b") as file:
            if not try_lock(file):
                return
            found = [_read(left) for left in lock.parent.glob(f"{lock.stem}-*.ora")]
            if not found:
                _clear(lock)
    except OSError:
        return
    yield from found


def _read(file: Path) -> Recoverable:
    """What the note beside a file says; the file counts even where the note cannot be read."""
    try:
        note = msgspec.json.decode(file.with_suffix(_NOTE).read_bytes(), type=Sidecar)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        note = Sidecar(title="", original="", time=file.stat().st_mtime, pid=0, revision=0, width=0, height=0)
    return Recoverable(
        file=file,
        title=note.title or file.stem,
        original=Path(note.original) if note.original else None,
        time=note.time,
        pid=note.pid,
        revision=note.revision,
        size=(note.width, note.height),
    )


def _clear(lock: Path) -> None:
    for path in (*lock.parent.glob(f"{lock.stem}-*"), lock):
        with suppress(OSError):
            path.unlink()


def _remove(file: Path | None) -> None:
    if file is not None:
        for path in (file.with_suffix(_NOTE), file):
            path.unlink(missing_ok=True)
