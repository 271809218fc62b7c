"""Locks on files that the system frees by itself when a process ends, however it ends."""

from __future__ import annotations

import sys
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def try_lock(file: BinaryIO) -> bool:
    """Takes the lock on an open file without waiting; it is held until the file is closed. False when another has it.

    True, too, on a file system that has no locks.
    """
    if sys.platform == "win32":
        place = file.tell()
        file.seek(0x7FFFFFF0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(place)
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
