"""What the tools can be told besides the brush: one record, of which each tool reads its own fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from scumble.paint import Shape


class Combine(Enum):
    """How a new selection meets the one there is."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


class Proportion(Enum):
    """What holds for the box that a selecting tool draws."""

    FREE = "free"
    RATIO = "ratio"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Options:
    """`combine` is how selecting tools meet the selection there is; `feather` is in pixels; `smooth_edges` gives
    selections with slanting edges partly selected pixels. Boxes are drawn as `proportion` says: in the ratio of width
    to height of `ratio`, or `size` (width, height) pixels large.

    `tolerance` 0…1 is how far a colour may be from the one that was clicked; `contiguous` keeps to pixels that hang
    together; `all_layers` looks at the visible picture instead of the active layer; `gap` closes openings of up to
    that many pixels in what surrounds a fill; `grow` widens a fill by pixels. With
    `auto_select` the move tool takes the layer under the pointer.

    `cover` 0…1 is how far fills, gradients and shapes cover what is below. `gradient` is how a gradient runs, `fade`
    lets it end in nothing instead of the background colour. `strength` 0…1 is how much of its paint a smudging finger
    keeps. `aligned` keeps the distance to what is cloned from one stroke to the next. `filled` fills shapes instead of
    drawing them with the brush. `visible` picks colours from all that is seen, not from the active layer; `average` is
    the side of the square, in pixels, of which a picked colour is the mean.
    """

    combine: Combine = Combine.REPLACE
    feather: float = 0.0
    smooth_edges: bool = True
    proportion: Proportion = Proportion.FREE
    ratio: tuple[float, float] = (1.0, 1.0)
    size: tuple[float, float] = (512.0, 512.0)
    tolerance: float = 0.1
    contiguous: bool = True
    all_layers: bool = False
    gap: int = 0
    grow: int = 0
    cover: float = 1.0
    gradient: Shape = Shape.LINEAR
    fade: bool = False
    strength: float = 0.6
    aligned: bool = True
    filled: bool = False
    visible: bool = True
    average: int = 1
    auto_select: bool = False
