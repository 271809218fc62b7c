"""Recipes of generated layers as entries of a file: JSON, with the crop, the selection and other pictures as PNG."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

import msgspec
import numpy as np

from scumble.document import MAX_SIDE, Pixels, Recipe, Rect
from scumble.document.recipe import RECIPE_VERSION, RegionPrompt
from scumble.files.png import Png, PngError, encode_whole

_MOST_JSON: Final = 1 << 20
_MOST_INPUTS: Final = 64
_FARTHEST: Final = 4 * MAX_SIDE


class RecipeError(Exception):
    """Why a recipe cannot be read, as the end of a sentence."""


class _Region(msgspec.Struct, kw_only=True, omit_defaults=True):
    prompt: str = ""
    negative: str = ""
    strength: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 1.0


class _RecipeFile(msgspec.Struct, kw_only=True):
    version: int
    tool: str
    plugin: str
    plugin_version: str = ""
    model: str = ""
    model_sha256: str = ""
    params: dict[str, str | bool | int | float] = {}
    box: tuple[int, int, int, int]
    blend: dict[str, float] = {}
    notes: dict[str, str] = {}
    seals: dict[str, str] = {}
    below: str = ""
    crop: str = ""
    selection: str = ""
    inputs: dict[str, str] = {}
    regions: dict[str, _Region] = {}


def recipe_entries(recipe: Recipe, name: str) -> list[tuple[str, Callable[[], bytes]]]:
    """The entries of a recipe, `name`.json first, each with the call that makes it."""
    parts: list[tuple[str, Callable[[], bytes]]] = []
    names = {"crop": "", "selection": ""}
    for part, pixels in (("crop", recipe.crop), ("selection", recipe.selection)):
        if pixels is not None and pixels.size:
            names[part] = f"{name}-{part}.png"
            parts.append((names[part], _encoder(pixels)))
    inputs = {given: f"{name}-input-{number}.png" for number, given in enumerate(recipe.inputs)}
    parts += [(inputs[given], _encoder(pixels)) for given, pixels in recipe.inputs.items()]
    box = recipe.box
    content = _RecipeFile(
        version=recipe.version,
        tool=recipe.tool,
        plugin=recipe.plugin,
        plugin_version=recipe.plugin_version,
        model=recipe.model,
        model_sha256=recipe.model_sha256,
        params=dict(recipe.params),
        box=(box.x, box.y, box.width, box.height),
        blend=dict(recipe.blend),
        notes=dict(recipe.notes),
        seals=dict(recipe.seals),
        below=recipe.below,
        inputs=inputs,
        regions={
            given: _Region(prompt=each.prompt, negative=each.negative, strength=each.strength)
            for given, each in recipe.regions.items()
        },
        **names,
    )
    return [(f"{name}.json", lambda: msgspec.json.format(msgspec.json.encode(content), indent=1)), *parts]


def read_recipe(data: bytes, read: Callable[[str], bytes]) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe from its JSON and the entries that it names, and those names. Raises RecipeError."""
    if len(data) > _MOST_JSON:
        raise RecipeError("it is too long")
    try:
        content = msgspec.json.decode(data, type=_RecipeFile)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RecipeError("it is not valid") from error
    if not 1 <= content.version <= RECIPE_VERSION:
        raise RecipeError("a newer Scumble wrote it")
    if len(content.inputs) > _MOST_INPUTS:
        raise RecipeError("it has too many pictures")
    box = Rect(*content.box)
    if min(box.width, box.height) < 1 or max(map(abs, content.box)) > _FARTHEST:
        raise RecipeError("its place is not one that a picture has")
    try:
        inputs = {given: Png(read(entry)).pixels() for given, entry in content.inputs.items()}
        crop = Png(read(content.crop)).pixels() if content.crop else None
        selection = Png(read(content.selection)).pixels() if content.selection else None
    except PngError as error:
        raise RecipeError(str(error)) from error
    if crop is not None and (crop.shape[2] not in (3, 4) or crop.dtype != np.uint8):
        raise RecipeError("its picture is of another kind")
    if selection is not None and (selection.shape != (box.height, box.width, 1) or selection.dtype != np.uint8):
        raise RecipeError("its selection has another size")
    if any(pixels.shape[2] not in (1, 3, 4) or pixels.dtype != np.uint8 for pixels in inputs.values()):
        raise RecipeError("one of its pictures is of another kind")
    recipe = Recipe(
        version=content.version,
        tool=content.tool,
        plugin=content.plugin,
        plugin_version=content.plugin_version,
        model=content.model,
        model_sha256=content.model_sha256,
        params=content.params,
        box=box,
        regions={given: RegionPrompt(**msgspec.structs.asdict(each)) for given, each in content.regions.items()},
        blend=content.blend,
        notes=content.notes,
        seals=content.seals,
        below=content.below,
        inputs={given: pixels[..., 0] if pixels.shape[2] == 1 else pixels for given, pixels in inputs.items()},
        crop=crop,
        selection=None if selection is None else selection[..., 0],
    )
    return recipe, tuple(name for name in (content.crop, content.selection, *content.inputs.values()) if name)


def _encoder(pixels: Pixels) -> Callable[[], bytes]:
    return lambda: encode_whole(pixels)
