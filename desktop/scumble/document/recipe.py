"""How a generated layer was made: enough to make it again, to vary it, and to blend it anew without a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scumble.document.geometry import Rect

RECIPE_VERSION = 1

LENGTHS = frozenset(("grow", "feather", "reach"))
"""What in a recipe's `blend` is measured in pixels of the document."""


@dataclass(frozen=True, slots=True)
class RegionPrompt:
    """What a region asks for: words of its own, `strength` 0…1, and whether it counts at all.

    An empty text stands for the tool's own.
    """

    prompt: str = ""
    negative: str = ""
    strength: float = 1.0
    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """`params` are the tool's, with the seed that made this candidate. `box` is the context box in the document.

    `crop` is the whole generated picture, straight RGB(A) uint8, at the resolution that the model worked at.
    `selection` is what was selected inside the box, uint8 `(box.height, box.width)`, where the tool had a selection.
    `inputs` are the other pictures and masks that the tool was given, by name, such as the picture whose style was
    taken. `regions` are those that the job had, by name; their masks, at the working resolution, stand among the
    inputs under `region_input(name)`. `blend` holds the settings that can be changed without the model
    (`scumble.generation.Blend`). `below` is a digest of what the tool saw of the document; empty where it saw nothing
    or nobody took note. `notes` says what it was computed with (dtype, scheduler, versions), because sums differ with
    it.
    """

    tool: str
    plugin: str
    plugin_version: str = ""
    model: str = ""
    model_sha256: str = ""
    params: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    box: Rect
    crop: NDArray[np.uint8] | None = None
    selection: NDArray[np.uint8] | None = None
    inputs: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    regions: Mapping[str, RegionPrompt] = field(default_factory=dict)
    blend: Mapping[str, float] = field(default_factory=dict)
    below: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    seals: Mapping[str, str] = field(default_factory=dict)
    version: int = RECIPE_VERSION


def region_input(name: str) -> str:
    """Under what name a recipe keeps the mask of a region."""
    return f"region:{name}"
