"""Saves that cannot harm the file before: write beside it, flush to the disk, then change places."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from scumble.api import ScumbleError
from scumble.files.locks import try_lock

STALE: Final = 3600.0
"""Seconds after which a temporary file that no process holds is taken for one that a crash left."""

_REASONS: Final = {
    errno.EACCES: "you have no permission to write there",
    errno.EPERM: "you have no permission to write there",
    errno.EROFS: "the disk is read-only",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "a part of its path is not a folder",
    errno.EISDIR: "there is a folder of that name",
    errno.EFBIG: "the file would be larger than is allowed there",
    errno.EIO: "the disk reported an error",
    errno.ENAMETOOLONG: "its name is too long",
}
_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT))
_TEMPORARY: Final = ".scumble-"
_NO_FOLDER_SYNC: Final = frozenset((errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM))


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """A binary file, open for reading and writing, that takes the place of `path` when the block ends well.

    On any failure, and on any exception of the block, the file at `path` is as it was and nothing is left beside it.
    A link is followed, and the permissions of an existing file are kept. Raises `disk-full`, `file-unwritable`, or
    `file-not-confirmed` when the new file stands in its place but the folder could not be flushed.
    """
    target = Path(os.path.realpath(path))
    with _as_errors(path):
        old = _regular(target)
        sweep(target.parent, _prefix(target))
        temporary = _temporary_path(target)
        file = _create(temporary)
    try:
        with _as_errors(path):
            with file:
                try_lock(file)
                yield file
                file.flush()
                if old is not None:
                    _take_over(temporary, old)
                os.fsync(file.fileno())
            os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(target.parent, path)


def write_error(path: Path, error: OSError) -> ScumbleError:
    """The error that a person reads when `path` could not be written."""
    if error.errno in _FULL:
        return ScumbleError("disk-full", path=path)
    return ScumbleError("file-unwritable", path=path, reason=reason_of(error))


def reason_of(error: OSError) -> str:
    """Why the system refused, as the end of a sentence."""
    known = _REASONS.get(error.errno or 0)
    return known or (os.strerror(error.errno).lower() if error.errno else str(error))


@contextmanager
def _as_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise write_error(path, error) from error


def _regular(target: Path) -> os.stat_result | None:
    """What stands at the target: a file or nothing. A device must never be replaced."""
    try:
        found = os.stat(target)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError("it is not an ordinary file")
    return found


def _create(temporary: Path) -> BinaryIO:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    return os.fdopen(os.open(temporary, flags, 0o666), "w+b")


def _take_over(temporary: Path, old: os.stat_result) -> None:
    """Gives the new file the permissions of the old one, and its owner where that is allowed."""
    os.chmod(temporary, stat.S_IMODE(old.st_mode))
    if sys.platform != "win32" and (old.st_uid, old.st_gid) != (os.getuid(), os.getgid()):
        with suppress(OSError):
            os.chown(temporary, old.st_uid, old.st_gid)
            os.chmod(temporary, stat.S_IMODE(old.st_mode))


def _sync_folder(folder: Path, path: Path) -> None:
    if sys.platform == "win32":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise ScumbleError("file-not-confirmed", path=path, reason=reason_of(error)) from error


def _prefix(target: Path) -> str:
    return f"{_TEMPORARY}{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}-"


def _temporary_path(target: Path) -> Path:
    return target.parent / f"{_prefix(target)}{uuid.uuid4().hex[:12]}.tmp"


def sweep(folder: Path, prefix: str = _TEMPORARY) -> None:
    """Removes the temporary files that crashed saves have left in a folder, of one file or of any."""
    with suppress(OSError):
        for left in folder.glob(f"{prefix}*.tmp"):
            if time.time() - left.stat().st_mtime > STALE:
                with left.open("r+b") as file:
                    stale = try_lock(file)
                if stale:
                    left.unlink()
