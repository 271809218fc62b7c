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
    prompts together), `amount` those of all evaluations, `made` the pixels that are decoded, each in millions.
    `pictures` and `prompts` are how many are evaluated together."""

    load: float
    amount: float
    made: float
    pictures: float = 1.0
    prompts: float = 1.0


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
        return Work(load, load * max(steps * strength, 1.0), size * batch, batch, prompts)
    first = region.first[0] * region.first[1] / 1e6 * batch * prompts if strength > SECOND_STRENGTH else 0.0
    again = size * TILED * batch * _share(region, change)
    amount = first * max(steps * strength, 1.0) + again * prompts * max(steps * min(strength, SECOND_STRENGTH), 1.0)
    load = max(first, region.first[0] * region.first[1] / 1e6 * prompts)
    return Work(load, amount, first / prompts + again, batch if first else 1.0, prompts)


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
    """How large a family of models is. `text`, `network` and `decoder` are the parameters, in millions, of the text
    encoders, of the UNet or transformer, and of the VAE.

    `width` is the channels of the UNet's first level, or those of a token in a transformer; `vae` those of the second
    level of the VAE, which come up to full size; `factor` how many pixels a latent cell spans. A transformer reads
    `tokens` of text beside those of the picture; a UNet has 0. One that is `told` the guidance scale evaluates a single
    prompt.
    """

    text: float
    network: float
    decoder: float
    width: int
    vae: int
    factor: int
    tokens: int = 0
    told: bool = False

    @property
    def parameters(self) -> float:
        """All of them together, in millions."""
        return self.text + self.network + self.decoder


BUILDS: Final[Mapping[str, Build]] = {
    "small": Build(1.6, 9.5, 2.5, 48, 64, 4),
    "sd1": Build(123.1, 859.5, 83.7, 320, 256, 8),
    "sd2": Build(340.4, 865.9, 83.7, 320, 256, 8),
    "sdxl": Build(817.7, 2567.5, 83.7, 320, 256, 8),
    "sd3": Build(818.3, 2028.3, 83.8, 1536, 256, 8, tokens=333),
    "flux": Build(4885.4, 11901.4, 83.8, 3072, 256, 8, tokens=512, told=True),
}
"""By `ModelInfo.family`: the published sizes, of Stable Diffusion 3 those of “medium” without T5. `small` is the
starter model."""

PROGRAM: Final = 470 << 20
"""Bytes of an engine that has imported its libraries and loaded nothing."""

UNET: Final = 30.0
"""Values that are alive at once in the UNet, for each cell of its load and each channel of its first level."""

TRANSFORMER: Final = 16.0
"""Values that are alive at once in a transformer, for each token and each of its channels: query, key and value, what
was there before, and the inner layer, four times as wide, before and after its nonlinearity."""

PATCH: Final = 4
"""Latent cells that make a token."""

VAE: Final = 4.5
"""Values that are alive at once in the VAE, for each pixel of one picture and each of those channels."""

TILE: Final = 512
"""The longest side of a tile in which a picture is decoded where memory is to be saved."""

LARGE: Final = 512
"""A model that was trained at this side, in pixels, or above computes in half precision wherever that can be had."""


def value_bytes(wanted: str, device: str, native: int) -> int:
    """The bytes of a value in a model trained at `native` pixels: 4 in float32, 2 in half precision.

    `wanted` is the setting, `auto` or one of torch's names; `device` is one of them, too, empty while it is not known.
    """
    processor = device in ("", "cpu")
    if wanted == "float32":
        return 4
    if wanted == "bfloat16" or (wanted == "float16" and not processor):
        return 2
    return 4 if processor and native < LARGE else 2


def memory(
    family: str, work: Work, region: Region, value_bytes: int, *, weights: int = 0, thrift: str = ""
) -> int | None:
    """The bytes that the engine will hold at its peak; None for a family that is not known.

    `value_bytes` is the size of one value: 4 in float32, 2 in half precision; `weights` the bytes of the model's own
    weights where they are known. `thrift` is how much memory is saved where that costs time: nothing, `frugal` or
    `least`. The network and the VAE run one after the other, and the VAE decodes one picture at a time.
    """
    build = BUILDS.get(family)
    if build is None:
        return None
    held = weights or build.parameters * 1e6 * value_bytes
    if thrift == "least":
        held *= max(build.text, build.network) / build.parameters
    return PROGRAM + int(held + max(_running(build, work, thrift), _decoding(build, region, thrift)) * value_bytes)


def _running(build: Build, work: Work, thrift: str) -> float:
    """The values that are alive at once in the network."""
    rows = work.pictures * work.prompts
    cells = work.load * 1e6 / build.factor**2 / rows
    together = 1.0 if thrift else work.pictures if build.told else rows
    if not build.tokens:
        return UNET * build.width * cells * together
    return TRANSFORMER * build.width * (cells / PATCH + build.tokens) * together


def _decoding(build: Build, region: Region, thrift: str) -> float:
    """The values that are alive at once in the VAE."""
    width, height = region.size if region.passes == 1 else region.first
    if thrift:
        width, height = min(width, TILE), min(height, TILE)
    return VAE * build.vae * width * height


def needed(family: str, native: int, value_bytes: int, weights: int, thrift: str = "") -> int | None:
    """The bytes that the engine holds while it makes one picture as large as the model was trained for."""
    region = Region(Rect(0, 0, native, native), (native, native))
    return memory(family, work_of(region, {"guidance": 7.0}), region, value_bytes, weights=weights, thrift=thrift)


def _number(params: Mapping[str, ParamValue], name: str, default: float) -> float:
    value = params.get(name, default)
    return max(float(value), 0.0) if isinstance(value, int | float) and not isinstance(value, bool) else default
