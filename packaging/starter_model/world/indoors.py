"""Still lifes on a table, and single objects on a plain ground: what they are made of, and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from world import buildings, creatures, objects
from world.board import UNITS, Board
from world.palette import COLOURS, RGB, WHITE, jitter, mix, shade
from world.scene import Scene, Thing, pick

ANY: Final = tuple(COLOURS)
BRIGHT: Final = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "teal", "white")
PETALS: Final = ("red", "yellow", "pink", "purple", "orange", "blue", "white")
TABLES: Final[tuple[RGB, ...]] = ((150, 100, 62), (95, 66, 48), (200, 170, 130))
BACKGROUNDS: Final = ("white", "gray", "blue", "green", "yellow", "pink", "teal", "black", "purple", "orange")

Draw = Callable[[Board, float, float, float, str], None]


@dataclass(frozen=True, slots=True)
class Motif:
    """An object that can stand alone: its drawing, its colours, how often it comes, and whether it casts a shadow."""

    draw: Draw
    colours: tuple[str, ...]
    weight: int = 3
    shadow: float = 0.0


def _shape(noun: str) -> Draw:
    return lambda board, x, y, size, colour: objects.shape(board, noun, x, y, size, colour)


def _fruit(noun: str) -> Draw:
    return lambda board, x, y, size, colour: objects.fruit(board, noun, x, y, size * 0.85, colour)


MOTIFS: Final[dict[str, Motif]] = {
    **{noun: Motif(_shape(noun), ANY, 2) for noun in objects.SHAPES},
    **{noun: Motif(_fruit(noun), colours, 1, 0.95) for noun, colours in objects.FRUIT.items()},
    "cat": Motif(creatures.cat, ("black", "orange", "white", "gray", "brown"), 5, 1.2),
    "fish": Motif(creatures.fish, BRIGHT, 4),
    "bird": Motif(creatures.bird, (*BRIGHT, "black"), 4, 1.0),
    "butterfly": Motif(creatures.butterfly, BRIGHT, 4),
    "snowman": Motif(creatures.snowman, ("red", "green", "blue", "purple"), 3, 1.2),
    "mushroom": Motif(objects.mushroom, ("red", "brown", "orange", "purple", "blue"), 3, 0.95),
    "umbrella": Motif(objects.umbrella, ANY, 3),
    "flower": Motif(objects.single_flower, PETALS, 5),
    "hot air balloon": Motif(buildings.balloon, BRIGHT, 3),
    "car": Motif(buildings.car, BRIGHT, 4, 0.58),
}
"""By noun. A snowman's colour is that of its scarf."""

ARRANGEMENTS: Final[dict[str, int]] = {"": 14, "two": 3, "three": 3, "small": 2, "big": 2, "top": 2, "bottom": 2}
SIZES: Final = {"small": 0.5, "big": 1.25}
"""How large an object is, by the size that its caption names."""
AWAY: Final = {"top": -62.0, "bottom": 56.0}
"""How far from the middle, in units, by place."""
ASIDE: Final = 0.6
"""How large an object is that stands high or low."""
IN_A_ROW: Final = {2: 0.6, 3: 0.46}
"""How large each of so many is."""

STILL_LIFES: Final[dict[str, int]] = {"vase": 4, "fruit": 4, "cup": 3, "books": 2}


def compose_object(rng: Random) -> tuple[Thing, str]:
    """A motif in one of its colours, and a background of another."""
    noun = rng.choices(list(MOTIFS), [motif.weight for motif in MOTIFS.values()])[0]
    colour = rng.choice(MOTIFS[noun].colours)
    clash = {colour} | ({"white"} if noun == "snowman" else set())
    return Thing(noun, colour), rng.choice([name for name in BACKGROUNDS if name not in clash])


def arrange_object(rng: Random, noun: str) -> tuple[int, str, str]:
    """How many there are, whether they are small or big, and where they stand if not in the middle."""
    kind = pick(rng, ARRANGEMENTS)
    if kind in ("two", "three") and noun != "cherries":
        return (2 if kind == "two" else 3), "", ""
    if kind in ("top", "bottom"):
        return 1, "small" if rng.random() < 0.5 else "", kind
    return 1, kind if kind in SIZES else "", ""


def compose_still_life(rng: Random) -> tuple[Thing, str]:
    """A vase of flowers, one to three fruits, a cup, or books on a table, and the colour of the wall."""
    kind = rng.choices(list(STILL_LIFES), list(STILL_LIFES.values()))[0]
    if kind == "vase":
        petals = rng.choice(PETALS)
        thing = Thing("flowers", petals, rng.choice([c for c in BRIGHT if c != petals]))
    elif kind == "cup":
        thing = Thing("cup", rng.choice(BRIGHT), rng.choice(("coffee", "tea")))
    elif kind == "books":
        thing = Thing("books", rng.choice((*BRIGHT, "brown", "black")))
    else:
        noun = rng.choice(list(objects.FRUIT))
        thing = Thing(noun, rng.choice(objects.FRUIT[noun]), count=1 if noun == "cherries" else rng.randint(1, 3))
    return thing, rng.choice([name for name in BACKGROUNDS if name not in (thing.colour, thing.second, "black")])


def _backdrop(board: Board, name: str) -> RGB:
    base = jitter(COLOURS[name], board.rng, 8)
    colour = base if name == "black" else mix(base, WHITE, 0.1 if name == "white" else 0.5)
    board.gradient(0, UNITS, mix(colour, WHITE, 0.1), shade(colour, 0.9))
    return colour


def paint_object(board: Board, scene: Scene) -> None:
    """One motif, large, near the middle; or two or three in a row; or one that is smaller, bigger, higher, lower."""
    rng = board.rng
    _backdrop(board, scene.background)
    motif, count = MOTIFS[scene.subject.noun], scene.subject.count
    x, y, size = 128 + rng.uniform(-14, 14), 130 + rng.uniform(-10, 10), rng.uniform(66, 84)
    y += AWAY.get(scene.place, 0.0)
    share = SIZES.get(scene.size, ASIDE if scene.place else 1.0)
    for i in range(count):
        middle = x if count == 1 else x * 0.2 + 128 * 0.8 + (i - (count - 1) / 2) * 216 / count
        reach = size * (share if count == 1 else IN_A_ROW[count] * rng.uniform(0.94, 1.06))
        if motif.shadow:
            board.shadow(middle, y + reach * motif.shadow, reach * 0.85, reach * 0.14)
        motif.draw(board, middle, y, reach, scene.subject.colour)


def paint_still_life(board: Board, scene: Scene) -> None:
    """A wall, a table, and what stands on it."""
    rng, thing = board.rng, scene.subject
    _backdrop(board, scene.background)
    edge = _table(board)
    if thing.noun == "flowers":
        x, size = 128 + rng.uniform(-24, 24), rng.uniform(84, 98)
        board.shadow(x, edge + 28, size * 0.4, 9)
        objects.vase(board, x, edge + 28, size, thing.second, thing.colour)
    elif thing.noun == "cup":
        x, size = 120 + rng.uniform(-22, 22), rng.uniform(88, 112)
        board.shadow(x, edge + 26, size * 0.5, 9)
        objects.cup(board, x, edge + 26, size, thing.colour)
    elif thing.noun == "books":
        x, size = 128 + rng.uniform(-22, 22), rng.uniform(108, 134)
        board.shadow(x, edge + 28, size * 0.55, 9)
        objects.books(board, x, edge + 28, size, thing.colour)
    else:
        base = rng.uniform(44, 54) if thing.count == 1 else 96 / thing.count
        wide = 0.72 if thing.noun == "banana" and thing.count > 1 else 1.0
        for i in range(thing.count):
            size = base * wide * rng.uniform(0.9, 1.05)
            x, foot = 128 + (i - (thing.count - 1) / 2) * base * 2.15, edge + 24 + rng.uniform(-4, 6)
            board.shadow(x, foot, size * 0.95, size * 0.2)
            objects.fruit(board, thing.noun, x, foot - size * 0.88, size, thing.colour)


def _table(board: Board) -> float:
    rng = board.rng
    wood, edge = board.tone(rng.choice(TABLES), 8), rng.uniform(166, 186)
    board.box(0, edge, UNITS, UNITS, wood)
    for row in range(3):
        y = edge + 16 + row * 22
        board.line([(0, y), (UNITS, y + rng.uniform(-5, 5))], shade(wood, 0.92), 2)
    return edge
