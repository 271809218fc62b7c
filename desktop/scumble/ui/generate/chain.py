"""Jobs that are done in turn: each sees the picture as the ones before would leave it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import Any

from scumble.api import Candidate
from scumble.document import Document, LayerId
from scumble.generation import Prepared, apply
from scumble.generation.reblend import lying_under
from scumble.render import Remembered
from scumble.ui.generate.preparing import Aside


class Chain:
    """`document` is a copy, which no person edits. What comes of each job is applied to it before the next is prepared
    from it; the document that is open is left alone until a person applies what has come."""

    def __init__(self, document: Document, flatten: Remembered) -> None:
        self.document = document
        self.flatten = flatten
        active = document.active
        self._active = self.above = active.id if active is not None else None
        """`above`: the layer right above which the next result would lie."""
        self._came: list[tuple[Prepared, Candidate]] = []

    def take(self, prepared: Prepared, candidate: Candidate) -> None:
        """A result has come."""
        self._came.append((prepared, candidate))

    def catch_up(self) -> Generator[Aside | None, Any, None]:
        """Applies what has come to the copy; see `preparing.Steps`."""
        while self._came:
            prepared, candidate = self._came.pop(0)
            below = yield from self.flatten.in_slices(lying_under(self.document, self.above), prepared.anchor.box)
            placed = replace(prepared, anchor=replace(prepared.anchor, above=self.above))
            made: LayerId = yield partial(apply, self.document, placed, candidate, flatten=lambda *_, seen=below: seen)
            self.above = made
            self.document.activate(self._active)
