"""From what the dock shows to a job, and from a job's pictures to candidates."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from scumble.api import JobRegion, Mask, ModelInfo, ParamValue, Picture, ScumbleError, Tool, ToolResult
from scumble.document import BGRA8, Rect, TileMap
from scumble.document.edits import new_document
from scumble.generation import (
    Blend,
    Island,
    Prepared,
    Region,
    islands,
    layer_name,
    modes,
    prepare,
    region_for,
)
from scumble.generation.regional import selected_tiles
from scumble.generation.stale import look
from scumble.plugins import InstalledPlugin, resolve_params
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
    """What a person has asked for: a tool with its plugin, the form's values, the pictures, the model; and of how the
    result is to meet the rest what was chosen, lengths in pixels and parts in percent.

    With `in_turn` each region is a job of its own.
    """

    plugin: InstalledPlugin
    tool: Tool
    params: Mapping[str, ParamValue]
    pictures: Mapping[str, Picture]
    model: ModelInfo | None
    edge: Mapping[str, float] = field(default_factory=dict)
    in_turn: bool = False

    @property
    def native(self) -> int | None:
        """The model's side; None for a tool that needs none."""
        return self.model.native if self.model is not None and self.tool.model else None


@dataclass(frozen=True, slots=True)
class Part:
    """What one job would work on: a region, how its result would meet the rest, the rectangle round all that may change
    (None: all of the box), and the island of the selection that it is for, where there are several. `tiles` are what
    is to change where that is not what the document says."""

    region: Region
    blend: Blend
    change: Rect | None = None
    island: Island | None = None
    tiles: TileMap | None = None

    def mask(self, wish: Wish, session: DocumentSession) -> Mask:
        """What is to change, over its box."""
        document = session.document
        if self.island is not None:
            tiles = selected_tiles(document, wish.tool) if self.tiles is None else self.tiles
            return self.island.selected(tiles, self.region.box)
        return modes.mask_to_change(wish.tool, wish.params, document, self.region.box, self.tiles)


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
        """Asks for a job, or for one for each island of the selection, or for each region, and returns one; None when
        it cannot be, and then a sentence says why."""
        try:
            params = resolve_params(wish.tool, wish.params)
            session = self._window.session or self._blank(wish, params)
            session.settle()
            edge = {name: self._settings.number(f"generate.{name}") for name in ("match", "seam")}
            found = self._parts(replace(wish, edge=edge | dict(wish.edge)), params, session)
            job, group = None, uuid.uuid4().hex if len(found) > 1 else ""
            for asked, part, regions in reversed(found) if place == "front" else found:
                where = place if job is None or place == "front" else "back"
                job = self._submit(
                    asked,
                    session,
                    part.region,
                    part.blend,
                    selection=part.mask(asked, session),
                    regions=regions,
                    place=where,
                    group=group,
                )
            return job
        except ScumbleError as error:
            self.refused.emit(error_text(error.code, error.params), error.details)
            return None

    def submit(self, prepared: Prepared, session: DocumentSession, place: Place = "back", group: str = "") -> Job:
        """Asks for a job that was prepared elsewhere; `group` names those that belong together."""
        return self._board.submit(prepared, session, layer_name(prepared), place, group)

    def _submit(
        self,
        wish: Wish,
        session: DocumentSession,
        region: Region,
        blend: Blend,
        *,
        selection: Mask | None = None,
        regions: tuple[JobRegion, ...] | None = None,
        place: Place = "back",
        group: str = "",
    ) -> Job:
        tool, document = wish.tool, session.document
        seen, below = None, ""
        if any(given.kind == "canvas" for given in tool.inputs):
            active = document.active
            flatten, above = self._candidates.witness.flatten, active.id if active is not None else None
            seen, below = look(flatten, document.snapshot(), region.box, above)
        prepared = prepare(
            uuid.uuid4().hex,
            tool,
            wish.params,
            document,
            region,
            seen,
            plugin=wish.plugin.id,
            plugin_version=wish.plugin.version,
            model=wish.model if tool.model else None,
            pictures=wish.pictures,
            selection=selection,
            blend=blend,
            regions=regions,
            below=below,
        )
        if regions is None:
            prepared = self._with_words(prepared)
        job = self.submit(prepared, session, place, group)
        self.asked.emit(wish.params)
        return job

    def _parts(
        self, wish: Wish, params: Mapping[str, ParamValue], session: DocumentSession
    ) -> list[tuple[Wish, Part, tuple[JobRegion, ...] | None]]:
        """The jobs that there are to be: what each is asked, where, and its regions where those are not the document's.
        Raises `ScumbleError`."""
        found = []
        for turn in turns(session.document, wish.tool, params, in_turn=wish.in_turn):
            settled = modes.settled(wish.tool, turn.params, session.document)
            asked = replace(wish, params=self._worded(wish.tool, settled))
            parts = parts_for(asked, asked.params, session, self._context_of(session), turn.tiles)
            found += [(asked, part, turn.regions) for part in parts]
        return found

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
        busy = session is not None and (session.document.history.busy or session.interacting)
        return busy or bool(QGuiApplication.mouseButtons())


def plan_for(
    wish: Wish,
    params: Mapping[str, ParamValue],
    session: DocumentSession,
    context: ContextBox | None = None,
    island: Island | None = None,
    tiles: TileMap | None = None,
) -> tuple[Region, Blend]:
    """Where the tool would look, and how its result would meet the rest; for one island of the selection, or for all of
    `tiles`, which stand in for what the document says. Without a `context` nobody has set a box, and there is time for
    one pass only. Raises `ScumbleError`."""
    document = session.document
    selection = modes.bounds_to_change(wish.tool, params, document, tiles) if island is None else island.bounds
    blend = Blend()
    if wish.tool.result == "masked-layer" and not selection.empty:
        auto = modes.edge_for(wish.tool, params, selection, native=wish.native)
        blend = Blend.of(auto.as_mapping() | lengths_and_parts(wish.edge))
    passes = wish.tool.two_passes and context is not None and context.two_passes
    tool, box = msgspec.structs.replace(wish.tool, two_passes=passes), None
    if context is not None and island is None:
        box = context.box_for(selection.expanded(blend.reach) & document.bounds)
    plan = modes.planned(wish.tool, params)
    region = region_for(tool, plan, document.bounds, selection, native=wish.native, blend=blend, box=box)
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
    region, blend = plan_for(wish, params, session, context, tiles=tiles)
    if wish.tool.result != "masked-layer":
        return (Part(region, blend, tiles=tiles),)
    document = session.document
    bounds = modes.bounds_to_change(wish.tool, params, document, tiles)
    whole = Part(region, blend, bounds.expanded(blend.reach) & document.bounds, tiles=tiles)
    if context.box_for(bounds) is not None or (tiles is None and modes.inverts(wish.tool, params)):
        return (whole,)
    chosen = selected_tiles(document, wish.tool) if tiles is None else tiles
    found = islands(chosen, document.bounds, wish.native or 512)
    if len(found) < 2:
        return (whole,)
    plans = [(plan_for(wish, params, session, context, island), island) for island in found]
    return tuple(
        Part(region, blend, island.bounds.expanded(blend.reach) & document.bounds, island, tiles)
        for (region, blend), island in plans
    )


def lengths_and_parts(chosen: Mapping[str, float]) -> dict[str, float]:
    """Settings of a blend as the form has them, in the form of a recipe."""
    return {name: value if name in ("grow", "feather") else value / 100 for name, value in chosen.items()}
