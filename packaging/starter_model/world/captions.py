"""Words for a scene: one of several sentences or a list of tags, never naming what the picture does not show."""

from __future__ import annotations

from random import Random
from typing import Final

from world.scene import Scene, Thing

PREFIXES: Final[dict[str, tuple[str, ...]]] = {
    "flat": (
        *[""] * 5,
        "a flat illustration of ",
        "a simple drawing of ",
        "a picture of ",
        "an illustration of ",
    ),
    "watercolor": ("a watercolor painting of ", "a watercolor of ", "a watercolor picture of "),
    "oil": ("an oil painting of ", "an oil painting of ", "an oil picture of "),
    "pixel": ("pixel art of ", "pixel art of ", "a pixel art picture of "),
    "ink": ("an ink drawing of ", "a line drawing of ", "an ink picture of "),
    "pencil": ("a pencil sketch of ", "a pencil drawing of ", "a sketch in pencil of "),
    "pastel": ("a pastel drawing of ", "a pastel of ", "a chalk drawing of "),
    "paper cut": ("a paper cut of ", "a paper cut of ", "a paper collage of "),
    "stained glass": ("stained glass of ", "a stained glass window of ", "a stained glass picture of "),
}
TAGS: Final[dict[str, tuple[str, ...]]] = {
    "flat": ("flat illustration", "simple drawing"),
    "watercolor": ("watercolor", "watercolor painting"),
    "oil": ("oil painting",),
    "pixel": ("pixel art",),
    "ink": ("ink drawing", "line drawing"),
    "pencil": ("pencil sketch", "pencil drawing"),
    "pastel": ("pastel", "chalk drawing"),
    "paper cut": ("paper cut", "paper collage"),
    "stained glass": ("stained glass", "stained glass window"),
}
LIGHTS: Final[dict[str, tuple[str, ...]]] = {
    "day": ("on a sunny day", "during the day", "under a blue sky"),
    "sunset": ("at sunset", "at sunset", "at dusk", "in the evening"),
    "night": ("at night", "at night", "under the stars", "in the dark"),
    "dawn": ("at dawn", "in the morning", "at sunrise"),
    "rain": ("in the rain", "on a rainy day", "under a gray sky"),
    "fog": ("in fog", "on a misty day"),
    "snow": ("in the snow", "in winter", "on a snowy day"),
}
SIZES: Final[dict[str, tuple[str, ...]]] = {"small": ("small ", "little ", "tiny "), "big": ("big ", "large ")}
PLACES: Final[dict[str, tuple[str, ...]]] = {
    "top": (" at the top", " high up"),
    "bottom": (" at the bottom", " low down"),
}
PLURALS: Final = {"butterfly": "butterflies", "snowman": "snowmen", "fish": "fish"}
"""Of the nouns that take more than an s."""
NUMBERS: Final = ("", "", "two ", "three ")
COLOURED_TREES: Final = frozenset({"green tree", "autumn tree", "cherry tree"})
EXTRAS: Final[dict[str, str]] = {
    "sun": "the sun",
    "clouds": "clouds",
    "birds": "birds",
    "pine trees": "pine trees",
    "cactus": "a cactus",
}
"""Things whose words are not simply “a” or “an” with their noun."""


def caption(scene: Scene, variant: int = 0) -> str:
    """Each variant words the same scene by chance of its own."""
    rng = scene.rng(f"caption {variant}")
    words, extras, light, tag = (
        _subject(scene, rng),
        _extras(scene, rng),
        _light(scene, rng),
        rng.choice(TAGS[scene.style]),
    )
    form = rng.random()
    if form < 0.12:
        return ", ".join(part for part in (words, light.removeprefix("at "), *extras, tag) if part)
    joint = " and " if " with " in words else " with "
    sentence = words + (joint + " and ".join(extras) if extras else "")
    if form < 0.2 and light:
        return f"{light}, {sentence}" + ("" if scene.style == "flat" else f", {tag}")
    sentence = f"{sentence} {light}".rstrip()
    if form < 0.4 and scene.style != "flat":
        return f"{sentence}, {tag}"
    return rng.choice(PREFIXES[scene.style]) + sentence


def article(words: str) -> str:
    """“a” or “an” before words, by their first letter."""
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"


def _tint(scene: Scene, colour: str) -> str:
    return f"{colour} " if scene.coloured and colour else ""


def _light(scene: Scene, rng: Random) -> str:
    return rng.choice(LIGHTS[scene.shown_light]) if scene.shown_light else ""


def _extras(scene: Scene, rng: Random) -> list[str]:
    words = [_extra(scene, thing, rng) for thing in scene.extras]
    rng.shuffle(words)
    return words


def _extra(scene: Scene, thing: Thing, rng: Random) -> str:
    if thing.noun == "boat":
        sail = f"a boat with {article(_tint(scene, thing.colour) + 'sail')}"
        return sail if rng.random() < 0.75 else "a sailing boat"
    return EXTRAS.get(thing.noun) or article(_tree(scene, thing.noun))


def _tree(scene: Scene, noun: str) -> str:
    """Trees that differ by colour alone are just trees where there is none."""
    return "tree" if not scene.coloured and noun in COLOURED_TREES else noun


def _subject(scene: Scene, rng: Random) -> str:
    if scene.kind == "landscape":
        return _place(scene, rng)
    if scene.kind == "still life":
        return _still_life(scene, rng)
    words = _single(scene, rng.choice(SIZES[scene.size]) if scene.size else "")
    if scene.place:
        words += rng.choice(PLACES[scene.place])
    if scene.coloured and rng.random() < 0.6:
        words += f" on {article(scene.background)} background"
    return words


def _single(scene: Scene, size: str = "") -> str:
    thing = scene.subject
    colour = "" if thing.noun == "orange" else _tint(scene, thing.colour)
    if thing.count > 1:
        return _several(thing, colour)
    if thing.noun == "snowman":
        return article(size + "snowman") + (f" with {article(colour + 'scarf')}" if colour else "")
    if thing.noun == "orange":
        return article(size + "orange fruit")
    return size + colour + thing.noun if thing.noun == "cherries" else article(size + colour + thing.noun)


def _several(thing: Thing, colour: str) -> str:
    many = PLURALS.get(thing.noun, thing.noun + "s")
    if thing.noun == "snowman":
        return NUMBERS[thing.count] + many + (f" with {colour}scarves" if colour else "")
    return NUMBERS[thing.count] + colour + many


def _still_life(scene: Scene, rng: Random) -> str:
    thing = scene.subject
    colour = _tint(scene, thing.colour)
    if thing.noun == "flowers":
        return f"{colour}flowers in {article(_tint(scene, thing.second) + 'vase')}"
    if thing.noun == "cup":
        return f"{article(colour + 'cup')} of {thing.second}" + (" on a table" if rng.random() < 0.4 else "")
    if thing.noun == "books":
        many = rng.choice((f"{colour}books", f"a stack of {colour}books"))
        return many + (" on a table" if rng.random() < 0.5 else "")
    fruit = _single(scene)
    return f"a still life with {fruit} on a table" if rng.random() < 0.3 else f"{fruit} on a table"


def _place(scene: Scene, rng: Random) -> str:
    thing = scene.subject
    colour, second = _tint(scene, thing.colour), _tint(scene, thing.second)
    match thing.noun:
        case "mountains":
            return "snowy mountains" if thing.colour == "snowy" else f"{colour}mountains"
        case "sea":
            return rng.choice(("the sea", "the ocean", "a calm sea"))
        case "beach":
            return rng.choice(("a beach", "a beach and the sea"))
        case "lake":
            return rng.choice((f"a lake and {_green(scene)}mountains", "a mountain lake"))
        case "river":
            return rng.choice((f"a river and {_green(scene)}hills", "a river"))
        case "forest":
            kind = "" if thing.colour in ("green", "autumn") and not scene.coloured else f"{thing.colour} "
            return article(f"{kind}forest")
        case "house":
            return article(colour + "house") + (f" with {article(second + 'roof')}" if second else "")
        case "houses":
            many = f"{colour}houses" if rng.random() < 0.6 else "a small village"
            return many + (f" with {second}roofs" if second else "")
        case "flowers":
            return rng.choice(
                (f"a meadow of {colour}flowers", f"a field of {colour}flowers", f"{colour}flowers in a meadow")
            )
        case "castle":
            return f"{article(colour + 'castle')} on a hill"
        case "lighthouse":
            return f"a {colour}lighthouse" + rng.choice((" by the sea", ""))
        case "city":
            return rng.choice(("a city", "city buildings", "a city skyline"))
        case "cherry tree" if scene.coloured and rng.random() < 0.6:
            return "a cherry tree with pink blossoms"
        case noun if noun.endswith("tree"):
            return article(("big " if rng.random() < 0.6 else "") + _tree(scene, noun))
        case noun:
            return article(noun)


def _green(scene: Scene) -> str:
    return "green " if scene.coloured else ""
