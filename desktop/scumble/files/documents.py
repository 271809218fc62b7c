"""Opening, saving and exporting: what the rest of the program calls."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from scumble.api import ScumbleError
from scumble.document import Pixels, Snapshot
from scumble.files.atomic import atomic_write, reason_of
from scumble.files.choices import Choices
from scumble.files.dither import dithered
from scumble.files.formats import PSD, format_of
from scumble.files.limits import Limits
from scumble.files.notes import Note, Opened, Progress, no_progress
from scumble.files.openraster_read import read_openraster
from scumble.files.openraster_write import write_openraster
from scumble.files.planes import strips
from scumble.files.psd_names import SIGNATURE
from scumble.files.raster_read import read_raster
from scumble.files.raster_write import check_side, encode_raster
from scumble.files.reuse import Reuse
from scumble.render import flatten_tiles, oracle

DEFAULT: Final = Choices()
Reader: TypeAlias = Callable[[Path, Limits | None, Progress], Opened]
PsdEncoder: TypeAlias = Callable[[Snapshot, Pixels, Progress], tuple[bytes, tuple[Note, ...]]]


def open_document(
    path: Path, *, limits: Limits | None = None, progress: Progress = no_progress, deep: bool = True
) -> Opened:
    """Opens a picture of any known format; what is inside decides, not the name.

    Without `deep`, a picture with 16 bits a channel is dithered to 8, unless it is in a format that keeps all of ours.
    Raises ScumbleError: `file-not-found`, `file-unreadable`, `file-not-image`, `file-truncated`, `file-too-large`,
    `file-unsafe`; and `Cancelled`, when `progress` does.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
        read = _reader(start)
        opened = read(path, limits, progress)
        return opened if deep or read is read_openraster else dithered(opened)
    except FileNotFoundError as error:
        raise ScumbleError("file-not-found", path=path) from error
    except OSError as error:
        raise ScumbleError("file-unreadable", path=path, reason=reason_of(error)) from error
    except MemoryError as error:
        raise ScumbleError("file-unreadable", path=path, reason="there is not enough memory for it") from error


def _reader(start: bytes) -> Reader:
    """What reads a file that starts so. psd-tools takes a while to import, so that only a PSD has it imported."""
    if start.startswith(b"PK"):
        return read_openraster
    if start == SIGNATURE:
        read: Reader = importlib.import_module("scumble.files.psd_read").read_psd
        return read
    return read_raster


def save_document(
    snapshot: Snapshot,
    path: Path,
    *,
    merged: Pixels | None = None,
    progress: Progress = no_progress,
    reuse: Reuse | None = None,
) -> None:
    """Saves everything, in a format that keeps layers. On any failure the old file is as it was.

    `merged` is the whole visible picture, `(height, width, 4)` stored pixels, flattened here when None. A `reuse` that
    the caller keeps for the document spares the encoding of layers that have not changed since the last save.
    Raises ScumbleError: `file-format-unknown`, `file-unwritable`, `disk-full`, `file-not-confirmed`; and `Cancelled`.
    """
    format_of(path, layers=True)
    picture = flattened(snapshot) if merged is None else merged
    write_openraster(snapshot, path, merged=picture, progress=progress, reuse=reuse)


def export_document(
    snapshot: Snapshot,
    path: Path,
    *,
    choices: Choices = DEFAULT,
    merged: Pixels | None = None,
    progress: Progress = no_progress,
) -> tuple[Note, ...]:
    """Writes a copy in the format that the ending asks for, and says what that format could not hold.

    Raises as `save_document` does, and `file-side-limit`.
    """
    target = format_of(path)
    if target.keeps_layers:
        save_document(snapshot, path, merged=merged, progress=progress)
        return ()
    check_side(target, path, snapshot.structure)
    picture = flattened(snapshot) if merged is None else merged
    if target is PSD:
        encode: PsdEncoder = importlib.import_module("scumble.files.psd_write").encode_psd
        data, notes = encode(snapshot, picture, progress)
    else:
        progress(0, 2)
        data, notes = encode_raster(picture, snapshot.format, snapshot.structure, target, path, choices)
        progress(1, 2)
    with atomic_write(path) as file:
        file.write(data)
    progress(2, 2)
    return notes


def flattened(snapshot: Snapshot) -> Pixels:
    """The whole visible picture, stored pixels: by the quick painter on the main thread, by the plain one elsewhere."""
    bounds = snapshot.structure.bounds
    out = np.zeros((bounds.height, bounds.width, 4), snapshot.format.dtype)
    if threading.current_thread() is threading.main_thread():
        for part, pixels in flatten_tiles(snapshot):
            out[part.slices(bounds)] = pixels
    else:
        for band in strips(bounds):
            out[band.slices(bounds)] = oracle.flatten(snapshot, band)
    return out
