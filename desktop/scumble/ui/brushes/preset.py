"""A brush preset: a brush with a name, in a category, for a tool; and how it is written down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from scumble.api import ScumbleError
from scumble.paint import Brush
from scumble.ui.marking import QT_TRANSLATE_NOOP

FORMAT: Final = "scumble-brush"
VERSION: Final = 1
"""Raised when a field changes its meaning. A newer file is refused, unknown fields of one of this version are not."""

SUFFIX: Final = ".scumblebrush"
MAX_BYTES: Final = 1 << 18
LONGEST_NAME: Final = 80

CATEGORIES: Final = {
    "own": QT_TRANSLATE_NOOP("presets", "Mine"),
    "pencil": QT_TRANSLATE_NOOP("presets", "Pencil"),
    "ink": QT_TRANSLATE_NOOP("presets", "Ink"),
    "paint": QT_TRANSLATE_NOOP("presets", "Paint"),
    "airbrush": QT_TRANSLATE_NOOP("presets", "Airbrush"),
    "texture": QT_TRANSLATE_NOOP("presets", "Texture"),
    "eraser": QT_TRANSLATE_NOOP("presets", "Eraser"),
    "mask": QT_TRANSLATE_NOOP("presets", "Mask"),
    "smudge": QT_TRANSLATE_NOOP("presets", "Smudge"),
}
"""The categories by id, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Preset:
    """`tool` is the id of the tool that it is for; one that is not there counts as the brush."""

    name: str
    brush: Brush
    category: str = "own"
    tool: str = "brush"


def brush_values(brush: Brush) -> dict[str, Any]:
    """What of a brush differs from a plain one, as JSON can hold it."""
    plain = msgspec.to_builtins(Brush())
    return {name: value for name, value in msgspec.to_builtins(brush).items() if value != plain[name]}


def brush_from(values: object) -> Brush | None:
    """A brush of what `brush_values` made; None for what makes none. Unknown fields are passed over."""
    try:
        return msgspec.convert(values, Brush)
    except (msgspec.ValidationError, ValueError):
        return None


def write_preset(preset: Preset) -> bytes:
    """A preset as a file's bytes."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "name": preset.name,
        "category": preset.category,
        "tool": preset.tool,
        "brush": brush_values(preset.brush),
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def read_preset(data: bytes, path: str) -> Preset:
    """A preset from a file's bytes. Raises `ScumbleError` ("preset-broken") for what is none; `path` is for it."""
    try:
        if len(data) > MAX_BYTES:
            raise ValueError("it is too large")
        document = json.loads(data)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError("it does not begin as one")
        version = document.get("version")
        if not isinstance(version, int) or version > VERSION:
            raise ValueError("it was made by a newer Scumble")
        return preset_from(document)
    except (ValueError, RecursionError) as error:
        told = not isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError)
        raise ScumbleError("preset-broken", path=path, reason=str(error) if told else "it is not whole") from error


def preset_from(values: dict[str, Any]) -> Preset:
    """A preset of its fields. ValueError for what does not fit."""
    name = values.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ValueError("it has no name")
    brush = brush_from(values.get("brush"))
    if brush is None:
        raise ValueError("a value of its brush does not fit")
    category, tool = values.get("category"), values.get("tool")
    return Preset(
        " ".join(name.split())[:LONGEST_NAME],
        brush,
        category if isinstance(category, str) and category in CATEGORIES else "own",
        tool if isinstance(tool, str) else "brush",
    )
