"""From what the dock shows to a job, and from a job's pictures to candidates."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from scumble.api import JobRegion, Mask, ModelInfo, ParamValue, Picture, ScumbleError, Tool, ToolResult
from scumble.document import BGRA8, PaintLayer, Recipe, Rect, Snapshot
from scumble.document.edits import new_document
from scumble.document.layers import update
from scumble.generation import Blend, Region, default_blend, layer_name, prepare, region_for
from scumble.generation.regional import recipe_regions, regions_for, selected_bounds
from scumble.plugins import InstalledPlugin, resolve_params
from scumble.render import flatten
from scumble.service import Failure, Place
from scumble.settings import Settings
from scumble.ui.generate.candidates import Candidates
from scumble.ui.generate.inturn import takes_turns, turns
from scumble.ui.generate.jobs import Job, JobBoard
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


class Generator(QObject):
    """`refused` carries a sentence and details; `asked` the params of a job, with the seed that it got."""

    refused = Signal(str, str)
    asked = Signal(object)

    def __init__(
        self,
        window: MainWindow,
        board: JobBoard,
        candidates: Candidates,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._board = board
        self._candidates = candidates
        self._settings = settings
        board.delivered.connect(self._on_delivered)
        board.failed.connect(self._on_failed)

    def generate(self, wish: Wish, place: Place = "back") -> Job | None:
        """Asks for a job; None when it cannot be, and then a sentence says why."""
        try:
            params = resolve_params(wish.tool, wish.params)
            session = self._window.session or self._blank(wish, params)
            session.settle()
            if wish.in_turn and takes_turns(wish.tool) and regions_for(session.document, wish.tool):
                return self._generate_in_turn(replace(wish, params=params), session, place)
            region, blend = plan_for(wish, params, session)
            return self._submit(replace(wish, params=params), session, region, blend, place=place)
        except ScumbleError as error:
            self.refused.emit(error_text(error.code, error.params), error.details)
            return None

    def _generate_in_turn(self, wish: Wish, session: DocumentSession, place: Place) -> Job:
        """A job for each region, all of them from the picture as it is now; one of them."""
        found = turns(session.document, wish.tool, wish.params)
        for index, turn in enumerate(found[::-1] if place == "front" else found):
            region, blend = plan_for(wish, turn.params, session, turn.bounds)
            mask = turn.mask(session.document, region.box)
            asked = replace(wish, params=turn.params)
            where: Place = "back" if index and place == "instead" else place
            job = self._submit(asked, session, region, blend, selection=mask, regions=(), place=where)
        return job

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
                Region(recipe.box, size),
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
        job = self._board.submit(prepared, session, layer_name(prepared), place)
        self.asked.emit(wish.params)
        return job

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
    wish: Wish, params: Mapping[str, ParamValue], session: DocumentSession, selection: Rect | None = None
) -> tuple[Region, Blend]:
    """Where the tool would look, and how its result would meet the rest. Raises `ScumbleError`.

    `selection` are the bounds of what it works on, where that is not what the document says.
    """
    document = session.document
    selection = selected_bounds(document, wish.tool) if selection is None else selection
    blend = Blend()
    if wish.tool.result == "masked-layer" and not selection.empty:
        value = params.get("strength", 1.0)
        strength = min(max(float(value), 0.0), 1.0) if isinstance(value, int | float) else 1.0
        auto = default_blend(selection, native=wish.native, strength=strength)
        blend = Blend(
            auto.grow if wish.grow < 0 else wish.grow,
            auto.feather if wish.feather < 0 else wish.feather,
        )
    region = region_for(wish.tool, params, document.bounds, selection, native=wish.native, blend=blend)
    return region, blend


def without(snapshot: Snapshot, layer: PaintLayer) -> Snapshot:
    """The document as it looks without a layer."""
    tree = update(snapshot.structure.layers, layer.id, visible=False)
    return replace(snapshot, structure=snapshot.structure.with_layers(tree))
