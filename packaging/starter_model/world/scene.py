"""What is in a picture, as plain attributes: what the drawing shows and the caption says."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

STYLES: Final[dict[str, int]] = {
    "flat": 6, "watercolor": 2, "oil": 2, "pixel": 2, "ink": 1, "pencil": 1, "pastel": 1, "paper cut": 1,
    "stained glass": 1,
}  # fmt: skip
"""Each style, with how often it comes."""

COLOURLESS: Final = frozenset({"ink", "pencil"})
"""Styles in which no colour is left, so that a caption names none."""

LINE_LIGHTS: Final = frozenset({"night", "rain", "snow"})
"""The lights that show where there are no colours: by stars, by a dark sky, by what falls."""

TIMES: Final[dict[str, int]] = {"day": 6, "sunset": 4, "night": 4, "dawn": 2}
WEATHERS: Final[dict[str, int]] = {"": 24, "rain": 2, "fog": 1, "snow": 2}
"""Weather comes by day alone; its sky replaces the day's."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a name: `colour` of the whole, and `second`, that of the part which its kind names."""

    noun: str
    colour: str = ""
    second: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture to be. `kind` is landscape, still life or object; `time` and `weather` are empty indoors;
    `background` is the colour behind a still life or an object, and empty outdoors; `size` is small, big or empty,
    `place` top, bottom or empty, both of an object."""

    seed: int
    kind: str
    subject: Thing
    style: str
    extras: tuple[Thing, ...] = ()
    time: str = ""
    weather: str = ""
    background: str = ""
    size: str = ""
    place: str = ""

    @property
    def light(self) -> str:
        """The key of its light."""
        return self.weather or self.time

    @property
    def shown_light(self) -> str:
        """The light, where the style lets it be seen."""
        return self.light if self.coloured or self.light in LINE_LIGHTS else ""

    @property
    def coloured(self) -> bool:
        """Whether its style leaves colours."""
        return self.style not in COLOURLESS

    def rng(self, purpose: str) -> Random:
        """Chance that depends on the scene's seed and on what it is for, and on nothing else."""
        return Random(f"{self.seed}/{purpose}")


def pick(rng: Random, weights: dict[str, int]) -> str:
    """One of the keys, as often as its weight says."""
    return rng.choices(list(weights), list(weights.values()))[0]
