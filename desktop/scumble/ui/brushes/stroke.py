"""What a brush looks like: a stroke of the real engine on a small document, an S with pressure that rises and falls."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from scumble.document import BGRA8, PaintLayer, Pixels
from scumble.document.edits import add_layer, new_document
from scumble.paint import Brush, Dabs, Sample, Smudge, Stroke
from scumble.paint.brush import MIN_SIZE
from scumble.tools import Colour

SAMPLES: Final = 40
"""How many places of the hand make the S."""

TILT: Final = 55.0
"""Degrees by which the pen leans at the end; it stands upright at the beginning."""


STRENGTH: Final = 0.8
"""How much of its paint the smudging finger keeps in these pictures."""

Drawing: TypeAlias = Generator[None, None, QImage]
"""Yields after every place of the hand, and returns the picture. Closing it gives the drawing up."""


def draw_stroke(brush: Brush, size: QSize, ratio: float, colour: Colour, tool: str = "brush") -> Drawing:
    """A picture of `size` device-independent pixels, transparent where there is no paint.

    The diameter is the brush's own, as far as the S fits. The eraser takes the stroke out of a coat of the colour,
    smudging goes through stripes of it; whatever else has a brush paints.
    """
    width, height = max(round(size.width() * ratio), 8), max(round(size.height() * ratio), 8)
    shown = fitted(brush, height * 0.5, ratio)
    document = new_document(width, height, BGRA8, background=colour if tool == "eraser" else None, name="")
    if tool == "smudge":
        add_layer(document, "", pixels=_stripes(width, height, colour))
    layer = document.active
    assert isinstance(layer, PaintLayer)
    with document.history.transaction("") as edit:
        pen: Smudge | Stroke
        if tool == "smudge":
            pen = Smudge(document, edit, layer.surface, shown, STRENGTH)
        else:
            pen = Stroke(document, edit, layer.surface, shown, colour, erase=tool == "eraser", dabs=Dabs(4 << 20))
        for sample in samples(width, height, shown):
            pen.add(sample)
            yield
        pen.end()
    return _as_image(document.surface(layer.surface).read(document.bounds), ratio)


def _stripes(width: int, height: int, colour: Colour) -> Pixels:
    made = np.zeros((height, width, 4), BGRA8.dtype)
    band = max(height // 4, 2)
    made[:, np.arange(width) // band % 2 == 0] = BGRA8.solid(*colour)
    return made


def advance(drawing: Drawing, seconds: float) -> QImage | None:
    """Goes on with a drawing for about so long; the picture when it is done, None while it is not."""
    end = time.perf_counter() + seconds
    try:
        while True:
            next(drawing)
            if time.perf_counter() >= end:
                return None
    except StopIteration as done:
        image: QImage = done.value
        return image


def fitted(brush: Brush, most: float, ratio: float) -> Brush:
    """The brush as it is shown: as large as there is room, and without what lags behind the hand.

    Scattered dabs are drawn smaller, so that they stay in the picture.
    """
    room = most / (1 + min(brush.scatter, 2.0))
    size = max(min(brush.size * ratio, room), MIN_SIZE)
    return replace(brush, size=size, smoothing=0.0, rope=0.0)


def samples(width: int, height: int, brush: Brush) -> list[Sample]:
    """The hand's way through a picture of so many pixels."""
    margin = min(brush.size * (0.5 + brush.scatter) + 2, width / 4)
    swing = max(height / 2 - brush.size * (0.5 + min(brush.scatter, 1.0)) - 2, height * 0.08)
    made = []
    for number in range(SAMPLES + 1):
        part = number / SAMPLES
        made.append(
            Sample(
                margin + part * (width - 2 * margin),
                height / 2 - swing * math.sin(2 * math.pi * part),
                pressure=math.sin(math.pi * part) ** 0.8 if 0 < number < SAMPLES else 0.02,
                time=part,
                tilt_x=TILT * part,
            )
        )
    return made


def _as_image(pixels: Pixels, ratio: float) -> QImage:
    whole = np.ascontiguousarray(pixels)
    height, width = whole.shape[:2]
    image = QImage(whole.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()
    image.setDevicePixelRatio(ratio)
    return image
