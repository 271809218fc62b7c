"""Lengths as a person gives them: pixels, per cent of what there is, or on paper at a resolution."""

from __future__ import annotations

from enum import Enum
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from scumble.ui.marking import QT_TRANSLATE_NOOP

INCH: Final = 2.54
"""Centimetres."""


class Unit(Enum):
    """What a length is given in."""

    PIXELS = "px"
    PERCENT = "%"
    CENTIMETRES = "cm"
    MILLIMETRES = "mm"
    INCHES = "in"


UNITS: Final = (
    (Unit.PIXELS, QT_TRANSLATE_NOOP("lengths", "Pixels")),
    (Unit.PERCENT, QT_TRANSLATE_NOOP("lengths", "Per cent")),
    (Unit.CENTIMETRES, QT_TRANSLATE_NOOP("lengths", "Centimetres")),
    (Unit.MILLIMETRES, QT_TRANSLATE_NOOP("lengths", "Millimetres")),
    (Unit.INCHES, QT_TRANSLATE_NOOP("lengths", "Inches")),
)

DECIMALS: Final = {Unit.PIXELS: 0, Unit.PERCENT: 2, Unit.CENTIMETRES: 2, Unit.MILLIMETRES: 1, Unit.INCHES: 3}


def from_pixels(pixels: float, unit: Unit, whole: int, dpi: float) -> float:
    """A length in a unit; `whole` is what 100 per cent are, in pixels."""
    per_unit = _pixels_per(unit, whole, dpi)
    return pixels / per_unit


def to_pixels(length: float, unit: Unit, whole: int, dpi: float) -> float:
    """The way back."""
    return length * _pixels_per(unit, whole, dpi)


def _pixels_per(unit: Unit, whole: int, dpi: float) -> float:
    return {
        Unit.PIXELS: 1.0,
        Unit.PERCENT: whole / 100.0,
        Unit.CENTIMETRES: dpi / INCH,
        Unit.MILLIMETRES: dpi / INCH / 10.0,
        Unit.INCHES: dpi,
    }[unit]


def told(width: int, height: int, dpi: float, bytes_a_pixel: int, layers: int = 1) -> str:
    """A size in a sentence: pixels, centimetres on paper, and the memory that so many full layers take."""
    locale = QLocale()
    across, down = (locale.toString(side / dpi * INCH, "f", 1) for side in (width, height))
    memory = locale.formattedDataSize(width * height * bytes_a_pixel * max(layers, 1), 0)
    text = QCoreApplication.translate(
        "lengths", "{width} × {height} px, {across} × {down} cm at {dpi} dpi, about {memory}"
    )
    return text.format(width=width, height=height, across=across, down=down, dpi=f"{dpi:g}", memory=memory)
