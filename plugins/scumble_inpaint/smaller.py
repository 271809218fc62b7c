"""A fill that memory does not suffice for, at the next smaller working size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from scumble.api import Latent, Mask, Picture, ScumbleError, ToolJob
from scumble_inpaint.passes import STEP, Denoise, Pass, reduced, resized

SHARES: Final = (1.0, 0.75, 0.5)
"""The sides that are tried, as parts of those that were asked for. Below a half there is little left to see."""

LEAST: Final = 64
"""The shortest side that a model works at."""

Fill: TypeAlias = Callable[[ToolJob, Picture, Mask, Denoise], list[Picture]]
"""Makes the pictures of a job."""


def within_memory(
    job: ToolJob, image: Picture, mask: Mask, denoise: Denoise, fill: Fill
) -> tuple[list[Picture], tuple[int, int]]:
    """The pictures of a job, at its size, and the size that they were made at.

    Raises `ScumbleError` (`out-of-memory`) when the smallest is still too large.
    """
    shares = [share for share in SHARES if share == 1.0 or min(_scaled(job.size, share)) >= LEAST]
    for share in shares[:-1]:
        try:
            return _at(share, job, image, mask, denoise, fill)
        except ScumbleError as error:
            if error.code != "out-of-memory":
                raise
    return _at(shares[-1], job, image, mask, denoise, fill)


def _at(
    share: float, job: ToolJob, image: Picture, mask: Mask, denoise: Denoise, fill: Fill
) -> tuple[list[Picture], tuple[int, int]]:
    size = _scaled(job.size, share)
    if size == job.size:
        return fill(job, image, mask, denoise), size
    first = _scaled(job.first, share) if any(job.first) else job.first

    def denoised(run: Pass) -> Latent:
        return denoise(replace(run, cut=lambda given: run.cut(reduced(given, size))))

    made = fill(replace(job, size=size, first=first), resized(image, size), reduced(mask, size), denoised)
    return [resized(picture, job.size) for picture in made], size


def _scaled(size: tuple[int, int], share: float) -> tuple[int, int]:
    """A size in multiples of what networks take."""
    width, height = (round(side * share / STEP) * STEP if share < 1.0 else side for side in size)
    return width, height
