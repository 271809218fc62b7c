"""Free transformation on one canvas: from taking the pixels up to putting them down, as one step of the history."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QCoreApplication, QPoint, Qt, QTimer, Signal

from scumble.api import ScumbleError
from scumble.document import Document, Group, LayerId, SurfaceId, TileMap
from scumble.document.lift import Lifted, put_down
from scumble.paint.transform import Resampling, along, transformed
from scumble.render import Budget
from scumble.render.live import LivePicture
from scumble.tools import Pointer, moving
from scumble.tools.dragging import Keys, dragged
from scumble.tools.transforming import Handle, Shape, hit
from scumble.ui.background import Background
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.handles import NEAR, ShapeOverlay, cursor_for
from scumble.ui.canvas.mode import CanvasMode
from scumble.ui.theme import Theme

PREPARING: Final = 0.006
"""Seconds of each turn of the event loop that go into what will be seen."""

AT_ONCE: Final = 1 << 20
"""Pixels that are put down without another thread; more would hold the window up."""


@dataclass(slots=True)
class Settings:
    """`linked`: corners keep the ratio without Shift."""

    resampling: Resampling = Resampling.BICUBIC
    linked: bool = False


@dataclass(slots=True, eq=False)
class _Work:
    """Pixels being put down on another thread."""

    ready: threading.Event = field(default_factory=threading.Event)
    made: dict[SurfaceId, TileMap] | None = None
    part: float = 0.0
    stopped: bool = False

    def report(self, part: float) -> None:
        """Notes how far it is, and stops the work when nobody wants it any more."""
        self.part = part
        if self.stopped:
            raise InterruptedError


def take_up(document: Document, chosen: Iterable[LayerId] = ()) -> Lifted:
    """What a transformation of the chosen layers, or the active one, works on: what is selected of them, or all.

    Raises `ScumbleError` where the layer is locked or hidden, or has nothing there.
    """
    lifted = moving.take_up(document, chosen)
    if lifted.bounds.empty:
        active = lifted.layers[-1]
        raise ScumbleError(
            "transform-group-empty" if isinstance(active, Group) else "transform-empty", layer=active.name
        )
    return lifted


class TransformMode(CanvasMode):
    """`changed` says that the shape is another one, `menu_wanted` carries where on the screen a menu is asked for."""

    changed = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, canvas: Canvas, settings: Settings, background: Background, theme: Theme) -> None:
        """Takes up what the active layer has there. Raises `ScumbleError` where that cannot be."""
        lifted = take_up(canvas.session.document, canvas.session.chosen)
        super().__init__(canvas)
        self._document = canvas.session.document
        self._lifted = lifted
        self._settings = settings
        self._background = background
        self._shapes = [Shape.untouched(lifted.bounds)]
        self._place = 0
        self._shape = self._shapes[0]
        self._grip: tuple[Handle, Shape, tuple[float, float]] | None = None
        self._work: _Work | None = None
        self._waiting: list[Callable[[], object]] = []
        self._closed = False
        self._picture = LivePicture(self._document, lifted)
        self._view = canvas.show_live(self._picture)
        self._overlay = ShapeOverlay(theme.colour("accent"))
        self._overlay.shape = self._shape
        canvas.add_overlay(self._overlay)
        canvas.outline.veiled = True
        self._idle = QTimer(self, interval=0)
        self._idle.timeout.connect(self._prepare)
        self._idle.start()
        canvas.viewport_changed.connect(self._idle.start)
        self._clock = QTimer(self, interval=80)
        self._clock.timeout.connect(self._show_progress)
        canvas.session.begin_interaction(self.finish, self.finish_then)

    @property
    def shape(self) -> Shape:
        """What has become of the box by now."""
        return self._shape

    @property
    def busy(self) -> bool:
        """Whether the pixels are being put down."""
        return self._work is not None

    def change(self, shape: Shape | None) -> None:
        """Goes on to another shape; None, for one that cannot be, changes nothing."""
        if shape is not None and not self.busy and not self._closed:
            self._show(shape)
            self._remember()

    def redraw(self) -> None:
        """Shows it again, because the resampling is another one."""
        self._show(self._shape)

    # Pointer and keys

    def press(self, pointer: Pointer) -> None:
        """Takes hold of what is there."""
        if not self.busy:
            place = (pointer.x, pointer.y)
            self._grip = (hit(self._shape, place, NEAR / self.canvas.viewport.scale), self._shape, place)

    def drag(self, pointer: Pointer) -> None:
        """Drags it."""
        if self._grip is not None:
            handle, start, place = self._grip
            keys = Keys(pointer.shift, pointer.ctrl, pointer.alt, self._settings.linked)
            shape = dragged(start, handle, place, (pointer.x, pointer.y), keys)
            if shape is not None:
                self._show(shape)

    def release(self, pointer: Pointer) -> None:
        """Lets go."""
        self.drag(pointer)
        if self._grip is not None:
            self._grip = None
            self._remember()

    def hover(self, pointer: Pointer) -> None:
        """Shows what dragging would do."""
        if self.busy:
            self.canvas.setCursor(Qt.CursorShape.BusyCursor)
        else:
            handle = hit(self._shape, (pointer.x, pointer.y), NEAR / self.canvas.viewport.scale)
            self.canvas.setCursor(cursor_for(handle, self._shape))

    def nudge(self, dx: int, dy: int) -> None:
        """Moves by whole pixels."""
        self.change(dragged(self._shape, Handle.INSIDE, (0, 0), (dx, dy), Keys()))

    def step_back(self) -> None:
        """To the shape before the last drag; before the first, gives up."""
        if self._place == 0:
            self.give_up()
        else:
            self._go_to(self._place - 1)

    def step_forth(self) -> None:
        """To the shape that was stepped back from."""
        if self._place + 1 < len(self._shapes):
            self._go_to(self._place + 1)

    def reset(self) -> None:
        """As it was at first."""
        self.change(self._shapes[0])

    def menu(self, place: QPoint) -> None:
        """What else can be done."""
        if not self.busy:
            self.menu_wanted.emit(place)

    # The end

    def give_up(self) -> None:
        """Leaves every pixel as it was."""
        self._end(changed=False)

    def apply(self) -> None:
        """Puts the pixels down; large ones on another thread, while the picture stays as it is seen."""
        if self.busy or self._closed:
            return
        self._grip = None
        if self._shape.unchanged:
            self.give_up()
            self._go_on()
        elif self._size() <= AT_ONCE:
            self._commit(self._compute(lambda _part: None))
            self._go_on()
        else:
            self._work = self._begin_work()
            self._clock.start()
            self._show_progress()

    def finish(self) -> None:
        """Puts them down at once, whatever that takes: something else wants to change the document."""
        if self._closed:
            return
        if self._work is not None:
            self._work.ready.wait()
            self._land(self._work)
        elif self._shape.unchanged:
            self.give_up()
        else:
            self._commit(self._compute(lambda _part: None))

    def finish_then(self, act: Callable[[], object]) -> None:
        """Puts them down as `apply` does, and then acts; giving up meanwhile gives that up too."""
        self._waiting.append(act)
        self.apply()

    def close(self) -> None:
        """Gives the canvas back; nothing is put down."""
        if not self._closed:
            self._end(changed=False)

    def _compute(self, report: Callable[[float], None]) -> dict[SurfaceId, TileMap]:
        made = transformed(self._lifted, self._shape.matrix, self._settings.resampling, self._document.bounds, report)
        return dict(made)

    def _begin_work(self) -> _Work:
        work = _Work()

        def compute() -> None:
            try:
                work.made = self._compute(work.report)
            finally:
                work.ready.set()

        self._background.run(compute, lambda _none: self._land(work), lambda error: self._fail(work, error))
        return work

    def _land(self, work: _Work) -> None:
        if self._work is work and not self._closed and work.made is not None:
            self._commit(work.made)
            self._go_on()

    def _fail(self, work: _Work, error: ScumbleError) -> None:
        if self._work is work and not self._closed:
            self._work = None
            self.canvas.refused.emit(error)
            self.give_up()
            self._go_on()

    def _go_on(self) -> None:
        """Does what waited for the end."""
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()

    def _commit(self, made: dict[SurfaceId, TileMap]) -> None:
        self.canvas.session.end_interaction()
        step = QCoreApplication.translate("steps", "Transform")
        with self._document.history.transaction(step) as edit:
            put_down(edit, self._document, self._lifted, made, along(self._shape.matrix))
        self._end(changed=True)

    def _end(self, *, changed: bool) -> None:
        if self._closed:
            return
        self._closed = True
        if self._work is not None:
            self._work.stopped = True
        self._idle.stop()
        self._clock.stop()
        self.canvas.viewport_changed.disconnect(self._idle.start)
        self.canvas.session.end_interaction()
        self.canvas.remove_overlay(self._overlay)
        self.canvas.outline.veiled = False
        self.canvas.end_live(changed=changed)
        super().close()
        self.ended.emit()

    # What is seen

    def _show(self, shape: Shape) -> None:
        self._shape = shape
        self._overlay.shape = shape
        self._picture.move(shape.matrix, sharp=self._settings.resampling is Resampling.NEAREST)
        self.canvas.update()
        self.changed.emit()

    def _remember(self) -> None:
        if self._shape is not self._shapes[self._place]:
            self._shapes[self._place + 1 :] = [self._shape]
            self._place += 1

    def _go_to(self, place: int) -> None:
        if not self.busy:
            self._place = place
            self._show(self._shapes[place])

    def _size(self) -> int:
        """How many pixels are looked at, roughly."""
        return sum(len(plane.tiles) for plane in self._lifted.planes.values()) << 16

    def _prepare(self) -> None:
        if self._view.prepare(self.canvas.viewport, self.canvas.rect(), Budget(PREPARING)):
            self._idle.stop()

    def _show_progress(self) -> None:
        if self._work is not None:
            text = QCoreApplication.translate("TransformMode", "Applying… {part} %")
            self._overlay.note = text.format(part=round(self._work.part * 100))
            self.canvas.update()
