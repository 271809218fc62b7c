"""A recipe that was found in a picture, in our words, and how one is put together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scumble.files.clipskip import skip_of
from scumble.files.foreign_names import A1111_SAMPLERS, sampler_of, schedule_of

Value = str | int | float | bool

LONGEST: Final = 100_000
"""Characters of a text that are taken."""

LARGEST: Final = 2**32 - 1
"""The largest whole number that is taken, such as a seed."""

MOST_LEFT: Final = 40

DEEPEST_LAYER: Final = 99
"""More layers than any text encoder has."""


@dataclass(frozen=True, slots=True)
class FoundRecipe:
    """`program` wrote it. `params` are called as our tools call them; `tool` is empty unless it was Scumble.

    `model` is a name, perhaps of a file. `left` names, as that program does, what has no counterpart here. `layer` is
    the text encoder's that is read, 1 the last; 0 where that is not said, or `clip_skip` among the `params` says it.
    """

    program: str
    params: Mapping[str, Value]
    tool: str = ""
    model: str = ""
    left: tuple[str, ...] = ()
    layer: int = 0

    def params_for(self, family: str) -> Mapping[str, Value]:
        """`params` for a model of that family, in which the same layer is another `clip_skip`."""
        return {**self.params, "clip_skip": skip_of(self.layer, family)} if self.layer else self.params


class Gatherer:
    """Takes values one by one, and remembers the names of those that do not fit. Nothing in a file can make it fail."""

    def __init__(self, program: str) -> None:
        self._program = program
        self.params: dict[str, Value] = {}
        self.model = ""
        self.layer = 0
        self._left: dict[str, None] = {}

    def text(self, name: str, value: object) -> None:
        """A text; one that is too long is cut."""
        if isinstance(value, str):
            self.params[name] = value[:LONGEST]

    def whole(self, name: str, value: object, said: str) -> None:
        """A whole number from 0; `said` is what its program calls it."""
        number = _number(value)
        if number is not None and number == int(number) and 0 <= number <= LARGEST:
            self.params[name] = int(number)
        elif value not in (None, ""):
            self.leave(said)

    def number(self, name: str, value: object, said: str) -> None:
        """A number of any size that is not infinite."""
        number = _number(value)
        if number is not None:
            self.params[name] = number
        elif value not in (None, ""):
            self.leave(said)

    def sampler(self, value: object, said: str) -> None:
        """A sampler, whose name may hold the schedule. One that there is not here is left, and the nearest taken."""
        if isinstance(value, str) and value:
            found = sampler_of(value)
            if found is None:
                self.leave(f"{said} {value[:40]}")
                return
            self.params["scheduler"] = found.sampler
            if found.schedule:
                self.params["schedule"] = found.schedule
            if found.near:
                self.leave(f"{said} {value[:40]} (≈ {A1111_SAMPLERS[found.sampler]})")

    def schedule(self, value: object, said: str) -> None:
        """A noise schedule."""
        if isinstance(value, str) and value:
            if schedule := schedule_of(value):
                self.params["schedule"] = schedule
            else:
                self.leave(f"{said} {value[:40]}")

    def from_end(self, value: object, said: str) -> None:
        """The text encoder's layer that is read, 1 the last."""
        number = _number(value)
        if number is not None and number == int(number) and 1 <= number <= DEEPEST_LAYER:
            self.layer = int(number)
        elif value not in (None, ""):
            self.leave(said)

    def lora(self, name: str, weight: object) -> None:
        """A LoRA, which stands in the prompt; one whose weight is no number is left."""
        number = _number(weight)
        if name and number is not None:
            self.text("prompt", f"{self.params.get('prompt', '')} <lora:{name}:{number:g}>".strip())
        elif name:
            self.leave(name)

    def leave(self, name: str) -> None:
        """Something has no counterpart."""
        if len(self._left) < MOST_LEFT:
            self._left[" ".join(name[:60].split())] = None

    def found(self) -> FoundRecipe | None:
        """What was gathered; None where there is neither a prompt nor a seed."""
        if not {"prompt", "seed"} & self.params.keys():
            return None
        return FoundRecipe(self._program, self.params, "", self.model[:200], tuple(self._left), self.layer)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
