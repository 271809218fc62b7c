"""Landscapes: what they are made of, and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from world import buildings, land, plants
from world.board import UNITS, Board
from world.scene import TIMES, WEATHERS, Scene, Thing, pick
from world.sky import paint_sky, paint_weather

PLACES: Final[dict[str, int]] = {
    "mountains": 4, "sea": 3, "beach": 2, "lake": 3, "river": 2, "forest": 3, "house": 4, "houses": 2,
    "desert": 2, "flowers": 3, "castle": 2, "lighthouse": 2, "tree": 3, "city": 2,
}  # fmt: skip
"""The subject of a landscape, with how often it comes."""

TREES: Final = ("green tree", "pine tree", "autumn tree", "cherry tree", "bare tree")
FOREST_TREES: Final = {"green": "green tree", "pine": "pine tree", "autumn": "autumn tree", "bare": "bare tree"}
SAILS: Final = ("white", "red", "yellow", "orange", "blue")
ROOFS: Final = ("red", "blue", "brown", "orange", "purple")
WALLS: Final = ("white", "yellow", "pink", "gray")
PETALS: Final = ("red", "yellow", "purple", "pink", "white", "blue", "orange")


def compose_landscape(rng: Random) -> tuple[Thing, tuple[Thing, ...], str, str]:
    """Subject, extras, time, weather."""
    noun, time = pick(rng, PLACES), pick(rng, TIMES)
    weather = pick(rng, WEATHERS) if time == "day" else ""
    if weather == "snow" and noun in ("desert", "beach", "flowers", "river"):
        weather = "rain"
    extras = [*_in_the_sky(rng, time, weather), *_on_the_ground(rng, noun)]
    rng.shuffle(extras)
    return _subject(rng, noun), tuple(extras[:2]), time, weather


def _subject(rng: Random, noun: str) -> Thing:
    if noun in ("house", "houses"):
        return Thing(noun, rng.choice(WALLS), rng.choice(ROOFS), 1 if noun == "house" else rng.randint(2, 3))
    colours: dict[str, tuple[str, ...]] = {
        "mountains": tuple(land.MOUNTAINS),
        "flowers": PETALS,
        "castle": ("gray", "white", "red", "yellow"),
        "lighthouse": ("red", "blue", "black"),
        "forest": tuple(FOREST_TREES),
    }
    if noun == "tree":
        return Thing(rng.choice(TREES))
    return Thing(noun, rng.choice(colours[noun])) if noun in colours else Thing(noun)


def _in_the_sky(rng: Random, time: str, weather: str) -> list[Thing]:
    if weather:
        return []
    if time == "night":
        return [Thing(rng.choice(("full moon", "crescent moon")))] if rng.random() < 0.65 else []
    things = [Thing("sun")] if rng.random() < 0.5 else []
    if rng.random() < 0.4:
        things.append(Thing("clouds"))
    if rng.random() < 0.12:
        things.append(Thing("birds"))
    if time == "day" and rng.random() < 0.1:
        things.append(Thing("rainbow"))
    return things


def _on_the_ground(rng: Random, noun: str) -> list[Thing]:
    chance = rng.random()
    if noun in ("sea", "lake", "beach") and chance < 0.6:
        return [Thing("boat", rng.choice(SAILS))]
    if noun == "beach":
        return [Thing("palm tree")]
    if noun in ("mountains", "river") and chance < 0.45:
        return [Thing("pine trees")]
    if noun in ("house", "castle") and chance < 0.5:
        return [Thing(rng.choice(TREES[:4]))]
    if noun == "desert":
        return [Thing("cactus")] if chance < 0.5 else [Thing("pyramid")] if chance < 0.85 else []
    return []


def paint_landscape(board: Board, scene: Scene) -> None:
    """Sky, ground with its subject, extras, weather."""
    paint_sky(board, scene)
    horizon = board.rng.uniform(124, 156)
    noun = "tree" if scene.subject.noun.endswith(" tree") else scene.subject.noun
    PAINTERS[noun](board, scene, horizon)
    paint_weather(board, scene)


def _snowy(scene: Scene) -> bool:
    return scene.weather == "snow"


def _extra(scene: Scene, noun: str) -> Thing | None:
    return next((thing for thing in scene.extras if thing.noun == noun), None)


def _mountains(board: Board, scene: Scene, y: float) -> None:
    land.mountains(board, scene.subject.colour, y)
    land.hills(board, y + 14, snow=_snowy(scene))
    _pines(board, scene, y)


def _pines(board: Board, scene: Scene, y: float) -> None:
    if _extra(scene, "pine trees"):
        for foot in sorted(board.rng.uniform(y + 48, 248) for _ in range(board.rng.randint(4, 7))):
            side = board.rng.choice((board.rng.uniform(8, 84), board.rng.uniform(172, 248)))
            plants.tree(board, "pine tree", side, foot, board.rng.uniform(38, 66))


def _sea(board: Board, scene: Scene, y: float) -> None:
    land.water(board, y, (35, 105, 165))
    _sail(board, scene, y)


def _beach(board: Board, scene: Scene, y: float) -> None:
    land.water(board, y - 14, (40, 135, 165))
    _sail(board, scene, y - 30)
    land.ground(board, 214, 9, 0.4, board.tone((226, 202, 150), 6))
    if _extra(scene, "palm tree"):
        plants.tree(
            board,
            "palm tree",
            board.rng.choice((44, 186)) + board.rng.uniform(-14, 14),
            240,
            board.rng.uniform(115, 150),
        )


def _lake(board: Board, scene: Scene, y: float) -> None:
    land.mountains(board, "green", y)
    land.water(board, y, (40, 125, 150))
    _sail(board, scene, y)


def _sail(board: Board, scene: Scene, y: float) -> None:
    boat = _extra(scene, "boat")
    if boat:
        rng = board.rng
        buildings.boat(board, rng.uniform(75, 181), rng.uniform(y + 40, y + 75), rng.uniform(72, 100), boat.colour)


def _river(board: Board, scene: Scene, y: float) -> None:
    land.mountains(board, "green", y)
    land.hills(board, y + 2, snow=_snowy(scene))
    land.river(board, y + 8)
    _pines(board, scene, y)


def _forest(board: Board, scene: Scene, y: float) -> None:
    land.hills(board, y, snow=_snowy(scene))
    kind = FOREST_TREES[scene.subject.colour]
    for i in range(12):
        place = ((i * 7) % 12 + 0.5) / 12 * UNITS + board.rng.uniform(-8, 8)
        plants.tree(board, kind, place, y + 22 + i * 7, board.rng.uniform(58, 76) + i * 3)


def _house(board: Board, scene: Scene, y: float) -> None:
    land.hills(board, y, snow=_snowy(scene))
    rng, thing = board.rng, scene.subject
    tree = next((extra for extra in scene.extras if extra.noun in TREES), None)
    if tree:
        plants.tree(board, tree.noun, rng.choice((34, 222)), y + 62, rng.uniform(95, 125))
    for i in range(thing.count):
        x = (i + 0.5) * UNITS / thing.count + rng.uniform(-10, 10)
        size = rng.uniform(92, 116) if thing.count == 1 else rng.uniform(56, 70)
        buildings.house(board, x, y + rng.uniform(60, 76), size, thing.colour, thing.second)


def _desert(board: Board, scene: Scene, y: float) -> None:
    rng = board.rng
    if _extra(scene, "pyramid"):
        buildings.pyramid(board, rng.uniform(85, 171), y + 24, rng.uniform(66, 92))
    land.dunes(board, y)
    if _extra(scene, "cactus"):
        for x in rng.sample((50, 110, 165, 215), rng.randint(1, 2)):
            plants.cactus(board, x + rng.uniform(-12, 12), rng.uniform(y + 66, 240), rng.uniform(68, 92))


def _flowers(board: Board, scene: Scene, y: float) -> None:
    land.hills(board, y - 10, snow=False)
    rng = board.rng
    for i in range(46):
        foot = y + 12 + (UNITS - y - 14) * (i / 45) ** 1.1
        radius = 4 + 10 * (foot - y) / (UNITS - y)
        x = rng.uniform(0, UNITS)
        plants.stem(board, x, foot, (x + rng.uniform(-3, 3), foot + 9), 2)
        plants.flower(board, x, foot, radius, scene.subject.colour)


def _castle(board: Board, scene: Scene, y: float) -> None:
    land.hills(board, y, snow=_snowy(scene))
    tree = next((extra for extra in scene.extras if extra.noun in TREES), None)
    if tree:
        plants.tree(board, tree.noun, board.rng.choice((30, 226)), y + 60, board.rng.uniform(80, 105))
    buildings.castle(board, 128 + board.rng.uniform(-18, 18), y + 50, board.rng.uniform(92, 112), scene.subject.colour)


def _lighthouse(board: Board, scene: Scene, y: float) -> None:
    land.water(board, y, (35, 105, 165))
    x = board.rng.uniform(80, 176)
    board.ellipse(x, 252, 92, 44, board.tone((96, 92, 92), 8))
    buildings.lighthouse(board, x, 218, board.rng.uniform(150, 172), scene.subject.colour)


def _tree(board: Board, scene: Scene, y: float) -> None:
    land.hills(board, y + 10, snow=_snowy(scene))
    plants.tree(board, scene.subject.noun, 128 + board.rng.uniform(-24, 24), y + 66, board.rng.uniform(150, 184))


def _city(board: Board, scene: Scene, y: float) -> None:
    land.city(board, y, lit=scene.time in ("night", "sunset"))


PAINTERS: Final[dict[str, Callable[[Board, Scene, float], None]]] = {
    "mountains": _mountains, "sea": _sea, "beach": _beach, "lake": _lake, "river": _river, "forest": _forest,
    "house": _house, "houses": _house, "desert": _desert, "flowers": _flowers, "castle": _castle,
    "lighthouse": _lighthouse, "tree": _tree, "city": _city,
}  # fmt: skip
