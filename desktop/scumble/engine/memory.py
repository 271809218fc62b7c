"""How much memory this machine has."""

from __future__ import annotations

import os
import sys


def memory_of(device: str) -> int:
    """Bytes of memory that models have on a device, as torch names it; 0 where the system does not tell.

    An empty name, as before torch is imported, means the machine's own memory, and so does one that shares it.
    """
    if not device.startswith("cuda"):
        return machine_memory()
    import torch

    return int(torch.cuda.get_device_properties(device).total_memory)


def machine_memory() -> int:
    """Bytes of memory of this machine; 0 where the system does not tell."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def _windows_memory() -> int:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
        )

    status = Status(length=ctypes.sizeof(Status))
    asked = getattr(ctypes, "windll", None)
    return int(status.total) if asked is not None and asked.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else 0
