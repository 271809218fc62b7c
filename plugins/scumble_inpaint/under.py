"""What lies under the mask before a model begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from scumble.api import JobContext, Mask, Picture, ToolJob
from scumble_inpaint.heal import healed
from scumble_inpaint.surroundings import surroundings

HOLE: Final = 128
"""Where the mask is at least so much, classical inpainting makes new pixels; what is less free counts as known."""


def laid_under(picture: Picture, mask: Mask, job: ToolJob, context: JobContext) -> Picture:
    """The picture `(h, w, 3)` with what the job wants under the mask; as it was where the mask is 0, and a mixture
    where it is grey. `auto`, which the window puts something in the place of, leaves it as it is."""
    make = UNDER.get(job.text("under"))
    if make is None:
        return picture
    plain = np.ascontiguousarray(picture[..., :3])
    share = mask[..., None].astype(np.float32) / np.float32(255.0)
    mixed = plain + (make(plain, mask, job, context).astype(np.float32) - plain) * share
    return np.rint(mixed).astype(np.uint8)


def _blurred(picture: Picture, mask: Mask, _job: ToolJob, _context: JobContext) -> Picture:
    return surroundings(picture, mask)


def _classical(picture: Picture, mask: Mask, job: ToolJob, context: JobContext) -> Picture:
    hole = np.where(mask >= HOLE, mask, 0).astype(np.uint8)
    if erases(job, context):
        return context.erase(picture, hole)
    return healed(picture, hole, context.rng(job.integer("seed")))


def erases(job: ToolJob, context: JobContext) -> bool:
    """Whether an erase model does what classical inpainting would: it was made to take something away."""
    return job.text("mode") == "remove" and job.text("under") == "classical" and bool(context.eraser)


def _coloured(picture: Picture, _mask: Mask, job: ToolJob, _context: JobContext) -> Picture:
    return np.full_like(picture, tuple(bytes.fromhex(job.text("colour").removeprefix("#"))))


def _noisy(picture: Picture, _mask: Mask, job: ToolJob, context: JobContext) -> Picture:
    return context.rng(job.integer("seed")).integers(0, 256, picture.shape, np.uint8)


UNDER: Final[dict[str, Callable[[Picture, Mask, ToolJob, JobContext], Picture]]] = {
    "blurred": _blurred,
    "classical": _classical,
    "colour": _coloured,
    "noise": _noisy,
}
