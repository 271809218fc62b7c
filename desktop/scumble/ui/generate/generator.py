"""From what the dock shows to a job, and from a job's pictures to candidates."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal

from scumble.api import JobRegion, Mask, ModelInfo, ParamValue, Picture, ScumbleError, Tool, ToolResult
from scumble.document import BGRA8, Document, Pixels, Rect, TileMap
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
from scumble.generation.blend import name_of
from scumble.generation.prepare import check
from scumble.generation.prompts import prompt_names
from scumble.generation.regional import selected_tiles
from scumble.generation.remake import canvas_of
from scumble.generation.stale import digest_above
from scumble.plugins import InstalledPlugin, resolve_params
from scumble.service import Failure, Place
from scumble.settings import Settings
from scumble.ui.generate.candidates import Candidates
from scumble.ui.generate.chain import Chain
from scumble.ui.generate.contextbox import ContextBox
from scumble.ui.generate.inturn import turns
from scumble.ui.generate.jobs import Job, JobBoard
from scumble.ui.generate.preparing import Preparing, Steps, look_in_slices
from scumble.ui.generate.words import Words
from scumble.ui.messages import error_text
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

LEAST_GAP: Final = 512
"""Pixels between parts of a selection that are seen apart; the contexts of nearer ones would overlap, even where a
model sees few at a time."""


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

    def mask(self, wish: Wish, document: Document) -> Mask:
        """What is to change, over its box."""
        if self.island is not None:
            tiles = selected_tiles(document, wish.tool) if self.tiles is None else self.tiles
            return self.island.selected(tiles, self.region.box)
        return modes.mask_to_change(wish.tool, wish.params, document, self.region.box, self.tiles)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One job: what is asked, where, and its regions where those are not the document's."""

    wish: Wish
    part: Part
    regions: tuple[JobRegion, ...] | None


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
        self._chains: dict[Job, Chain] = {}
        self.preparing = Preparing(board, window.background, self)
        window.closed.connect(self.preparing.stop)
        self.preparing.failed.connect(lambda _job, error: self._refuse(error))
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
            asked = self._asked(replace(wish, edge=edge | dict(wish.edge)), params, session)
            jobs = self._submit(asked, session, place)
            self.asked.emit(asked[-1].wish.params)
            return jobs[-1]
        except ScumbleError as error:
            self._refuse(error)
            return None

    def _submit(self, found: Sequence[_Asked], session: DocumentSession, place: Place) -> list[Job]:
        """Shows the jobs, and has them prepared from the document as it is now; where they are to be done in turn, each
        from what the ones before make of it."""
        group = uuid.uuid4().hex if len(found) > 1 else ""
        chain = Chain(session.document.copy(), self._candidates.witness.flatten)
        jobs: list[Job] = []
        chained = found[0].wish.in_turn and len(found) > 1
        for asked in reversed(found) if place == "front" and not chained else found:
            title = name_of(asked.wish.tool, asked.wish.params)
            job = Job(None, session, title, group=group, after=jobs[-1] if jobs and chained else None)
            where = place if not jobs or place == "front" else "back"
            if chained:
                self._chains[job] = chain
            self.preparing.add(job, self._steps(job, asked, chain), where, light=asked.wish.tool.light)
            jobs.append(job)
        return jobs

    def _steps(self, job: Job, asked: _Asked, chain: Chain) -> Steps:
        yield from chain.catch_up()
        wish, part, document = asked.wish, asked.part, chain.document
        looked = None
        if canvas_of(wish.tool):
            looked = yield from look_in_slices(chain.flatten, document.snapshot(), part.region.box, chain.above)
        prepared = yield partial(_prepared, job.id, asked, document, looked)
        job.title = layer_name(prepared)
        return prepared if asked.regions is not None else self._with_words(prepared)

    def _asked(self, wish: Wish, params: Mapping[str, ParamValue], session: DocumentSession) -> list[_Asked]:
        """The jobs that there are to be. Raises `ScumbleError`."""
        found = []
        for turn in turns(session.document, wish.tool, params, in_turn=wish.in_turn):
            settled = modes.settled(wish.tool, turn.params, session.document)
            asked = replace(wish, params=self._worded(wish.tool, settled))
            check(wish.tool, session.document, wish.pictures)
            parts = parts_for(asked, asked.params, session, self._context_of(session), turn.tiles)
            found += [_Asked(asked, part, turn.regions) for part in parts]
        return found

    def _refuse(self, error: ScumbleError) -> None:
        self.refused.emit(error_text(error.code, error.params), error.details)

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
        chain = self._chains.pop(job, None)
        if chain is not None and result.candidates:
            chain.take(job.prepared, result.candidates[0])
        made = self._candidates.add(job, result)
        if not made:
            self.refused.emit(self.tr("{title}: the tool made no picture.").format(title=job.title), "")
            return
        if "memory" in result.notes:
            text = self.tr("Memory was short, so the picture was made another way: {how}.")
            self.refused.emit(text.format(how=result.notes["memory"]), "")
        if "safety" in result.notes:
            self.refused.emit(result.notes["safety"], "")
        if job.session is not None and self._settings.flag("generate.apply") and not self._painting(job.session):
            self._candidates.apply(made[0])

    def _on_failed(self, _job: Job, failure: Failure) -> None:
        self.refused.emit(error_text(failure.code, dict(failure.params)), failure.details)

    def _painting(self, session: DocumentSession) -> bool:
        """A stroke in progress is not to be ended by a result; that one waits in the strip."""
        return session.document.history.busy or session.interacting


def _prepared(job_id: str, asked: _Asked, document: Document, looked: tuple[Pixels, Pixels] | None) -> Prepared:
    """`looked` is what is seen in the box, and what the new layer is to lie on. Works on any thread."""
    wish, part = asked.wish, asked.part
    seen = looked[0] if looked is not None else None
    return prepare(
        job_id,
        wish.tool,
        wish.params,
        document,
        part.region,
        seen,
        plugin=wish.plugin.id,
        plugin_version=wish.plugin.version,
        model=wish.model if wish.tool.model else None,
        pictures=wish.pictures,
        selection=part.mask(wish, document),
        blend=part.blend,
        regions=asked.regions,
        below=digest_above(*looked, part.region.box) if looked is not None else "",
    )


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
    found = islands(chosen, document.bounds, max(wish.native or LEAST_GAP, LEAST_GAP))
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
