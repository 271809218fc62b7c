"""A picture to draw on, 256 units wide whatever its size in pixels, twice oversampled."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from world.palette import COLOURS, RGB, Light, jitter, scale

Picture = NDArray[np.uint8]
"""`(height, width, 3)`, sRGB, 0–255."""

Point = tuple[float, float]

UNITS: Final = 256.0
OVERSAMPLING: Final = 2


class Board:
    """Shapes in units, y downwards. Colours are taken as they are; `tone` gives one under the board's light."""

    def __init__(self, side: int, light: Light, rng: Random) -> None:
        self.light = light
        self.rng = rng
        self._pixels = side * OVERSAMPLING
        self._scale = self._pixels / UNITS
        self._show(Image.new("RGB", (self._pixels, self._pixels), light.bottom))

    def _show(self, image: Image.Image) -> None:
        self._image = image
        self._pen = ImageDraw.Draw(image)

    def tone(self, colour: str | RGB, spread: float = 10.0) -> RGB:
        """A colour, by name or value, slightly off, as the light shows it."""
        base = COLOURS[colour] if isinstance(colour, str) else colour
        return scale(jitter(base, self.rng, spread), self.light.tint)

    def at(self, x: float, y: float) -> RGB:
        """The colour of a place."""
        last = self._pixels - 1
        place = (min(last, max(0, int(x * self._scale))), min(last, max(0, int(y * self._scale))))
        red, green, blue = np.asarray(self._image.getpixel(place)).tolist()
        return red, green, blue

    def _points(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self._scale, y * self._scale) for x, y in points]

    def polygon(self, points: Sequence[Point], fill: RGB) -> None:
        """A filled outline."""
        self._pen.polygon(self._points(points), fill=fill)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: RGB) -> None:
        """Round `(x, y)`."""
        self._pen.ellipse(self._box(x - rx, y - ry, x + rx, y + ry), fill=fill)

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: RGB, radius: float = 0.0) -> None:
        """A rectangle, its corners rounded by `radius`."""
        self._pen.rounded_rectangle(self._box(x0, y0, x1, y1), radius * self._scale, fill=fill)

    def line(self, points: Sequence[Point], fill: RGB, width: float) -> None:
        """A chain of straight pieces with round joints."""
        self._pen.line(self._points(points), fill=fill, width=self._width(width), joint="curve")

    def arc(self, x: float, y: float, rx: float, ry: float, start: float, end: float, fill: RGB, width: float) -> None:
        """Part of an ellipse's outline; degrees, clockwise from the right."""
        box = self._box(x - rx, y - ry, x + rx, y + ry)
        self._pen.arc(box, start, end, fill=fill, width=self._width(width))

    def pie(self, x: float, y: float, rx: float, ry: float, start: float, end: float, fill: RGB) -> None:
        """A slice of an ellipse; degrees, clockwise from the right."""
        self._pen.pieslice(self._box(x - rx, y - ry, x + rx, y + ry), start, end, fill=fill)

    def _box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        k = self._scale
        return x0 * k, y0 * k, x1 * k, y1 * k

    def _width(self, width: float) -> int:
        return max(1, round(width * self._scale))

    def gradient(self, y0: float, y1: float, top: RGB, bottom: RGB) -> None:
        """The whole width between two heights."""
        first, last = round(y0 * self._scale), round(y1 * self._scale)
        share = np.linspace(0, 1, max(1, last - first))[:, None, None]
        band = (np.array(top) * (1 - share) + np.array(bottom) * share).astype(np.uint8)
        self._image.paste(Image.fromarray(np.repeat(band, self._pixels, axis=1)), (0, first))

    def glow(self, x: float, y: float, radius: float, colour: RGB, strength: float) -> None:
        """Light round a place, falling off smoothly; `strength` 0…1 is its share in the middle."""
        k = self._scale
        rows = (np.arange(self._pixels, dtype=np.float32) / k - y) ** 2
        columns = (np.arange(self._pixels, dtype=np.float32) / k - x) ** 2
        share = strength * np.exp(-(rows[:, None] + columns[None]) / (0.5 * radius**2))
        self._blend(colour, share.astype(np.float32))

    def veil(self, colour: RGB, top: float, bottom: float) -> None:
        """A haze over everything; shares 0…1 at the top and at the bottom."""
        share = np.linspace(top, bottom, self._pixels, dtype=np.float32)[:, None]
        self._blend(colour, np.repeat(share, self._pixels, axis=1))

    def shadow(self, x: float, y: float, rx: float, ry: float) -> None:
        """A soft, dark patch on the ground."""
        k = self._scale
        mask = np.zeros((self._pixels, self._pixels), np.float32)
        centre, axes = (round(x * k), round(y * k)), (max(1, round(rx * k)), max(1, round(ry * k)))
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 0.35, -1)
        self._blend((25, 22, 35), cv2.blur(mask, (max(1, round(ry * k)),) * 2))

    def _blend(self, colour: RGB, share: NDArray[np.float32]) -> None:
        old = np.asarray(self._image, dtype=np.float32)
        new = old + (np.array(colour, np.float32) - old) * share[..., None]
        self._show(Image.fromarray(new.astype(np.uint8)))

    def picture(self) -> Picture:
        """What was drawn, at the size asked for, antialiased."""
        side = self._pixels // OVERSAMPLING
        small = cv2.resize(np.asarray(self._image), (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(small, dtype=np.uint8)
