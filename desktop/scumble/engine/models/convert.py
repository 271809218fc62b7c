"""`python -m scumble.engine.models.convert SOURCE TARGET`: a pickle file becomes a safetensors file, in a process of
its own that can do little else.

It prints one line of JSON: what went wrong, as `code` and `reason`, or nothing where all went well.
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import struct
import sys
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from scumble.engine.models.files import MAX_HEADER, MAX_TENSORS
from scumble.engine.models.pickles import Archive, PickledTensor, open_archive, tensors_of

MEMORY: Final = 8 * 2**30
"""Bytes of addresses that the process may take."""

SECONDS: Final = 900
"""Seconds of the processor that it may take."""

NEW_USER: Final = 0x10000000
NEW_NETWORK: Final = 0x40000000
"""Linux' flags for namespaces: in those of its own a process has no network."""

FORBIDDEN: Final = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "ctypes.",
    "pickle.find_class",
    "shutil.",
    "urllib.",
)
"""Audit events, or how they begin, that end the process."""


WRITING: Final = os.O_WRONLY | os.O_RDWR
"""The flags that a file is opened with to be changed."""


def room_for(size: int) -> int:
    """Bytes that a file of so many may become; a tensor may repeat values, and then needs more room for itself."""
    return size * 2 + 2**26


def limit(target: Path, size: int) -> None:
    """Takes away from this process what converting does not need. What a system does not know stays as it is."""
    if sys.platform != "win32":
        import resource

        limits = {
            resource.RLIMIT_AS: MEMORY,
            resource.RLIMIT_CPU: SECONDS,
            resource.RLIMIT_FSIZE: room_for(size),
            resource.RLIMIT_CORE: 0,
        }
        for what, most in limits.items():
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(what, (most, most))
    unshare = getattr(os, "unshare", None)  # newer than the oldest Python that we take
    if unshare is not None:
        with contextlib.suppress(OSError):
            unshare(NEW_USER | NEW_NETWORK)
    writable = os.fspath(target)

    def watch(event: str, given: tuple[object, ...]) -> None:
        if event.startswith(FORBIDDEN):
            raise PermissionError(f"the converter may not do {event}")
        if event == "open" and isinstance(given[2], int) and given[2] & WRITING and given[0] != writable:
            raise PermissionError(f"the converter may not write {given[0]}")

    sys.addaudithook(watch)


def convert(source: Path, target: Path) -> None:
    """Writes the weights of `source` to `target`, bit for bit. Raises `ValueError`, which says why, or `OSError`."""
    archive = open_archive(source)
    tensors = tensors_of(archive.content)
    if len(tensors) > MAX_TENSORS:
        raise ValueError("it holds more tensors than any model")
    head = _header(tensors, room_for(source.stat().st_size))
    with source.open("rb") as given, target.open("wb") as file:
        file.write(struct.pack("<Q", len(head)) + head)
        for tensor in tensors.values():
            file.write(_values(given, archive, tensor))
        file.flush()
        os.fsync(file.fileno())


def _header(tensors: dict[str, PickledTensor], room: int) -> bytes:
    """The beginning of a safetensors file, filled up so that the values lie on a multiple of 8."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    place = 0
    for name, tensor in tensors.items():
        size = math.prod(tensor.shape) * tensor.storage.width
        header[name] = {
            "dtype": tensor.storage.kind,
            "shape": list(tensor.shape),
            "data_offsets": [place, place + size],
        }
        place += size
    if place > room:
        raise ValueError("it would become many times as large as it is")
    raw = json.dumps(header, separators=(",", ":")).encode()
    raw += b" " * (-len(raw) % 8)
    if len(raw) > MAX_HEADER:
        raise ValueError("it holds more tensors than any model")
    return raw


def _values(file: BinaryIO, archive: Archive, tensor: PickledTensor) -> bytes:
    """A tensor's bytes in order of its indices."""
    start, size = archive.places.get(tensor.storage.key, (0, -1))
    width = tensor.storage.width
    if math.prod(tensor.shape) == 0:
        return b""
    if len(tensor.shape) != len(tensor.stride):
        raise ValueError("a tensor in it makes no sense")
    last = tensor.offset + sum((side - 1) * step for side, step in zip(tensor.shape, tensor.stride, strict=True))
    if (last + 1) * width > size:
        raise ValueError("it is cut short")
    file.seek(start + tensor.offset * width)
    raw = file.read((last + 1 - tensor.offset) * width)
    if len(raw) != (last + 1 - tensor.offset) * width:
        raise ValueError("it is cut short")
    flat = np.frombuffer(raw, f"V{width}")
    strides = tuple(step * width for step in tensor.stride)
    return np.lib.stride_tricks.as_strided(flat, tensor.shape, strides, writeable=False).tobytes()


def main(source: Path, target: Path) -> int:
    """Converts, and says what went wrong."""
    try:
        limit(target, source.stat().st_size)
        convert(source, target)
    except (ValueError, ArithmeticError, MemoryError, RecursionError) as error:
        said = {"code": "model-unsafe", "reason": str(error) or "it needs more memory than any model"}
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        said = {"code": "model-disk-full" if full else "model-unsafe", "reason": error.strerror or str(error)}
    else:
        return 0
    with contextlib.suppress(OSError):
        target.unlink(missing_ok=True)
    print(json.dumps(said))  # noqa: T201 - this is how the engine hears of it
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
