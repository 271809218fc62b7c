"""A drag is a generator: begun by a press, sent every move, ended by the release, closed when it is given up.

A tool opens its transaction inside the generator, so that closing it, as Escape does, rolls everything back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from scumble.document import NOWHERE, Document, LayerId, Rect, SurfaceId
from scumble.document.homography import Matrix
from scumble.document.lift import Lifted
from scumble.paint import Brush, Sample, TileSource
from scumble.tools.options import Options

Colour: TypeAlias = tuple[float, float, float]
"""Straight red, green and blue in 0…1."""

Point: TypeAlias = tuple[float, float]
"""A place in document pixels."""


@dataclass(frozen=True, slots=True)
class Band:
    """What a tool wants shown while it works: a line through `points`, closed or not.

    With `oval` the points are two corners of the box round an ellipse; with `cross` each is marked by a cross.
    With a `shift` the outline of the selection is shown so many pixels further, as long as it is dragged.
    `more` says that the tool has work left, for which it is to be sent MORE as soon as there is time.
    """

    points: tuple[Point, ...]
    closed: bool = False
    oval: bool = False
    cross: bool = False
    more: bool = False
    shift: tuple[int, int] | None = None

    @classmethod
    def box(cls, rect: Rect) -> Band:
        """The outline of a rectangle."""
        left, top, right, bottom = rect.x, rect.y, rect.right, rect.bottom
        return cls(((left, top), (right, top), (right, bottom), (left, bottom)), closed=True)

    @property
    def inner(self) -> Rect:
        """The pixels that it goes round, as far as they are whole."""
        around = self.bounds
        return Rect(around.x, around.y, max(around.width - 1, 0), max(around.height - 1, 0))

    @property
    def bounds(self) -> Rect:
        """The whole pixels that it passes."""
        if not self.points:
            return NOWHERE
        across, down = zip(*self.points, strict=True)
        return Rect.from_edges(
            math.floor(min(across)), math.floor(min(down)), math.ceil(max(across)) + 1, math.ceil(max(down)) + 1
        )


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """What a tool wants shown elsewhere while it works, the document staying as it is: pixels through a map."""

    lifted: Lifted
    matrix: Matrix


@dataclass(slots=True)
class Cloning:
    """Where cloning takes its paint from, kept from stroke to stroke: the place that was chosen, and in aligned
    cloning how far it lies from the hand."""

    source: Point | None = None
    offset: tuple[int, int] | None = None


Gesture: TypeAlias = Generator[Band | Drift | None, "Pointer", None]
"""Yields what is to be shown, a rubber band or pixels elsewhere (None: nothing), and is sent the next pointer event.

One that does not end with the release goes on: it is sent moves without a button, further presses and releases, and
FINISH when a person presses Enter, double-clicks or begins something else. FINISH always ends it. BACK asks it to
forget the last press.
"""


class Phase(Enum):
    """What the pointer has done; FINISH means that the person is done with a gesture of several presses.

    BACK takes the last press back, and is sent only between two presses. MORE means that there is time to go on with
    work that was begun; so does every other event, after which FINISH wants all of it done.
    """

    PRESS = auto()
    MOVE = auto()
    RELEASE = auto()
    FINISH = auto()
    BACK = auto()
    MORE = auto()


@dataclass(frozen=True, slots=True)
class Pointer:
    """One event of mouse or pen: place in document pixels, pressure 0…1, time in seconds, and the keys held.

    `tilt_x` and `tilt_y` are degrees, -90…90, by which a pen leans to the right and towards the hand. `space` is the
    space bar, which moves what is being drawn.
    """

    x: float
    y: float
    phase: Phase = Phase.MOVE
    pressure: float = 1.0
    time: float = 0.0
    shift: bool = False
    alt: bool = False
    ctrl: bool = False
    tilt_x: float = 0.0
    tilt_y: float = 0.0
    space: bool = False

    @property
    def sample(self) -> Sample:
        """What a stroke takes."""
        return Sample(self.x, self.y, self.pressure, self.time, self.tilt_x, self.tilt_y)


@dataclass(frozen=True, slots=True)
class Stage:
    """What a tool works on and with, as it was when the pointer was pressed.

    `surface` is what painting goes to, None where the active layer has no pixels. `step` is what the history calls
    the edit. `options` are the settings of the tools. `layers` are those chosen together with the active one, which
    may be left out. `add` tells the mask brush to select rather than deselect. `last` is where the last stroke on
    this document ended. `near` is how many document pixels a hand may miss a mark by, and `move_step` what the
    history calls moving the outline of the selection. `look` gives the colour that is seen at a pixel (None
    outside), `picture` the stored pixels of a tile of all that is seen, `pick` makes a colour the foreground.
    `background` is the other colour. `cloning` outlives the gesture.
    """

    document: Document
    surface: SurfaceId | None
    brush: Brush
    colour: Colour
    step: str
    add: bool = True
    options: Options = field(default_factory=Options)
    layers: tuple[LayerId, ...] = ()
    last: tuple[float, float] | None = None
    near: float = 8.0
    move_step: str = "Move selection"
    picture: TileSource = lambda _index: None
    look: Callable[[int, int], Colour | None] = lambda _x, _y: None
    pick: Callable[[Colour], None] = lambda _colour: None
    background: Colour = (1.0, 1.0, 1.0)
    cloning: Cloning = field(default_factory=Cloning)


Begin: TypeAlias = Callable[[Stage, Pointer], Gesture]
"""A tool: makes the gesture that a press begins. Raises `ScumbleError` where the tool cannot work."""
