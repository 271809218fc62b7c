"""The content's own lines in the restyled picture (He, Sun and Tang, Guided Image Filtering, TPAMI 2013).

A latent is several times coarser than the picture, so what comes back from it has soft and wavering edges. In a small
window round each pixel the guided filter explains the result as a linear function of the content's three channels: it
has the result's colours and the content's edges. What it cannot explain is the texture that the style brought.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import Picture, as_picture

Floats: TypeAlias = NDArray[np.float32]

SMOOTHNESS = 1e-3
"""Variance, on a scale of 0…1, below which a window of the content counts as flat; ε in the paper."""


def redrawn(result: Picture, content: Picture, amount: float, radius: int) -> Picture:
    """`result` with lines from `content`, both `(h, w, 3)` uint8. At `amount` 0 it is unchanged, at 1 the style's
    texture is gone. `radius` is half a window in pixels."""
    if amount == 0.0:
        return result
    guide, picture = (image.astype(np.float32) / np.float32(255.0) for image in (content, result))
    return as_picture(picture + np.float32(amount) * (guided(picture, guide, radius) - picture))


def guided(picture: Floats, guide: Floats, radius: int) -> Floats:
    """The guided filter with a guide of three channels; all `(h, w, 3)` in 0…1."""
    mean_guide, mean_picture = _mean(guide, radius), _mean(picture, radius)
    variance = _covariance(guide, guide, mean_guide, mean_guide, radius)
    shared = _covariance(guide, picture, mean_guide, mean_picture, radius)
    slope = np.linalg.solve(variance + np.float32(SMOOTHNESS) * np.eye(3, dtype=np.float32), shared)
    offset = mean_picture - _applied(slope, mean_guide)
    height, width, _ = picture.shape
    slope = _mean(slope.reshape(height, width, 9), radius).reshape(height, width, 3, 3)
    return _applied(slope, guide) + _mean(offset, radius)


def _mean(values: Floats, radius: int) -> Floats:
    """Means over the window round each pixel, `(h, w, channels)`."""
    side = 2 * radius + 1
    planes = [cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT) for plane in np.moveaxis(values, 2, 0)]
    return np.stack(planes, 2).astype(np.float32)


def _covariance(one: Floats, other: Floats, mean_one: Floats, mean_other: Floats, radius: int) -> Floats:
    """How the channels of two pictures vary together in each window, `(h, w, 3, 3)`."""
    height, width, _ = one.shape
    products = (one[..., :, None] * other[..., None, :]).reshape(height, width, 9)
    means = mean_one[..., :, None] * mean_other[..., None, :]
    covariance: Floats = _mean(products, radius).reshape(height, width, 3, 3) - means
    return covariance


def _applied(slope: Floats, guide: Floats) -> Floats:
    applied: Floats = np.einsum("hwi,hwij->hwj", guide, slope)
    return applied
