"""How a generated crop is brought to the colours of what lies below it: statistics of a ring, and a membrane.

The ring is of pixels that the model was told to keep, so that the crop shows there what the picture below shows, but
for what the model and its autoencoder did to the colours. Only pixels of the ring are counted. What difference is
left along the edge is spread over the inside by a field without bumps of its own: one that solves Laplace's equation
(Pérez, Gangnet, Blake: Poisson Image Editing, 2003, § 2), here level by level from coarse to fine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

FEWEST: Final = 12
"""A ring of fewer pixels says nothing about colours."""

NOISE: Final = 1.0
"""A variance, in CIELAB, that is noise: it is added to both, so that a ring of one colour has no say on contrast."""

GAIN: Final = 1.5
"""Contrast is raised or lowered by no more than this factor, in any direction of colour."""

SWEEPS: Final = 8
"""Relaxations at each level of the membrane, which starts from the level above."""

SOON: Final = 2
"""At the finest level, where a membrane is wanted while a slider moves."""


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """What brings one picture's statistics to another's: an affine map of CIELAB, `(3, 4)`."""

    matrix: Floats

    def __call__(self, picture: Floats) -> Floats:
        """Straight RGB `(h, w, 3)`, 0…1, with other colours."""
        return np.asarray(cv2.cvtColor(cv2.transform(to_lab(picture), self.matrix), cv2.COLOR_Lab2RGB), np.float32)


def to_lab(picture: Floats) -> Floats:
    """Straight RGB `(h, w, 3)`, 0…1, taken for sRGB, → CIELAB: L* 0…100."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2Lab), np.float32)


def shift_between(made: Floats, below: Floats, ring: NDArray[np.bool_]) -> Shift | None:
    """From the statistics of the crop's ring to those of the picture's; RGB `(h, w, 3)`, 0…1.

    Means and covariances become the same, by the map that moves colours least (Pitié, Kokaram: The linear
    Monge-Kantorovitch linear colour mapping for example-based colour transfer, 2007). None where the ring is too
    small to say anything.
    """
    if np.count_nonzero(ring) < FEWEST:
        return None
    there, here = (to_lab(picture)[ring].astype(np.float64) for picture in (made, below))
    spread, wanted = (np.cov(colours.T) + NOISE * np.eye(3) for colours in (there, here))
    root = _power(spread, 0.5)
    back = _power(spread, -0.5)
    values, axes = np.linalg.eigh(back @ _power(root @ wanted @ root, 0.5) @ back)
    gain = (axes * np.clip(values, 1 / GAIN, GAIN)) @ axes.T
    offset = here.mean(axis=0) - gain @ there.mean(axis=0)
    return Shift(np.column_stack((gain, offset)).astype(np.float32))


def _power(symmetric: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    values, axes = np.linalg.eigh(symmetric)
    return np.asarray((axes * np.maximum(values, 1e-9) ** exponent) @ axes.T, np.float64)


def ring_of(away: Floats, usable: NDArray[np.bool_], inner: float, width: float) -> NDArray[np.bool_]:
    """Of the pixels that are usable those whose distance to the selection is beyond `inner` by no more than `width`."""
    return np.asarray((away > inner) & (away <= inner + width) & usable, np.bool_)


def membrane(difference: Floats, known: NDArray[np.bool_], sweeps: int = SWEEPS) -> Floats:
    """A field `(h, w, c)` that is `difference` where it is known and smooth everywhere else; zeros if nowhere is.
    `sweeps` are those of the finest level."""
    weight = known.astype(np.float32)
    if not weight.any():
        return np.zeros_like(difference)
    return _solved(difference * weight[..., None], weight, sweeps)


def smoothed(difference: Floats, known: NDArray[np.bool_], side: int) -> Floats:
    """The mean of the known values in a square of `side` round each pixel."""
    weight = known.astype(np.float32)
    total = cv2.blur(difference * weight[..., None], (side, side), borderType=cv2.BORDER_CONSTANT)
    count = cv2.blur(weight, (side, side), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(total / np.maximum(count, np.float32(1e-6))[..., None], np.float32)


def _solved(values: Floats, weight: Floats, sweeps: int = SWEEPS) -> Floats:
    """`values` times `weight` are given where `weight` is above 0; relaxed from the solution at half the size."""
    height, width = weight.shape
    mask = (weight > 0).view(np.uint8)
    held = np.asarray(values / np.maximum(weight, _LEAST)[..., None], np.float32)
    if max(height, width) == 1 or mask.all():
        return held
    half = max((width + 1) // 2, 1), max((height + 1) // 2, 1)
    coarse = _solved(_halved(values, half), _halved(weight, half))
    field = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    field = _shaped(field, values)
    cv2.copyTo(held, mask, field)
    room = np.empty_like(field)  # fresh memory for every sweep would cost more than the sweep
    for _ in range(sweeps):
        swept = cv2.filter2D(field, -1, _NEIGHBOURS, dst=room, borderType=cv2.BORDER_REFLECT)
        field, room = _shaped(swept, values), field
        cv2.copyTo(held, mask, field)
    return field


def _halved(values: Floats, size: tuple[int, int]) -> Floats:
    out = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
    return out if values.ndim == out.ndim else out[..., None]


def _shaped(values: object, like: Floats) -> Floats:
    return np.ascontiguousarray(np.asarray(values, np.float32).reshape(like.shape))


_LEAST: Final = np.float32(1e-6)
_NEIGHBOURS: Final = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
