"""What is done in the step that makes a generated layer: its colours are mended, and the rest proved untouched."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from scumble.api import ScumbleError
from scumble.document import Document, LayerId, Transaction
from scumble.generation import settle
from scumble.generation.proof import Proof, prove
from scumble.render import flatten


class Witness(QObject):
    """`proved` says that another proof has been made. One is made before each step; where it does not hold the step is
    not made, and `refused` carries the `ScumbleError` that says so."""

    proved = Signal()
    refused = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last: tuple[Document, LayerId, Proof] | None = None

    def within(self, edit: Transaction, document: Document, layer_id: LayerId) -> None:
        """For a layer that has just been made. Raises `ScumbleError` `outside-changed`."""
        settle(edit, document, layer_id, flatten)
        self.prove(document, layer_id)

    def prove(self, document: Document, layer_id: LayerId) -> None:
        """For a layer that a transaction has changed. Raises `ScumbleError` `outside-changed`."""
        try:
            self._last = document, layer_id, prove(document, layer_id, flatten)
        except ScumbleError as error:
            self.refused.emit(error)
            raise
        self.proved.emit()

    def proof_of(self, document: Document, layer_id: LayerId) -> Proof | None:
        """The last proof, if it was of this layer."""
        if self._last is None or self._last[0] is not document or self._last[1] != layer_id:
            return None
        return self._last[2]
