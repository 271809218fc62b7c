"""The clone tool: paints with what lies elsewhere in the picture."""

from __future__ import annotations

import math

from scumble.api import ScumbleError
from scumble.document import Pixels, Rect, SurfaceId, TileIndex
from scumble.document.tiles import Tile, read_tiles
from scumble.paint import Picture, Stroke
from scumble.tools.gesture import Band, Gesture, Phase, Pointer, Stage
from scumble.tools.painting import drive, paintable


def clone(stage: Stage, press: Pointer) -> Gesture:
    """Alt or Ctrl and a click choose the source; a stroke paints what lies there, as it was before the stroke."""
    if press.alt or press.ctrl:
        return _choose(stage, press)
    surface = paintable(stage)
    if stage.cloning.source is None:
        raise ScumbleError("clone-no-source")
    return _paint(stage, press, surface)


def _choose(stage: Stage, press: Pointer) -> Gesture:
    event = press
    while event.phase not in (Phase.RELEASE, Phase.FINISH):
        stage.cloning.source, stage.cloning.offset = (event.x, event.y), None
        event = yield Band(((event.x, event.y),), cross=True)


def _paint(stage: Stage, press: Pointer, surface: SurfaceId) -> Gesture:
    cloning = stage.cloning
    assert cloning.source is not None
    offset = cloning.offset if stage.options.aligned else None
    if offset is None:
        offset = (
            math.floor(cloning.source[0]) - math.floor(press.x),
            math.floor(cloning.source[1]) - math.floor(press.y),
        )
    cloning.offset = offset
    with stage.document.history.transaction(stage.step) as edit:
        ink = Picture(stage.document, surface, _Source(stage, surface, offset).read)
        stroke = drive(Stroke(stage.document, edit, surface, stage.brush, ink=ink), stage, press)
        event = press
        next(stroke)
        while True:
            event = yield Band(((event.x + offset[0], event.y + offset[1]),), cross=True)
            try:
                stroke.send(event)
            except StopIteration:
                return


class _Source:
    """What is cloned, tile by tile, as it was before the stroke: of the layer, or of all that is seen."""

    def __init__(self, stage: Stage, surface: SurfaceId, offset: tuple[int, int]) -> None:
        self._whole = stage.options.all_layers
        self._picture = stage.picture
        self._offset = offset
        self._plane = stage.document.surface(surface)
        self._tiles = dict(self._plane.tiles)
        self._seen: dict[TileIndex, Tile] = {}
        self._bounds = stage.document.bounds
        self._format = stage.document.format

    def read(self, part: Rect) -> Pixels:
        """The pixels that belong on a rectangle; nothing from outside the canvas."""
        place = part.translated(*self._offset)
        inside = place & self._bounds
        if self._whole:
            self._see(inside)
        tiles = self._seen if self._whole else self._tiles
        channels, dtype = (4, self._format.dtype) if self._whole else (self._plane.channels, self._plane.dtype)
        pixels = read_tiles({}, place, channels, dtype)
        pixels[inside.slices(place)] = read_tiles(tiles, inside, channels, dtype)
        return pixels

    def _see(self, area: Rect) -> None:
        for index in area.tiles():
            if index not in self._seen:
                pixels = self._picture(index)
                if pixels is not None:
                    self._seen[index] = Tile(pixels)
