"""Where a tool looks and at what resolution: the context box in the document and the working size.

The formulae for the box are those that the best inpainting programs agree on. They are stated for a model trained at
512 px; here every length in pixels is a part of the model's native side instead, so that a model trained at 128 or
1024 px gets a box in proportion. `working` says at what resolution the model works on it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scumble.api import ParamValue, ScumbleError, Tool
from scumble.document import Rect
from scumble.generation.box import held
from scumble.generation.masks import Blend
from scumble.generation.working import EVEN, LARGEST, SMALLEST, STEP, Limits, up, working


@dataclass(frozen=True, slots=True)
class Region:
    """`box` is what the model sees, in document pixels; `size` the (width, height) that it works at, and `first` that
    of a smaller pass before, (0, 0) where there is none."""

    box: Rect
    size: tuple[int, int]
    first: tuple[int, int] = (0, 0)

    @property
    def passes(self) -> int:
        """How often the model goes over it."""
        return 1 if self.first == (0, 0) else 2

    @property
    def scale(self) -> float:
        """Working pixels to a document pixel, along the wider side."""
        return max(self.size) / max(self.box.width, self.box.height)


def plan(
    selection: Rect,
    canvas: Rect,
    *,
    native: int | None,
    strength: float = 1.0,
    margin: int = 0,
    limits: Limits | None = None,
    two_passes: bool = False,
) -> Region:
    """The region for a selection with these bounds: context round it, inside the canvas, tending to a square.

    The box is shifted rather than cut, and reaches to the canvas's edges only where the canvas is smaller than it.
    `margin` is how far beyond the selection pixels may change (grow and feather). Below `strength` 1 the picture
    itself tells the model what is there, and less context does. `native` None stands for a tool without a model:
    context as for 512, worked at the document's own resolution. With `two_passes` a large box keeps its resolution.
    """
    side = native or 512
    padding = max(_padding(selection, side, strength), margin)
    width = up(max(selection.width + 2 * padding, side // 2), EVEN)
    height = up(max(selection.height + 2 * padding, side // 2), EVEN)
    if strength >= 1.0:
        width, height = _with_context(width, height, canvas, side)
    box = _inside(selection, width, height, canvas)
    made = working(box.width, box.height, native, limits, two_passes=two_passes)
    if native is not None and made.scaled:
        box = _matched(box, made.size, canvas, selection)
    return Region(box, made.size, made.first)


def whole(target: Rect, *, native: int | None, limits: Limits | None = None, two_passes: bool = False) -> Region:
    """The region that is just `target`, at a size that suits the model where there is one."""
    made = working(target.width, target.height, native, limits, two_passes=two_passes, step=STEP)
    return Region(target, made.size, made.first)


def fit(size: tuple[int, int], target: Rect) -> Region:
    """The region for a picture made at `size`: the largest box of its proportions in the middle of `target`.

    Raises `ScumbleError` `size-invalid` unless both sides are multiples of 8 from 64 to 4096.
    """
    width, height = size
    if width % STEP or height % STEP or not all(SMALLEST <= side <= LARGEST for side in size):
        raise ScumbleError("size-invalid", width=width, height=height, minimum=SMALLEST, maximum=LARGEST)
    scale = min(target.width / width, target.height / height)
    inner = max(round(width * scale), 1), max(round(height * scale), 1)
    box = Rect(target.x + (target.width - inner[0]) // 2, target.y + (target.height - inner[1]) // 2, *inner)
    return Region(box, size)


def region_for(
    tool: Tool,
    params: Mapping[str, ParamValue],
    canvas: Rect,
    selection: Rect,
    *,
    native: int | None,
    blend: Blend | None = None,
    box: Rect | None = None,
) -> Region:
    """The region that a tool works on, given the canvas and the bounds of the selection (empty: none).

    A tool whose manifest names no selection works on the whole canvas, whatever is selected. `box` is one that a
    person has set, for a tool that works on the selection; it is grown to hold what may change.

    Raises `ScumbleError`: `tool-needs-selection` when it works on the selection and there is none; `size-invalid`.
    """
    kinds = {given.kind for given in tool.inputs if given.kind != "picture"}
    if selection.empty and any(given.kind == "selection" and not given.optional for given in tool.inputs):
        raise ScumbleError("tool-needs-selection", tool=tool.title)
    chosen = "selection" in kinds and not selection.empty
    if tool.result == "picture":
        target = selection if chosen else canvas
        return Region(target, (up(target.width, STEP), up(target.height, STEP)))
    native = native if tool.model else None
    if chosen:
        margin = blend.reach if blend is not None else 0
        if box is not None:
            around = held(box, selection.expanded(margin) & canvas, canvas)
            return whole(around, native=native, two_passes=tool.two_passes)
        strength = _strength(params)
        return plan(selection, canvas, native=native, strength=strength, margin=margin, two_passes=tool.two_passes)
    size = _asked_size(tool, params)
    if size is not None:
        return fit(size, canvas)
    if kinds:
        return whole(canvas, native=native)
    return fit((native or 512, native or 512), canvas)


def _padding(selection: Rect, side: int, strength: float) -> int:
    """Room for the soft edge and a little of what surrounds it."""
    diagonal = math.hypot(selection.width, selection.height)
    soft = max(int(0.10 * strength * diagonal), round(side / 16 * strength))
    return soft + max(side // 128, 1) + int(0.06 * diagonal)


def _with_context(width: int, height: int, canvas: Rect, side: int) -> tuple[int, int]:
    """Adds what the model must see to invent from nothing; less on the longer axis, so that a square comes out."""
    padding = max(max(canvas.width, canvas.height) // 16, (width + height) // 4)
    less = min(abs(width - height) // 2, padding // 2)
    wide = padding - less if width > height else padding
    high = padding - less if height > width else padding
    return up(max(width + 2 * wide, side), STEP), up(max(height + 2 * high, side), STEP)


def _inside(centre: Rect, width: int, height: int, canvas: Rect) -> Rect:
    """A box of that size round the middle of `centre`, shifted into the canvas and no larger than it."""
    width, height = min(width, canvas.width), min(height, canvas.height)
    x = centre.x + (centre.width - width) // 2
    y = centre.y + (centre.height - height) // 2
    return Rect(
        min(max(x, canvas.x), canvas.right - width),
        min(max(y, canvas.y), canvas.bottom - height),
        width,
        height,
    )


def _matched(box: Rect, size: tuple[int, int], canvas: Rect, centre: Rect) -> Rect:
    """The box grown to the proportions of the working size, so that nothing is stretched."""
    scale = min(size[0] / box.width, size[1] / box.height)
    return _inside(centre, max(round(size[0] / scale), box.width), max(round(size[1] / scale), box.height), canvas)


def _strength(params: Mapping[str, ParamValue]) -> float:
    value = params.get("strength", 1.0)
    return min(max(float(value), 0.0), 1.0) if isinstance(value, int | float) else 1.0


def _asked_size(tool: Tool, params: Mapping[str, ParamValue]) -> tuple[int, int] | None:
    """The size that the form asks for: the parameters of type size, `width` and `height` or the first two."""
    names = [name for name, param in tool.params.items() if param.type == "size"]
    if not names:
        return None
    first = "width" if "width" in names else names[0]
    second = "height" if "height" in names else names[-1]
    return int(params[first]), int(params[second])
