"""How well a few letters name a text."""

from __future__ import annotations

from typing import Final

START: Final = 12.0
"""For a letter that begins a word."""

JOINED: Final = 8.0
"""For a letter that follows the one before."""

BEGINS: Final = 10.0
"""For a word that the text begins with."""

LATE: Final = 0.1
"""Taken off for every letter of the text that comes before the first match, and for every one that is left over."""


def score(wanted: str, text: str) -> float | None:
    """Higher is better; None where the letters are not in the text in that order.

    Each word of `wanted` is looked for by itself, anywhere in the text; upper and lower case are alike.
    """
    total = 0.0
    for word in wanted.casefold().split():
        found = _word(word, text.casefold())
        if found is None:
            return None
        total += found + (BEGINS if text.casefold().startswith(word) else 0.0)
    return total - LATE * len(text)


def _word(word: str, text: str) -> float | None:
    """The best way to find the letters of one word in order, by dynamic programming over their places."""
    best = {-2: 0.0}
    for letter in word:
        reached: dict[int, float] = {}
        for place, there in enumerate(text):
            if there != letter:
                continue
            start = START if place == 0 or not text[place - 1].isalnum() else 1.0
            options = [
                value + (max(start, JOINED) if before == place - 1 else start)
                for before, value in best.items()
                if before < place
            ]
            if options:
                reached[place] = max(options) - (LATE * place if len(best) == 1 else 0.0)
        if not reached:
            return None
        best = reached
    return max(best.values())
