"""The colour picker."""

from __future__ import annotations

import math

import numpy as np

from scumble.document import Rect, tile_rect
from scumble.paint import TileSource, surface_source
from scumble.tools.gesture import Colour, Gesture, Phase, Pointer, Stage


def colour_picker(stage: Stage, press: Pointer) -> Gesture:
    """Makes the colour under the pointer the foreground, as long as it is held.

    The options say whether that is the colour of the active layer or of all that is seen, and of how many pixels it is
    the mean. Where nothing is, no colour is taken.
    """
    event = press
    while True:
        if math.isfinite(event.x) and math.isfinite(event.y):
            colour = _colour(stage, math.floor(event.x), math.floor(event.y))
            if colour is not None:
                stage.pick(colour)
        if event.phase in (Phase.RELEASE, Phase.FINISH):
            return
        event = yield None


def _colour(stage: Stage, x: int, y: int) -> Colour | None:
    document, side = stage.document, stage.options.average
    if not document.bounds.contains(x, y):
        return None
    whole = stage.options.visible or stage.surface is None
    if whole and side == 1:
        return stage.look(x, y)
    source = stage.picture if whole or stage.surface is None else surface_source(document, stage.surface)
    area = Rect(x - side // 2, y - side // 2, side, side) & document.bounds
    return _mean(source, area, stage)


def _mean(source: TileSource, area: Rect, stage: Stage) -> Colour | None:
    """The mean of stored pixels, thus weighted by how opaque they are; None where all are clear."""
    pixel_format = stage.document.format
    sums = np.zeros(4)
    for index in area.tiles():
        pixels = source(index)
        if pixels is not None:
            part = pixels[(tile_rect(index) & area).slices(tile_rect(index))]
            if part.ndim == 2:
                grey = float(part.mean()) / 255.0
                return (grey, grey, grey)
            sums += part.reshape(-1, 4).sum(axis=0, dtype=np.float64)
    alpha = sums[pixel_format.alpha]
    if alpha == 0:
        return None
    red, green, blue = (float(min(sums[place] / alpha, 1.0)) for place in pixel_format.order[:3])
    return (red, green, blue)
