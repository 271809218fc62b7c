"""Older steps of the history made small: tiles compressed by a thread, as their difference to what took their place.

A brush changes a part of each tile that it touches; the rest of the difference is zeros, which take no room. Undo meets
a document in which every tile is again what had taken the place of the one to be brought back, so that nothing else
needs to be kept.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import zstandard

from scumble.document.geometry import NOWHERE, Rect, TileIndex
from scumble.document.layers import LayerId, SurfaceId
from scumble.document.pixels import Pixels
from scumble.document.tiles import Tile

if TYPE_CHECKING:
    from scumble.document.document import Structure

LEVEL: Final = 1
"""Of zstd: 0.8 GB/s and more on pixels; higher levels gain little on them."""

TileChanges = dict[SurfaceId, dict[TileIndex, Tile | None]]


@dataclass(frozen=True, slots=True)
class PackedTile:
    """A tile's values, compressed: of all rows, or with `differs` of those in which it is not like the tile that took
    its place, as the exclusive or with them.
    """

    data: bytes
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    differs: bool
    first: int = 0
    rows: int = 0


@dataclass(slots=True, eq=False)
class Edit:
    """One step of the history: its name and what to put back.

    `tiles` are those before the step and `after` those that it left in their place; once it is `packed`, both are empty
    but for what was absent. `area` is where the change of structure shows, `active` the layer that was active before
    it; both mean something only with a structure. `size` is the bytes that the step alone may keep alive.
    """

    name: str
    tiles: TileChanges = field(default_factory=dict)
    structure: Structure | None = None
    area: Rect = NOWHERE
    active: LayerId | None = None
    size: int = 0
    after: TileChanges = field(default_factory=dict)
    packed: dict[SurfaceId, dict[TileIndex, PackedTile]] = field(default_factory=dict)
    queued: bool = False
    taken: bool = False

    def weigh(self) -> None:
        """Sets `size`."""
        raw = sum(tile.pixels.nbytes for tiles in self.tiles.values() for tile in tiles.values() if tile is not None)
        self.size = raw + sum(len(tile.data) for tiles in self.packed.values() for tile in tiles.values())

    def take_in(self, later: Edit) -> None:
        """Becomes the step that this one and the next would be together; neither is packed."""
        for surface, tiles in later.tiles.items():
            before = self.tiles.setdefault(surface, {})
            for index, tile in tiles.items():
                before.setdefault(index, tile)
        if later.structure is None:
            return
        if self.structure is None:
            self.structure, self.active = later.structure, later.active
        self.area = self.area | later.area

    @property
    def raw(self) -> bool:
        """Whether there is something to pack, and nothing is packed or about to be."""
        return (
            not self.queued
            and not self.packed
            and any(tile is not None for tiles in self.tiles.values() for tile in tiles.values())
        )


def pack(before: Tile, after: Tile | None, compressor: zstandard.ZstdCompressor) -> PackedTile:
    """Compresses a tile."""
    pixels = before.pixels
    words = _words(pixels)
    if after is None:
        return PackedTile(compressor.compress(words.tobytes()), pixels.shape, pixels.dtype, False)
    words = words ^ _words(after.pixels)
    touched = np.flatnonzero(words.any(axis=1))
    first, last = (int(touched[0]), int(touched[-1]) + 1) if len(touched) else (0, 0)
    data = compressor.compress(words[first:last].tobytes())
    return PackedTile(data, pixels.shape, pixels.dtype, True, first, last - first)


def unpack(packed: PackedTile, current: Tile | None, decompressor: zstandard.ZstdDecompressor) -> Tile:
    """The tile again; `current` is the one that took its place."""
    words = np.frombuffer(decompressor.decompress(packed.data), np.uint64)
    if packed.differs:
        assert current is not None
        tile = current.copy()
        if packed.rows:
            part = _words(tile.pixels)[packed.first : packed.first + packed.rows]
            np.bitwise_xor(part, words.reshape(part.shape), out=part)
    else:
        tile = Tile(words.view(packed.dtype).reshape(packed.shape))
    tile.freeze()
    return tile


def restored(edit: Edit, now: TileChanges) -> TileChanges:
    """The tiles of a packed edit; `now` are those that are in the place of its packed ones."""
    decompressor = zstandard.ZstdDecompressor()
    found = {surface: dict(tiles) for surface, tiles in edit.tiles.items()}
    for surface, packed in edit.packed.items():
        tiles = found.setdefault(surface, {})
        for index, tile in packed.items():
            tiles[index] = unpack(tile, now[surface][index], decompressor)
    return found


class Packer:
    """Packs edits, and unpacks them again ahead of their use, in a thread that lives no longer than there is work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Edit, TileChanges | None]] = deque()
        self._thread: threading.Thread | None = None

    def add(self, edits: Iterable[Edit]) -> None:
        """Has some edits packed, soon. Each must have been left alone since its end, and its tiles be read-only."""
        self._queue([(edit, None) for edit in edits])

    def restore(self, edit: Edit, now: TileChanges) -> None:
        """Has an edit unpacked, soon; `now` are the tiles that are in the place of its packed ones."""
        self._queue([(edit, now)])

    def take(self, edit: Edit) -> None:
        """Has an edit left alone from now on; packed or not, it is whole."""
        with self._lock:
            edit.taken = True

    def paused(self) -> AbstractContextManager[object]:
        """While its `with` block lasts, no edit is changed."""
        return self._lock

    def wait(self) -> None:
        """Returns when all that was added is done."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _queue(self, work: list[tuple[Edit, TileChanges | None]]) -> None:
        with self._lock:
            for edit, now in work:
                edit.queued = True
                if now is None:
                    self._waiting.append((edit, now))
                else:
                    self._waiting.appendleft((edit, now))
            if self._waiting and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="scumble-history")
                self._thread.start()

    def _work(self) -> None:
        compressor = zstandard.ZstdCompressor(level=LEVEL)
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                edit, now = self._waiting.popleft()
                if edit.taken:
                    continue
                tiles, after, packed = edit.tiles, edit.after, edit.packed
            if now is None:
                packed = _packed(tiles, after, compressor)
                tiles, after = _absent(tiles), {}
            else:
                tiles, after, packed = restored(edit, now), now, {}
            with self._lock:
                if not edit.taken:
                    edit.tiles, edit.after, edit.packed = tiles, after, packed
                    edit.queued = False
                    edit.weigh()


def _packed(
    tiles: TileChanges, after: TileChanges, compressor: zstandard.ZstdCompressor
) -> dict[SurfaceId, dict[TileIndex, PackedTile]]:
    return {
        surface: {
            index: pack(tile, after.get(surface, {}).get(index), compressor)
            for index, tile in changes.items()
            if tile is not None
        }
        for surface, changes in tiles.items()
    }


def _absent(tiles: TileChanges) -> TileChanges:
    return {
        surface: {index: None for index, tile in changes.items() if tile is None} for surface, changes in tiles.items()
    }


def _words(pixels: Pixels) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """A row of pixels in each row."""
    return pixels.reshape(len(pixels), -1).view(np.uint64)
