"""Shows on one canvas what generating would do, does, and has done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent

from scumble.api import Mask, ScumbleError
from scumble.document import ChangeSet, Rect
from scumble.generation import Prepared, as_applied, brought_along, modes, target_of
from scumble.generation.regional import selected_tiles
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.generate.candidates import Candidates
from scumble.ui.generate.contextbox import Choice, ContextBox
from scumble.ui.generate.contextwords import seen_label, worked_on_label
from scumble.ui.generate.generator import Part, Wish, parts_for, plan_for
from scumble.ui.generate.jobs import Job, JobBoard
from scumble.ui.generate.overlays import (
    FAR_SIDE,
    PREVIEW_SIDE,
    ContextOverlay,
    PictureOverlay,
    Seen,
    affected_path,
    far_path,
)
from scumble.ui.generate.strip import COMPARE
from scumble.ui.session import DocumentSession
from scumble.ui.theme import Theme

WAIT: Final = 120
"""Milliseconds without a change of the selection before it is outlined anew, so that a stroke is not held up."""

KEYS: Final = (
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    COMPARE,
)
"""The keys that the canvas gives to the candidates while one is shown in place."""


class CanvasPresenter(QObject):
    """Lives as long as its canvas. `wish` tells what the dock shows, None while it is hidden; `key` does a key.
    `planned` says that `parts` are others."""

    planned = Signal()

    def __init__(
        self,
        canvas: Canvas,
        session: DocumentSession,
        theme: Theme,
        board: JobBoard,
        candidates: Candidates,
        wish: Callable[[], Wish | None],
        key: Callable[[int], bool],
        box: ContextBox,
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._session = session
        self._board = board
        self._candidates = candidates
        self._wish = wish
        self._key = key
        self._box = box
        self._frame = session.document.structure.frame
        self.parts: tuple[Part, ...] = ()
        self.context = ContextOverlay(theme)
        self.picture = PictureOverlay()
        canvas.add_overlay(self.picture)
        canvas.add_overlay(self.context)
        canvas.installEventFilter(self)
        self._timer = QTimer(self, singleShot=True, interval=WAIT)
        self._timer.timeout.connect(self._show_context)
        session.changed.connect(self._on_changed)
        box.changed.connect(self._reframe)
        board.progressed.connect(self._on_progress)
        board.changed.connect(self._show_picture)
        candidates.shown_changed.connect(self._show_picture)
        self.refresh()

    def refresh(self) -> None:
        """The form or the selection may say something else."""
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys for the candidate that is shown in place come before the commands of those keys: Delete lets it go, and
        clears no selection. For one that is to be the content of a layer that holds for Alt+Enter too."""
        if event.type() == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent) and event.key() == COMPARE:
            if not event.isAutoRepeat():
                self._candidates.compare(False)
            return True
        if event.type() == QEvent.Type.FocusOut:
            self._candidates.compare(False)
        if isinstance(event, QKeyEvent) and event.key() in KEYS and not self._session.document.history.busy:
            shown, alt = self._candidates.shown, Qt.KeyboardModifier.AltModifier
            here = shown is not None and shown.session in (None, self._session)
            own = here and shown is not None and shown.prepared.anchor.instead is not None and event.modifiers() == alt
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if ((here and plain) or own) and event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if ((here and plain) or own) and event.type() == QEvent.Type.KeyPress:
                return self._key(event.key())
        return super().eventFilter(watched, event)

    def _on_changed(self, change: ChangeSet) -> None:
        if not change.selected.empty or change.size or change.structure:
            self.refresh()
        if change.structure and self._frame != self._session.document.structure.frame:
            self._frame = self._session.document.structure.frame  # flips and half turns leave the size as it is
            self._draw(self.picture.clear)
            self._show_picture()

    @property
    def need(self) -> Rect:
        """What a context box has to hold: all that may change."""
        wish = self._wish()
        bounds = self._bounds(wish)
        if wish is None or bounds.empty:
            return bounds
        _, blend = plan_for(wish, wish.params, self._session)
        return bounds.expanded(blend.reach) & self._session.document.bounds

    @property
    def whole(self) -> Rect:
        """The box round all of the selection, as if it had no islands."""
        wish = self._wish()
        return plan_for(wish, wish.params, self._session, self._box)[0].box if wish is not None else self.need

    @property
    def choice(self) -> Choice:
        """Who chose the box that is shown."""
        return self._box.choice(self.need) if self.boxed else Choice.AUTOMATIC

    @property
    def boxed(self) -> bool:
        """Whether there is a context box that a person can set."""
        wish = self._wish()
        return bool(self.parts) and wish is not None and _selects(wish) and not self._bounds(wish).empty

    def _bounds(self, wish: Wish | None) -> Rect:
        """The rectangle round what is to change."""
        document = self._session.document
        return document.selection_bounds if wish is None else modes.bounds_to_change(wish.tool, wish.params, document)

    def _show_context(self) -> None:
        wish = self._wish()
        self.parts = self._plan(wish) if wish is not None else ()
        self.context.clear()
        if wish is not None:
            self.context.show(*(self._seen(wish, part) for part in self.parts if self._shown(wish, part)))
        self._canvas.update()
        self.planned.emit()

    def _shown(self, wish: Wish, part: Part) -> bool:
        return wish.tool.result == "masked-layer" or part.region.box != self._session.document.bounds

    def _seen(self, wish: Wish, part: Part) -> Seen:
        label = self._label(wish, part)
        if wish.tool.result != "masked-layer":
            return Seen(part.region, label)
        box = part.region.box
        if part.island is None and max(box.width, box.height) > FAR_SIDE:
            if modes.inverts(wish.tool, wish.params):
                return Seen(part.region, label)
            return Seen(
                part.region, label, far_path(selected_tiles(self._session.document, wish.tool), part.blend, box)
            )
        return Seen(part.region, label, affected_path(part.mask(wish, self._session.document), part.blend, box))

    def _label(self, wish: Wish, part: Part) -> str:
        if wish.native is None:
            return worked_on_label(part.region)
        return seen_label(part.region, self.choice, sees=bool(wish.tool.inputs))

    def _reframe(self) -> None:
        """Another box round the same selection; it follows the hand, so that the outline is not drawn anew."""
        wish, before = self._wish(), len(self.parts)
        parts = self._plan(wish) if wish is not None else ()
        if wish is None or len(parts) != 1 or before != 1:
            self._show_context()
            return
        self.parts = parts
        self.context.reframe(parts[0].region, self._label(wish, parts[0]))
        self._canvas.update()
        self.planned.emit()

    def _plan(self, wish: Wish) -> tuple[Part, ...]:
        """None where the tool cannot work yet; the dock says why when one tries."""
        try:
            return parts_for(wish, wish.params, self._session, self._box)
        except ScumbleError:
            return ()

    def _on_progress(self, job: Job) -> None:
        preview, shown = job.preview, self._candidates.shown
        if preview is None or shown is not None or job.session is not self._session:
            return
        if job.prepared.tool.result != "picture":
            prepared, image = brought_along(job.prepared, preview, self._session.document.structure)
            self._draw(
                lambda: self.picture.show(job, prepared, image, PREVIEW_SIDE, screen=self._canvas.profile.screen)
            )

    def _show_picture(self) -> None:
        """The candidate that is looked at; or the preview of a job that still runs."""
        shown = self._candidates.shown
        here = shown is not None and shown.in_place and shown.session is self._session
        if here != self.context.veiled:
            self.context.veiled = here
            self._canvas.update()
        if self.picture.hidden != self._candidates.comparing:
            self.picture.hidden = self._candidates.comparing
            self._canvas.update()
        if shown is not None and here:
            if self.picture.source is not shown:
                prepared, candidate = shown.placed()
                flatten = self._candidates.witness.flatten
                seen = as_applied(self._session.document, prepared, candidate.image, flatten)
                mask, screen = self._mask_worn(prepared), self._canvas.profile.screen
                self._draw(lambda: self.picture.show(shown, prepared, seen, mask=mask, screen=screen))
        elif self.picture.source is not None and self.picture.source not in self._board.jobs:
            self._draw(self.picture.clear)

    def _mask_worn(self, prepared: Prepared) -> Mask | None:
        """The mask, over the box, of the layer that a result is for: it may have been painted on."""
        document = self._session.document
        layer = target_of(document, prepared)
        worn = layer.mask if layer is not None and layer.mask_enabled else None
        return document.surface(worn).read(prepared.anchor.box) if worn is not None else None

    def _draw(self, change: Callable[[], None]) -> None:
        before: Rect = self.picture.box
        change()
        self._canvas.update_area(before | self.picture.box)


def _selects(wish: Wish) -> bool:
    """Whether the tool works on the selection."""
    return any(given.kind == "selection" for given in wish.tool.inputs) and wish.tool.result != "picture"
