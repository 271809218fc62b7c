"""Generated layers made again from their recipes, without a window, and compared with what they are."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from scumble.api import ModelInfo, ParamValue, ScumbleError, Tool, ToolJob, ToolResult
from scumble.document import Document, PaintLayer, Recipe, walk
from scumble.generation import modes
from scumble.generation.blend import FIRST_SEED
from scumble.generation.remake import canvas_of, new_seeds, pictures_of, prepare_again
from scumble.generation.stale import look_again
from scumble.plugins import Catalogue, resolve_params
from scumble.render import flatten

PARTS: Final = ("vae", "lora", "word", "upscaler")
"""The kinds of files that a recipe names beside its model, each with its hash."""

NUMERICS: Final = ("device", "dtype", "attention", "threads", "torch", "diffusers", "transformers")
"""The notes about what sums differ with."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """How a layer came out: the largest difference of a channel, 0…255, or why it could not be made again.

    `stale` says that what lies below the layer has changed since; `otherwise` what it was computed with then, and now,
    where the sums differ with it.
    """

    layer: str
    difference: int = 0
    stale: bool = False
    otherwise: tuple[tuple[str, str, str], ...] = ()
    error: ScumbleError | None = None

    @property
    def same(self) -> bool:
        """Whether every byte is as it was."""
        return self.error is None and self.difference == 0


def replay(
    document: Document,
    catalogue: Catalogue,
    find_model: Callable[[str], ModelInfo],
    run: Callable[[ToolJob], ToolResult],
    name: str = "",
) -> Iterator[Replayed]:
    """Runs each generated layer's recipe, the lowest first, or those of the layers called `name` alone.

    Raises `Cancelled` as `run` does; any other `ScumbleError` of a layer is its outcome.
    """
    for layer in walk(document.layers):
        if isinstance(layer, PaintLayer) and layer.recipe is not None and name in ("", layer.name):
            try:
                yield _replayed(document, catalogue, find_model, run, layer, layer.recipe)
            except ScumbleError as error:
                if error.code == "cancelled":
                    raise
                yield Replayed(layer.name, error=error)


def _replayed(
    document: Document,
    catalogue: Catalogue,
    find_model: Callable[[str], ModelInfo],
    run: Callable[[ToolJob], ToolResult],
    layer: PaintLayer,
    made: Recipe,
) -> Replayed:
    plugin, tool = catalogue.find_tool(made.tool)
    if made.crop is None:
        raise ScumbleError("recipe-no-crop", layer=layer.name)
    model = find_model(made.model) if tool.model else None
    if model is not None and made.model_sha256 and model.sha256 != made.model_sha256:
        raise ScumbleError("model-other", model=made.model)
    seen, below = look_again(flatten, document.snapshot(), layer, made) if canvas_of(tool) else (None, "")
    prepared = prepare_again(
        uuid.uuid4().hex,
        tool,
        modes.settled(tool, resolve_params(tool, _params(tool, made)), None),
        document,
        layer.id,
        made,
        seen,
        plugin=plugin.id,
        plugin_version=plugin.version,
        model=model,
        pictures=pictures_of(tool, made),
    )
    result = run(prepared.job)
    _check_parts(layer.name, made, result)
    stale = bool(made.below) and below != made.below
    return Replayed(layer.name, _difference(tool, made, result), stale, _otherwise(made, result))


def _check_parts(layer: str, made: Recipe, result: ToolResult) -> None:
    """Raises `ScumbleError` (`part-missing`) where a LoRA, a learnt word or a VAE was another file."""
    for name, sha256 in made.notes.items():
        kind, _, part = name.partition(":")
        if kind in PARTS and result.notes.get(name, "") != sha256:
            raise ScumbleError("part-missing", part=part, layer=layer)


def _otherwise(made: Recipe, result: ToolResult) -> tuple[tuple[str, str, str], ...]:
    then = {name: made.notes[name] for name in NUMERICS if name in made.notes}
    return tuple((name, old, new) for name, old in then.items() if (new := result.notes.get(name, old)) != old)


def _params(tool: Tool, made: Recipe) -> dict[str, ParamValue]:
    """As the job had them: one picture of several is made in company, because sums of a batch are not those of one."""
    params = dict(made.params)
    first = made.notes.get(FIRST_SEED, "")
    if first.isdecimal():
        params |= dict.fromkeys(new_seeds(tool), int(first))
    return {name: value for name, value in params.items() if name in tool.params}


def _difference(tool: Tool, made: Recipe, result: ToolResult) -> int:
    """The largest difference of the recipe's picture to the one of the same seed; 255 where there is none of its size.

    Without a seed it is the first.
    """
    assert made.crop is not None
    seed = next((made.params[name] for name in new_seeds(tool) if name in made.params), None)
    image = next((found for found in result.candidates if found.seed == seed), result.candidates[0]).image
    if image.shape != made.crop.shape:
        return 255
    return int(np.abs(image.astype(np.int16) - made.crop.astype(np.int16)).max(initial=0))
