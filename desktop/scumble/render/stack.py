"""A stack of layers drawn into one tile. For the GUI thread."""

from __future__ import annotations

from scumble.document import Layer, PixelFormat, Pixels, Rect, TileIndex
from scumble.render.buffers import Buffers
from scumble.render.passes import Pass, Planes


class StackPainter(Buffers):
    """Draws layers into tiles of a pixel format, with buffers that it keeps between calls."""

    def __init__(self, pixel_format: PixelFormat) -> None:
        super().__init__(pixel_format)

    def paint(self, target: Pixels, index: TileIndex, layers: tuple[Layer, ...], planes: Planes, part: Rect) -> None:
        """Makes `target`, an array of a tile's size, show the layers inside `part` (in the tile's own pixels)."""
        Pass(self, planes, index, part).show(target, layers)
