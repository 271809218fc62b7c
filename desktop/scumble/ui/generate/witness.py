"""What is done in the step that makes or blends a generated layer: the rest is proved untouched.

The proof that a step waits for compares tiles. The picture before and after it is compared when there is time, and a
step that shows a difference is undone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from scumble.api import ScumbleError
from scumble.document import Document, LayerId, Snapshot, Transaction
from scumble.generation.proof import NOTHING, Proof, compare, outside_changed, prove
from scumble.render import Remembered, flatten

SLICE: Final = 0.004
"""Seconds that one slice of comparing pictures may take."""


@dataclass(slots=True)
class _Look:
    """The picture before a step and after it, being compared; `steps` are None until the step has been made."""

    document: Document
    layer_id: LayerId
    before: Snapshot
    steps: Iterator[Proof] | None = None
    found: Proof = NOTHING

    @property
    def current(self) -> bool:
        """Whether the step is the last that was made."""
        return not self.document.history.busy and self.document.revision == self.before.revision + 1


class Witness(QObject):
    """`proved` says that another proof has been made, or that the picture has been compared too. A proof is made before
    each step; where it does not hold the step is not made, and `refused` carries the `ScumbleError` that says so.

    `flatten` shows pictures, and keeps some, for all that belongs to generating.
    """

    proved = Signal()
    refused = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.flatten = Remembered()
        self._last: tuple[Document, LayerId, Proof] | None = None
        self._seen: tuple[Document, LayerId, Proof] | None = None
        self._look: _Look | None = None
        self._idle = QTimer(self, interval=0)
        self._idle.timeout.connect(self._slice)

    def within(self, _edit: Transaction, document: Document, layer_id: LayerId) -> None:
        """For a layer that has just been made. Raises `ScumbleError` `outside-changed`."""
        self.prove(document, layer_id)

    def prove(self, document: Document, layer_id: LayerId) -> None:
        """For a layer that a transaction has changed and will now end. Raises `ScumbleError` `outside-changed`."""
        self._stop()
        self._seen = None
        try:
            self._last = document, layer_id, prove(document, layer_id, flatten)
        except ScumbleError as error:
            self.refused.emit(error)
            raise
        self._look = _Look(document, layer_id, document.snapshot())
        self._idle.start()
        self.proved.emit()

    def proof_of(self, document: Document, layer_id: LayerId) -> Proof | None:
        """The last proof, if it was of this layer."""
        return _of(self._last, document, layer_id)

    def seen_of(self, document: Document, layer_id: LayerId) -> Proof | None:
        """What comparing the pictures found, once that is done, if the last proof was of this layer."""
        return _of(self._seen, document, layer_id)

    def forget(self, document: Document) -> None:
        """A document has been closed."""
        self._stop()
        self.flatten.forget()
        self._last, self._seen = (
            None if made is None or made[0] is document else made for made in (self._last, self._seen)
        )

    def _stop(self) -> None:
        self._idle.stop()
        self._look = None

    def _slice(self) -> None:
        """Goes on for a while; gives up once the document is another."""
        look = self._look
        if look is None or not look.current:
            self._stop()
            return
        if look.steps is None:
            look.steps = compare(look.before, look.document.snapshot(), look.layer_id, flatten)
        until = time.perf_counter() + SLICE
        while time.perf_counter() < until:
            found = next(look.steps, None)
            if found is None:
                self._ended(look)
                return
            look.found += found

    def _ended(self, look: _Look) -> None:
        self._stop()
        if look.found.changed:
            self._last = None
            name = look.document.layer(look.layer_id).name
            look.document.history.undo()
            self.refused.emit(outside_changed(look.found, name))
        else:
            self._seen = look.document, look.layer_id, look.found
        self.proved.emit()


def _of(made: tuple[Document, LayerId, Proof] | None, document: Document, layer_id: LayerId) -> Proof | None:
    return made[2] if made is not None and made[0] is document and made[1] == layer_id else None
