"""Writes OpenRaster, the native format."""

from __future__ import annotations

import zipfile
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Final

import cv2
import numpy as np

from scumble.document import Pixels, Snapshot
from scumble.files.atomic import atomic_write
from scumble.files.notes import Progress, no_progress
from scumble.files.plan import BAKED, Part, Plan, layer_profile, plan_of, unknown_entries
from scumble.files.planes import encode_picture
from scumble.files.png import Extra
from scumble.files.reuse import Reuse
from scumble.files.stack import serialise

MIMETYPE: Final = b"image/openraster"
THUMBNAIL: Final = 256
"""The longest side of the thumbnail, as the specification has it."""

_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""Of every entry, so that the same document makes the same file."""


def write_openraster(
    snapshot: Snapshot,
    path: Path,
    *,
    merged: Pixels | None,
    progress: Progress = no_progress,
    reuse: Reuse | None = None,
    workers: int = 2,
) -> None:
    """Writes a snapshot, atomically. `merged` is the whole visible picture, stored pixels; None leaves it out.

    Raises what `atomic_write` raises, and `Cancelled` from `progress`; the old file is untouched then.
    """
    plan = plan_of(snapshot)
    memory = reuse or Reuse()
    with atomic_write(path) as file, memory.reading():
        _write(file, snapshot, plan, merged, _Watch(progress, memory, workers))
    memory.remember(path, {part.slot: (part.key, part.name) for part in plan.parts if part.slot})


class _Watch:
    """How a save is carried out: who watches it, what it may reuse, and how many threads encode."""

    def __init__(self, progress: Progress, reuse: Reuse, workers: int) -> None:
        self.progress = progress
        self.reuse = reuse
        self.workers = workers


def _write(file: BinaryIO, snapshot: Snapshot, plan: Plan, merged: Pixels | None, watch: _Watch) -> None:
    parts = [*plan.parts, *(_picture_parts(snapshot, merged) if merged is not None else ())]
    watch.progress(0, len(parts))
    with zipfile.ZipFile(file, "w") as archive:
        _put(archive, "mimetype", MIMETYPE)
        with closing(_encoded(parts, watch)) as encoded:
            for done, (part, data) in enumerate(encoded, 1):
                info = _put(archive, part.name, data, part.name.endswith(".json"))
                if part.signed is not None:
                    part.signed.attributes[BAKED] = f"{info.CRC:08x}"
                watch.progress(done, len(parts))
        for name, data in unknown_entries(snapshot):
            _put(archive, name, data)
        _put(archive, "stack.xml", serialise(plan.root), True)


def _encoded(parts: Sequence[Part], watch: _Watch) -> Generator[tuple[Part, bytes]]:
    """The parts in order with their bytes, made ahead by a few threads and no further than memory should bear."""

    def make(part: Part) -> bytes:
        return (watch.reuse.find(part.slot, part.key) if part.slot else None) or part.make()

    with ThreadPoolExecutor(watch.workers, thread_name_prefix="scumble-encode") as pool:
        waiting: deque[tuple[Part, Future[bytes]]] = deque()
        try:
            for part in parts:
                waiting.append((part, pool.submit(make, part)))
                if len(waiting) > watch.workers:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _picture_parts(snapshot: Snapshot, merged: Pixels) -> list[Part]:
    structure = snapshot.structure

    def picture() -> bytes:
        return encode_picture(merged, snapshot.format, Extra(layer_profile(snapshot), structure.dpi))

    def thumbnail() -> bytes:
        return encode_picture(_reduced(merged), snapshot.format)

    return [Part("mergedimage.png", picture), Part("Thumbnails/thumbnail.png", thumbnail)]


def _reduced(merged: Pixels) -> Pixels:
    height, width = merged.shape[:2]
    scale = THUMBNAIL / max(width, height)
    if scale >= 1:
        return merged
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return np.asarray(cv2.resize(merged, size, interpolation=cv2.INTER_AREA))


def _put(archive: zipfile.ZipFile, name: str, data: bytes, pack: bool = False) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIME)
    info.compress_type = zipfile.ZIP_DEFLATED if pack else zipfile.ZIP_STORED
    archive.writestr(info, data)
    return info
