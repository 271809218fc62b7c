"""Selecting by colour: the magic wand, and like colours everywhere."""

from __future__ import annotations

import math

from scumble.document import Tile
from scumble.paint import surface_source
from scumble.paint.regions import Region, growing
from scumble.paint.windows import Growth
from scumble.tools.gesture import Band, Gesture, Phase, Pointer, Stage
from scumble.tools.selecting import choosing, combining, going_on, is_click, move_outline, takes_outline
from scumble.tools.slices import in_slices


def magic_wand(stage: Stage, press: Pointer) -> Gesture:
    """Selects what is like the pixel that is clicked: hanging together with it, or everywhere, as the options say.

    A drag from inside the selection moves its outline.
    """
    return _click(stage, press, contiguous=stage.options.contiguous)


def select_colour(stage: Stage, press: Pointer) -> Gesture:
    """Selects what is like the pixel that is clicked, wherever it is."""
    return _click(stage, press, contiguous=False)


def _click(stage: Stage, press: Pointer, *, contiguous: bool) -> Gesture:
    event = press
    if takes_outline(stage, press):
        while event.phase not in (Phase.RELEASE, Phase.FINISH):
            event = yield None
            if not is_click(press, event):
                yield from going_on(move_outline(stage, press), event)
                return
    region = yield from in_slices(_found(stage, press, contiguous=contiguous), event)
    tiles = {index: Tile(mask) for index, mask in region.tiles.items()}
    yield from choosing(stage, lambda: tiles, combining(stage, press), event, Band(()))


def _found(stage: Stage, press: Pointer, *, contiguous: bool) -> Growth[Region]:
    options = stage.options
    whole = options.all_layers or stage.surface is None
    return growing(
        stage.picture if whole or stage.surface is None else surface_source(stage.document, stage.surface),
        stage.document.format,
        stage.document.bounds,
        (math.floor(press.x), math.floor(press.y)),
        options.tolerance,
        contiguous=contiguous,
        gap=options.gap if contiguous else 0,
        grow=options.grow,
        smooth=options.smooth_edges,
    )
