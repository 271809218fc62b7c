"""At what resolution a model works on a box: once where it suits the model, in two passes where it is far too large.

The rules are those of the best inpainting programs, with every length as a part of the model's native side, so that a
model trained at 128 or 1024 px is treated as one trained at 512. A box with too few pixels is enlarged to the native
area. One that has more than the model can keep together is first made at an area that it can; that pass settles what
is where. The second goes over it at the box's own resolution, so that detail is real, in tiles where need be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

STEP: Final = 8
"""Both sides of a working size are multiples of this."""

EVEN: Final = 16
"""Where the resolution is ours to choose, sides are multiples of this, which any UNet halves without a remainder."""

SMALLEST: Final = 64
"""The least side, in pixels, that a model works at."""

LARGEST: Final = 4096
"""The longest side, in pixels, that a tool works at."""

TOO_LARGE: Final = 0.9
"""A box is made in two passes if it would have to be reduced below this."""

MOST: Final = 16
"""How many times the largest area of one pass a second pass may have; a larger box is worked on reduced."""

SECOND_STRENGTH: Final = 0.4
"""How much of the picture of the first pass the second may change. A weaker job has no first pass, only tiles."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on the working size of one pass, as multiples of the native side (of its square, for areas)."""

    min_area: float = 1.0
    max_area: float = 1.5
    max_side: float = 1.5


@dataclass(frozen=True, slots=True)
class Working:
    """(width, height) in pixels of the picture that is made, and of a first, smaller pass; (0, 0) where there is none.

    `scaled` tells whether `size` is other than the box's own, apart from rounding up.
    """

    size: tuple[int, int]
    first: tuple[int, int] = (0, 0)
    scaled: bool = False


def working(
    width: int,
    height: int,
    native: int | None,
    limits: Limits | None = None,
    *,
    two_passes: bool = False,
    step: int = EVEN,
) -> Working:
    """The working size for a box of `width` × `height` document pixels, and that of a first pass.

    Without `two_passes` a large box is reduced to what one pass can do. Sides that are ours to choose are rounded up
    to `step`. `native` None stands for a tool without a model: the box's own resolution, up to `LARGEST`.
    """
    longest = max(width, height)
    if native is None:
        scale = min(1.0, LARGEST / longest)
        return Working(_sides(width, height, scale, STEP, STEP), scaled=scale < 1.0)
    limits = limits or Limits()
    area = width * height / native**2
    enlarge, reduce = math.sqrt(limits.min_area / area), math.sqrt(limits.max_area / area)
    longer = limits.max_side * native / longest
    if reduce < TOO_LARGE and longer < 1.0 and two_passes:
        scale = min(1.0, reduce * math.sqrt(MOST), LARGEST / longest)
        return Working(_sides(width, height, scale, STEP), _sides(width, height, reduce, EVEN), scale < 1.0)
    if not two_passes and min(reduce, longer) < 1.0:
        return Working(_sides(width, height, min(reduce, longer), step), scaled=True)
    if min(enlarge, longer) > 1.0:
        return Working(_sides(width, height, min(enlarge, longer), step), scaled=True)
    return Working(_sides(width, height, min(1.0, LARGEST / longest), STEP))


def first_pass(size: tuple[int, int], native: int | None) -> tuple[int, int]:
    """The first pass for a picture that is to be made at just this size; (0, 0) where it needs none."""
    return working(*size, native, two_passes=True).first


def up(value: float, step: int) -> int:
    """The next multiple of `step`, at least one of it."""
    return max(math.ceil(value / step - 1e-9), 1) * step


def _sides(width: int, height: int, scale: float, step: int, least: int = SMALLEST) -> tuple[int, int]:
    return max(up(width * scale, step), least), max(up(height * scale, step), least)
