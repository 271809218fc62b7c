"""A drag is a generator: begun by a press, sent every move, ended by the release, closed when it is given up.

A tool opens its transaction inside the generator, so that closing it, as Escape does, rolls everything back.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from scumble.document import Document, Rect, SurfaceId
from scumble.paint import Brush, Sample

Colour: TypeAlias = tuple[float, float, float]
"""Straight red, green and blue in 0…1."""

Gesture: TypeAlias = Generator[Rect | None, "Pointer", None]
"""Yields the rectangle that is to be shown as a rubber band (None: nothing) and is sent the next pointer event."""


class Phase(Enum):
    """What the pointer has done."""

    PRESS = auto()
    MOVE = auto()
    RELEASE = auto()


@dataclass(frozen=True, slots=True)
class Pointer:
    """One event of mouse or pen: place in document pixels, pressure 0…1, time in seconds, and the keys held."""

    x: float
    y: float
    phase: Phase = Phase.MOVE
    pressure: float = 1.0
    time: float = 0.0
    shift: bool = False
    alt: bool = False
    ctrl: bool = False

    @property
    def sample(self) -> Sample:
        """What a stroke takes."""
        return Sample(self.x, self.y, self.pressure, self.time)


@dataclass(frozen=True, slots=True)
class Stage:
    """What a tool works on and with, as it was when the pointer was pressed.

    `surface` is what painting goes to, None where the active layer has no pixels. `step` is what the history calls the
    edit. `add` tells the mask brush to select rather than deselect. `last` is where the last stroke on this document
    ended. `look` gives the colour that is seen at a pixel (None outside), `pick` makes a colour the foreground.
    """

    document: Document
    surface: SurfaceId | None
    brush: Brush
    colour: Colour
    step: str
    add: bool = True
    last: tuple[float, float] | None = None
    look: Callable[[int, int], Colour | None] = lambda _x, _y: None
    pick: Callable[[Colour], None] = lambda _colour: None


Begin: TypeAlias = Callable[[Stage, Pointer], Gesture]
"""A tool: makes the gesture that a press begins. Raises `ScumbleError` where the tool cannot work."""
