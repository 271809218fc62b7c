"""Setting the context box by hand: its frame has handles, and the canvas is there for it alone.

The frame is live in a mode of its own, and not whenever the pointer crosses it: a stroke that begins on the line must
paint. The label of the box is the way in, as it hides what lies below anyway; so are a key, the palette and the dock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QTabletEvent

from scumble.document import Rect
from scumble.generation.box import held, moved, pulled
from scumble.generation.working import STEP
from scumble.tools import Pointer
from scumble.tools.cropping import Frame, hit
from scumble.tools.transforming import Handle, Shape
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.handles import NEAR, cursor_for
from scumble.ui.canvas.mode import CanvasMode
from scumble.ui.canvas.nudging import ARROWS
from scumble.ui.generate.contextbox import ContextBox
from scumble.ui.generate.overlays import ContextOverlay

MOVES: Final = (QEvent.Type.MouseMove, QEvent.Type.TabletMove)
PRESSES: Final = (QEvent.Type.MouseButtonPress, QEvent.Type.TabletPress)

FAR: Final = 8
"""How many times further an arrow key goes with Shift."""


class ContextMode(CanvasMode):
    """Begins with the box that is shown. Each drag sets the box at once; Escape takes back what was set, Enter, a
    double click and whatever else begins keep it. `need` says what it has to hold."""

    def __init__(self, canvas: Canvas, box: ContextBox, overlay: ContextOverlay, need: Callable[[], Rect]) -> None:
        super().__init__(canvas)
        self._box = box
        self._overlay = overlay
        self._need = need
        self._before = box.held
        self._steps = [box.held]
        self._grip: tuple[Handle, Rect, Pointer] | None = None
        self._closed = False
        overlay.editing = True
        QCoreApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))  # the outline of the brush goes
        canvas.session.begin_interaction(self.finish)
        canvas.update()

    @property
    def box(self) -> Rect:
        """The box as it is shown."""
        region = self._overlay.region
        return region.box if region is not None else self._need()

    def press(self, pointer: Pointer) -> None:
        """Takes hold of an edge, a corner, or the inside."""
        self._grip = (self._hit(pointer), self.box, pointer)
        self._steps.append(self._box.held)

    def drag(self, pointer: Pointer) -> None:
        """Drags it."""
        if self._grip is not None:
            handle, start, grip = self._grip
            self._go(handle, start, round(pointer.x - grip.x), round(pointer.y - grip.y))

    def release(self, pointer: Pointer) -> None:
        """Lets go."""
        self.drag(pointer)
        self._grip = None

    def hover(self, pointer: Pointer) -> None:
        """Shows what dragging would do."""
        handle = self._hit(pointer)
        if handle is Handle.OUTSIDE:
            self.canvas.setCursor(Qt.CursorShape.ArrowCursor)
        else:
            self.canvas.setCursor(cursor_for(handle, Shape.untouched(self.box)))

    def step_back(self) -> None:
        """Takes the last drag back; with none left, gives up."""
        if len(self._steps) > 1:
            self._box.hold(self._steps.pop())
        else:
            self.give_up()

    def apply(self) -> None:
        """Keeps the box as it is."""
        self._end()

    def finish(self) -> None:
        """Keeps it too: setting it has changed nothing of the document."""
        self._end()

    def give_up(self) -> None:
        """The box is as it was before."""
        self._box.hold(self._before)
        self._end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As every mode, but the tool in hand is not shown at the pointer."""
        taken = super().eventFilter(watched, event)
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent) and not self.canvas.panning:
            self.canvas.pointed.emit(self.canvas.viewport.to_document(event.position()))
            return True
        return taken

    def _do_key(self, event: QKeyEvent) -> None:
        """Arrows move; with Ctrl they move the right or the bottom edge. With Shift they go further."""
        if event.key() not in ARROWS:
            super()._do_key(event)
            return
        dx, dy = ARROWS[Qt.Key(event.key())]
        far = FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        self._steps.append(self._box.held)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            handle = Handle.RIGHT if dx else Handle.BOTTOM
            self._go(handle, self.box, dx * far * STEP, dy * far * STEP)
        else:
            self._go(Handle.INSIDE, self.box, dx * far, dy * far)

    def _hit(self, pointer: Pointer) -> Handle:
        frame = Frame(self.box, Rect(0, 0, 0, 0))
        return hit(frame, (pointer.x, pointer.y), NEAR / self.canvas.viewport.scale)

    def _go(self, handle: Handle, start: Rect, dx: int, dy: int) -> None:
        need, bounds = self._need(), self.canvas.session.document.bounds
        start = held(start, need, bounds) if not start.covers(need) else start
        if handle is Handle.INSIDE:
            self._box.set(moved(start, dx, dy, need, bounds))
        elif isinstance(handle.value, tuple):
            self._box.set(pulled(start, handle.value, dx, dy, need, bounds))

    def _end(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._overlay.editing = False
        self.canvas.session.end_interaction()
        self.canvas.update()
        super().close()
        self.ended.emit()


class LabelClick(QObject):
    """A press on the label of the box calls `pressed`; over it the pointer is a hand."""

    def __init__(self, canvas: Canvas, overlay: ContextOverlay, pressed: Callable[[], object]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._overlay = overlay
        self._pressed = pressed
        self._over = False
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes presses on the label, and nothing else."""
        if not isinstance(event, QMouseEvent | QTabletEvent):
            return super().eventFilter(watched, event)
        if self._canvas.panning or self._canvas.session.interacting:
            return super().eventFilter(watched, event)
        over = not self._overlay.editing and self._overlay.label_at(event.position())
        if event.type() in MOVES and over != self._over:
            self._over = over
            if over:
                self._canvas.setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self._canvas.update_cursor()
        if over and event.type() in PRESSES and event.button() == Qt.MouseButton.LeftButton:
            self._over = False
            self._pressed()
            event.accept()
            return True
        return super().eventFilter(watched, event)
