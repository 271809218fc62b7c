"""What can be read from a picture, and what of it a caption asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import torch
from torch import Tensor
from world import Scene
from world.captions import COLOURED_TREES

NAMES: Final = ("subject", "colour", "second", "style", "light", "background", "count", "size", "place")
"""The attributes, each of which has a head of its own. `second` is the colour of a roof or a vase."""
UNREAD: Final = ""
"""Stands for what a picture does not show."""
DRINKS: Final = frozenset({"coffee", "tea"})
MISSING: Final = -100
"""The number of `UNREAD`: the one that cross-entropy leaves out."""


def readings(scene: Scene) -> dict[str, str]:
    """What the picture of a scene shows, by attribute; `UNREAD` where it shows nothing of the kind."""
    thing, coloured = scene.subject, scene.coloured
    noun = "meadow" if scene.kind == "landscape" and thing.noun == "flowers" else thing.noun
    indoors = scene.kind != "landscape" and noun not in ("flowers", "cup", "books")
    single = scene.kind == "object" and thing.count == 1
    return {
        "subject": "tree" if not coloured and noun in COLOURED_TREES else noun,
        "colour": thing.colour if coloured else UNREAD,
        "second": thing.second if coloured and thing.second not in DRINKS else UNREAD,
        "style": scene.style,
        "light": scene.shown_light,
        "background": scene.background if coloured else UNREAD,
        "count": str(thing.count) if indoors and noun != "cherries" else UNREAD,
        "size": scene.size or ("usual" if single and not scene.place else UNREAD),
        "place": scene.place or ("middle" if single else UNREAD),
    }


def asked(scene: Scene, text: str) -> dict[str, str]:
    """The readings that a caption asks for. Subject, style and light are in every caption; words without a style mean
    a flat picture."""
    found = readings(scene)
    for name in ("colour", "second"):
        if found[name] not in text:
            found[name] = UNREAD
    if "background" not in text:
        found["background"] = UNREAD
    for name in ("size", "place"):
        if not getattr(scene, name):
            found[name] = UNREAD
    return found


class Values:
    """The values of each attribute, numbered."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self.values = values
        self._places = {name: {value: i for i, value in enumerate(row)} for name, row in values.items()}

    @classmethod
    def of(cls, scenes: Iterable[Scene]) -> Values:
        """Every value that some scene shows."""
        found = [readings(scene) for scene in scenes]
        return cls({name: sorted({each[name] for each in found} - {UNREAD}) for name in NAMES})

    def encode(self, found: Iterable[dict[str, str]]) -> Tensor:
        """`(count, len(NAMES))`, int64; `MISSING` for what is not read or not known."""
        rows = [[self._places[name].get(each[name], MISSING) for name in NAMES] for each in found]
        return torch.tensor(rows, dtype=torch.int64)
