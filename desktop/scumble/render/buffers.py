"""Tiles as images that QPainter draws, and the buffers that it draws into."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from PySide6.QtGui import QImage

from scumble.document import TILE, PixelFormat, Pixels, Rect, Tile
from scumble.render.formulae import Workspace

WHOLE: Final = Rect(0, 0, TILE, TILE)
"""All of a tile, in its own pixels."""

_LINE: Final = 8
"""Words of 64 bits in a line of the processor's cache."""


def wrap(pixels: Pixels, image_format: QImage.Format) -> QImage:
    """An image over an array's memory, both ways and without a copy; it keeps the array alive.

    Never copy such an image: painting on one that shares its data makes it part from the array in silence.
    """
    return QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], image_format)


def fetch(pixels: Pixels) -> None:
    """Brings the pixels of a tile into the cache.

    Nothing but reading goes at the memory's speed; a painter, who calculates at every pixel, would wait for each.
    """
    np.bitwise_or.reduce(pixels.reshape(-1).view(np.uint64)[::_LINE])


class TileView:
    """What is kept with a tile: the image over its pixels, and whether all of them are known to be opaque."""

    __slots__ = ("image", "opaque")

    def __init__(self, image: QImage) -> None:
        self.image = image
        self.opaque: bool | None = None


class Buffers:
    """Images and buffers of one pixel format, kept between uses. For one thread."""

    def __init__(self, pixel_format: PixelFormat) -> None:
        self.format = pixel_format
        self.image_format: QImage.Format = getattr(QImage.Format, pixel_format.qimage)
        self.work = Workspace()
        self._free: list[Pixels] = []
        solid = np.zeros(4, pixel_format.dtype)
        solid[pixel_format.alpha] = pixel_format.maximum
        self._alpha = int(solid.view(f"u{solid.nbytes}")[0])

    def new_buffer(self) -> Pixels:
        """A tile's worth of pixels, not cleared."""
        return np.empty((TILE, TILE, 4), self.format.dtype)

    @contextmanager
    def buffer(self) -> Iterator[Pixels]:
        """A buffer for the time of a `with` block; what is in it is undefined."""
        pixels = self._free.pop() if self._free else self.new_buffer()
        try:
            yield pixels
        finally:
            self._free.append(pixels)

    def wrap(self, pixels: Pixels) -> QImage:
        """An image over a buffer."""
        return wrap(pixels, self.image_format)

    def image(self, tile: Tile) -> QImage:
        """The one image that wraps a tile; made once, kept in the tile."""
        return self.view(tile).image

    def opaque(self, tile: Tile) -> bool:
        """Whether every pixel of a tile of colours is opaque; never for one that is still being written."""
        view = self.view(tile)
        if view.opaque is None:
            if not tile.frozen:
                return False
            whole = tile.pixels.reshape(-1).view(f"u{4 * tile.pixels.itemsize}")
            view.opaque = int(np.bitwise_and.reduce(whole)) & self._alpha == self._alpha
        return view.opaque

    def straight(self, pixels: Pixels) -> QImage:
        """Stored pixels of a tile without their transparency: straight colours, opaque; black where there were none."""
        straight = self.wrap(pixels).convertToFormat(_STRAIGHT[self.image_format])
        straight.reinterpretAsFormat(self.image_format)
        return straight

    def make_opaque(self, pixels: Pixels) -> None:
        """Sets the alpha of a buffer to its most."""
        whole = pixels.reshape(-1).view(f"u{4 * pixels.itemsize}")
        np.bitwise_or(whole, whole.dtype.type(self._alpha), out=whole)

    def view(self, tile: Tile) -> TileView:
        """What is kept with a tile; made once."""
        view = tile.view
        if view is None:
            colour = tile.pixels.ndim == 3
            view = tile.view = TileView(wrap(tile.pixels, self.image_format if colour else QImage.Format.Format_Alpha8))
        assert isinstance(view, TileView)
        return view


_STRAIGHT: Final = {
    QImage.Format.Format_ARGB32_Premultiplied: QImage.Format.Format_ARGB32,
    QImage.Format.Format_RGBA64_Premultiplied: QImage.Format.Format_RGBA64,
}
