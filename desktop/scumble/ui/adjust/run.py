"""One adjustment under way: shown on the canvas while a person tries values, and made a step of the history.

What is shown is an open transaction on the very tiles of the layer, so that layers above it, masks and modes look as
they will. It is rolled back whenever something else wants to edit, and comes back by itself after that; pieces that
are ready are kept as long as nothing has happened to the layer or to the selection.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from scumble.api import ParamValue, ScumbleError, Tool
from scumble.document import SELECTION, TILE, ChangeSet, Pixels, Rect, TileIndex, Transaction
from scumble.generation.adjust import Ground, blocks, ground_of, margin_of, put_tiles, tiles_to_adjust
from scumble.plugins import InstalledPlugin, resolve_params
from scumble.service import ModelService
from scumble.tools import check_editable
from scumble.ui.adjust.pieces import Piece, Pieces
from scumble.ui.background import Background
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.tiles import level_of
from scumble.ui.session import DocumentSession

WRITE_S: Final = 0.005
"""Seconds that a frame may spend on putting pixels in place."""

PATIENCE_MS: Final = 250
"""For how long older values may hold up newer ones before they are given up."""

REFINE_MS: Final = 180
"""How long values stay before what is seen from afar is computed pixel by pixel."""

BUSY_MS: Final = 150
"""When to look again whether another edit is over, where its end is not told."""

COARSEST: Final = 4
"""The level of detail from which nothing coarser is computed: a tile is 16 pixels wide there."""


class AdjustRun(QObject):
    """Adjusts what the paint target of a session is.

    `progressed` carries the part that is done (0…1) while it is being applied. `ended` says that the run is over, and
    whether a step was made. `failed` carries the `ScumbleError` of a tool, the engine, or a layer that cannot be
    adjusted when it was to be applied; what was shown is then gone until other values come. `blocked` carries the
    `ScumbleError` that keeps the layer from being adjusted, or None where nothing does. `settled` says that all in
    sight is exact, `moved` carries the `Ground` when it is another than before.
    """

    progressed = Signal(float)
    ended = Signal(bool)
    failed = Signal(object)
    blocked = Signal(object)
    settled = Signal()
    moved = Signal(object)

    def __init__(
        self,
        session: DocumentSession,
        canvas: Canvas,
        service: ModelService,
        background: Background,
        plugin: InstalledPlugin,
        tool: Tool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._canvas, self._tool = session, canvas, tool
        self.over = False
        self.applying = False
        self._shown = False
        self._edit: Transaction | None = None
        self._ground: Ground | None = None
        self._params: dict[str, ParamValue] | None = None
        self._pending: dict[str, ParamValue] | None = None
        self._wanted: frozenset[TileIndex] = frozenset()
        self._done: set[TileIndex] = set()
        self._coarse: set[TileIndex] = set()
        self._kept: dict[TileIndex, Pixels] = {}
        self._differs = False
        self._landing: deque[Piece] = deque()
        self._pieces = Pieces(service, background, plugin, tool, self)
        self._pieces.landed.connect(self._on_landed)
        self._pieces.failed.connect(self._give_up)
        self._refine = self._timer(REFINE_MS, self._plan_exact)
        self._patience = self._timer(PATIENCE_MS, self._conclude)
        self._soon = self._timer(0, self._resume)
        self._write_on = self._timer(0, self._write)
        self._look = self._timer(0, self._plan)
        session.changed.connect(self._on_changed)
        session.target_changed.connect(self._on_target)
        canvas.viewport_changed.connect(self._on_viewport)

    @property
    def exact(self) -> bool:
        """Whether all that is in sight shows the latest values, pixel by pixel."""
        return self._edit is not None and self._pending is None and self._visible() <= self._done

    @property
    def sketched(self) -> bool:
        """The same, if only as it is seen from afar."""
        return self._edit is not None and self._pending is None and self._sketched

    def show(self, values: Mapping[str, ParamValue]) -> None:
        """Shows the picture with these values, as soon as it can be had. Raises `ScumbleError` (`param-invalid`)."""
        params = resolve_params(self._tool, values)
        self._shown = True
        if params == self._params and self._edit is not None:
            self._pending = None
        elif self._edit is not None and not self._sketched and self._patience.isActive():
            self._pending = params
        else:
            self._restart(params)

    def hide(self) -> None:
        """Shows the picture as it is."""
        self._shown = False
        self._suspend()
        self._kept, self._params, self._pending = {}, None, None

    def apply(self, values: Mapping[str, ParamValue]) -> None:
        """Computes what is lacking and makes the step; `ended` follows. Raises `ScumbleError` (`param-invalid`)."""
        params = resolve_params(self._tool, values)
        self.applying = self._shown = True
        if params == self._params and self._edit is not None:
            self._pending = None
            self._plan_exact()
        else:
            self._restart(params)

    def cancel(self) -> None:
        """Ends it and leaves the picture as it was."""
        self._end(False)

    # The transaction

    def _restart(self, params: dict[str, ParamValue]) -> None:
        """Begins anew with other values; what is shown stays until they are."""
        self._params, self._pending = params, None
        self._done, self._coarse, self._kept, self._differs = set(), set(), {}, False
        self._landing.clear()
        self._pieces.drop()
        self._patience.start()
        if self._edit is None:
            self._resume()
        else:
            self._measure()

    def _resume(self) -> None:
        """Opens the transaction, as soon as nobody else has one, and puts in what is ready."""
        if self.over or not self._shown or self._edit is not None or self._params is None:
            return
        document = self._session.document
        if document.history.busy or self._session.interacting:
            self._soon.start(BUSY_MS)
            return
        ground = self._look_at_ground()
        if ground is None:
            return
        if self._ground is None or not ground.same(self._ground):
            self._kept, self._differs, self._ground = {}, False, ground
            self.moved.emit(ground)
        self._edit = document.history.transaction(self._tool.title)
        self._session.begin_interaction(self._suspend)
        put_tiles(self._edit, ground.surface, self._kept)
        self._done, self._coarse, self._kept = set(self._kept), set(), {}
        self._measure()

    def _look_at_ground(self) -> Ground | None:
        """What is to be adjusted now; None, and a reason told, where it cannot be."""
        document, surface = self._session.document, self._session.surface
        try:
            if surface != SELECTION:
                check_editable(document)
            if surface is None:
                active = document.active
                raise ScumbleError("layer-is-group", layer=active.name if active is not None else "")
        except ScumbleError as error:
            if self.applying:
                self._give_up(error)
            else:
                self.blocked.emit(error)
            return None
        self.blocked.emit(None)
        return ground_of(document, surface, self._tool)

    def _measure(self) -> None:
        """Finds the tiles that the values reach, and plans how to get them."""
        assert self._ground is not None
        assert self._params is not None
        self._wanted = tiles_to_adjust(self._ground, margin_of(self._tool, self._params))
        self._pieces.begin(self._ground, self._params)
        self._plan()

    def _suspend(self) -> None:
        """Rolls the transaction back, because another edit begins; what is exact is kept for when that is over."""
        self._stop()
        edit, ground = self._edit, self._ground
        if edit is None or ground is None:
            return
        tiles = self._session.document.surface(ground.surface).tiles
        self._kept = {index: tiles[index].pixels for index in self._done}
        self._done, self._coarse, self._edit = set(), set(), None
        self._session.end_interaction()
        edit.rollback()

    def _finish(self) -> None:
        """Everything is exact: it becomes a step."""
        edit = self._edit
        assert edit is not None
        self._edit = None
        self._session.end_interaction()
        if self._differs:
            edit.commit()
        else:
            edit.rollback()
        self._end(self._differs)

    def _end(self, made: bool) -> None:
        if self.over:
            return
        self.over = True
        self._suspend()
        for timer in (self._soon, self._look):
            timer.stop()
        self._kept = {}
        self.ended.emit(made)

    def _stop(self) -> None:
        """Forgets what is under way."""
        self._pieces.drop()
        self._landing.clear()
        for timer in (self._refine, self._patience, self._write_on):
            timer.stop()

    def _give_up(self, error: ScumbleError) -> None:
        """Takes what is shown off until other values come."""
        self.applying = False
        self._params = self._pending = None
        self._suspend()
        self._kept = {}
        self.failed.emit(error)

    # What is computed, and when

    def _visible(self) -> frozenset[TileIndex]:
        return self._wanted.intersection(self._canvas.viewport.visible.tiles())

    @property
    def _sketched(self) -> bool:
        """Whether all in sight shows the present values, if only from afar."""
        return self._visible() <= self._done | self._coarse

    def _plan(self) -> None:
        """Has computed what is in sight: from afar first, where it is seen from afar."""
        if self._edit is None or self._params is None:
            return
        level = min(level_of(self._canvas.viewport.zoom), COARSEST)
        if self.applying or level == 0 or self._sketched:
            self._plan_exact()
            return
        lacking = self._visible() - self._done - self._coarse - self._pieces.under_way(exact=False)
        self._refine.start()
        self._pieces.want(blocks(lacking, margin_of(self._tool, self._params), level), exact=False)

    def _plan_exact(self) -> None:
        """Has computed what is not exact yet: all of it when it is being applied, else what is in sight."""
        if self._edit is None or self._params is None:
            return
        self._refine.stop()
        needed = self._wanted if self.applying else self._visible()
        needed -= self._done | self._pieces.under_way(exact=True)
        grid = blocks(self._wanted, margin_of(self._tool, self._params))
        self._pieces.want((block for block in grid if not needed.isdisjoint(block.tiles)), exact=True)
        self._conclude()

    def _on_landed(self, piece: Piece) -> None:
        self._differs = self._differs or piece.differs
        self._landing.append(piece)
        self._write()

    def _write(self) -> None:
        """Puts pixels in place, for no longer than a frame bears."""
        edit, ground = self._edit, self._ground
        if edit is None or ground is None:
            return
        end = time.monotonic() + WRITE_S
        while self._landing and time.monotonic() < end:
            piece = self._landing[0]
            written: set[TileIndex] = set()
            while piece.tiles and time.monotonic() < end:
                index, pixels = piece.tiles.popitem()
                # what is exact is not spoilt by what was computed from afar
                if piece.exact or index not in self._done:
                    edit.give(ground.surface, index, pixels)
                    written.add(index)
            (self._done if piece.exact else self._coarse).update(written)
            edit.touch(ground.surface, _round(written))
            if not piece.tiles:
                self._landing.popleft()
        if self._landing:
            self._write_on.start()
        self._conclude()

    def _conclude(self) -> None:
        """Looks whether newer values can begin, or all is done."""
        if self._edit is None:
            return
        if self._pending is not None:
            if self._sketched or not self._patience.isActive():
                self._restart(self._pending)
        elif self.applying:
            self.progressed.emit(len(self._done & self._wanted) / max(len(self._wanted), 1))
            if self._wanted <= self._done:
                self._finish()
        elif self._pieces.idle and not self._landing and not self._refine.isActive() and self.exact:
            self.settled.emit()

    # What happens

    def _on_changed(self, change: ChangeSet) -> None:
        if self._edit is None:
            self._come_back()
        elif change.active:
            self._suspend()

    def _on_target(self, _target: object) -> None:
        """Another paint target: the layer, or its mask."""
        self._suspend()
        self._come_back()

    def _come_back(self) -> None:
        if self._shown and not self.over:
            self._soon.start(0)

    def _on_viewport(self, _viewport: object) -> None:
        if self._edit is not None and not self.applying:
            self._look.start()

    def _timer(self, interval: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=interval)
        timer.timeout.connect(slot)
        return timer


def _round(tiles: Iterable[TileIndex]) -> Rect:
    """The rectangle round tiles."""
    places = tuple(tiles)
    if not places:
        return Rect(0, 0, 0, 0)
    columns, rows = zip(*places, strict=True)
    return Rect.from_edges(min(columns) * TILE, min(rows) * TILE, (max(columns) + 1) * TILE, (max(rows) + 1) * TILE)
