"""Prompts that work, for a person who looks at an empty field; and the words of the model for which they do."""

from __future__ import annotations

import json
from importlib import resources


def example_prompts() -> tuple[str, ...]:
    """Prompts that the starter model was made for; in English, as every model reads it."""
    text = resources.files("scumble_resources").joinpath("prompts.json").read_text("utf-8")
    return tuple(str(prompt) for prompt in json.loads(text)["prompts"])


def starter_words() -> frozenset[str]:
    """The words that the starter model was taught, in small letters."""
    text = resources.files("scumble_resources").joinpath("starter_model", "words.txt").read_text("utf-8")
    return frozenset(text.split())
