"""The colours of a document on a screen: from the profile that it came with to the screen's, and back for what is
painted.

A screen without a profile is taken for sRGB. A document in the colours of the screen pays nothing.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from PySide6.QtCore import QByteArray, QRect
from PySide6.QtGui import QColor, QColorSpace, QColorTransform, QImage

from scumble.document import PixelFormat, Pixels

Colour: TypeAlias = tuple[float, float, float]
"""Straight red, green and blue in 0…1."""

_SRGB: Final = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
_HEADER: Final = 128
"""Bytes of a profile's header. Source: ICC.1:2022, 7.2."""

_STEPS: Final = 6
_NEAR: Final = 1.01 / 255
"""Colours that differ by no more than a step of 8 bits are the same."""


class Profile:
    """An ICC profile, as far as Qt understands it; what it does not (and an empty one) is taken for sRGB.

    `screen` is the profile of the screen, where colours go to and come from.
    """

    def __init__(self, icc: bytes, screen: bytes = b"") -> None:
        self.icc = icc
        self.screen = screen
        self._to_screen: QColorTransform | None = None
        self._from_screen: QColorTransform | None = None
        space, target = colour_space(icc), colour_space(screen)
        if space != target:
            there = space.transformationToColorSpace(target)
            if _changes(there):
                self._to_screen, self._from_screen = there, target.transformationToColorSpace(space)

    @property
    def converts(self) -> bool:
        """Whether colours differ from the screen's at all."""
        return self._to_screen is not None

    def shown(self, image: QImage, part: QRect) -> QImage:
        """A part of an image of document colours as a new image of screen colours. For a profile that converts."""
        piece = image.copy(part)
        if self._to_screen is not None:
            piece.applyColorTransform(self._to_screen)
        return piece

    def converted(self, pixels: Pixels, pixel_format: PixelFormat) -> Pixels:
        """Stored pixels `(h, w, 4)` of the document's colours in the screen's, a new array. For any thread."""
        if self._to_screen is None:
            return pixels.copy()
        height, width = pixels.shape[:2]
        source = np.ascontiguousarray(pixels)
        kind: QImage.Format = getattr(QImage.Format, pixel_format.qimage)
        image = QImage(source.data, width, height, source.strides[0], kind).copy()
        image.applyColorTransform(self._to_screen)
        rows = np.frombuffer(image.constBits(), pixels.dtype).reshape(height, -1, 4)
        return np.asarray(np.minimum(rows[:, :width], rows[:, :width, pixel_format.alpha, None]))

    def to_screen(self, colour: Colour) -> Colour:
        """A colour of the document as the screen has it, cut off where the screen's colours end."""
        return colour if self._to_screen is None else _mapped(self._to_screen, colour)

    def from_screen(self, colour: Colour) -> Colour:
        """A colour of the screen as the document has it, cut off where the document's colours end."""
        return colour if self._from_screen is None else _mapped(self._from_screen, colour)


def understood(icc: bytes) -> bool:
    """Whether it is an RGB profile that Qt can work with."""
    return bool(icc) and _space(icc) is not None


def colour_space(icc: bytes) -> QColorSpace:
    """The colour space of a profile; sRGB for an empty one and for one that Qt does not understand."""
    return _space(icc) or _SRGB


def _space(icc: bytes) -> QColorSpace | None:
    if len(icc) <= _HEADER or int.from_bytes(icc[:4], "big") != len(icc) or icc[36:40] != b"acsp":
        return None  # Qt would complain in its log
    space = QColorSpace.fromIccProfile(QByteArray(icc))
    return space if space.isValid() and space.colorModel() == QColorSpace.ColorModel.Rgb else None


def _mapped(transform: QColorTransform, colour: Colour) -> Colour:
    found = transform.map(QColor.fromRgbF(*colour))
    red, green, blue = (min(max(part, 0.0), 1.0) for part in (found.redF(), found.greenF(), found.blueF()))
    return red, green, blue


def _changes(transform: QColorTransform) -> bool:
    """Whether any colour of a coarse cube comes out visibly different."""
    places = [step / (_STEPS - 1) for step in range(_STEPS)]
    cube = ((red, green, blue) for red in places for green in places for blue in places)
    return any(
        abs(before - after) > _NEAR
        for colour in cube
        for before, after in zip(colour, _mapped(transform, colour), strict=True)
    )
