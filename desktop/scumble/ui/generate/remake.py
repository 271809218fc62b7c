"""Again, a variation, other words: a generated layer's recipe run once more, the result being for that very layer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from scumble.api import ModelInfo, ParamValue, Picture, ScumbleError, Tool
from scumble.document import PaintLayer, Pixels, Recipe, find
from scumble.generation import Prepared, modes
from scumble.generation.prepare import seen_picture
from scumble.generation.remake import (
    canvas_of,
    new_seeds,
    params_of,
    pictures_of,
    prepare_again,
    region_of,
    variation,
)
from scumble.generation.stale import AROUND, beneath, look_again
from scumble.plugins import Catalogue, InstalledPlugin, resolve_params
from scumble.render import flatten
from scumble.ui.generate.generator import Generator
from scumble.ui.generate.jobs import Job
from scumble.ui.messages import error_text
from scumble.ui.session import DocumentSession


class Way(Enum):
    """How a layer is made anew."""

    SAME = auto()
    """With the same seed: the same picture where nothing below has changed."""
    ANOTHER = auto()
    """With another seed."""
    VARIED = auto()
    """With another seed, beginning from what the layer shows."""


@dataclass(frozen=True, slots=True)
class _Means:
    """What a recipe needs that may have gone since."""

    plugin: InstalledPlugin
    tool: Tool
    model: ModelInfo | None


class Remaker(QObject):
    """`refused` carries a sentence and details. `models` tells which models there are."""

    refused = Signal(str, str)

    def __init__(
        self,
        generator: Generator,
        catalogue: Catalogue,
        models: Callable[[], tuple[ModelInfo, ...]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._generator = generator
        self._catalogue = catalogue
        self._models = models

    def remake(
        self, session: DocumentSession, layer: PaintLayer, way: Way, changes: Mapping[str, ParamValue] | None = None
    ) -> Job | None:
        """Asks for a layer's recipe again, with some parameters changed; None where a sentence says why not."""
        made = layer.recipe
        if made is None or find(session.document.layers, layer.id) is None:
            return None
        try:
            session.settle()
            means = self._means(made)
            return self._generator.submit(self._prepared(session, layer, made, means, way, changes or {}), session)
        except ScumbleError as error:
            self.refused.emit(error_text(error.code, error.params), error.details)
            return None

    def _means(self, made: Recipe) -> _Means:
        """Raises `ScumbleError`: `tool-unknown`, `model-missing`."""
        plugin, tool = self._catalogue.find_tool(made.tool)
        if not tool.model:
            return _Means(plugin, tool, None)
        for model in self._models():
            if model.id == made.model:
                return _Means(plugin, tool, model)
        raise ScumbleError("model-missing", model=made.model)

    def _prepared(
        self,
        session: DocumentSession,
        layer: PaintLayer,
        made: Recipe,
        means: _Means,
        way: Way,
        changes: Mapping[str, ParamValue],
    ) -> Prepared:
        tool, document = means.tool, session.document
        given, _ = params_of(tool, made)
        if way is Way.VARIED:
            given |= variation(tool, given)
        elif way is Way.ANOTHER:
            given |= new_seeds(tool)
        pictures = pictures_of(tool, made)
        seen: Pixels | None = None
        below = ""
        if name := canvas_of(tool):
            seen, below = look_again(flatten, document.snapshot(), layer, made)
            if way is Way.VARIED or (name in pictures and below != made.below):
                pictures[name] = _shown(session, layer, made, tool)
        return prepare_again(
            uuid.uuid4().hex,
            tool,
            modes.settled(tool, resolve_params(tool, given | dict(changes)), None),
            document,
            layer.id,
            made,
            seen,
            plugin=means.plugin.id,
            plugin_version=means.plugin.version,
            model=means.model,
            pictures=pictures,
            below=below,
        )


def _shown(session: DocumentSession, layer: PaintLayer, made: Recipe, tool: Tool) -> Picture:
    """What the tool would see if the layer as it is belonged to what lies below it."""
    snapshot = session.document.snapshot()
    if not made.below.startswith(AROUND):
        snapshot = beneath(snapshot, layer.id, inclusive=True)
    region = region_of(made)
    return seen_picture(tool, session.document, region, flatten(snapshot, region.box))
