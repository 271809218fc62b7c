"""The road of an adjustment's pieces: cut out on a thread, computed by the engine, made into tiles on a thread."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from PySide6.QtCore import QObject, Signal

from scumble.api import ParamValue, ScumbleError, Tool, ToolJob, ToolResult
from scumble.document import Pixels, TileIndex
from scumble.generation.adjust import Block, Ground, block_tiles, differs, job_for
from scumble.plugins import InstalledPlugin
from scumble.service import Failure, ModelService
from scumble.ui.background import Background

T = TypeVar("T")

AHEAD: Final = 3
"""Pieces that are under way at once: while the engine has one, another is cut out and a third put together."""


@dataclass(slots=True, eq=False)
class Piece:
    """A block on its way. `tiles` is what has become of it; `differs` whether that is other than before."""

    block: Block
    exact: bool
    tiles: dict[TileIndex, Pixels]
    differs: bool = False


class Pieces(QObject):
    """`landed` carries a `Piece` with its tiles, `failed` a `ScumbleError`. Neither comes of what was dropped."""

    landed = Signal(object)
    failed = Signal(object)

    def __init__(
        self, service: ModelService, background: Background, plugin: InstalledPlugin, tool: Tool, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._service, self._background = service, background
        self._plugin, self._tool = plugin, tool
        self._ground: Ground | None = None
        self._params: Mapping[str, ParamValue] = {}
        self._serial = 0
        self._queue: deque[Piece] = deque()
        self._working: list[Piece] = []
        self._threads = 0
        self._jobs: dict[str, Piece] = {}
        service.finished.connect(self._on_finished)
        service.failed.connect(self._on_failed)
        service.cancelled.connect(self._on_cancelled)

    def begin(self, ground: Ground, params: Mapping[str, ParamValue]) -> None:
        """From now on pieces are those of this ground, with these values; the others are dropped."""
        self.drop()
        self._ground, self._params = ground, dict(params)

    def drop(self) -> None:
        """Forgets every piece, waiting and under way."""
        self._serial += 1
        for job_id in self._jobs:
            self._service.cancel(job_id)
        self._jobs.clear()
        self._queue.clear()
        self._working.clear()

    def want(self, blocks: Iterable[Block], *, exact: bool) -> None:
        """These are to come next, in this order, in place of what still waits."""
        self._queue = deque(Piece(block, exact, {}) for block in blocks)
        self._pump()

    def under_way(self, *, exact: bool) -> set[TileIndex]:
        """The tiles that are being computed, be it exactly or from afar."""
        return {index for piece in self._working if piece.exact is exact for index in piece.block.tiles}

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not (self._queue or self._working)

    def _pump(self) -> None:
        # threads that work for what was dropped count too, so that quick changes do not pile up
        while self._queue and max(len(self._working), self._threads) < AHEAD:
            self._cut(self._queue.popleft())

    def _cut(self, piece: Piece) -> None:
        ground, params, plugin, tool = self._ground, self._params, self._plugin.id, self._tool
        assert ground is not None
        self._working.append(piece)
        job_id = uuid.uuid4().hex

        def submit(job: ToolJob) -> None:
            self._jobs[job_id] = piece
            self._service.submit(job, light=tool.light)

        self._work(lambda: job_for(job_id, plugin, tool, params, ground, piece.block), submit)

    def _on_finished(self, job_id: str, result: ToolResult) -> None:
        piece, ground = self._jobs.pop(job_id, None), self._ground
        if piece is None or ground is None:
            return
        image = result.candidates[0].image

        def assemble() -> Piece:
            tiles = block_tiles(ground, piece.block, image)
            return Piece(piece.block, piece.exact, tiles, piece.exact and differs(ground, tiles))

        def land(made: Piece) -> None:
            self._working.remove(piece)
            self._pump()
            self.landed.emit(made)

        self._work(assemble, land)

    def _work(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        """Does something off the window's thread, then `done` on it, unless all has been dropped meanwhile."""
        serial = self._serial
        self._threads += 1

        def land(made: T) -> None:
            self._threads -= 1
            if serial == self._serial:
                done(made)
            else:
                self._pump()

        def fail(error: ScumbleError) -> None:
            self._threads -= 1
            if serial == self._serial:
                self._give_up(error)

        self._background.run(work, land, fail)

    def _on_failed(self, job_id: str, failure: Failure) -> None:
        if job_id in self._jobs:
            self._give_up(failure.error())

    def _on_cancelled(self, job_id: str) -> None:
        if job_id in self._jobs:
            self._give_up(ScumbleError("cancelled"))

    def _give_up(self, error: ScumbleError) -> None:
        self.drop()
        self.failed.emit(error)
