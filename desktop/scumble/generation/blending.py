"""A generated crop and what lies below it, and all that the settings of a `Blend` can make of the two.

What does not depend on the settings is computed once, so that a slider can be followed: the distances of the
selection, the matched crop, and the differences at a lower resolution, at which the membrane is solved. Colours are
the document's numbers, taken for sRGB, at the document's depth.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import Mask
from scumble.document import PixelFormat, Pixels
from scumble.generation.masks import WHOLE, Blend, Edge, Part
from scumble.generation.match import SOON, SWEEPS, Floats, Shift, membrane, ring_of, shift_between, smoothed
from scumble.generation.pictures import legal, resized
from scumble.generation.straight import from_straight, to_straight

COARSE_SIDE: Final = 192
"""The longest side at which differences are looked at."""

RING_PART, RING_LEAST = 0.12, 16.0
"""The width of the ring that statistics come from: a part of the box's longer side, and no fewer pixels than this."""

FINER: Final = 2
"""By how many times the lower resolution pictures are reduced in whole numbers first."""

SOFT: Final = 5
"""The side, in pixels, of the square over which the difference along the edge is smoothed."""


class Blending:
    """`below` are stored pixels `(h, w, 4)` of the box, `selection` uint8 `(h, w)`; `crop` those of the generated
    picture, at the same size or, where the model worked at a lower resolution, as it made them.

    `reach` is how far outside the selection the model may have painted, in pixels. Without `below`, or where it or
    the crop is not opaque, there is nothing to match with.
    """

    def __init__(
        self, crop: Pixels, below: Pixels | None, selection: Mask, pixel_format: PixelFormat, reach: int
    ) -> None:
        self.edge = Edge(selection)
        self._below = below
        self._format = pixel_format
        self._reach = reach
        self._opaque = _opaque(crop, pixel_format)
        self._made = crop if self._opaque else self._enlarged(crop)
        self._base: tuple[float, Pixels] | None = None
        self._solved: tuple[tuple[float, ...], Floats] | None = None

    @property
    def comparable(self) -> bool:
        """Whether the crop and the picture below can be compared: both are there outside what the model painted."""
        return self._shift is not None

    def warm(self) -> None:
        """Computes what all settings share; may run on another thread, as nothing else is touched."""
        if self.edge.hard:
            _ = self.edge.away
        if self._shift is not None:
            _ = self.crop, self._lacking, self._matched, self._room, self._field_room

    def mask(self, blend: Blend, part: Part = WHOLE, *, soon: bool = False) -> Mask:
        """The layer mask, or a part of it; with `soon`, nearly."""
        return self.edge.preview(blend, part) if soon else self.edge.mask(blend, part)

    def depends(self, blend: Blend) -> tuple[float, ...]:
        """What of the settings the pixels depend on; all 0 for the crop as it is."""
        if self._shift is None or not (blend.match or blend.seam):
            return ()
        return blend.match, blend.seam, blend.reach if blend.seam else 0

    def pixels(self, blend: Blend, part: Part = WHOLE, *, soon: bool = False) -> Pixels:
        """The layer's pixels, or a part of them, to be read only and good until the next call; with `soon`, nearly."""
        if not self.depends(blend):
            return self.crop[part]
        out = self._based(blend.match)[part]
        if blend.seam:
            room = self._room[part]
            out = cv2.add(out, self._field(blend, soon)[part], dst=room, dtype=_DEPTHS[out.dtype.itemsize])
        if not self._opaque:
            out = np.minimum(out, self.crop[part][..., self._format.alpha, None])
        return np.asarray(out)

    def _based(self, match: float) -> Pixels:
        """The crop, matched so far; the last one is kept."""
        if match in (0.0, 1.0):
            return self._matched if match else self.crop
        if self._base is None or self._base[0] != match:
            room = None if self._base is None else self._base[1]
            mixed = cv2.addWeighted(self.crop, 1.0 - match, self._matched, match, 0.0, dst=room)
            self._base = match, np.asarray(mixed)
        return self._base[1]

    def _field(self, blend: Blend, soon: bool) -> NDArray[np.generic]:
        """What the seam adds to each stored value: whole numbers for 8 bits, which take half the time."""
        height, width = self._shape
        coarse = self._offsets(blend, soon) * np.float32(blend.seam)
        if not self._opaque:
            shown = self.crop[..., self._format.alpha, None] / np.float32(self._format.maximum)
            return np.asarray(cv2.resize(coarse, (width, height)) * shown, np.float32)
        if self._made.itemsize == 1:
            coarse = np.rint(coarse).astype(np.int16)
        return np.asarray(cv2.resize(coarse, (width, height), dst=self._field_room))

    @cached_property
    def crop(self) -> Pixels:
        """The generated picture at the size of the box."""
        return self._enlarged(self._made)

    # At the document's resolution; rooms are used again, and filled at first, as fresh memory costs more than what is
    # computed in it

    @cached_property
    def _room(self) -> Pixels:
        return np.full((*self._shape, 4), 0, self._made.dtype)

    @cached_property
    def _field_room(self) -> NDArray[np.generic]:
        return np.full((*self._shape, 4), 0, np.int16 if self._made.itemsize == 1 else np.float32)

    @cached_property
    def _matched(self) -> Pixels:
        return self._enlarged(self._made_matched)

    def _enlarged(self, pixels: Pixels) -> Pixels:
        """Pixels of the crop at the size of the box."""
        height, width = self._shape
        if pixels.shape[:2] == (height, width):
            return pixels
        large = resized(pixels, (width, height))
        return large if self._opaque else legal(large, self._format)

    # At the crop's own resolution, which may be much lower

    @property
    def _shape(self) -> tuple[int, int]:
        height, width = self.edge.selection.shape
        return height, width

    @cached_property
    def _made_matched(self) -> Pixels:
        """Matched, which works on each pixel by itself."""
        assert self._shift is not None
        maximum = self._format.maximum
        straight = to_straight(self._format, self._made)
        opaque = np.asarray(cv2.cvtColor(straight, cv2.COLOR_RGBA2RGB))
        colours = self._shift(np.multiply(opaque, np.float32(1 / maximum), dtype=np.float32))
        # one pass that rounds and keeps within the range
        opaque = np.asarray(cv2.addWeighted(colours, maximum, colours, 0, 0, dtype=_DEPTHS[straight.itemsize]))
        matched = np.asarray(cv2.cvtColor(opaque, cv2.COLOR_RGB2RGBA))
        if not self._opaque:
            matched[..., 3] = straight[..., 3]
        return from_straight(self._format, matched)

    # At the lower resolution

    @cached_property
    def _shrink(self) -> int:
        return max(-(-max(self._shape) // COARSE_SIDE), 1)

    @property
    def _slack(self) -> float:
        """How much nearer two pixels can be than the middles of those of the lower resolution that hold them."""
        return 1.42 * self._shrink if self._shrink > 1 else 0.0

    @cached_property
    def _away(self) -> Floats:
        """The distance to the selection, in the document's pixels."""
        free = (self._coarse(self.edge.selection > 0) == 0).view(np.uint8)
        away = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return np.asarray(away * np.float32(self._shrink), np.float32)

    def _coarse(self, pixels: NDArray[np.generic]) -> Floats:
        height, width = (max(round(side / self._shrink), 1) for side in self._shape)
        if pixels.dtype != np.bool_ and min(pixels.shape[0] / height, pixels.shape[1] / width) > 2 * FINER:
            # whole numbers take a third of the time, and enough of them are averaged afterwards
            pixels = cv2.resize(pixels, (FINER * width, FINER * height), interpolation=cv2.INTER_AREA)
        return _averaged(pixels.astype(np.float32), (width, height))

    @cached_property
    def _usable(self) -> NDArray[np.bool_]:
        """Where crop and picture are both opaque."""
        assert self._below is not None
        if self._opaque and _opaque(self._below, self._format):
            return np.ones(self._away.shape, np.bool_)
        alpha = self._below[..., self._format.alpha]
        if not self._opaque:
            alpha = np.minimum(alpha, self._made[..., self._format.alpha])
        return self._coarse(alpha == self._format.maximum) > 0.999

    @cached_property
    def _shift(self) -> Shift | None:
        if self._below is None:
            return None
        width = max(RING_PART * max(self._shape), RING_LEAST)
        ring = ring_of(self._away, self._usable, self._reach + 1 + self._slack, width)
        scale = np.float32(self._format.maximum)
        made, below = (np.ascontiguousarray(pixels[..., self._format.order[:3]]) / scale for pixels in self._pair)
        return shift_between(made, below, ring)

    @cached_property
    def _pair(self) -> tuple[Floats, Floats]:
        """The crop and the picture below."""
        assert self._below is not None
        return self._coarse(self._made), self._coarse(self._below)

    @cached_property
    def _lacking(self) -> tuple[Floats, Floats]:
        """The picture below less the crop, and less the matched crop; the fourth channel is 0."""
        made, below = self._pair
        differences = below - made, below - self._coarse(self._made_matched)
        for difference in differences:
            difference[..., self._format.alpha] = 0
        return differences

    def _offsets(self, blend: Blend, soon: bool) -> Floats:
        """The membrane, in stored values at the lower resolution."""
        key = (blend.reach, blend.match, soon)
        if self._solved is None or self._solved[0] != key:
            plain, matched = self._lacking
            difference = plain + np.float32(blend.match) * (matched - plain)
            outside = (self._away > blend.reach + 1 + self._slack) & self._usable
            side = max(SOFT // self._shrink, 1) | 1
            near = cv2.dilate((~outside).view(np.uint8), np.ones((side + 2, side + 2), np.uint8)) > 0
            known = outside & near
            if side > 1:
                difference = smoothed(difference, known, side)
            self._solved = key, membrane(difference, known, SOON if soon else SWEEPS)
        return self._solved[1]


_DEPTHS: Final = {1: cv2.CV_8U, 2: cv2.CV_16U}


def _opaque(pixels: Pixels, pixel_format: PixelFormat) -> bool:
    return bool(pixels[..., pixel_format.alpha].min(initial=pixel_format.maximum) == pixel_format.maximum)


def _averaged(values: Floats, size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
