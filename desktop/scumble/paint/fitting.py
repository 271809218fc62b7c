"""A mask of another size, brought to the size of the canvas."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.uint8]


class Fit(Enum):
    """What becomes of a mask whose size is not that of the canvas."""

    STRETCH = "stretch"
    INSIDE = "inside"
    CENTRE = "centre"
    CORNER = "corner"


def fitted(values: Values, width: int, height: int, fit: Fit) -> Values:
    """`(h, w)` → `(height, width)`: stretched, scaled to lie inside in its proportions, or put in as it is.

    What is not covered is 0. One of the right size is returned as it is.
    """
    if values.shape == (height, width):
        return values
    if fit is Fit.STRETCH:
        return _scaled(values, width, height)
    if fit is Fit.INSIDE:
        part = min(width / values.shape[1], height / values.shape[0])
        values = _scaled(values, max(round(values.shape[1] * part), 1), max(round(values.shape[0] * part), 1))
    across, down = width - values.shape[1], height - values.shape[0]
    left, top = (0, 0) if fit is Fit.CORNER else (across // 2, down // 2)
    placed = np.zeros((height, width), np.uint8)
    target = placed[max(top, 0) : max(top + values.shape[0], 0), max(left, 0) : max(left + values.shape[1], 0)]
    source = values[max(-top, 0) :, max(-left, 0) :]
    target[:] = source[: target.shape[0], : target.shape[1]]
    return placed


def _scaled(values: Values, width: int, height: int) -> Values:
    smaller = width < values.shape[1] and height < values.shape[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    scaled: Values = np.asarray(cv2.resize(values, (width, height), interpolation=how))
    return scaled
