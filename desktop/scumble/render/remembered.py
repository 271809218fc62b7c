"""Flattened pictures that are kept, for who asks for the same one again and again: to generate, to show, to apply."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from typing import Final, TypeAlias

from scumble.document import Pixels, Rect, Snapshot, Tile, TileIndex, TileMap
from scumble.render.flatten import at_once, in_slices
from scumble.render.resolve import ReadyLayer, resolve

LIMIT: Final = 64 << 20
"""Bytes of pictures that are kept."""

_Drawn: TypeAlias = tuple[object, ...]


class Remembered:
    """`flatten` that gives a picture again, read-only, while it would be drawn from the very same tiles.

    What does not show in the rectangle, such as an empty layer above, makes no difference; nor does the name or the
    place in time of the snapshot.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[_Drawn, Pixels] = OrderedDict()

    def __call__(self, snapshot: Snapshot, rect: Rect) -> Pixels:
        """The visible picture in a rectangle, stored pixels `(h, w, 4)`; transparent outside the canvas."""
        return at_once(self.in_slices(snapshot, rect))

    def in_slices(self, snapshot: Snapshot, rect: Rect) -> Generator[None, None, Pixels]:
        """The same, yielding after each tile that had to be drawn, so that a caller can let the window go on."""
        bounds = snapshot.structure.bounds
        ready = resolve(snapshot.structure.layers, snapshot.planes.__getitem__)
        indices = tuple((rect & bounds).tiles())
        layers = tuple(_drawn(ready, indices))
        if not _settled(layers):
            return (yield from in_slices(snapshot, rect))
        key = (rect, bounds, snapshot.format, layers)
        pixels = self._kept.get(key)
        if pixels is None:
            pixels = yield from in_slices(snapshot, rect)
            pixels.flags.writeable = False
        self._kept.pop(key, None)
        if pixels.nbytes <= self._limit:
            self._kept[key] = pixels
            while sum(kept.nbytes for kept in self._kept.values()) > self._limit:
                self._kept.popitem(last=False)
        return pixels

    def forget(self) -> None:
        """Lets the pictures go, and the tiles that they were drawn from."""
        self._kept.clear()


def _drawn(ready: Sequence[ReadyLayer], indices: Sequence[TileIndex]) -> Iterator[_Drawn]:
    """All that drawing some tiles depends on; tiles are the same only if they are the same objects."""
    for layer in ready:
        tiles, mask = (_of(plane, indices) for plane in (layer.tiles, layer.mask))
        if tiles == () or mask == ():
            continue
        clipped, children = (tuple(_drawn(inner, indices)) for inner in (layer.clipped, layer.children))
        if tiles is None and not children:
            continue
        yield layer.mode, layer.opacity, layer.through, tiles, mask, clipped, children


def _of(plane: TileMap | None, indices: Sequence[TileIndex]) -> tuple[Tile | None, ...] | None:
    """Empty where none is there; None without a plane."""
    if plane is None:
        return None
    found = tuple(plane.get(index) for index in indices)
    return found if any(tile is not None for tile in found) else ()


def _settled(layers: _Drawn) -> bool:
    """Whether no tile belongs to a transaction, which may write on it."""
    for part in layers:
        if isinstance(part, Tile) and not part.frozen:
            return False
        if isinstance(part, tuple) and not _settled(part):
            return False
    return True
