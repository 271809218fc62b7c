"""Results that nobody has applied or discarded yet, and the one that is shown in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from scumble.api import Candidate, ToolResult
from scumble.document import Document, LayerId
from scumble.generation import Prepared, apply, apply_in_place, as_document, target_of
from scumble.ui.generate.jobs import Job
from scumble.ui.generate.witness import Witness
from scumble.ui.session import DocumentSession


@dataclass(slots=True, eq=False)
class Result:
    """One candidate with what made it. `session` is None once its document has been closed."""

    prepared: Prepared
    candidate: Candidate
    session: DocumentSession | None
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_place(self) -> bool:
        """Whether it belongs somewhere in an open document; otherwise applying it opens a new one."""
        return self.session is not None and self.prepared.tool.result != "picture"


class Candidates(QObject):
    """`changed`: the list differs; `shown_changed`: another one is shown in place; `opened` carries a new document.

    The results of the current document are offered, and those whose document was closed: these are kept, and open as
    documents of their own.
    """

    changed = Signal()
    shown_changed = Signal()
    opened = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._results: list[Result] = []
        self._session: DocumentSession | None = None
        self._shown: Result | None = None
        self.witness = Witness(self)

    @property
    def offered(self) -> tuple[Result, ...]:
        """The results for the current document, the oldest first."""
        return tuple(result for result in self._results if result.session in (None, self._session))

    @property
    def shown(self) -> Result | None:
        """The one that is looked at."""
        return self._shown

    def set_session(self, session: DocumentSession | None) -> None:
        """Another document is the current one."""
        self._session = session
        self.show(None)
        self.changed.emit()

    def forget_session(self, session: DocumentSession) -> None:
        """A document was closed; its results stay."""
        for result in self._results:
            if result.session is session:
                result.session = None
        self.changed.emit()

    def add(self, job: Job, result: ToolResult) -> tuple[Result, ...]:
        """Takes the pictures of a job, and shows the first if its document is the current one."""
        made = tuple(Result(job.prepared, candidate, job.session, result.notes) for candidate in result.candidates)
        self._results.extend(made)
        self.changed.emit()
        if made and job.session is self._session:
            self.show(made[0])
        return made

    def show(self, result: Result | None) -> None:
        """Shows one in place, or none."""
        if result is not self._shown:
            self._shown = result
            self.shown_changed.emit()

    def walk(self, steps: int) -> None:
        """Shows the one so many places further on, round and round."""
        offered = self.offered
        if offered:
            here = offered.index(self._shown) if self._shown in offered else (-1 if steps > 0 else 0)
            self.show(offered[(here + steps) % len(offered)])

    def discard(self, result: Result) -> None:
        """Lets one go for good; its neighbour is shown."""
        offered = self.offered
        place = offered.index(result)
        rest = [other for other in offered if other is not result]
        self._results.remove(result)
        if self._shown is result:
            self.show(rest[min(place, len(rest) - 1)] if rest else None)
        self.changed.emit()

    def discard_all(self) -> None:
        """Lets go all that are offered."""
        offered = self.offered
        self.show(None)
        self._results = [result for result in self._results if result not in offered]
        self.changed.emit()

    def apply(self, result: Result, *, anew: bool = False) -> LayerId | Document:
        """Makes it a layer, in one step of the history, or a document of its own; the others stay.

        One that is for a layer becomes that layer's content, unless `anew`.
        """
        self.show(None)
        notes = dict(result.notes)
        made: LayerId | Document
        session, prepared = result.session, result.prepared
        if session is not None and not anew and target_of(session.document, prepared) is not None:
            session.settle()
            step = self.tr("Make anew with “{tool}”").format(tool=prepared.tool.title)
            made = apply_in_place(
                session.document,
                prepared,
                result.candidate,
                notes=notes,
                step=step,
                within=self.witness.within,
            )
        elif result.in_place and result.session is not None:
            result.session.settle()
            step = self.tr("Apply “{tool}”").format(tool=result.prepared.tool.title)
            # Above the layer that it was made for, it lies on something that its tool did not see.
            noted = prepared if prepared.anchor.instead is None else replace(prepared, below="")
            made = apply(
                result.session.document,
                noted,
                result.candidate,
                notes=notes,
                step=step,
                within=self.witness.within,
            )
        else:
            pixel_format = result.prepared.format
            made = as_document(result.prepared, result.candidate, pixel_format, notes=notes)
            self.opened.emit(made, result.prepared.tool.title)
        self._results.remove(result)
        self.changed.emit()
        return made
