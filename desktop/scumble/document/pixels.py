"""How a pixel is stored, and the roads between storage and plain straight RGBA.

Storage is premultiplied, in the channel order that Qt draws fastest. Nothing outside this module and `render` may
assume 8 bits or an order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

Pixels = np.ndarray[Any, np.dtype[Any]]
"""`(height, width, 4)` in a `PixelFormat`, or `(height, width)` uint8 for masks."""


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """dtype, channel order and the name of the QImage format that matches.

    `order` gives the positions of red, green, blue and alpha in storage.
    """

    name: str
    dtype: np.dtype[Any]
    order: tuple[int, int, int, int]
    qimage: str

    @property
    def maximum(self) -> int:
        """The stored value that means 1.0."""
        return int(np.iinfo(self.dtype).max)

    @property
    def alpha(self) -> int:
        """The position of alpha in storage."""
        return self.order[3]

    @property
    def _wide(self) -> np.dtype[Any]:
        """An integer type that holds the product of two stored values with room to round."""
        return np.dtype(np.uint32 if self.dtype.itemsize == 1 else np.uint64)

    def from_straight(self, straight: Pixels) -> Pixels:
        """Straight `(h, w, 3|4)` RGB(A), uint8 or uint16 (full range of the dtype) → storage, rounded to nearest."""
        height, width, channels = straight.shape
        deep = _rescale(straight, self.maximum, self.dtype)
        stored = np.empty((height, width, 4), self.dtype)
        if channels == 3:
            for channel in range(3):
                stored[..., self.order[channel]] = deep[..., channel]
            stored[..., self.alpha] = self.maximum
            return stored
        wide = self._wide
        alpha = deep[..., 3].astype(wide)
        for channel in range(3):
            product = deep[..., channel].astype(wide) * alpha
            stored[..., self.order[channel]] = (product + self.maximum // 2) // self.maximum
        stored[..., self.alpha] = deep[..., 3]
        return stored

    def to_straight(self, stored: Pixels, dtype: Any = np.uint8) -> Pixels:
        """Storage → straight `(h, w, 4)` RGBA in uint8 or uint16; wholly transparent pixels come out as 0."""
        wide = self._wide
        alpha = stored[..., self.alpha].astype(wide)
        divisor = np.maximum(alpha, 1)
        straight = np.empty(stored.shape, self.dtype)
        for channel in range(3):
            value = stored[..., self.order[channel]].astype(wide) * self.maximum + divisor // 2
            straight[..., channel] = np.minimum(value // divisor, self.maximum)
        straight[..., 3] = stored[..., self.alpha]
        return _rescale(straight, int(np.iinfo(dtype).max), np.dtype(dtype))

    def solid(self, red: float, green: float, blue: float, alpha: float = 1.0) -> Pixels:
        """One stored pixel, shape (4,), of a straight colour whose channels are in 0…1."""
        pixel = np.empty(4, self.dtype)
        for channel, value in enumerate((red * alpha, green * alpha, blue * alpha, alpha)):
            pixel[self.order[channel]] = round(min(max(value, 0.0), 1.0) * self.maximum)
        return pixel


def _rescale(values: Pixels, maximum: int, dtype: np.dtype[Any]) -> Pixels:
    source = int(np.iinfo(values.dtype).max)
    if source == maximum:
        return values
    return ((values.astype(np.uint32) * maximum + source // 2) // source).astype(dtype)


BGRA8: Final = PixelFormat("bgra8", np.dtype(np.uint8), (2, 1, 0, 3), "Format_ARGB32_Premultiplied")
"""8 bits, the default: QImage's ARGB32 as it lies in the memory of a little-endian machine."""

RGBA16: Final = PixelFormat("rgba16", np.dtype(np.uint16), (0, 1, 2, 3), "Format_RGBA64_Premultiplied")
"""16 bits a channel."""

FORMATS: Final = {pixel_format.name: pixel_format for pixel_format in (BGRA8, RGBA16)}
