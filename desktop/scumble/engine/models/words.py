"""What a person writes in a prompt besides words: weights, and BREAK between windows of the text encoder.

`(word)` is a tenth stronger and `[word]` a tenth weaker, `(word:1.3)` as strong as it says; they nest. A backslash
takes the meaning from a bracket. Brackets that do not pair are brackets. `<lora:name:0.8>` is no word at all: it
switches a LoRA on, here with a weight of 0.8. `<name>` is a learnt word, where there is one of that name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeAlias

import torch

from scumble.api import ScumbleError

STRONGER: Final = 1.1
STRONGEST: Final = 10.0

Window: TypeAlias = "tuple[Span, ...]"
"""What the text encoder reads at once."""

Slots: TypeAlias = Mapping[str, tuple[int, ...]]
"""Learnt words in small letters, with the ids that stand for them."""

NO_SLOTS: Final[Slots] = {}

_LEARNT = re.compile(r"<([^<>:]+)>")
_WEIGHT = re.compile(r":\s*([0-9]*\.?[0-9]+)\s*$")
_PARTS = re.compile(r"\\[()\[\]\\]|[()\[\]]|[^()\[\]\\]+|\\")
_BREAK = re.compile(r"\bBREAK\b")
_LORA = re.compile(r"<lora:([^<>]*)>", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")


@dataclass(frozen=True, slots=True)
class Span:
    """Words with one weight."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class LoraCall:
    """A LoRA that a prompt asks for, by its name, and how strongly: 1 is as it was trained."""

    name: str
    weight: float = 1.0


@dataclass(slots=True)
class _Bracket:
    """One that is still open: which, and what has been read before it."""

    sign: str
    before: list[Span]


def loras(prompt: str) -> tuple[LoraCall, ...]:
    """The LoRAs that a prompt asks for, each once, with the sum of its weights (-10…10).

    Raises `ScumbleError` (`lora-weight`) where a weight is no number.
    """
    asked: dict[str, float] = {}
    for tag in _LORA.finditer(prompt):
        name, _, weight = (part.strip() for part in tag[1].partition(":"))
        if weight and not _NUMBER.fullmatch(weight):
            raise ScumbleError("lora-weight", tag=tag[0])
        asked[name] = asked.get(name, 0.0) + float(weight or 1.0)
    return tuple(LoraCall(name, max(-STRONGEST, min(weight, STRONGEST))) for name, weight in asked.items())


def without_loras(prompt: str) -> str:
    """The words alone. A prompt that asks for no LoRA stays as it is."""
    if not _LORA.search(prompt):
        return prompt
    return " ".join(_LORA.sub(" ", prompt).split())


def parse(prompt: str) -> tuple[Window, ...]:
    """A prompt → its windows, each a row of spans; at least one window, which may be empty."""
    windows: list[list[Span]] = [[]]
    for span in _weighted(without_loras(prompt)):
        first, *others = _BREAK.split(span.text)
        windows[-1].append(Span(first, span.weight))
        windows.extend([Span(text, span.weight)] for text in others)
    kept = [_joined(window) for window in windows]
    return tuple(window for window in kept if window) or ((),)


def _joined(spans: Iterable[Span]) -> Window:
    """Neighbours of one weight as one: a token may reach across."""
    groups = groupby(spans, key=lambda span: span.weight)
    joined = (Span("".join(span.text for span in group), weight) for weight, group in groups)
    return tuple(span for span in joined if span.text.strip())


def _weighted(prompt: str) -> list[Span]:
    spans: list[Span] = []
    opened: list[_Bracket] = []
    for part in _PARTS.findall(prompt):
        if part in ("(", "["):
            opened.append(_Bracket(part, spans))
            spans = []
        elif part in (")", "]") and opened and opened[-1].sign == {")": "(", "]": "["}[part]:
            bracket = opened.pop()
            spans = bracket.before + _scaled(spans, bracket.sign)
        else:
            spans.append(Span(part[1:] if len(part) == 2 and part[0] == "\\" else part))
    while opened:
        bracket = opened.pop()
        spans = [*bracket.before, Span(bracket.sign), *spans]
    return spans


def _scaled(spans: list[Span], sign: str) -> list[Span]:
    """What a pair of brackets does to what it holds."""
    factor = STRONGER if sign == "(" else 1.0 / STRONGER
    said = _WEIGHT.search(spans[-1].text) if spans and sign == "(" else None
    if said is not None:
        factor = min(float(said[1]), STRONGEST)
        spans = [*spans[:-1], Span(spans[-1].text[: said.start()], spans[-1].weight)]
    return [Span(span.text, min(span.weight * factor, STRONGEST)) for span in spans]


def count(tokenizer: Any, prompt: str, learnt: Slots = NO_SLOTS) -> int:
    """Tokens of the longest window, with those of start and end."""
    return max(len(_read(tokenizer, window, learnt)[0]) for window in parse(prompt)) + 2


def tokenize(
    tokenizer: Any, prompt: str, length: int, learnt: Slots = NO_SLOTS
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A prompt → ids (windows, length) int64, weights (windows, length) float32, and which are not padding, int64.

    A learnt word in pointed brackets becomes the ids that stand for it. What does not fit into a window is cut off. The
    tokens of start, end and padding weigh 1.
    """
    windows = parse(prompt)
    shape = len(windows), length
    start = [tokenizer.bos_token_id] if tokenizer.bos_token_id is not None else []  # T5 has none
    ids = torch.full(shape, tokenizer.pad_token_id, dtype=torch.int64)
    weights, real = torch.ones(shape), torch.zeros(shape, dtype=torch.int64)
    for row, window in enumerate(windows):
        read, strength = _read(tokenizer, window, learnt)
        most = length - 1 - len(start)
        read, strength = read[:most], strength[:most]
        end = len(read) + len(start)
        ids[row, : end + 1] = torch.tensor([*start, *read, tokenizer.eos_token_id])
        weights[row, len(start) : end] = torch.tensor(strength)
        real[row, : end + 1] = 1
    return ids, weights, real


def emphasise(states: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Text states (windows, length, width) with each token's multiplied by its weight, (windows, length).

    Each window then gets its mean back, so that a strong word draws attention and does not make all of it louder.
    """
    if bool((weights == 1.0).all()):
        return states
    scaled = states * weights[..., None].to(states)
    before, after = states.float().mean((1, 2), keepdim=True), scaled.float().mean((1, 2), keepdim=True)
    ratio = before / after
    usable = ratio.isfinite() & (ratio > 0) & (ratio.log().abs() < math.log(STRONGEST))
    return scaled * torch.where(usable, ratio, torch.ones_like(ratio)).to(states)


def _read(tokenizer: Any, window: Window, learnt: Slots) -> tuple[list[int], list[float]]:
    """The ids of a window's words without start and end, and each one's weight."""
    ids: list[int] = []
    weights: list[float] = []
    for span in window:
        found = [number for part in _learnt_apart(span.text, learnt) for number in _ids(tokenizer, part, learnt)]
        ids += found
        weights += [span.weight] * len(found)
    return ids, weights


def _learnt_apart(text: str, learnt: Slots) -> list[str]:
    """A text in parts, of which the learnt words are ones of their own."""
    parts, start = [], 0
    for word in _LEARNT.finditer(text) if learnt else ():
        if word[1].strip().casefold() in learnt:
            parts += [text[start : word.start()], word[0]]
            start = word.end()
    return [part for part in (*parts, text[start:]) if part]


def _ids(tokenizer: Any, text: str, learnt: Slots) -> Sequence[int]:
    word = _LEARNT.fullmatch(text)
    if word is not None and word[1].strip().casefold() in learnt:
        return learnt[word[1].strip().casefold()]
    found: list[int] = tokenizer(text, add_special_tokens=False, truncation=False, verbose=False).input_ids
    return found
