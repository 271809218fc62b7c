"""The text in which A1111's web interface, and many after it, write how a picture was made.

The prompt; a line that begins with “Negative prompt:”; a last line of “Name: value” pairs, in which a value that holds
a comma is quoted as JSON quotes.
"""

from __future__ import annotations

import json
import re
from typing import Final

from scumble.document import Recipe
from scumble.files.clipskip import layer_of
from scumble.files.foreign_names import A1111_SAMPLERS, A1111_SCHEDULES
from scumble.files.found_recipe import FoundRecipe, Gatherer

PROGRAM: Final = "A1111"
NEGATIVE: Final = "Negative prompt:"

_PAIR: Final = re.compile(r'(\w[\w \-/]{0,60}):\s*+("(?:\\.|[^\\"]){0,4000}+"|[^,]{0,4000}+)(?:,|$)')
"""Takes nothing back that it has read, so that no line can make it try for ever."""

_SIZE: Final = re.compile(r"(\d{1,6})x(\d{1,6})")
_MERE: Final = frozenset(
    (
        "Model hash",
        "Version",
        "Lora hashes",
        "Hashes",
        "TI hashes",
        "VAE hash",
        "Size-1",
        "Size-2",
        "RNG",
    )
)
"""What is noted and asks for nothing."""

_LEAST_PAIRS: Final = 2


def parse_a1111(text: str) -> FoundRecipe | None:
    """A recipe; None where the text is of another kind."""
    lines = text.strip().split("\n")
    pairs = _pairs(lines[-1])
    if len(pairs) < _LEAST_PAIRS or not pairs.keys() & {"Steps", "Seed", "Sampler"}:
        return None
    body = "\n".join(lines[:-1])
    prompt, found, negative = ("\n" + body).rpartition("\n" + NEGATIVE)
    gathered = Gatherer(PROGRAM)
    gathered.text("prompt", (prompt if found else body).strip())
    gathered.text("negative", negative.strip() if found else "")
    for name, value in pairs.items():
        _take(gathered, name, value)
    return gathered.found()


def write_a1111(made: Recipe) -> str:
    """A recipe as that text."""
    params = made.params
    sampler, schedule = str(params.get("scheduler", "")), str(params.get("schedule", ""))
    width, height = (made.crop.shape[1], made.crop.shape[0]) if made.crop is not None else (0, 0)
    skip = params.get("clip_skip", 0)
    pairs = {
        "Steps": params.get("steps"),
        "Sampler": A1111_SAMPLERS.get(sampler),
        "Schedule type": A1111_SCHEDULES.get(schedule),
        "CFG scale": params.get("guidance"),
        "Seed": params.get("seed"),
        "Size": f"{width}x{height}" if width else None,
        "Model": made.model or None,
        "Model hash": made.model_sha256[:10] or None,
        "Denoising strength": params.get("strength"),
        "Clip skip": layer_of(skip, made.notes.get("family", "")) if isinstance(skip, int) and skip else None,
        "Version": "Scumble",
    }
    lines = [str(params.get("prompt", ""))]
    if params.get("negative"):
        lines.append(f"{NEGATIVE} {params['negative']}")
    lines.append(", ".join(f"{name}: {_quoted(value)}" for name, value in pairs.items() if value is not None))
    return "\n".join(lines)


def _pairs(line: str) -> dict[str, str]:
    return {name.strip(): _unquoted(value.strip()) for name, value in _PAIR.findall(line[:100_000])}


def _take(gathered: Gatherer, name: str, value: str) -> None:
    match name:
        case "Steps":
            gathered.whole("steps", value, name)
        case "CFG scale":
            gathered.number("guidance", value, name)
        case "Seed":
            gathered.whole("seed", value, name)
        case "Sampler":
            gathered.sampler(value, name)
        case "Schedule type":
            gathered.schedule(value, name)
        case "Denoising strength":
            gathered.number("strength", value, name)
        case "Clip skip":
            gathered.from_end(value, name)
        case "Model":
            gathered.model = value
        case "Size":
            if size := _SIZE.fullmatch(value):
                gathered.whole("width", size[1], name)
                gathered.whole("height", size[2], name)
        case _ if name not in _MERE:
            gathered.leave(name)


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if any(mark in text for mark in ',:\n"') else text


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value
    return value
