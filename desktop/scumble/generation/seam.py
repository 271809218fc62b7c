"""How well a generated region meets its surroundings, in figures: the step across its edge against steps elsewhere.

A step is the colour difference (CIE76 ΔE, in CIELAB) between the means of what lies within a few pixels on either side
of a line. The edge is the line where the composite mask crosses one half; the surroundings are steps across lines
that run round the affected area, through untouched pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import Mask
from scumble.generation.match import Floats, to_lab

SIDE: Final = 4
"""How far from a line its sides reach, in pixels."""

LINES: Final = (3 * SIDE, 5 * SIDE)
"""How far from the affected area the lines run that the edge is compared with, in pixels."""

AROUND: Final = LINES[-1] + 2 * SIDE
"""How far from the affected area the picture is looked at, in pixels."""

WIDTH: Final = 5
"""How wide the heat is drawn, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Seam:
    """`step` is the mean ΔE across the edge, `around` that of neighbours in the surroundings; 0 where there are none.

    `heat` is float32 `(h, w)`: the ΔE across the edge near each of its pixels, 0 away from it.
    """

    step: float
    around: float
    heat: Floats

    @property
    def ratio(self) -> float:
        """The step as a multiple of that of the surroundings, neither taken for less than can be seen (0.5 ΔE)."""
        return max(self.step, 0.5) / max(self.around, 0.5)


def seam_of(picture: Floats, mask: Mask) -> Seam:
    """Of a picture as it is seen, straight RGB `(h, w, 3)`, 0…1, and the composite mask over it."""
    lab = to_lab(np.ascontiguousarray(picture))
    steps, line = _steps(lab, mask >= 128)
    away = cv2.distanceTransform((mask == 0).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    beside = [across[on] for across, on in (_steps(lab, away <= far) for far in LINES)]
    heat = cv2.dilate(np.where(line, steps, 0).astype(np.float32), np.ones((WIDTH, WIDTH), np.uint8))
    return Seam(_mean(steps[line]), _mean(np.concatenate(beside)), np.asarray(heat, np.float32))


def _steps(lab: Floats, inside: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """At each pixel the step between what is inside near it and what is outside; and the pixels on the line itself."""
    within = inside.astype(np.float32)
    first, second = _side_mean(lab, within), _side_mean(lab, 1 - within)
    shape = np.ones((3, 3), np.uint8)
    line = cv2.dilate(within, shape) != cv2.erode(within, shape)
    return np.asarray(np.linalg.norm(first - second, axis=2), np.float32), np.asarray(line, np.bool_)


def _side_mean(lab: Floats, weight: Floats) -> Floats:
    box = (2 * SIDE + 1, 2 * SIDE + 1)
    total = cv2.blur(lab * weight[..., None], box, borderType=cv2.BORDER_CONSTANT)
    count = cv2.blur(weight, box, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(total / np.maximum(count, np.float32(1e-6))[..., None], np.float32)


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else 0.0
