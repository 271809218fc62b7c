"""Finds out, while nobody is painting, below which generated layers something has changed since they were made."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject, QTimer

from scumble.document import ChangeSet, LayerId, PaintLayer, walk
from scumble.generation.stale import AROUND, BELOW, Digest, is_generated, parts, seen_by
from scumble.render import flatten
from scumble.ui.session import DocumentSession

PAUSE: Final = 400
"""Milliseconds without a change before anything is computed."""

SLICE: Final = 0.004
"""Seconds that are spent at a time on the window's thread."""


class StaleWatch(QObject):
    """Keeps `session.stale` true. Only layers in whose box something has changed are looked at, tile by tile."""

    def __init__(self, session: DocumentSession) -> None:
        super().__init__(session)
        self._session = session
        self._doubtful: set[LayerId] = set()
        self._work: Iterator[None] | None = None
        self._later = QTimer(self, singleShot=True, interval=PAUSE)
        self._later.timeout.connect(self._begin)
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._go_on)
        session.changed.connect(self._on_changed)
        self._doubt_all()

    @property
    def idle(self) -> bool:
        """Whether what it says is true of the document as it is."""
        return not self._doubtful and self._work is None

    def _on_changed(self, change: ChangeSet) -> None:
        if change.structure or change.size:
            self._doubt_all()
            return
        for layer in self._generated():
            assert layer.recipe is not None
            if not (layer.recipe.box & change.area).empty:
                self._doubt(layer.id)

    def _generated(self) -> list[PaintLayer]:
        layers = walk(self._session.document.layers)
        return [layer for layer in layers if isinstance(layer, PaintLayer) and is_generated(layer)]

    def _doubt_all(self) -> None:
        known = {layer.id for layer in self._generated()}
        self._session.set_stale(self._session.stale & known)
        for layer_id in known:
            self._doubt(layer_id)

    def _doubt(self, layer_id: LayerId) -> None:
        self._doubtful.add(layer_id)
        self._work = None
        self._next.stop()
        self._later.start()

    def _begin(self) -> None:
        if self._session.document.history.busy or self._session.interacting:
            self._later.start()
            return
        self._work = self._look()
        self._go_on()

    def _go_on(self) -> None:
        end = time.perf_counter() + SLICE
        while self._work is not None and time.perf_counter() < end:
            if next(self._work, self) is self:
                self._work = None
        if self._work is not None:
            self._next.start()

    def _look(self) -> Iterator[None]:
        """Yields after each tile. What changes meanwhile stops it, and it begins anew."""
        document = self._session.document
        snapshot = document.snapshot()
        for layer in self._generated():
            made = layer.recipe
            if layer.id not in self._doubtful or made is None:
                continue
            seen, found = seen_by(made, snapshot, layer.id), Digest()
            for _, part in parts(made.box):
                found.add(flatten(seen, part))
                yield
            self._doubtful.discard(layer.id)
            fresh = made.below.removeprefix(AROUND).removeprefix(BELOW) == found.text()
            stale = self._session.stale
            self._session.set_stale(stale - {layer.id} if fresh else stale | {layer.id})
        self._doubtful.clear()
