"""What may change: the mask that the model gets and the mask that the new layer wears.

Both hold the selection wholly: where it is 255 they are 255. Both fade outward only. A mask is uint8 `(h, w)`, and
lengths are in its pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import Mask
from scumble.document import Rect

REACH = 6
"""The radius of the disc of which larger discs are composed; a sum of small discs costs far less than a large one."""

FINE = 64
"""Distances are kept in steps of 1/64 px, as whole numbers; those beyond 1,023 px are all one."""

Steps: TypeAlias = NDArray[np.uint16]
Curve: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float32]]
Part: TypeAlias = tuple[slice, slice]
WHOLE: Final[Part] = (slice(None), slice(None))

MATCH, SEAM = 1.0, 1.0
"""How far colours and seam are mended where nobody has said otherwise."""

MODELLESS = 128
"""Stands for the side of a model where there is none: what copies from its surroundings matches them closely."""

LONGEST: Final = 511
"""The most that grow and feather may be, in pixels: both together are within the distances that are kept."""

PREVIEW_SIDE = 256
"""The longest side at which a soft selection is grown while a slider moves."""


@dataclass(frozen=True, slots=True)
class Blend:
    """How a generated region meets its surroundings: the selection grown by `grow` px, then faded over `feather`.

    `fade` is the shape of that fall: 0 smooth at both ends, 0.5 straight, 1 hard. `match` says how far the crop's
    colours are brought to those of the picture below (0…1), `seam` how far the difference that is left along the edge
    is spread over the inside (0…1).
    """

    grow: int = 0
    feather: int = 0
    fade: float = 0.0
    match: float = 0.0
    seam: float = 0.0

    @property
    def reach(self) -> int:
        """How far outside the selection a pixel may change."""
        return self.grow + self.feather

    def as_mapping(self) -> dict[str, float]:
        """The form in which a recipe keeps it; what is 0 beyond the lengths is left out."""
        lengths: dict[str, float] = {"grow": self.grow, "feather": self.feather}
        parts = {"fade": self.fade, "match": self.match, "seam": self.seam}
        return lengths | {name: value for name, value in parts.items() if value}

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Blend:
        """From a recipe; what it does not name is 0."""
        lengths = (round(min(max(values.get(name, 0), 0), LONGEST)) for name in ("grow", "feather"))
        parts = (min(max(float(values.get(name, 0.0)), 0.0), 1.0) for name in ("fade", "match", "seam"))
        return cls(*lengths, *parts)

    def at(self, scale: float) -> Blend:
        """The same where a pixel of before has become `scale` pixels."""
        return replace(self, **{name: min(round(getattr(self, name) * scale), LONGEST) for name in ("grow", "feather")})


def default_blend(selection: Rect, *, native: int | None, strength: float = 1.0) -> Blend:
    """Grow and feather that suit a selection with these bounds: a tenth of its diagonal, with a floor that comes from
    the side of the pictures that the model was trained at (`native`).

    Colours and seam as `tests/benchmarks/bench_inpaint_quality.py` found best.
    """
    side = native or MODELLESS
    diagonal = math.hypot(selection.width, selection.height)
    feather = max(int(0.10 * strength * diagonal), round(side / 16 * strength))
    return Blend(grow=max(side // 128, 1) + feather // 4, feather=feather, match=MATCH, seam=SEAM)


class Edge:
    """All the masks that can be made of one selection, uint8 `(h, w)`; what they share is computed once."""

    def __init__(self, selection: Mask) -> None:
        self.selection = selection
        self._peak = int(selection.max(initial=0))
        self.hard = bool(((selection == 0) | (selection == self._peak)).all())
        self._solid: tuple[int, Mask] = (0, selection)
        self._steps: tuple[int, Steps] | None = None

    @cached_property
    def away(self) -> Steps:
        """The distance of each pixel to the nearest one that is selected at all, in 1/64 px."""
        return _in_steps(self.selection > 0)

    def mask(self, blend: Blend, part: Part = WHOLE) -> Mask:
        """The selection grown, then a fall to 0 over the feather, or a part of that. With (0, 0) the selection itself.

        Where it is above 0 is the affected area; nothing else in the document may change.
        """
        return self._faded(blend, lambda t: fall(t, blend.fade), part)

    def straight(self, blend: Blend) -> Mask:
        """The same with a straight fall."""
        return self._faded(blend, lambda t: 1.0 - t)

    def preview(self, blend: Blend, part: Part = WHOLE) -> Mask:
        """Nearly `mask`, soon enough to follow a slider: soft selections are grown at a lower resolution."""
        shrink = -(-max(self.selection.shape) // PREVIEW_SIDE)
        if self.hard or blend.grow == self._solid[0] or shrink == 1:
            return self.mask(blend, part)
        height, width = self.selection.shape
        small = self._small(shrink).mask(blend.at(1 / shrink))
        return np.asarray(np.maximum(cv2.resize(small, (width, height)), self.selection)[part], np.uint8)

    def _small(self, shrink: int) -> Edge:
        height, width = self.selection.shape
        size = max(width // shrink, 1), max(height // shrink, 1)
        return Edge(np.asarray(cv2.resize(self.selection, size, interpolation=cv2.INTER_AREA), np.uint8))

    def _faded(self, blend: Blend, curve: Curve, part: Part = WHOLE) -> Mask:
        if self._peak == 0 or not blend.reach:
            return self.selection[part].copy()
        if self.hard:
            return _fallen(self.away[part], self._peak, blend.grow, blend.feather, curve)
        solid, steps = self._grown(blend.grow)
        if not blend.feather:
            return solid[part].copy()
        faded = _fallen(steps[part], self._peak, 0, blend.feather, curve)
        return np.asarray(np.maximum(solid[part], faded), np.uint8)

    def _grown(self, radius: int) -> tuple[Mask, Steps]:
        """A soft selection grown, and the distances from its most selected part."""
        if self._solid[0] != radius:
            self._solid = radius, _dilated(self.selection, radius)
        if self._steps is None or self._steps[0] != radius:
            self._steps = radius, _in_steps(self._solid[1] == self._peak)
        return self._solid[1], self._steps[1]


def fall(away: NDArray[np.float32], fade: float) -> NDArray[np.float32]:
    """How much is left at a part 0…1 of the feather: a cubic, level at both ends; straight; hard; and between them."""
    straight = 1.0 - away
    if fade <= 0.5:
        smooth = straight**2 * (1.0 + 2.0 * away)
        return np.asarray(smooth + 2.0 * fade * (straight - smooth), np.float32)
    if fade >= 1.0:
        return np.asarray(away < 1.0, np.float32)
    return np.asarray(1.0 - away ** (0.5 / (1.0 - fade)), np.float32)


class Reached:
    """The masks of a selection, over all of its place, for one `Blend`. Only the part that may be above 0 is computed,
    which is often a small one, and what the masks share once."""

    def __init__(self, selection: Mask, blend: Blend) -> None:
        self.selection, self.blend = selection, blend
        near = bounds_of(selection, Rect(0, 0, 0, 0)).expanded(blend.reach + 1)
        self._place = near & Rect(0, 0, selection.shape[1], selection.shape[0])
        self._part = self._place.slices(Rect(0, 0, 0, 0))

    @cached_property
    def composite(self) -> Mask:
        """The layer mask; see `Edge.mask`."""
        return self._laid_out(lambda edge: edge.mask(self.blend))

    @cached_property
    def denoise(self) -> Mask:
        """The mask for the model: as the layer mask, with a straight fall, so that it is nowhere below it by much and
        greater than 0 wherever that is."""
        fallen = self.composite[self._part]
        return self._laid_out(lambda edge: np.asarray(np.maximum(edge.straight(self.blend), fallen), np.uint8))

    @cached_property
    def _edge(self) -> Edge:
        return Edge(np.ascontiguousarray(self.selection[self._part]))

    def _laid_out(self, make: Callable[[Edge], Mask]) -> Mask:
        out = np.zeros_like(self.selection)
        if not self._place.empty:
            out[self._part] = make(self._edge)
        return out


def composite_mask(selection: Mask, blend: Blend) -> Mask:
    """The layer mask; see `Edge.mask`."""
    return Reached(selection, blend).composite


def denoise_mask(selection: Mask, blend: Blend) -> Mask:
    """The mask for the model; see `Reached.denoise`."""
    return Reached(selection, blend).denoise


def scaled(mask: Mask, size: tuple[int, int]) -> Mask:
    """The mask at (width, height)."""
    if (mask.shape[1], mask.shape[0]) == size:
        return mask.copy()
    smaller = size[0] * size[1] < mask.size
    resized = cv2.resize(mask, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)


def bounds_of(mask: Mask, box: Rect) -> Rect:
    """The rectangle round every pixel above 0, in the coordinates of which `box` is the mask's place."""
    x, y, width, height = cv2.boundingRect(mask)
    return Rect(box.x + x, box.y + y, width, height)


def outline(mask: Mask) -> list[NDArray[np.float32]]:
    """The borders of the area above 0: closed rings `(n, 2)` of x, y along the edges of its pixels.

    Traced on a grid of twice the resolution, on which pixel edges are points; an inner corner is cut by half a pixel.
    """
    height, width = mask.shape
    grid = np.zeros((2 * height + 1, 2 * width + 1), np.uint8)
    inside = mask > 0
    for dy in range(3):
        for dx in range(3):
            part = grid[dy : dy + 2 * height : 2, dx : dx + 2 * width : 2]
            np.maximum(part, inside, out=part)
    rings, _ = cv2.findContours(grid, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return [ring[:, 0, :].astype(np.float32) / 2 for ring in rings]


def _fallen(steps: Steps, peak: int, grow: int, feather: int, curve: Curve) -> Mask:
    """The mask's value for each distance: `peak` within `grow`, then the fall over the feather, in 255 steps."""
    within = np.uint16(grow * FINE)
    beyond = np.maximum(steps, within)
    beyond -= within
    part = cv2.convertScaleAbs(beyond, alpha=255.0 / ((feather + 1) * FINE))
    if feather:
        values = np.rint(curve(np.arange(256, dtype=np.float32) / np.float32(255)) * np.float32(peak))
    else:
        values = np.where(np.arange(256) == 0, np.float32(peak), np.float32(0))
    return np.asarray(cv2.LUT(part, values.astype(np.uint8)), np.uint8)


def _in_steps(inside: NDArray[np.bool_]) -> Steps:
    """Distances as `_distance` has them, rounded up, so that nothing beyond a length counts as within."""
    return np.minimum(np.ceil(_distance(inside) * FINE), (1 << 16) - 1).astype(np.uint16)


def _distance(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Euclidean distance in pixels of each pixel to the nearest one inside."""
    outside = np.where(inside, 0, 255).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def _dilated(values: Mask, radius: int) -> Mask:
    out = values
    while radius > 0:
        part = min(radius, REACH)
        rows, columns = np.ogrid[-part : part + 1, -part : part + 1]
        disc = (rows**2 + columns**2 <= part**2).astype(np.uint8)
        out = np.asarray(cv2.dilate(out, disc), np.uint8)
        radius -= part
    return out
