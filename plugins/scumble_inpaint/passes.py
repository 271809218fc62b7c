"""A picture that is larger than the model can keep together: first small, so that it hangs together, then over it
again at its own size in tiles, so that its detail is real."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import JobContext, Latent, Mask, OnStep, Picture, ToolJob

AGAIN: Final = 0.4
"""The strength of the second pass: detail is made anew, and what is where stays. A weaker job has no first pass."""

TILE: Final = 1.25
"""The longest side of a tile, as a part of the model's native side."""

OVERLAP: Final = 3 / 16
"""How much neighbouring tiles share, as a part of the model's native side."""

BROAD: Final = 1 / 16
"""What is broader than this, as a part of the native side (the deviation of a Gaussian), is the first pass's."""

STEP: Final = 8
"""Sides and places of tiles are multiples of this."""


SEEDS: Final = 1 << 32
"""How many seeds there are."""


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """One run of the denoising loop over a picture `(height, width, 3)` and a mask of that size.

    `begins` unless the picture is what another pass has made. `cut` gives the part of any mask of the job's size that
    this run is over, at its resolution. `shift` is what was added to the job's seeds to be those of the run.

    `strength` is the most that anything may change; a region that asks for less keeps to that.
    """

    picture: Picture
    mask: Mask
    seeds: Sequence[int]
    strength: float
    on_step: OnStep
    cut: Callable[[Mask], Mask]
    begins: bool = True
    shift: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.picture.shape[1], self.picture.shape[0]


Denoise: TypeAlias = Callable[[Pass], Latent]
"""The tool's own way to denoise: one latent for each seed."""


def in_passes(
    job: ToolJob, context: JobContext, image: Picture, mask: Mask, seeds: Sequence[int], denoise: Denoise
) -> list[Picture]:
    """The picture with its free part made anew, once for each seed: in one pass, or in two where the job says so.

    The steps of all passes are counted as one.
    """
    model = context.model
    strength = max(job.number("strength"), *(each.strength for each in job.regions), 0.0)
    if job.first == (0, 0):
        on_step = _Steps(context, [1]).of(0, model.preview)
        return model.decode(denoise(Pass(image, mask, seeds, strength, on_step, lambda given: given)))
    tiles = [tile for tile in tiles_of(job.size, model.info.native) if mask[tile.slices].any()]
    begins = strength > AGAIN
    again = min(strength, AGAIN)
    effort = [strength * len(seeds)] * begins + [again] * (len(tiles) * len(seeds))
    steps = _Steps(context, [max(round(part * job.integer("steps")), 1) for part in effort])
    pictures = [image] * len(seeds)
    if begins:
        small, on_step = resized(image, job.first), steps.of(0, model.preview)

        def smaller(given: Mask) -> Mask:
            return reduced(given, job.first)

        found = model.decode(denoise(Pass(small, smaller(mask), seeds, strength, on_step, smaller)))
        pictures = [merged(image, resized(picture, job.size), mask) for picture in found]
    made = []
    for place, (picture, seed) in enumerate(zip(pictures, seeds, strict=True)):
        first = int(begins) + place * len(tiles)
        whole = _over_again(context, picture, mask, tiles, seed, again, steps, first, denoise, fixed=begins)
        made.append(whole)
    return made


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A part of a picture, and how much of it is taken at each pixel: `(height, 1)` and `(1, width)` in 0…1."""

    x: int
    y: int
    down: NDArray[np.float32]
    across: NDArray[np.float32]

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns."""
        return slice(self.y, self.y + self.down.size), slice(self.x, self.x + self.across.size)

    @property
    def weight(self) -> NDArray[np.float32]:
        """`(height, width, 1)`; those of all tiles add up to 1 everywhere."""
        return np.asarray((self.down * self.across)[..., None], np.float32)


def tiles_of(size: tuple[int, int], native: int) -> list[Tile]:
    """Tiles of one size that cover a picture of (width, height) pixels, row by row."""
    most, overlap = int(TILE * native) // STEP * STEP, max(int(OVERLAP * native) // STEP, 1) * STEP
    across, down = (_spans(side, most, overlap) for side in size)
    return [Tile(x, y, high[:, None], wide[None]) for y, high in down for x, wide in across]


def _spans(length: int, most: int, overlap: int) -> list[tuple[int, NDArray[np.float32]]]:
    """Equal parts of a side: where each begins, and its weights, which change over along half a sine wave in the
    middle half of what two parts share."""
    count = 1 if length <= most else math.ceil((length - overlap) / (most - overlap))
    side = math.ceil((length + (count - 1) * overlap) / count / STEP) * STEP
    starts = [round(index * (length - side) / max(count - 1, 1) / STEP) * STEP for index in range(count)]
    weights = [np.ones(min(side, length), np.float32) for _ in starts]
    for index in range(count - 1):
        shared = starts[index] + side - starts[index + 1]
        t = np.clip((np.arange(shared, dtype=np.float32) + 0.5 - shared / 4) / (shared / 2), 0.0, 1.0)
        rise = (0.5 - 0.5 * np.cos(np.pi * t)).astype(np.float32)
        weights[index + 1][:shared] *= rise
        weights[index][side - shared :] *= 1.0 - rise
    return list(zip(starts, weights, strict=True))


def merged(image: Picture, made: Picture, mask: Mask) -> Picture:
    """What was made under the mask, the picture elsewhere."""
    part = mask[..., None].astype(np.float32) / 255.0
    return np.asarray(np.rint(image * (1.0 - part) + made * part), np.uint8)


def _over_again(
    context: JobContext,
    picture: Picture,
    mask: Mask,
    tiles: Sequence[Tile],
    seed: int,
    strength: float,
    steps: _Steps,
    first: int,
    denoise: Denoise,
    *,
    fixed: bool,
) -> Picture:
    """The second pass over one picture. Each tile has noise of its own, so that no pattern repeats.

    With `fixed` only detail changes: what is broad stays, else each tile would drift to a colour of its own (the fix
    of Wang et al., Exploiting Diffusion Prior for Real-World Image Super-Resolution, section 3.3, by one Gaussian).
    """
    model = context.model
    made = picture.astype(np.float32)
    factor = model.info.factor
    small = resized(picture, (picture.shape[1] // factor, picture.shape[0] // factor))

    for index, tile in enumerate(tiles):
        part = np.ascontiguousarray(picture[tile.slices])

        def seen(clean: Latent, tile: Tile = tile) -> Picture:
            rows, columns = tile.down.size // factor, tile.across.size // factor
            preview = resized(model.preview(clean), (columns, rows))
            small[tile.y // factor :, tile.x // factor :][:rows, :columns] = preview
            return small.copy()

        def cut(given: Mask, tile: Tile = tile) -> Mask:
            return np.ascontiguousarray(given[tile.slices])

        shift = index * 0x9E3779B1
        on_step = steps.of(first + index, seen)
        own = ((seed + shift) % SEEDS,)
        latent = denoise(Pass(part, cut(mask), own, strength, on_step, cut, not fixed, shift))
        change = model.decode(latent)[0].astype(np.float32) - part
        if fixed:
            change -= cv2.GaussianBlur(change, (0, 0), BROAD * model.info.native)
        made[tile.slices] += tile.weight * change
    return np.rint(np.clip(made, 0.0, 255.0)).astype(np.uint8)


class _Steps:
    """Counts the steps of several runs as one; `counts` says how many each is thought to take."""

    def __init__(self, context: JobContext, counts: Sequence[int]) -> None:
        self._context = context
        self._counts = counts

    def of(self, part: int, show: Callable[[Latent], Picture]) -> OnStep:
        """What a run calls after each of its steps."""
        before, total = sum(self._counts[:part]), sum(self._counts)

        def on_step(step: int, steps: int, clean: Latent) -> None:
            if len(self._counts) == 1:
                self._context.progress(step, steps, show(clean))
            else:
                done = before + round(self._counts[part] * step / steps)
                self._context.progress(done, total, show(clean))

        return on_step


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """At (width, height): area mean down, Lanczos up."""
    shrinks = size[0] * size[1] < picture.shape[0] * picture.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    return np.ascontiguousarray(cv2.resize(picture, size, interpolation=method), np.uint8)


def reduced(mask: Mask, size: tuple[int, int]) -> Mask:
    """A mask at (width, height), smaller: no pixel below any that it stands for."""
    across, down = math.ceil(mask.shape[1] / size[0]), math.ceil(mask.shape[0] / size[1])
    grown = cv2.dilate(mask, np.ones((2 * (down // 2) + 1, 2 * (across // 2) + 1), np.uint8))
    return np.asarray(cv2.resize(grown, size, interpolation=cv2.INTER_NEAREST), np.uint8)
