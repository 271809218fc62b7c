"""What a tool is given and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scumble.api.manifest import ParamValue
from scumble.api.tones import CurvePoints, Levels, parse_curve, parse_levels

Picture = NDArray[np.uint8]
"""`(height, width, 3 or 4)`, straight (not premultiplied) sRGB, 0–255, C-contiguous."""

Mask = NDArray[np.uint8]
"""`(height, width)`, 0–255; 255 is wholly inside."""


@dataclass(frozen=True, slots=True, eq=False)
class JobRegion:
    """A part of the picture with words of its own, in a tool whose manifest says `regions`.

    `mask` has the job's size. A text that is empty stands for the tool's own. `strength` 0…1 is how much may change
    there of what there is.
    """

    name: str
    mask: Mask
    prompt: str = ""
    negative: str = ""
    strength: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ToolJob:
    """A frozen request: all that a tool needs, and its own copy of it.

    `size` is the resolution to work at, (width, height), both multiples of 8; every input of kind `canvas`, `layer`
    or `selection` already has it, except in a tool whose result is a `picture`, where inputs have their own size.
    An input of kind `picture` has any size. `params` has a value for every parameter of the manifest, validated, with
    the seed resolved. `model` names one of the model library, and is empty where the tool needs none.

    `first` is for a tool that declares `two-passes`: where `size` is far beyond what the model can keep together, the
    size of a smaller pass to begin with, multiples of 16 in the proportions of `size`. Otherwise it is (0, 0).

    In an adjustment `size` is that of its input, which may be uint16; `origin` is where the input's corner lies in the
    document, in pixels of the input, and `scale` how many pixels of the input there are to a pixel of the document:
    1, or less while a person looks at the picture from afar. Lengths in the parameters are in pixels of the document.

    `vae` names the autoencoder to use, empty for the model's own; with None it is the one that is chosen for the model.

    `regions` is empty unless the tool's manifest says that it takes them. Where they overlap they share the place.
    """

    id: str
    plugin: str
    tool: str
    params: Mapping[str, ParamValue]
    inputs: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    size: tuple[int, int] = (0, 0)
    model: str = ""
    origin: tuple[int, int] = (0, 0)
    scale: float = 1.0
    first: tuple[int, int] = (0, 0)
    regions: tuple[JobRegion, ...] = ()
    vae: str | None = None

    def text(self, name: str) -> str:
        """The value of a parameter of type text, prompt or enum."""
        return str(self.params[name])

    def number(self, name: str) -> float:
        """The value of a parameter of type number."""
        return float(self.params[name])

    def integer(self, name: str) -> int:
        """The value of a parameter of type integer, seed or size."""
        return int(self.params[name])

    def curve(self, name: str) -> CurvePoints:
        """The points of a parameter of type curve."""
        return parse_curve(self.text(name))

    def levels(self, name: str) -> Levels:
        """The value of a parameter of type levels."""
        return parse_levels(self.text(name))


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One picture that a tool made. `seed` is the one that makes it again, alone."""

    image: Picture
    seed: int = 0


BLURRED: Final = "blurred"
"""The note of a result that names the seeds of those of its pictures that the engine has blurred."""


@dataclass(frozen=True, slots=True, eq=False)
class ToolResult:
    """What a tool returns. `notes` goes into the recipe: what was used, such as a scheduler or a dtype."""

    candidates: tuple[Candidate, ...]
    notes: Mapping[str, str] = field(default_factory=dict)
