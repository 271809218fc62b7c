"""Again, a variation, other words: a generated layer's recipe run once more, the result being for that very layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from PySide6.QtCore import QObject, Signal

from scumble.api import ModelInfo, ParamValue, ScumbleError, Tool
from scumble.document import Document, PaintLayer, Recipe, Snapshot, find
from scumble.generation import Prepared, modes
from scumble.generation.blend import name_of
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
from scumble.generation.stale import AROUND, beneath, digest_again, seen_by
from scumble.plugins import Catalogue, InstalledPlugin, resolve_params
from scumble.render.flatten import in_slices
from scumble.ui.generate.generator import Generator
from scumble.ui.generate.jobs import Job
from scumble.ui.generate.preparing import Steps
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
            given = self._given(means.tool, made, way, changes or {})
            job = Job(None, session, name_of(means.tool, given))
            steps = self._steps(job.id, session.document.copy(), layer, made, means, way, given)
            self._generator.preparing.add(job, steps, light=means.tool.light)
            return job
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

    def _given(self, tool: Tool, made: Recipe, way: Way, changes: Mapping[str, ParamValue]) -> dict[str, ParamValue]:
        """The parameters, every one named. Raises `ScumbleError`."""
        given, _ = params_of(tool, made)
        if way is Way.VARIED:
            given |= variation(tool, given)
        elif way is Way.ANOTHER:
            given |= new_seeds(tool)
        return modes.settled(tool, resolve_params(tool, given | dict(changes)), None)

    def _steps(
        self,
        job_id: str,
        document: Document,
        layer: PaintLayer,
        made: Recipe,
        means: _Means,
        way: Way,
        given: Mapping[str, ParamValue],
    ) -> Steps:
        tool, snapshot = means.tool, document.snapshot()
        pictures, name, seen, below = pictures_of(tool, made), canvas_of(tool), None, ""
        if name:
            seen = yield from in_slices(seen_by(made, snapshot, layer.id), made.box)
            below = yield partial(digest_again, seen, made)
            if way is Way.VARIED or (name in pictures and below != made.below):
                shown = yield from in_slices(_with_layer(snapshot, layer, made), made.box)
                pictures[name] = yield partial(seen_picture, tool, document, region_of(made), shown)
        prepared: Prepared = yield partial(
            prepare_again,
            job_id,
            tool,
            given,
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
        return prepared


def _with_layer(snapshot: Snapshot, layer: PaintLayer, made: Recipe) -> Snapshot:
    """What a layer's tool would see if the layer as it is belonged to what lies below it."""
    return snapshot if made.below.startswith(AROUND) else beneath(snapshot, layer.id, inclusive=True)
