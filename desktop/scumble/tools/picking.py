"""The colour picker."""

from __future__ import annotations

import math

from scumble.tools.gesture import Gesture, Phase, Pointer, Stage


def colour_picker(stage: Stage, press: Pointer) -> Gesture:
    """Makes the colour that is seen under the pointer the foreground, as long as it is held."""
    event = press
    while True:
        colour = stage.look(math.floor(event.x), math.floor(event.y))
        if colour is not None:
            stage.pick(colour)
        if event.phase is Phase.RELEASE:
            return
        event = yield None
