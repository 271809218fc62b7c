"""What a job will take: its time from jobs that were measured, its memory from the sizes of the model's layers.

A forecast is for a person who waits or not: it is right to within a third, and says “about”.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scumble.api import ParamValue
from scumble.document import Rect
from scumble.generation.region import Region
from scumble.generation.working import SECOND_STRENGTH

TILED: Final = 1.4
"""How much more than the picture's own pixels its tiles have, as they overlap."""

KEPT: Final = 6
"""How many sizes are remembered of each model."""

SAME: Final = 1.25
"""Two loads whose ratio is less are one size."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job computes. `load` is the pixels of its largest evaluation of the model (of all pictures and both
    prompts together), `amount` those of all evaluations, `made` the pixels that are decoded, each in millions."""

    load: float
    amount: float
    made: float


@dataclass(frozen=True, slots=True)
class Pace:
    """What was measured at a load: the seconds for a million pixels of `amount`, and for one of `made` besides."""

    load: float
    each: float
    rest: float


def work_of(region: Region, params: Mapping[str, ParamValue], change: Rect | None = None) -> Work:
    """The work of a job, by the parameters that tools have in common: steps, strength, guidance, batch.

    What a tool does not have counts once. A second pass goes over the tiles that `change`, the rectangle round what
    may change in the document, touches; over all of them when None.
    """
    steps, strength = _number(params, "steps", 1.0), min(_number(params, "strength", 1.0), 1.0)
    batch = _number(params, "batch", 1.0)
    prompts = 1.0 if _number(params, "guidance", 1.0) == 1.0 else 2.0
    size = region.size[0] * region.size[1] / 1e6
    if region.passes == 1:
        load = size * batch * prompts
        return Work(load, load * max(steps * strength, 1.0), size * batch)
    first = region.first[0] * region.first[1] / 1e6 * batch * prompts if strength > SECOND_STRENGTH else 0.0
    again = size * TILED * batch * _share(region, change)
    amount = first * max(steps * strength, 1.0) + again * prompts * max(steps * min(strength, SECOND_STRENGTH), 1.0)
    return Work(max(first, region.first[0] * region.first[1] / 1e6 * prompts), amount, first / prompts + again)


def _share(region: Region, change: Rect | None) -> float:
    """The part of a second pass that is not left out; a tile is about as large as the first pass."""
    if change is None:
        return 1.0
    across = (change.width * region.scale + region.first[0]) / region.size[0]
    down = (change.height * region.scale + region.first[1]) / region.size[1]
    return min(across, 1.0) * min(down, 1.0)


def seconds(known: tuple[Pace, ...], work: Work) -> float | None:
    """How long the work will take, by the measured load that is nearest; None where nothing was measured."""
    if not known:
        return None
    pace = min(known, key=lambda one: abs(math.log(one.load / work.load)))
    return pace.each * work.amount + pace.rest * work.made


def learned(known: tuple[Pace, ...], work: Work, stepping: float, rest: float) -> tuple[Pace, ...]:
    """With a finished job: its steps took `stepping` seconds, and all else `rest`.

    A job of a size that is known counts for a half, so that a busy moment is forgotten.
    """
    pace = Pace(work.load, stepping / work.amount, rest / work.made)
    for old in known:
        if max(old.load, work.load) <= SAME * min(old.load, work.load):
            pace = Pace(work.load, (old.each + pace.each) / 2, (old.rest + pace.rest) / 2)
            known = tuple(other for other in known if other is not old)
    return (*known, pace)[-KEPT:]


@dataclass(frozen=True, slots=True)
class Build:
    """How large a family of models is: its parameters in millions, the channels of the first level of its UNet, those
    of the second level of its VAE, which come up to full size, and how many pixels a latent cell spans."""

    parameters: float
    unet: int
    vae: int
    factor: int


BUILDS: Final[Mapping[str, Build]] = {
    "small": Build(7.0, 48, 64, 4),
    "sd1": Build(1066.0, 320, 256, 8),
    "sd2": Build(1290.0, 320, 256, 8),
    "sdxl": Build(3470.0, 320, 256, 8),
}
"""By `ModelInfo.family`: the published sizes of text encoders, UNet and VAE together. `small` is the starter model."""

PROGRAM: Final = 470 << 20
"""Bytes of an engine that has imported its libraries and loaded nothing."""

UNET: Final = 30.0
"""Values that are alive at once in the UNet, for each cell of its load and each channel of its first level."""

VAE: Final = 4.5
"""Values that are alive at once in the VAE, for each pixel of one picture and each of those channels."""


def memory(family: str, work: Work, region: Region, value_bytes: int) -> int | None:
    """The bytes that the engine will hold at its peak; None for a family that is not known.

    `value_bytes` is the size of one value: 4 in float32, 2 in half precision. The UNet and the VAE run one after the
    other, and the VAE decodes one picture at a time.
    """
    build = BUILDS.get(family)
    if build is None:
        return None
    width, height = region.size if region.passes == 1 else region.first
    cells = work.load * 1e6 / build.factor**2
    running = max(UNET * build.unet * cells, VAE * build.vae * width * height)
    return PROGRAM + int((build.parameters * 1e6 + running) * value_bytes)


def _number(params: Mapping[str, ParamValue], name: str, default: float) -> float:
    value = params.get(name, default)
    return max(float(value), 0.0) if isinstance(value, int | float) and not isinstance(value, bool) else default
