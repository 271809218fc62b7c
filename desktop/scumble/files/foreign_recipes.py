"""How a picture says that it was made: by A1111, ComfyUI, InvokeAI or Scumble.

A PNG says it in text chunks, JPEG and WebP in the EXIF user comment. Everything in it is taken for data of a stranger:
bounded in size, looked at piece by piece, never trusted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PIL import Image

from scumble.files.a1111 import parse_a1111
from scumble.files.comfy import parse_prompt, parse_workflow
from scumble.files.found_recipe import FoundRecipe, Gatherer
from scumble.files.metadata import RECIPES
from scumble.files.pillow import quiet
from scumble.files.raster_read import READABLE
from scumble.files.texts import whole

MOST: Final = 4 << 20
"""Characters of a text that are looked at."""

_EXIF_IFD: Final = 0x8769
_USER_COMMENT: Final = 0x9286
_CODE: Final = 8
"""Bytes of a user comment that name its encoding. Source: Exif 2.32, 4.6.5."""

_INVOKE: Final = {
    "steps": "steps",
    "seed": "seed",
    "width": "width",
    "height": "height",
    "clip_skip": "clip_skip",
}
_INVOKE_MERE: Final = frozenset(
    ("app_version", "generation_mode", "rand_device", "ref_images", "canvas_v2_metadata", "_model_config")
)


def find_recipe(path: Path) -> FoundRecipe | None:
    """The recipe in a picture; None where there is none, or the file is no picture."""
    with suppress(Exception), quiet(), Image.open(path, formats=READABLE) as image:  # Pillow fails in many ways
        return recipe_of(_texts(image))
    return None


def recipe_of(texts: Mapping[str, str]) -> FoundRecipe | None:
    """The recipe in texts by the names of their chunks; `comment` is the EXIF user comment."""
    for found in _readings({name: text for name, text in texts.items() if len(text) <= MOST}):
        if found is not None:
            return _whole(found)
    return None


def _whole(found: FoundRecipe) -> FoundRecipe:
    """With texts that a document can be saved with."""
    params = {whole(name): whole(value) if isinstance(value, str) else value for name, value in found.params.items()}
    left = tuple(map(whole, found.left))
    return replace(found, params=params, tool=whole(found.tool), model=whole(found.model), left=left)


def _readings(texts: Mapping[str, str]) -> Iterator[FoundRecipe | None]:
    """Each way to read them, the surest first."""
    comment = texts.get("comment", "")
    yield _scumble(_json(texts.get(RECIPES, "")))
    yield _scumble(_json(comment))
    yield _invoke(_json(texts.get("invokeai_metadata", "")))
    yield parse_prompt(_json(texts.get("prompt", "")))
    yield parse_workflow(_json(texts.get("workflow", "")))
    yield parse_a1111(texts.get("parameters", ""))
    yield parse_a1111(comment)


def _texts(image: Image.Image) -> dict[str, str]:
    found = {str(name): value for name, value in image.info.items() if isinstance(value, str)}
    comment = image.getexif().get_ifd(_EXIF_IFD).get(_USER_COMMENT, b"")
    if isinstance(comment, bytes) and len(comment) <= MOST:
        found["comment"] = _decoded(comment)
    return found


def _decoded(comment: bytes) -> str:
    """A user comment; the standard leaves open how UTF-16 is ordered, so that the zeros decide."""
    body = comment[_CODE:]
    if not comment.startswith(b"UNICODE"):
        return body.decode("utf-8", "replace")
    big = body[0::2].count(0) >= body[1::2].count(0)
    return body.decode("utf-16-be" if big else "utf-16-le", "replace")


def _json(text: str) -> object:
    try:
        return json.loads(text) if text.lstrip()[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None


def _scumble(data: object) -> FoundRecipe | None:
    """Ours: a list of recipes, of which the topmost layer's is taken."""
    last = data[-1] if isinstance(data, list) and data else None
    if not isinstance(last, dict) or not isinstance(last.get("params"), dict) or not isinstance(last.get("tool"), str):
        return None
    params = {str(name): value for name, value in last["params"].items() if isinstance(value, str | int | float | bool)}
    return FoundRecipe("Scumble", params, last["tool"], str(last.get("model", "")))


def _invoke(data: object) -> FoundRecipe | None:
    if not isinstance(data, dict):
        return None
    gathered = Gatherer("InvokeAI")
    gathered.text("prompt", data.get("positive_prompt", ""))
    gathered.text("negative", data.get("negative_prompt", ""))
    known = {"positive_prompt", "negative_prompt", "scheduler", "cfg_scale", "cfg_rescale_multiplier", "strength"}
    for name, ours in _INVOKE.items():
        gathered.whole(ours, data.get(name), name)
    gathered.number("guidance", data.get("cfg_scale"), "cfg_scale")
    gathered.number("rescale", data.get("cfg_rescale_multiplier"), "cfg_rescale_multiplier")
    gathered.number("strength", data.get("strength"), "strength")
    gathered.sampler(data.get("scheduler"), "scheduler")
    gathered.model = _name_of(data.get("model"))
    _invoke_loras(gathered, data.get("loras"))
    for name, value in data.items():
        if name not in {*known, *_INVOKE, *_INVOKE_MERE, "model", "loras"} and value not in (None, "", [], {}, False):
            gathered.leave(str(name))
    return gathered.found()


def _invoke_loras(gathered: Gatherer, loras: Any) -> None:
    for entry in loras[:20] if isinstance(loras, list) else ():
        if isinstance(entry, dict):
            gathered.lora(_name_of(entry.get("model", entry.get("lora"))), entry.get("weight", 1.0))


def _name_of(model: Any) -> str:
    found = model.get("name", model.get("model_name", "")) if isinstance(model, dict) else model
    return found if isinstance(found, str) else ""
