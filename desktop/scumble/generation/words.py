"""What becomes of a prompt before a model reads it: one of several choices, a word of a list, the frame of a style."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scumble.api import ScumbleError

Wildcards = Mapping[str, Sequence[str]]
"""Lists of words by name."""

PROMPT: Final = "{prompt}"
"""Where a style has the prompt."""

MOST: Final = 2000
"""Choices that one prompt may make; a list that names itself would go on for ever."""

_CHOICE: Final = re.compile(r"(?<!\\)\{([^{}]*)\}")
_WILDCARD: Final = re.compile(r"__([\w/-]+?)__")


@dataclass(frozen=True, slots=True)
class Style:
    """A frame for prompts: `prompt` with `{prompt}` in it, or words that follow; `negative` is added to the other."""

    name: str
    prompt: str = ""
    negative: str = ""


def expand(text: str, seed: int, wildcards: Wildcards) -> str:
    """`{a|b|c}` becomes one of the three and `__name__` a line of the list of that name, by the seed alone.

    Both may stand within each other. A brace after a backslash stays one.

    Raises `ScumbleError`: `wildcard-missing`; `prompt-endless` where a list leads back to itself.
    """
    chance = random.Random(seed)
    for _ in range(MOST):
        found = _CHOICE.search(text)
        if found is not None:
            chosen = chance.choice(found[1].split("|"))
        elif (found := _WILDCARD.search(text)) is not None:
            chosen = chance.choice(_lines(found[1], wildcards))
        else:
            return text.replace("\\{", "{").replace("\\}", "}")
        text = text[: found.start()] + chosen + text[found.end() :]
    raise ScumbleError("prompt-endless")


def styled(prompt: str, negative: str, styles: Sequence[Style]) -> tuple[str, str]:
    """Prompt and negative prompt in the frames of the styles, the first innermost."""
    for style in styles:
        if PROMPT in style.prompt:
            prompt = style.prompt.replace(PROMPT, prompt)
        else:
            prompt = ", ".join(part for part in (prompt, style.prompt) if part)
        negative = ", ".join(part for part in (negative, style.negative) if part)
    return prompt, negative


def _lines(name: str, wildcards: Wildcards) -> Sequence[str]:
    lines = wildcards.get(name)
    if not lines:
        raise ScumbleError("wildcard-missing", name=name, known=", ".join(sorted(wildcards)))
    return lines
