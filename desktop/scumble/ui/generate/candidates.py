"""Results that nobody has applied or discarded yet, and the one that is shown in place."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from scumble.api import BLURRED, Candidate, Picture, ToolResult
from scumble.document import Document, Frame, LayerId, Pixels, find
from scumble.generation import Prepared, apply, apply_in_place, as_document, brought_along, modes, target_of
from scumble.generation.colours import Colours
from scumble.generation.proof import Proof
from scumble.ui.generate.jobs import Job
from scumble.ui.generate.witness import Witness
from scumble.ui.session import DocumentSession


@dataclass(slots=True, eq=False)
class Result:
    """One candidate with what made it. `session` is None once its document has been closed, whose file is then `path`.

    `group` is shared by all that was asked for at once, for several places of one picture.

    `id` and `made`, seconds since 1970, are what it is kept under on disk; `small` is the picture at the size of a
    thumbnail, where somebody has made it.
    """

    prepared: Prepared
    candidate: Candidate
    session: DocumentSession | None
    notes: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    made: float = field(default_factory=time.time)
    path: str = ""
    starred: bool = False
    small: Picture | None = None
    group: str = ""
    _placed: tuple[Frame, Prepared, Candidate] | None = None

    @property
    def in_place(self) -> bool:
        """Whether it belongs somewhere in an open document; otherwise applying it opens a new one."""
        return self.session is not None and self.prepared.tool.result != "picture"

    @property
    def blurred(self) -> bool:
        """Whether the safety checker flagged it, so that this is not the picture that was made."""
        return str(self.candidate.seed) in self.notes.get(BLURRED, "").split(", ")

    @property
    def file(self) -> str:
        """The file of its document; empty where that has none."""
        if self.session is None:
            return self.path
        return str(self.session.path or self.session.source or "")

    def placed(self) -> tuple[Prepared, Candidate]:
        """What it is on the canvas of its document as that is now, however it was reshaped since the job."""
        if self.session is None or not self.in_place:
            return self.prepared, self.candidate
        structure = self.session.document.structure
        if self._placed is None or self._placed[0] != structure.frame:
            prepared, image = brought_along(self.prepared, self.candidate.image, structure)
            self._placed = structure.frame, prepared, replace(self.candidate, image=image)
        return self._placed[1:]


class Candidates(QObject):
    """`changed`: the list differs; `shown_changed`: another one is shown in place, or it is compared with the picture;
    `opened` carries a new document; `applied` what was proved of each layer that was made; `added` the results of a
    job, `settled` those that wait no more, `starred` those that were given a star or lost it.

    The results of the current document are offered, and those whose document was closed: these are kept, and open as
    documents of their own.
    """

    changed = Signal()
    shown_changed = Signal()
    opened = Signal(object, str)
    applied = Signal(object)
    added = Signal(object)
    settled = Signal(object)
    starred = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._results: list[Result] = []
        self._session: DocumentSession | None = None
        self._shown: Result | None = None
        self._comparing = False
        self._latest: dict[str, LayerId] = {}
        self.witness = Witness(self)

    @property
    def all(self) -> tuple[Result, ...]:
        """The results for every document, the oldest first."""
        return tuple(self._results)

    @property
    def offered(self) -> tuple[Result, ...]:
        """The results for the current document, the oldest first."""
        return tuple(result for result in self._results if result.session in (None, self._session))

    @property
    def shown(self) -> Result | None:
        """The one that is looked at."""
        return self._shown

    @property
    def comparing(self) -> bool:
        """Whether the picture is shown without the one that is looked at."""
        return self._comparing

    def compare(self, on: bool) -> None:
        """Shows the picture without the candidate, or with it again."""
        if on != self._comparing:
            self._comparing = on
            self.shown_changed.emit()

    def set_session(self, session: DocumentSession | None) -> None:
        """Another document is the current one."""
        self._session = session
        self.show(None)
        self.changed.emit()

    def forget_session(self, session: DocumentSession) -> None:
        """A document was closed; its results stay."""
        self.witness.forget(session.document)
        for result in self._results:
            if result.session is session:
                result.path = result.file
                result.session = None
        self.changed.emit()

    def attach(self, session: DocumentSession) -> None:
        """A document was opened: what waits for it belongs to it again."""
        for result in self._results:
            if result.session is None and result.prepared.anchor.document == session.document.key:
                result.session = session
        self.changed.emit()

    def add(self, job: Job, result: ToolResult) -> tuple[Result, ...]:
        """Takes the pictures of a job, and shows the first if its document is the current one."""
        made = tuple(
            Result(job.prepared, candidate, job.session, result.notes, group=job.group)
            for candidate in result.candidates
        )
        self._results.extend(made)
        self.added.emit(made)
        self.changed.emit()
        if made and job.session is self._session:
            self.show(made[0])
        return made

    def restore(self, results: Iterable[Result]) -> None:
        """Takes results that an earlier run of the program has kept, in the order in which they were made."""
        known = {result.id for result in self._results}
        self._results.extend(result for result in results if result.id not in known)
        self._results.sort(key=lambda result: result.made)
        self.changed.emit()

    def show(self, result: Result | None) -> None:
        """Shows one in place, or none."""
        if result is not self._shown:
            self._shown = result
            self._comparing = False
            self.shown_changed.emit()

    def walk(self, steps: int) -> None:
        """Shows the one so many places further on, round and round."""
        offered = self.offered
        if offered:
            here = offered.index(self._shown) if self._shown in offered else (-1 if steps > 0 else 0)
            self.show(offered[(here + steps) % len(offered)])

    def star(self, results: Sequence[Result], starred: bool) -> None:
        """Marks the good ones."""
        for result in results:
            result.starred = starred
        self.starred.emit(tuple(results))
        self.changed.emit()

    def discard(self, *results: Result) -> None:
        """Lets some go; a neighbour of the one that is shown is shown if that goes."""
        offered = self.offered
        rest = [other for other in offered if other not in results]
        if self._shown in results:
            before = [other for other in offered[: offered.index(self._shown)] if other in rest]
            self.show(rest[min(len(before), len(rest) - 1)] if rest else None)
        self._let_go(results)

    def discard_all(self) -> None:
        """Lets go all that are offered."""
        self.show(None)
        self._let_go(self.offered)

    def apply(self, result: Result, *, anew: bool = False) -> LayerId | Document:
        """Makes it a layer, in one step of the history, or a document of its own; the others stay.

        One that is for a layer becomes that layer's content, unless `anew`.
        """
        self.show(None)
        made = self.put(result, anew=anew)
        self._let_go((result,))
        return made

    def apply_soon(self, result: Result, *, anew: bool = False) -> None:
        """As `apply`, once nothing is under way in its document, which does not hold the window up."""

        def act() -> None:
            if result in self._results:
                self.apply(result, anew=anew)

        if result.session is not None:
            result.session.settle_then(act)
        else:
            act()

    def apply_set(self, results: Sequence[Result]) -> tuple[LayerId, ...]:
        """Makes each of several results for one document a layer, all in one step of the history; those that were not
        chosen stay. Where one cannot be applied, none is."""
        session = results[0].session
        assert session is not None
        self.show(None)
        session.settle()
        proofs: list[Proof | None] = []
        made = []
        with session.document.history.as_one(title_of(results[0].prepared)):
            for result in results:
                made.append(self._into(session, *self._placed(result), dict(result.notes)))
                self._latest[result.group] = made[-1]
                proofs.append(self.witness.proof_of(session.document, made[-1]))
        self.applied.emit(tuple(proofs))
        self._let_go(results)
        return tuple(made)

    def set_of(self, result: Result, chosen: Sequence[Result] = ()) -> tuple[Result, ...]:
        """One result of each job that was asked for together with this one and still waits: the one itself, else one of
        those `chosen`, one with a star, or the first."""
        if not result.group or not result.in_place:
            return (result,)
        of_jobs: dict[str, list[Result]] = {}
        for other in self._results:
            if other.group == result.group and other.session is result.session:
                of_jobs.setdefault(other.prepared.job.id, []).append(other)
        return tuple(
            max(jobs, key=lambda one: (one is result, one in chosen, one.starred)) for jobs in of_jobs.values()
        )

    def apply_together(self, results: Sequence[Result], pixels: Pixels) -> LayerId:
        """Makes one layer of parts of several, in one step of the history. `pixels` are those of the box, stored, in
        the colours that the parts were seen in; the recipe is that of the first, and its notes name the others."""
        session = results[0].session
        assert session is not None
        prepared, candidate = results[0].placed()
        document = session.document
        straight = Colours(document.structure.icc).to_model(document.format.to_straight(pixels))
        whole = replace(candidate, image=np.ascontiguousarray(straight[..., : candidate.image.shape[2]]))
        seen = replace(prepared, blend=replace(prepared.blend, match=0.0, seam=0.0))
        notes = {**results[0].notes, "together-with": "; ".join(_origin(result) for result in results[1:])}
        made = self._into(session, seen, whole, notes, pixels)
        self._tell(session, made)
        self._let_go(results)
        return made

    def put(self, result: Result, *, anew: bool = False) -> LayerId | Document:
        """As `apply`, for any result, whether it is offered or not."""
        session = result.session
        if result.in_place and session is not None:
            own = not anew and target_of(session.document, result.prepared) is not None
            place = self._in_its_layer if own else self._into
            layer = place(session, *self._placed(result), dict(result.notes))
            self._latest[result.group] = layer
            self._tell(session, layer)
            return layer
        made = as_document(result.prepared, result.candidate, result.prepared.format, notes=dict(result.notes))
        self.opened.emit(made, result.prepared.tool.title)
        return made

    def _placed(self, result: Result) -> tuple[Prepared, Candidate]:
        """What it is now; above what was applied last of those that were asked for together, which may have seen what
        the ones before made."""
        prepared, candidate = result.placed()
        latest = self._latest.get(result.group) if result.group else None
        if result.session is None or latest is None or find(result.session.document.layers, latest) is None:
            return prepared, candidate
        return replace(prepared, anchor=replace(prepared.anchor, above=latest)), candidate

    def _tell(self, session: DocumentSession, layer: LayerId) -> None:
        self.applied.emit((self.witness.proof_of(session.document, layer),))

    def _into(
        self,
        session: DocumentSession,
        prepared: Prepared,
        candidate: Candidate,
        notes: dict[str, str],
        pixels: Pixels | None = None,
    ) -> LayerId:
        session.settle()
        # Above the layer that it was made for, it lies on something that its tool did not see.
        return apply(
            session.document,
            prepared if prepared.anchor.instead is None else replace(prepared, below=""),
            candidate,
            notes=notes,
            step=title_of(prepared),
            pixels=pixels,
            flatten=self.witness.flatten,
            within=self.witness.within,
        )

    def _in_its_layer(
        self, session: DocumentSession, prepared: Prepared, candidate: Candidate, notes: dict[str, str]
    ) -> LayerId:
        session.settle()
        step = self.tr("{tool} anew").format(tool=title_of(prepared))
        witness = self.witness
        return apply_in_place(
            session.document,
            prepared,
            candidate,
            notes=notes,
            step=step,
            flatten=witness.flatten,
            within=witness.within,
        )

    def _let_go(self, results: Sequence[Result]) -> None:
        gone = tuple(result for result in results if result in self._results)
        self._results = [result for result in self._results if result not in gone]
        self.settled.emit(gone)
        self.changed.emit()


def title_of(prepared: Prepared) -> str:
    """What a job did, as the history calls it."""
    return modes.title_of(prepared.tool, prepared.job.params)


def _origin(result: Result) -> str:
    """What made a picture, in a line of a recipe's notes."""
    job = result.prepared.job
    return f"{job.tool}, seed {result.candidate.seed}" + (f", {job.model}" if job.model else "")
