"""From what the dock shows to a job, and from a job's pictures to candidates."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from scumble.api import JobRegion, Mask, ModelInfo, ParamValue, Picture, ScumbleError, Tool, ToolResult
from scumble.document import BGRA8, PaintLayer, Recipe, Rect, Snapshot, TileMap
from scumble.document.edits import new_document
from scumble.document.layers import update
from scumble.document.tiles import content_bounds, read_tiles
from scumble.generation import (
    Blend,
    Island,
    Prepared,
    Region,
    default_blend,
    first_pass,
    islands,
    layer_name,
    prepare,
    region_for,
)
from scumble.generation.regional import recipe_regions, selected_tiles
from scumble.plugins import InstalledPlugin, resolve_params
from scumble.render import flatten
from scumble.service import Failure, Place
from scumble.settings import Settings
from scumble.ui.generate.candidates import Candidates
from scumble.ui.generate.contextbox import ContextBox
from scumble.ui.generate.inturn import prompt_names, turns
from scumble.ui.generate.jobs import Job, JobBoard
from scumble.ui.generate.words import Words
from scumble.ui.messages import error_text
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person has asked for: a tool with its plugin, the form's values, the pictures, the model.

    With `in_turn` each region is a job of its own.
    """

    plugin: InstalledPlugin
    tool: Tool
    params: Mapping[str, ParamValue]
    pictures: Mapping[str, Picture]
    model: ModelInfo | None
    grow: int = -1
    feather: int = -1
    in_turn: bool = False

    @property
    def native(self) -> int | None:
        """The model's side; None for a tool that needs none."""
        return self.model.native if self.model is not None and self.tool.model else None


@dataclass(frozen=True, slots=True)
class Part:
    """What one job would work on: a region, how its result would meet the rest, the rectangle round all that may change
    (None: all of the box), and the island of the selection that it is for, where there are several. `tiles` are all
    that is selected."""

    region: Region
    blend: Blend
    change: Rect | None = None
    island: Island | None = None
    tiles: TileMap = field(default_factory=dict)

    @property
    def mask(self) -> Mask:
        """What is to change, over its box."""
        if self.island is not None:
            return self.island.selected(self.tiles, self.region.box)
        return np.asarray(read_tiles(self.tiles, self.region.box, 1, np.dtype(np.uint8)), np.uint8)


class Generator(QObject):
    """`context_of` gives the context box of a document. `refused` carries a sentence and details; `asked` the params of
    a job, with the seed that it got."""

    refused = Signal(str, str)
    asked = Signal(object)

    def __init__(
        self,
        window: MainWindow,
        board: JobBoard,
        candidates: Candidates,
        settings: Settings,
        context_of: Callable[[DocumentSession], ContextBox],
        words: Words | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._context_of = context_of
        self._board = board
        self._candidates = candidates
        self._settings = settings
        self._words = words
        board.delivered.connect(self._on_delivered)
        board.failed.connect(self._on_failed)

    def generate(self, wish: Wish, place: Place = "back") -> Job | None:
        """Asks for a job, or for one for each island of the selection, or for each region, and returns the first; None
        when it cannot be, and then a sentence says why."""
        try:
            params = resolve_params(wish.tool, wish.params)
            session = self._window.session or self._blank(wish, params)
            session.settle()
            jobs: list[Job] = []
            for turn in turns(session.document, wish.tool, params, in_turn=wish.in_turn):
                asked = replace(wish, params=self._worded(wish.tool, turn.params))
                for part in parts_for(asked, asked.params, session, self._context_of(session), turn.tiles):
                    where: Place = "back" if jobs and place == "instead" else place
                    selection, regions = part.mask, turn.regions
                    jobs.append(
                        self._submit(
                            asked, session, part.region, part.blend, selection=selection, regions=regions, place=where
                        )
                    )
            return jobs[0]
        except ScumbleError as error:
            self.refused.emit(error_text(error.code, error.params), error.details)
            return None

    def again(self, wish: Wish, session: DocumentSession, layer: PaintLayer, recipe: Recipe) -> Job | None:
        """Asks for what a layer's recipe says, in its place and under it, with another seed."""
        try:
            session.settle()
            crop = recipe.crop
            size = (crop.shape[1], crop.shape[0]) if crop is not None else (recipe.box.width, recipe.box.height)
            seedless = {name: -1 for name, param in wish.tool.params.items() if param.type == "seed"}
            params = resolve_params(wish.tool, {**wish.params, **seedless})
            seen = without(session.document.snapshot(), layer)
            return self._submit(
                replace(wish, params=params),
                session,
                Region(recipe.box, size, first_pass(size, wish.native) if wish.tool.two_passes else (0, 0)),
                Blend.of(recipe.blend),
                seen=seen,
                selection=recipe.selection,
                regions=recipe_regions(recipe, size),
            )
        except ScumbleError as error:
            self.refused.emit(error_text(error.code, error.params), error.details)
            return None

    def _submit(
        self,
        wish: Wish,
        session: DocumentSession,
        region: Region,
        blend: Blend,
        *,
        seen: Snapshot | None = None,
        selection: Mask | None = None,
        regions: tuple[JobRegion, ...] | None = None,
        place: Place = "back",
    ) -> Job:
        tool, document = wish.tool, session.document
        looks = any(given.kind == "canvas" for given in tool.inputs)
        prepared = prepare(
            uuid.uuid4().hex,
            tool,
            wish.params,
            document,
            region,
            flatten(seen or document.snapshot(), region.box) if looks else None,
            plugin=wish.plugin.id,
            plugin_version=wish.plugin.version,
            model=wish.model if tool.model else None,
            pictures=wish.pictures,
            selection=selection,
            blend=blend,
            regions=regions,
            key=session.title,
        )
        if regions is None:
            prepared = self._with_words(prepared)
        job = self._board.submit(prepared, session, layer_name(prepared), place)
        self.asked.emit(wish.params)
        return job

    def _worded(self, tool: Tool, params: Mapping[str, ParamValue]) -> Mapping[str, ParamValue]:
        """The prompts as the model gets them."""
        return params if self._words is None else self._words.applied(tool, params)

    def _with_words(self, prepared: Prepared) -> Prepared:
        """The same with the texts of its regions as the model gets them; what is empty stays so."""
        tool, job = prepared.tool, prepared.job
        regions = []
        for region in job.regions:
            given = dict(zip(prompt_names(tool), (region.prompt, region.negative), strict=False))
            made = [str(self._worded(tool, {**job.params, **given})[name]) for name in given]
            texts = [text if given[name] else "" for name, text in zip(given, made, strict=True)]
            prompt, negative = (*texts, "", "")[:2]
            regions.append(replace(region, prompt=prompt, negative=negative))
        return replace(prepared, job=replace(job, regions=tuple(regions)))

    def _blank(self, wish: Wish, params: Mapping[str, ParamValue]) -> DocumentSession:
        """A picture to generate in, where none is open and the tool needs none."""
        if any(not given.optional and given.kind != "picture" for given in wish.tool.inputs):
            raise ScumbleError("tool-needs-document", tool=wish.tool.title)
        sizes = [int(params[name]) for name, param in wish.tool.params.items() if param.type == "size"]
        side = wish.native or 512
        width, height = (sizes[0], sizes[-1]) if sizes else (side, side)
        document = new_document(width, height, BGRA8, background=(1.0, 1.0, 1.0), name=self.tr("Background"))
        return self._window.open_document(document, None, self.tr("Untitled"))

    def _on_delivered(self, job: Job, result: ToolResult) -> None:
        made = self._candidates.add(job, result)
        if not made:
            self.refused.emit(self.tr("{title}: the tool made no picture.").format(title=job.title), "")
            return
        if "memory" in result.notes:
            text = self.tr("Memory was short, so the picture was made another way: {how}.")
            self.refused.emit(text.format(how=result.notes["memory"]), "")
        if self._settings.flag("generate.apply") and not self._painting(job.session):
            self._candidates.apply(made[0])

    def _on_failed(self, _job: Job, failure: Failure) -> None:
        self.refused.emit(error_text(failure.code, dict(failure.params)), failure.details)

    def _painting(self, session: DocumentSession | None) -> bool:
        """A stroke in progress is not to be ended by a result; that one waits in the strip."""
        busy = session is not None and session.document.history.busy
        return busy or bool(QGuiApplication.mouseButtons())


def plan_for(
    wish: Wish,
    params: Mapping[str, ParamValue],
    session: DocumentSession,
    context: ContextBox | None = None,
    island: Island | None = None,
    tiles: TileMap | None = None,
) -> tuple[Region, Blend]:
    """Where the tool would look, and how its result would meet the rest; for one island of what is selected, or for all
    of it: `tiles`, or what the document says. Raises `ScumbleError`."""
    document = session.document
    chosen = selected_tiles(document, wish.tool) if tiles is None else tiles
    selection = content_bounds(chosen) & document.bounds if island is None else island.bounds
    blend = Blend()
    if wish.tool.result == "masked-layer" and not selection.empty:
        value = params.get("strength", 1.0)
        strength = min(max(float(value), 0.0), 1.0) if isinstance(value, int | float) else 1.0
        auto = default_blend(selection, native=wish.native, strength=strength)
        blend = Blend(
            auto.grow if wish.grow < 0 else wish.grow,
            auto.feather if wish.feather < 0 else wish.feather,
        )
    tool, box = wish.tool, None
    if context is not None:
        tool = msgspec.structs.replace(tool, two_passes=tool.two_passes and context.two_passes)
        box = context.box_for(selection.expanded(blend.reach) & document.bounds) if island is None else None
    region = region_for(tool, params, document.bounds, selection, native=wish.native, blend=blend, box=box)
    return region, blend


def parts_for(
    wish: Wish,
    params: Mapping[str, ParamValue],
    session: DocumentSession,
    context: ContextBox,
    tiles: TileMap | None = None,
) -> tuple[Part, ...]:
    """What there would be a job for: all that is selected, or each of its islands where they lie far apart. `tiles`
    stand in for what the document says.

    Under a box that a person has set, all islands are seen together. Raises `ScumbleError`.
    """
    document = session.document
    chosen = selected_tiles(document, wish.tool) if tiles is None else tiles
    region, blend = plan_for(wish, params, session, context, tiles=chosen)
    if wish.tool.result != "masked-layer":
        return (Part(region, blend, tiles=chosen),)
    bounds = content_bounds(chosen) & document.bounds
    whole = Part(region, blend, bounds.expanded(blend.reach) & document.bounds, tiles=chosen)
    if context.box_for(bounds) is not None:
        return (whole,)
    found = islands(chosen, document.bounds, wish.native or 512)
    if len(found) < 2:
        return (whole,)
    plans = [(plan_for(wish, params, session, context, island), island) for island in found]
    return tuple(
        Part(region, blend, island.bounds.expanded(blend.reach) & document.bounds, island, chosen)
        for (region, blend), island in plans
    )


def without(snapshot: Snapshot, layer: PaintLayer) -> Snapshot:
    """The document as it looks without a layer."""
    tree = update(snapshot.structure.layers, layer.id, visible=False)
    return replace(snapshot, structure=snapshot.structure.with_layers(tree))
