"""A change of the selection that is shown before it is made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from scumble.api import ScumbleError
from scumble.document import SELECTION, Rect, Tile, TileIndex, TileMap, Transaction
from scumble.paint.selecting import Change, changing, settled
from scumble.ui.background import Background
from scumble.ui.session import DocumentSession

DELAY = 30
"""Milliseconds that a value must stand before it is computed."""

QUICK = 300
"""So many tiles are computed at once, on this thread; more of them aside."""


class SelectionPreview(QObject):
    """Holds one transaction open: each value that is wanted is shown in place, the last one is kept or given up.

    Computing goes on beside the window, and stops where another value is wanted. `busy_changed` tells whether what is
    seen is not yet what is wanted, `failed` carries a `ScumbleError`, `ended` says that the transaction is over,
    whoever ended it.
    """

    busy_changed = Signal(bool)
    failed = Signal(object)
    ended = Signal()

    def __init__(
        self, session: DocumentSession, background: Background, step: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        session.settle()
        self._session = session
        self._background = background
        self._original: TileMap = dict(session.document.selection.tiles)
        self._edit: Transaction | None = session.document.history.transaction(step)
        self._wanted: Change | None = None
        self._keep = False
        self._busy = False
        self._soon = QTimer(self, singleShot=True, interval=DELAY)
        self._soon.timeout.connect(self._compute)
        session.begin_interaction(self.keep_now)

    @property
    def busy(self) -> bool:
        """Whether what is seen is not yet what is wanted."""
        return self._busy

    def want(self, change: Change) -> None:
        """Shows another change, soon."""
        self._wanted = change
        self._set_busy(True)
        self._soon.start()

    def keep(self) -> None:
        """Makes the step, once what is wanted has been computed."""
        self._keep = True
        if not self._busy:
            self.keep_now()

    def keep_now(self) -> None:
        """Makes the step of what is seen."""
        self._end(lambda edit: edit.commit())

    def give_up(self) -> None:
        """Leaves the selection as it was."""
        self._end(lambda edit: edit.rollback())

    def _end(self, how: Callable[[Transaction], object]) -> None:
        if self._edit is not None:
            edit, self._edit = self._edit, None
            self._wanted = None
            self._soon.stop()
            self._session.end_interaction()
            how(edit)
            self._set_busy(False)
            self.ended.emit()

    def _set_busy(self, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)

    def _compute(self) -> None:
        change = self._wanted
        if change is None or self._edit is None:
            return
        work = partial(self._work, change, self._original, self._session.document.bounds)
        if len(self._original) <= QUICK and change.amount <= 32:
            self._show(change, work())
        else:
            self._background.run(work, partial(self._show, change), self._failed)

    def _work(self, change: Change, tiles: TileMap, bounds: Rect) -> dict[TileIndex, Tile] | None:
        """The new tiles; None when they are no longer wanted. Runs on any thread."""
        made: dict[TileIndex, Tile] = {}
        for part in changing(tiles, bounds, change):
            if self._wanted is not change:
                return None
            made.update(part)
        return settled(tiles, made)

    def _show(self, change: Change, tiles: dict[TileIndex, Tile] | None) -> None:
        if self._edit is None or self._wanted is not change or tiles is None:
            return
        self._edit.replace(SELECTION, tiles)
        self._set_busy(False)
        if self._keep:
            self.keep_now()

    def _failed(self, error: ScumbleError) -> None:
        self.failed.emit(error)
        self.give_up()
