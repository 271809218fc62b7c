"""From a seed to a scene, and from a scene to a picture."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Final

import numpy as np

from world.board import Board, Picture
from world.indoors import arrange_object, compose_object, compose_still_life, paint_object, paint_still_life
from world.outdoors import compose_landscape, paint_landscape
from world.palette import INDOORS, LIGHTS
from world.scene import STYLES, Scene, pick
from world.styles import apply_style

KINDS: Final[dict[str, int]] = {"landscape": 10, "still life": 4, "object": 8}
PAINTERS: Final = {"landscape": paint_landscape, "still life": paint_still_life, "object": paint_object}


def compose(seed: int, style: str = "") -> Scene:
    """What the picture of a seed shows; a style given replaces the one that the seed would have."""
    rng = Random(f"{seed}/compose")
    kind = pick(rng, KINDS)
    drawn = pick(rng, STYLES)
    style = style or drawn
    if kind == "landscape":
        subject, extras, time, weather = compose_landscape(rng)
        return Scene(seed, kind, subject, style, extras, time, weather)
    if kind == "object":
        subject, background = compose_object(rng)
        count, size, place = arrange_object(Random(f"{seed}/arrange"), subject.noun)
        return Scene(seed, kind, replace(subject, count=count), style, background=background, size=size, place=place)
    subject, background = compose_still_life(rng)
    return Scene(seed, kind, subject, style, background=background)


def draw(scene: Scene, side: int = 128) -> Picture:
    """The picture of a scene, `(side, side, 3)`. The same scene gives the same bytes."""
    light = LIGHTS[scene.light] if scene.light else INDOORS
    board = Board(side, light, scene.rng("draw"))
    PAINTERS[scene.kind](board, scene)
    return apply_style(board.picture(), scene.style, np.random.default_rng(scene.seed))
