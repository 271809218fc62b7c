"""Which part of a picture is new when its canvas was expanded."""

from __future__ import annotations

from typing import Final

import numpy as np

from scumble.document import SELECTION, Rect, Transaction

OVERLAP: Final = (4, 32)
"""The least and the most pixels of the old picture that are selected beside what is new."""


def grows(old: Rect, canvas: Rect) -> bool:
    """Whether a canvas reaches beyond the old one; both in the same coordinates."""
    return not old.covers(canvas)


def kept_part(old: Rect, canvas: Rect) -> Rect:
    """The part of the new canvas that stays as it was: the old one, less a strip along each side that goes on, so that
    what is new has something to join on to."""
    least, most = OVERLAP
    strip = min(max(min(old.width, old.height) // 64, least), most, min(old.width, old.height) // 4)
    within = Rect.from_edges(
        old.x + strip * (canvas.x < old.x),
        old.y + strip * (canvas.y < old.y),
        old.right - strip * (canvas.right > old.right),
        old.bottom - strip * (canvas.bottom > old.bottom),
    )
    return within & canvas


def select_new(edit: Transaction, old: Rect, canvas: Rect) -> None:
    """Selects all of the canvas but what stays as it was, as part of a step."""
    values = np.full((canvas.height, canvas.width), 255, np.uint8)
    values[kept_part(old, canvas).slices(canvas)] = 0
    edit.clear(SELECTION)
    edit.put(SELECTION, canvas, values)
