"""Whether a model that was taught few words knows those of a prompt."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

SMALL: Final = frozenset(
    {"a", "an", "the", "this", "that", "some", "very", "is", "are", "it", "its", "his", "her", "their", "and", "or"}
    | {"of", "with", "without", "in", "into", "on", "onto", "at", "to", "by", "from", "for", "as", "before", "after"}
    | {"under", "over", "above", "below", "near", "beside", "behind", "between"}
)
"""Words that tell nothing of what is to be seen."""

FAR: Final = 0.5
"""The share of unknown words from which a prompt is beyond a model."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_MARK: Final = re.compile(r"<[^<>]*>|__[\w/-]+?__")
_ENDINGS: Final = (("ies", "y"), ("es", ""), ("s", ""))


def beyond(prompt: str, known: Collection[str]) -> tuple[str, ...]:
    """The words of a prompt that are not `known`, in order and once each, where they are at least half of those that
    tell something; none otherwise. LoRAs and the names of lists are no words, and a plural is known by its singular."""
    words = list(dict.fromkeys(_WORD.findall(_MARK.sub(" ", prompt.lower()))))
    telling = [word for word in words if word not in SMALL]
    unknown = tuple(word for word in telling if not _knows(word, known))
    return unknown if telling and len(unknown) >= FAR * len(telling) else ()


def _knows(word: str, known: Collection[str]) -> bool:
    singular = (word.removesuffix(end) + instead for end, instead in _ENDINGS if word.endswith(end))
    return word in known or any(each in known for each in singular)
