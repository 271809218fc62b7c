"""Prints of a brush, made once for each size, shape and place within a pixel, and kept."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scumble.document import Rect

Coverage: TypeAlias = NDArray[np.uint8]

PHASES: Final = 4
"""Places within a pixel, along each axis, at which a dab is drawn."""

PRECISE_SIZE: Final = 256.0
"""Above this diameter dabs sit on whole pixels: the difference is lost in their soft edge and the prints are large."""

TURNS: Final = 128
"""Angles over half a turn, after which an ellipse looks the same again, at which a dab is drawn."""

DEFAULT_BUDGET: Final = 32 << 20
"""Bytes of prints that are kept."""

_Key: TypeAlias = tuple[float, float, float, int, int, int]


class Dabs:
    """A store of prints. It may outlive a stroke, so that the next one finds them ready."""

    def __init__(self, budget: int = DEFAULT_BUDGET) -> None:
        self._budget = budget
        self._held = 0
        self._prints: OrderedDict[_Key, Coverage] = OrderedDict()

    def place(
        self, x: float, y: float, size: float, hardness: float, roundness: float = 1.0, angle: float = 0.0
    ) -> tuple[Rect, Coverage]:
        """The print of a dab centred at a point of the document, and the pixels that it covers.

        `size`, `hardness`, `roundness` and `angle` (degrees anticlockwise) are as in `Brush`. The coverage is uint8
        `(h, w)`; it is shared, so do not write to it.
        """
        phases = PHASES if size <= PRECISE_SIZE else 1
        column, row = math.floor(x * phases), math.floor(y * phases)
        turn = round(angle * (TURNS / 180.0)) % TURNS if roundness < 1.0 else 0
        coverage = self._print((size, hardness, roundness, turn, column % phases, row % phases), phases)
        reach = coverage.shape[0] // 2
        return Rect(column // phases - reach, row // phases - reach, *coverage.shape), coverage

    def _print(self, key: _Key, phases: int) -> Coverage:
        found = self._prints.get(key)
        if found is not None:
            self._prints.move_to_end(key)
            return found
        size, hardness, roundness, turn, column, row = key
        x, y = (column + 0.5) / phases, (row + 0.5) / phases
        if roundness < 1.0:
            coverage = render_ellipse(size, hardness, roundness, turn * (180.0 / TURNS), x, y)
        else:
            coverage = render_dab(size, hardness, x, y)
        self._prints[key] = coverage
        self._held += coverage.nbytes
        while self._held > self._budget and len(self._prints) > 1:
            self._held -= self._prints.popitem(last=False)[1].nbytes
        return coverage


def reach_of(size: float, hardness: float) -> int:
    """How many pixels a dab of any roundness extends, at the most, from the pixel that its centre lies in."""
    radius = size / 2
    solid = min(hardness * radius, radius - 0.5)
    return math.ceil(solid + max(radius - solid, 1.0))


def render_dab(size: float, hardness: float, x: float, y: float) -> Coverage:
    """A round dab whose centre lies at (x, y), 0…1, within the middle pixel of a square with an odd side.

    Coverage is 1 inside the hard part of the radius and falls to 0 as a smoothstep; the fall takes at least one
    pixel, which is what smooths the edge of a hard brush.
    """
    radius = size / 2
    solid = min(hardness * radius, radius - 0.5)
    fall = max(radius - solid, 1.0)
    reach = reach_of(size, hardness)
    axis = np.arange(-reach, reach + 1, dtype=np.float32) + np.float32(0.5)
    squares = (axis - np.float32(x))[None, :] ** 2 + ((axis - np.float32(y)) ** 2)[:, None]
    # The profile is a table over the square of the distance: it saves a root and a polynomial for every pixel.
    entries = 1 << 14
    limit = (solid + fall) ** 2
    distances = np.sqrt(np.arange(entries + 1) * (limit / entries))
    height = np.clip((solid + fall - distances) / fall, 0.0, 1.0)
    profile = np.rint(height * height * (3.0 - 2.0 * height) * 255.0).astype(np.uint8)
    squares *= np.float32(entries / limit)
    np.minimum(squares, np.float32(entries), out=squares)
    coverage: Coverage = profile[squares.astype(np.uint16)]
    coverage.flags.writeable = False
    return coverage


def render_ellipse(size: float, hardness: float, roundness: float, angle: float, x: float, y: float) -> Coverage:
    """As `render_dab`, with a short axis of `roundness` × `size` and the long one turned anticlockwise by degrees.

    Distances are measured where the long axis is the unit. There a pixel across the edge is as long as the gradient of
    the distance, so the fall takes at least that everywhere, and an ellipse thinner than a pixel is faint.
    """
    radius = size / 2
    reach = reach_of(size, hardness)
    axis = np.arange(-reach, reach + 1, dtype=np.float32) + np.float32(0.5)
    right, down = (axis - np.float32(x))[None, :], (axis - np.float32(y))[:, None]
    turned = math.radians(angle)
    cosine, sine = np.float32(math.cos(turned)), np.float32(math.sin(turned))
    along = right * cosine - down * sine
    # A hair off the axis, so that the gradient is known in the very centre too.
    across = (right * sine + down * cosine) * np.float32(1.0 / roundness) + np.float32(1e-3)
    squares = along * along + across * across
    distance = np.sqrt(squares)
    pixel = np.sqrt(along * along + across * across * np.float32(roundness**-2)) / np.maximum(distance, 1e-6)
    solid = np.minimum(np.float32(hardness * radius), np.float32(radius) - pixel / 2)
    fall = np.maximum(np.float32(radius) - solid, pixel)
    height = np.clip((solid + fall - distance) / fall, 0.0, 1.0)
    coverage: Coverage = np.rint(height * height * (3.0 - 2.0 * height) * np.float32(255.0)).astype(np.uint8)
    coverage.flags.writeable = False
    return coverage
