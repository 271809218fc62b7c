"""A stack of layers drawn into one tile. For the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from scumble.document import Layer, Pixels, Rect, TileIndex
from scumble.render.buffers import Buffers
from scumble.render.passes import Pass
from scumble.render.resolve import Planes, ReadyLayer, resolve


class StackPainter(Buffers):
    """Draws layers into tiles of a pixel format, with buffers that it keeps between calls."""

    def paint(self, target: Pixels, index: TileIndex, layers: tuple[Layer, ...], planes: Planes, part: Rect) -> None:
        """Makes `target`, an array of a tile's size, show the layers inside `part` (in the tile's own pixels)."""
        self.paint_resolved(target, index, resolve(layers, planes), part)

    def paint_resolved(self, target: Pixels, index: TileIndex, ready: Sequence[ReadyLayer], part: Rect) -> None:
        """The same, of layers that were resolved once for many tiles."""
        Pass(self, index, part).show(target, ready)
