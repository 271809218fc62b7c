"""Colours that captions name, the light of each hour and weather, and arithmetic on colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

RGB = tuple[int, int, int]
"""Red, green, blue, 0–255, sRGB."""

COLOURS: Final[dict[str, RGB]] = {
    "red": (205, 45, 40),
    "orange": (236, 134, 40),
    "yellow": (243, 205, 60),
    "green": (70, 150, 70),
    "blue": (50, 100, 200),
    "purple": (130, 70, 170),
    "pink": (240, 140, 175),
    "white": (243, 243, 238),
    "black": (35, 33, 38),
    "brown": (125, 82, 50),
    "teal": (40, 150, 150),
    "gray": (135, 138, 145),
}
"""Spelled as the tokenizer knows them."""

WHITE: Final[RGB] = (255, 255, 255)
NIGHT_BLUE: Final[RGB] = (20, 24, 48)
LEAF: Final[RGB] = (62, 132, 58)
PINE: Final[RGB] = (38, 95, 65)
SAND: Final[RGB] = (228, 196, 140)
STONE: Final[RGB] = (110, 112, 125)


@dataclass(frozen=True, slots=True)
class Light:
    """The sky from `top` to `bottom`, and the factors by which it dyes what stands under it."""

    top: RGB
    bottom: RGB
    tint: tuple[float, float, float]
    cloud: RGB


LIGHTS: Final[dict[str, Light]] = {
    "day": Light((92, 165, 230), (205, 230, 245), (1.0, 1.0, 1.0), (250, 250, 252)),
    "sunset": Light((120, 70, 130), (250, 150, 70), (0.95, 0.72, 0.62), (250, 175, 140)),
    "night": Light((10, 14, 45), (40, 52, 105), (0.42, 0.48, 0.70), (70, 80, 125)),
    "dawn": Light((150, 170, 215), (250, 205, 195), (0.98, 0.88, 0.86), (252, 228, 225)),
    "rain": Light((58, 66, 80), (135, 142, 150), (0.68, 0.72, 0.78), (95, 102, 112)),
    "fog": Light((190, 198, 204), (222, 224, 224), (0.92, 0.94, 0.95), (215, 218, 220)),
    "snow": Light((168, 182, 200), (222, 228, 236), (0.90, 0.93, 0.98), (205, 212, 222)),
}
"""By hour, or by weather where there is some."""

INDOORS: Final = Light((235, 235, 235), (215, 215, 215), (1.0, 1.0, 1.0), (250, 250, 252))


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """`share` 0 is the first colour, 1 the second."""
    red, green, blue = (round(a * (1 - share) + b * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def scale(colour: RGB, factors: Sequence[float]) -> RGB:
    """Each channel times its factor, clipped."""
    red, green, blue = (min(255, max(0, int(c * f))) for c, f in zip(colour, factors, strict=True))
    return red, green, blue


def shade(colour: RGB, amount: float = 0.85) -> RGB:
    """Darker (below 1), and a little bluer, as shadows are."""
    return scale(colour, (amount, amount, min(1.0, amount * 1.04)))


def jitter(colour: RGB, rng: Random, amount: float) -> RGB:
    """The colour as one painter in a hundred would mix it: each channel up to `amount` off."""
    red, green, blue = (int(min(255, max(0, c + rng.uniform(-amount, amount)))) for c in colour)
    return red, green, blue
