"""The context box in a person's hand: what dragging makes of it, always round what may change and inside the canvas.

A side that is dragged comes to a multiple of `STEP` pixels, so that the picture is worked on without being resampled,
except where the canvas ends first.
"""

from __future__ import annotations

from scumble.document import Rect
from scumble.generation.working import STEP

Span = tuple[int, int]
"""Where a box begins and ends along an axis; the end is exclusive."""


def held(box: Rect, need: Rect, canvas: Rect) -> Rect:
    """The box, grown to hold `need` and shifted into the canvas; smaller only where the canvas is."""
    across = _held((box.x, box.right), (need.x, need.right), (canvas.x, canvas.right))
    down = _held((box.y, box.bottom), (need.y, need.bottom), (canvas.y, canvas.bottom))
    return _rect(across, down)


def moved(box: Rect, dx: int, dy: int, need: Rect, canvas: Rect) -> Rect:
    """The box moved as far as it still holds `need` inside the canvas."""
    across = _moved((box.x, box.right), dx, (need.x, need.right), (canvas.x, canvas.right))
    down = _moved((box.y, box.bottom), dy, (need.y, need.bottom), (canvas.y, canvas.bottom))
    return _rect(across, down)


def pulled(box: Rect, side: tuple[float, float], dx: int, dy: int, need: Rect, canvas: Rect) -> Rect:
    """The box after its edge or corner has been dragged; the opposite one stays where it is.

    `side` says which, across and down: 0 the left or top edge, 1 the right or bottom one, anything else neither.
    """
    across = _pulled((box.x, box.right), side[0], dx, (need.x, need.right), (canvas.x, canvas.right))
    down = _pulled((box.y, box.bottom), side[1], dy, (need.y, need.bottom), (canvas.y, canvas.bottom))
    return _rect(across, down)


def _held(span: Span, need: Span, canvas: Span) -> Span:
    low, high = min(span[0], need[0]), max(span[1], need[1])
    length = min(-(-(high - low) // STEP) * STEP, canvas[1] - canvas[0])
    low = min(max(low, canvas[0]), canvas[1] - length)
    return low, low + length


def _moved(span: Span, by: int, need: Span, canvas: Span) -> Span:
    length = span[1] - span[0]
    low = min(max(span[0] + by, canvas[0], need[1] - length), canvas[1] - length, need[0])
    return low, low + length


def _pulled(span: Span, side: float, by: int, need: Span, canvas: Span) -> Span:
    low, high = span
    if side == 0.0:
        return high - _length(high - low - by, high - need[0], high - canvas[0]), high
    if side == 1.0:
        return low, low + _length(high - low + by, need[1] - low, canvas[1] - low)
    return span


def _length(wanted: int, least: int, most: int) -> int:
    """The multiple of `STEP` that is nearest to what is wanted, or all that there is room for."""
    if wanted >= most:
        return most
    return min(max(round(wanted / STEP) * STEP, -(-least // STEP) * STEP, STEP), most)


def _rect(across: Span, down: Span) -> Rect:
    return Rect.from_edges(across[0], down[0], across[1], down[1])
