"""Classical inpainting: a hole is covered with patches of what surrounds it, from coarse to fine.

Each patch that touches the hole looks for the known patch most like it, and each pixel of the hole becomes what the
patches over it agree on (Wexler, Shechtman and Irani, Space-Time Completion of Video, section 3). The search is that of
Barnes et al., PatchMatch, with all pixels at once in the place of a scan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import Mask, Picture
from scumble_inpaint.surroundings import surroundings

RADIUS: Final = 3
"""A patch is so many pixels to each side of its middle, thus 7 × 7."""

COARSEST: Final = 24
"""The least side, in pixels, of the coarsest level."""

SEARCHED: Final = 40_000
"""Patches at a level for which others are looked for; where there are more, those of the level before go on."""

ROUNDS: Final = (1, 4)
"""How often all patches are searched for at the finest level, and at the others."""

FADING: Final = 1.3
"""How much less a pixel, or a patch, counts for each pixel that it lies deeper in the hole."""

DEEPEST: Final = 60
"""From so many pixels on all are alike, or the numbers would become too small."""

Indices: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]
Report: TypeAlias = Callable[[int, int], None]


@dataclass(slots=True)
class _Level:
    """One level: `pixels` (h, w, 3) float32, where they are to be made, and where whole patches of known ones are."""

    pixels: NDArray[np.float32]
    hole: Flags
    sources: Flags


def silent(_level: int, _levels: int) -> None:
    """Reports nothing."""


def healed(picture: Picture, hole: Mask, rng: np.random.Generator, report: Report = silent) -> Picture:
    """A picture `(h, w, 3)` in which the pixels where `hole` is above 0 come from elsewhere in it; the others are as
    they were. `report` is told of each level that is done.

    Where nothing whole is left to copy from, its surroundings are blurred into the hole.
    """
    out = picture.copy()
    levels = _levels(picture.astype(np.float32), hole > 0)
    if not levels[-1].sources.any() or not (hole > 0).any():
        return np.where(hole[..., None] > 0, surroundings(picture, hole), picture)
    near = None
    made = levels[-1].pixels
    for step, level in enumerate(reversed(levels), 1):
        search = _Search(level, rng)
        size = level.hole.shape[1], level.hole.shape[0]
        level.pixels[level.hole] = cv2.resize(made, size, interpolation=cv2.INTER_LINEAR)[level.hole]
        near = search.begin(near)
        for _ in range(ROUNDS[step < len(levels)]):
            search.improve(near)
            level.pixels[level.hole] = search.agreed(near)
        made = level.pixels
        report(step, len(levels))
    out[hole > 0] = np.rint(np.clip(made, 0, 255)).astype(np.uint8)[hole > 0]
    return out


class _Search:
    """Looks for the patches of one level. What it finds is `near` (h, w, 2) int32: for each patch that touches the hole
    the middle (row, column) of the known one that is most like it."""

    def __init__(self, level: _Level, rng: np.random.Generator) -> None:
        self._level = level
        self._rng = rng
        self._shape = np.array(level.hole.shape, np.int32)
        near_hole = cv2.dilate(level.hole.astype(np.uint8), _square()) > 0
        self._open = near_hole
        self.places: Indices = np.argwhere(near_hole).astype(np.int32)
        self._nearest = _nearest(level.sources)
        self._known = _patches(level.pixels) if len(self.places) <= SEARCHED else None
        self._cost = np.full(len(self.places), np.inf, np.float32)
        depth = cv2.distanceTransform(level.hole.astype(np.uint8), cv2.DIST_L2, 3)
        self._trust = np.power(np.float32(FADING), -np.minimum(depth, DEEPEST))
        self._weights = self._trusted() if self._known is not None else self._trust

    def begin(self, coarse: Indices | None) -> Indices:
        """The first guess: that of the level before, and the nearest where there is none."""
        near = np.zeros((*self._level.hole.shape, 2), np.int32)
        guess = self._nearest[self.places[:, 0], self.places[:, 1]]
        if coarse is not None:
            half = np.minimum(self.places // 2, np.array(coarse.shape[:2], np.int32) - 1)
            finer = coarse[half[:, 0], half[:, 1]] * 2 + self.places % 2
            fits = self._fits(finer)
            guess[fits] = finer[fits]
        near[self.places[:, 0], self.places[:, 1]] = guess
        return near

    def improve(self, near: Indices) -> None:
        """One round: what neighbours found, shifted, and chance, farther away and nearer. Nothing where there are too
        many patches."""
        if self._known is None:
            return
        rows, columns = self.places.T
        wanted = _patches(self._level.pixels)[rows, columns].reshape(len(rows), -1).astype(np.float32)
        self._cost = self._distance(wanted, near[rows, columns], self._weights)
        for reach in (4, 1):
            for step in ((0, reach), (reach, 0), (0, -reach), (-reach, 0)):
                shift = np.array(step, np.int32)
                beside = np.clip(self.places - shift, 0, self._shape - 1)
                found = near[beside[:, 0], beside[:, 1]] + self.places - beside
                self._try(near, wanted, found, self._open[beside[:, 0], beside[:, 1]])
        radius = int(self._shape.max()) // 2
        while radius >= 1:
            found = near[rows, columns] + self._rng.integers(-radius, radius + 1, (len(rows), 2), np.int32)
            self._try(near, wanted, found)
            radius //= 4

    def agreed(self, near: Indices) -> NDArray[np.float32]:
        """The colours (n, 3) of the hole's pixels, in their order: a mean over the patches, in which those that fit
        well weigh more."""
        weights = self._trust.copy()
        if np.isfinite(self._cost).all():
            scale = 2.0 * max(float(np.quantile(self._cost, 0.5)), 1.0)
            weights[self.places[:, 0], self.places[:, 1]] *= np.exp(-self._cost / scale) + 1e-6
        weights[~self._open] = 0.0
        holes = np.argwhere(self._level.hole).astype(np.int32)
        total = np.zeros((len(holes), 3), np.float32)
        share = np.zeros((len(holes), 1), np.float32)
        every = range(-RADIUS, RADIUS + 1, 2 if self._known is None else 1)
        for row in every:
            for column in every:
                shift = np.array((row, column), np.int32)
                middle = holes - shift
                inside = ((middle >= 0) & (middle < self._shape)).all(axis=1)
                middle = np.clip(middle, 0, self._shape - 1)
                weight = (weights[middle[:, 0], middle[:, 1]] * inside)[:, None]
                source = np.clip(near[middle[:, 0], middle[:, 1]] + shift, 0, self._shape - 1)
                total += weight * self._level.pixels[source[:, 0], source[:, 1]]
                share += weight
        return np.asarray(total / share, np.float32)

    def _try(self, near: Indices, wanted: NDArray[np.float32], found: Indices, usable: Flags | None = None) -> None:
        """Takes the patches in `found` where they are nearer than those that there are."""
        fits = self._fits(found)
        where = np.flatnonzero(fits if usable is None else fits & usable)
        cost = self._distance(wanted[where], found[where], self._weights[where])
        better = cost < self._cost[where]
        taken = where[better]
        self._cost[taken] = cost[better]
        near[self.places[taken, 0], self.places[taken, 1]] = found[taken]

    def _fits(self, places: Indices) -> Flags:
        inside = ((places >= 0) & (places < self._shape)).all(axis=1)
        kept = np.clip(places, 0, self._shape - 1)
        return np.asarray(inside & self._level.sources[kept[:, 0], kept[:, 1]], np.bool_)

    def _distance(
        self, wanted: NDArray[np.float32], places: Indices, weights: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        assert self._known is not None
        patches = self._known[places[:, 0], places[:, 1]].reshape(wanted.shape)
        difference = wanted - patches
        return np.asarray(np.einsum("ij,ij,ij->i", difference, difference, weights), np.float32)

    def _trusted(self) -> NDArray[np.float32]:
        """How much each value of each patch counts (n, 7·7·3), 1 in the mean."""
        around = _windows(np.pad(self._trust, RADIUS, mode="edge"))
        weights = around[self.places[:, 0], self.places[:, 1]].reshape(len(self.places), -1)
        weights = weights / weights.mean(axis=1, keepdims=True)
        return np.asarray(np.repeat(weights, 3, axis=1), np.float32)


def _levels(pixels: NDArray[np.float32], hole: Flags) -> list[_Level]:
    """The picture at full size, half, a quarter…, until a patch or two reach to the middle of the hole."""
    found = [_level(pixels, hole)]
    while True:
        depth = cv2.distanceTransform(found[-1].hole.astype(np.uint8), cv2.DIST_C, 3).max()
        height, width = found[-1].hole.shape
        if depth <= 2 * RADIUS or min(height, width) < 2 * COARSEST:
            return found
        size = (width + 1) // 2, (height + 1) // 2
        known = (~found[-1].hole).astype(np.float32)
        share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
        colour = cv2.resize(found[-1].pixels * known[..., None], size, interpolation=cv2.INTER_AREA)
        smaller = _level(colour / np.maximum(share, 1e-6)[..., None], share < 0.5)
        if not smaller.sources.any():
            return found
        found.append(smaller)


def _level(pixels: NDArray[np.float32], hole: Flags) -> _Level:
    """A level whose hole is filled as a first guess."""
    whole = cv2.erode((~hole).astype(np.uint8), _square(), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    mask = hole.astype(np.uint8) * np.uint8(255)
    guess = surroundings(np.clip(pixels, 0, 255).astype(np.uint8), mask).astype(np.float32)
    return _Level(np.where(hole[..., None], guess, pixels).astype(np.float32), hole, whole)


def _nearest(sources: Flags) -> Indices:
    """(h, w, 2): the row and column of the source nearest to each place."""
    away = (~sources).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    places = np.zeros((int(labels.max()) + 1, 2), np.int32)
    places[labels[sources]] = np.argwhere(sources)
    return np.asarray(places[labels], np.int32)


def _patches(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A view (h, w, 7, 7, 3) of the patch round every pixel, uint8."""
    values = np.rint(np.clip(pixels, 0, 255)).astype(np.uint8)
    return np.moveaxis(_windows(np.pad(values, ((RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0)), mode="edge")), 2, -1)


def _windows(padded: NDArray[Any]) -> NDArray[Any]:
    """A view of the square round every pixel of what was padded: (h, w, …, 7, 7)."""
    return np.lib.stride_tricks.sliding_window_view(padded, _square().shape, axis=(0, 1))


def _square() -> NDArray[Any]:
    return np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), np.uint8)
