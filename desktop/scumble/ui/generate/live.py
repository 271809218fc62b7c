"""Live painting: the tool runs again as one paints, and its picture is a preview until it is taken."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter

from scumble.api import Candidate, Mask, ParamValue, ScumbleError, Tool, ToolResult
from scumble.document import ChangeSet, Document
from scumble.generation import Prepared, layer_name
from scumble.generation.modes import STRENGTH
from scumble.generation.remake import BATCH, can_vary, in_mode
from scumble.service import Failure, ModelService
from scumble.settings import Settings
from scumble.ui.background import Background
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.generate.candidates import Candidates
from scumble.ui.generate.generator import Wish
from scumble.ui.generate.jobs import Job
from scumble.ui.generate.liveclock import LiveClock
from scumble.ui.generate.livelook import Glance, Ready, glance, ready
from scumble.ui.generate.overlays import PictureOverlay
from scumble.ui.session import DocumentSession

STEPS: Final = "steps"
"""The parameter that, by custom, says how many steps to take."""

SLICE: Final = 0.004
"""Seconds that the document is looked at in one go, on the window's thread."""

THROUGH: Final = 0.35
"""The opacity of the preview during a stroke, so that the stroke is seen."""


@dataclass(slots=True, eq=False)
class _Run:
    prepared: Prepared
    mask: Mask | None
    began: float | None = None


class LivePainter(QObject):
    """One for a window; on for one document at a time, until another is shown.

    `switched`: it is on or off now; `changed`: that, or it began, or has another picture. `refused` carries the
    `ScumbleError` that says what it lacks; `failed` the one that ended it.
    """

    changed = Signal()
    switched = Signal()
    refused = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        service: ModelService,
        candidates: Candidates,
        settings: Settings,
        wish: Callable[[], Wish | None],
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._candidates, self._settings = service, candidates, settings
        self._wish, self._background = wish, background
        self._session: DocumentSession | None = None
        self._canvas: Canvas | None = None
        self._overlay = LiveOverlay()
        self._clock = LiveClock()
        self._seed = 0
        self._key: object = None
        self._run: _Run | None = None
        self._looking: Generator[None, None, Glance] | None = None
        self._newest: Ready | None = None
        self._preparing = False
        self._turn = 0
        self._made: tuple[Prepared, Candidate, ToolResult] | None = None
        self.lack = ""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._begin)
        self._slices = QTimer(self, singleShot=True, interval=0)
        self._slices.timeout.connect(self._look_on)
        service.started.connect(self._on_started)
        service.finished.connect(self._on_finished)
        service.failed.connect(self._on_failed)
        service.cancelled.connect(self._on_cancelled)

    @property
    def on(self) -> bool:
        """Whether it runs along."""
        return self._session is not None

    @property
    def running(self) -> bool:
        """Whether a run is under way, or due."""
        return self._run is not None or self._preparing or self._timer.isActive()

    @property
    def seconds(self) -> float:
        """What a run takes, of late."""
        return self._clock.mean

    @property
    def shown(self) -> Candidate | None:
        """The picture that can be taken."""
        return self._made[1] if self._made is not None else None

    def wish(self) -> Wish | None:
        """What the tool is asked for: the dock's wish in few steps, with chance that stays."""
        wish = self._wish()
        if wish is None:
            return None
        tool = msgspec.structs.replace(wish.tool, two_passes=False)
        return replace(wish, tool=tool, params={**wish.params, **self._changes(tool, wish)})

    def start(self, session: DocumentSession, canvas: Canvas) -> None:
        """Runs along with a document."""
        self.stop()
        self._session, self._canvas = session, canvas
        self._clock, self._key, self.lack = LiveClock(), None, ""
        self._seed = secrets.randbits(31)
        self._overlay.document = session.document
        canvas.add_overlay(self._overlay, lowest=True)
        canvas.installEventFilter(self)
        session.changed.connect(self._on_changed)
        self.look()
        self.switched.emit()
        self.changed.emit()

    def stop(self) -> None:
        """Ends it; a picture that was not taken is gone."""
        if self._session is None or self._canvas is None:
            return
        session, canvas = self._session, self._canvas
        self._timer.stop()
        self._slices.stop()
        self._turn += 1
        self._looking, self._preparing = None, False
        self._forget_run()
        self._made = None
        self._overlay.picture.clear()
        session.changed.disconnect(self._on_changed)
        canvas.removeEventFilter(self)
        canvas.remove_overlay(self._overlay)
        self._session = self._canvas = None
        self.switched.emit()
        self.changed.emit()

    def take(self) -> None:
        """Makes the picture that is shown a layer, and ends."""
        made, session = self._made, self._session
        if made is None or session is None:
            return
        self.stop()
        prepared, candidate, result = made
        job = Job(prepared, session, layer_name(prepared))
        (offered,) = self._candidates.add(job, ToolResult((candidate,), result.notes))
        self._candidates.apply_soon(offered)

    def another_seed(self) -> None:
        """Other chance from now on."""
        self._seed = secrets.randbits(31)
        self.look()

    def look(self) -> None:
        """What the tool would be asked for may be another."""
        if self.on:
            self._clock.changed(time.monotonic())
            self._arm()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter takes the picture, Esc ends; unless a candidate is looked at, or a stroke goes on."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._session is not None:
            free = self._candidates.shown is None and not self._session.document.history.busy
            bare = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if free and bare and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._made is not None:
                self.take()
                return True
            if free and bare and event.key() == Qt.Key.Key_Escape:
                self.stop()
                return True
        return super().eventFilter(watched, event)

    # Runs

    def _on_changed(self, change: ChangeSet) -> None:
        if change.history and self._canvas is not None:
            self._canvas.update_area(self._overlay.picture.box)  # a stroke has ended: the preview covers again
        if change.structure or change.size or not (change.area.empty and change.selected.empty):
            self.look()

    def _arm(self) -> None:
        due = self._clock.due(time.monotonic())
        waits = self._run is None or self._run.began is None
        if due is not None and waits and not self._preparing:
            self._timer.start(round(due * 1000))

    def _begin(self) -> None:
        """Looks at what is there now."""
        if self._session is not None:
            self._clock.begun()
            self._preparing = True
            self._looking = glance(self.wish(), self._session)
            self._look_on()

    def _look_on(self) -> None:
        """Looks for some milliseconds, and lets the hand go on."""
        end = time.perf_counter() + SLICE
        try:
            while self._looking is not None:
                next(self._looking)
                if time.perf_counter() > end:
                    self._slices.start()
                    return
        except StopIteration as looked:
            self._looking = None
            self._prepare(looked.value)
        except ScumbleError as error:
            self._lack(error)

    def _prepare(self, taken: Glance) -> None:
        session, turn = self._session, self._turn
        if session is not None:
            self._background.run(
                lambda: ready(taken, session.document),
                lambda made: self._submit(made) if turn == self._turn else None,
                lambda error: self._lack(error) if turn == self._turn else None,
            )

    def _submit(self, made: Ready) -> None:
        """Asks for a run, unless it would be the one before. It waits for the end of one that has begun; one that has
        not gives way to it."""
        self._preparing, self.lack = False, ""
        if made.key != self._key:
            self._key = made.key
            if self._run is not None and self._run.began is not None:
                self._newest = made
            else:
                self._ask(made)
        self._arm()
        self.changed.emit()

    def _ask(self, made: Ready) -> None:
        self._forget_run()
        self._run = _Run(made.prepared, made.mask)
        self._service.submit(made.prepared.job, light=made.prepared.tool.light, place="front")

    def _lack(self, error: ScumbleError) -> None:
        self._preparing, self._looking, self.lack = False, None, error.code
        self._arm()
        self.refused.emit(error)
        self.changed.emit()

    def _changes(self, tool: Tool, wish: Wish) -> dict[str, ParamValue]:
        """Few steps, one picture, chance that stays; and a strength that leaves what is painted to be seen."""
        changes: dict[str, ParamValue] = {}
        for name, param in tool.params.items():
            if param.type == "seed" and wish.params[name] == -1:
                changes[name] = self._seed
        if STEPS in tool.params:
            changes[STEPS] = int(self._settings.number("live.steps"))
        if BATCH in tool.params:
            changes[BATCH] = 1
        if can_vary(tool):
            changes |= in_mode(tool, "refine") | {STRENGTH: self._settings.number("live.strength") / 100}
        return changes

    def _forget_run(self) -> None:
        self._newest = None
        if self._run is not None:
            self._service.cancel(self._run.prepared.job.id)
            self._run = None

    def _mine(self, job_id: str) -> _Run | None:
        return self._run if self._run is not None and self._run.prepared.job.id == job_id else None

    def _on_started(self, job_id: str) -> None:
        if run := self._mine(job_id):
            run.began = time.monotonic()

    def _on_finished(self, job_id: str, result: ToolResult) -> None:
        run = self._mine(job_id)
        if run is None:
            return
        self._run = None
        if run.began is not None:
            self._clock.ran(time.monotonic() - run.began)
        if result.candidates and self._canvas is not None:
            candidate = result.candidates[0]
            self._made = run.prepared, candidate, result
            before = self._overlay.picture.box
            self._overlay.picture.show(
                candidate, run.prepared, candidate.image, mask=run.mask, screen=self._canvas.profile.screen
            )
            self._canvas.update_area(before | self._overlay.picture.box)
        if self._newest is not None:
            self._ask(self._newest)
        self._arm()
        self.changed.emit()

    def _on_failed(self, job_id: str, failure: Failure) -> None:
        if self._mine(job_id):
            self._run = None
            self.stop()
            self.failed.emit(ScumbleError(failure.code, details=failure.details, **dict(failure.params)))

    def _on_cancelled(self, job_id: str) -> None:
        if self._mine(job_id):
            self._run, self._key = None, None
            self.look()


class LiveOverlay:
    """The preview; thin while a stroke goes on."""

    def __init__(self) -> None:
        self.picture = PictureOverlay()
        self.document: Document | None = None

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draws it."""
        if self.document is not None and self.document.history.busy:
            painter.setOpacity(THROUGH)
        self.picture.paint(painter, viewport)
