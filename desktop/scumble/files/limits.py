"""How much a file may ask for before it is refused. Everything is checked before memory is spent on it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from scumble.api import ScumbleError
from scumble.document import MAX_SIDE

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """`side` and `pixels` bound one picture; `tiles` bounds the bytes of all the layers of a document in memory.

    For an archive: `members` and `directory` (bytes of its table of contents), `member` and `total` (unpacked bytes),
    and `ratio`, how many times its packed size a member may unpack to once it is larger than `small`. `xml`, `depth`
    and `layers` bound the layer tree, `extras` the bytes of unknown entries that are kept.
    """

    side: int = MAX_SIDE
    pixels: int = 400_000_000
    tiles: int = 16 * GIB
    members: int = 20_000
    directory: int = 8 * MIB
    member: int = 4 * GIB
    total: int = 16 * GIB
    small: int = 16 * MIB
    ratio: int = 100
    xml: int = 16 * MIB
    depth: int = 64
    layers: int = 10_000
    extras: int = 256 * MIB

    def check_size(self, path: Path, width: int, height: int) -> None:
        """Raises `file-too-large` for a picture beyond the limits, `file-truncated` for one without any pixel."""
        if width <= 0 or height <= 0:
            raise ScumbleError("file-truncated", path=path, reason=f"it says that it is {width} × {height}")
        if max(width, height) > self.side or width * height > self.pixels:
            limit = f"{self.side} pixels a side and {self.pixels // 1_000_000} megapixels"
            raise ScumbleError("file-too-large", path=path, width=width, height=height, limit=limit)


class Allowance:
    """Bytes that several threads may spend together."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._left = size
        self._lock = threading.Lock()

    def spend(self, size: int) -> None:
        """Takes bytes off. Raises `file-unsafe` when there are none left."""
        with self._lock:
            self._left -= size
            if self._left < 0:
                raise ScumbleError("file-unsafe", path=self._path, reason="its layers do not fit into memory")
