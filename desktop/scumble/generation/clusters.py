"""Rectangles that are to be looked at, shared out among a few contexts: cut from the top down, as a k-d tree is."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Boxes: TypeAlias = NDArray[np.int64]
"""Rectangles, `(n, 4)`: left, top, right, bottom."""

Indices: TypeAlias = NDArray[np.intp]

MOST: Final = 16
"""Contexts: a speckled selection is not a hundred jobs."""

LARGE, SPARSE = 2.0, 0.25
"""What is larger than so many times the side at which a model sees, and of which less than this part is to be looked
at, is cut."""

PAYS: Final = 0.6
"""A smaller one is cut where two contexts have no more than this part of its pixels."""


def contexts(boxes: Boxes, side: int, begun: Sequence[Indices] = ()) -> list[Indices]:
    """Groups of boxes, by their places in the array, each for a context; no more than `MOST` of them.

    The largest is cut first, where that leaves the least to be seen. Without `begun` every box is to be by itself if
    that can be; with it, only groups are cut that are far larger than a model that sees `side` pixels needs.
    """
    todo: list[tuple[float, int, Indices]] = []
    done: list[Indices] = []
    turn = 0
    for group in begun or [np.arange(len(boxes))]:
        heapq.heappush(todo, (-_seen(_hull(boxes[group]), side), turn, group))
        turn += 1
    while todo and len(todo) + len(done) < MOST:
        cost, _, group = heapq.heappop(todo)
        halves = _cut(boxes, group, side) if len(group) > 1 else ()
        costs = [_seen(_hull(boxes[half]), side) for half in halves]
        if not halves or (begun and not _worth(boxes[group], side, sum(costs) / -cost)):
            done.append(group)
            continue
        for half, each in zip(halves, costs, strict=True):
            heapq.heappush(todo, (-each, turn, half))
            turn += 1
    return done + [group for _, _, group in todo]


def _worth(boxes: Boxes, side: int, part: float) -> bool:
    width, height = _hull(boxes)[2:] - _hull(boxes)[:2]
    sparse = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1).sum() < SPARSE * width * height
    return part <= PAYS or bool(sparse and max(width, height) > LARGE * side)


def _cut(boxes: Boxes, group: Indices, side: int) -> tuple[Indices, Indices]:
    """The two parts, along the longer side, for which the squares of what is seen are the least: so that neither is
    large for the sake of the other."""
    left, top, right, bottom = _hull(boxes[group])
    axis = 0 if right - left >= bottom - top else 1
    order = group[np.argsort(boxes[group, axis] + boxes[group, axis + 2], kind="stable")]
    first = _hulls(boxes[order])[:-1]
    second = _hulls(boxes[order[::-1]])[::-1][1:]
    place = 1 + int(np.argmin(_seen_each(first, side) ** 2 + _seen_each(second, side) ** 2))
    return order[:place], order[place:]


def _hulls(boxes: Boxes) -> Boxes:
    """The rectangles round the first box, the first two, and so on."""
    lower, upper = np.minimum.accumulate(boxes[:, :2]), np.maximum.accumulate(boxes[:, 2:])
    return np.hstack([lower, upper])


def _hull(boxes: Boxes) -> Boxes:
    return np.hstack([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _seen_each(boxes: Boxes, side: int) -> NDArray[np.float64]:
    """The pixels of the contexts round some boxes: half a side more each way, and never less than a model sees."""
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2] + side // 2, side)
    return np.asarray(sides.prod(axis=-1), np.float64)


def _seen(box: Boxes, side: int) -> float:
    return float(_seen_each(box, side))
