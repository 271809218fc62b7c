"""Something that has the canvas to itself for a while, such as a box with handles, until it is applied or given up."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent, QTabletEvent

from scumble.tools import Pointer
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.nudging import ARROWS
from scumble.ui.canvas.pointer import from_mouse, from_tablet

UNDO = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
KEPT = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class CanvasMode(QObject):
    """Takes the canvas's pointer and keys; panning and zooming go on as ever. A base for what a mode does with them.

    `ended` is emitted once, when it has been applied or given up.
    """

    ended = Signal()

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self._held = False
        canvas.installEventFilter(self)

    # What a mode does

    def press(self, pointer: Pointer) -> None:
        """The left button goes down."""

    def drag(self, pointer: Pointer) -> None:
        """The pointer moves while it is down."""

    def release(self, pointer: Pointer) -> None:
        """And up."""

    def hover(self, pointer: Pointer) -> None:
        """The pointer moves without it."""

    def apply(self) -> None:
        """Enter, or a double click."""

    def give_up(self) -> None:
        """Escape."""

    def finish(self) -> None:
        """Something else wants to change the document: ends at once, with whatever is fit for this mode."""
        self.give_up()

    def step_back(self) -> None:
        """Undo."""

    def step_forth(self) -> None:
        """Redo."""

    def nudge(self, dx: int, dy: int) -> None:
        """An arrow key, by so many pixels."""

    def menu(self, place: QPoint) -> None:
        """The right button, at a place on the screen."""

    def close(self) -> None:
        """Gives the canvas back."""
        self.canvas.removeEventFilter(self)
        self.canvas.update_cursor()
        self.deleteLater()

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes what is for the mode; what it does not take goes to the canvas."""
        if isinstance(event, QMouseEvent):
            return self._on_mouse(event)
        if isinstance(event, QTabletEvent):
            return self._on_tablet(event)
        if isinstance(event, QKeyEvent):
            return self._on_key(event)
        if isinstance(event, QContextMenuEvent):
            if not self._held:
                self.menu(event.globalPos())
            return True
        return super().eventFilter(watched, event)

    def _on_mouse(self, event: QMouseEvent) -> bool:
        left = event.button() == Qt.MouseButton.LeftButton
        pointer = from_mouse(event, self.canvas.viewport)
        kind = event.type()
        if kind == QEvent.Type.MouseMove:
            self._on_move(pointer)
            return False
        if not left:
            return event.button() == Qt.MouseButton.RightButton
        if kind == QEvent.Type.MouseButtonRelease and self._held:
            self._on_release(pointer)
            return True
        if self.canvas.panning:
            return False
        if kind == QEvent.Type.MouseButtonDblClick:
            self.apply()
            return True
        if kind == QEvent.Type.MouseButtonPress:
            self._on_press(pointer)
            return True
        return False

    def _on_tablet(self, event: QTabletEvent) -> bool:
        kind, left = event.type(), event.button() == Qt.MouseButton.LeftButton
        pointer = from_tablet(event, self.canvas.viewport)
        if kind == QEvent.Type.TabletPress and left and not self.canvas.panning:
            self._on_press(pointer)
        elif kind == QEvent.Type.TabletMove and not self.canvas.panning:
            self._on_move(pointer)
        elif kind == QEvent.Type.TabletRelease and self._held:
            self._on_release(pointer)
        else:
            return False
        event.accept()
        return True

    def _on_press(self, pointer: Pointer) -> None:
        self._held = True
        self.canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        self.press(pointer)

    def _on_move(self, pointer: Pointer) -> None:
        if self._held:
            self.drag(pointer)
        elif not self.canvas.panning:
            self.hover(pointer)

    def _on_release(self, pointer: Pointer) -> None:
        self._held = False
        self.release(pointer)

    def _on_key(self, event: QKeyEvent) -> bool:
        kept = event.key() in KEPT or any(event.matches(key) for key in UNDO) or _redo(event)
        if event.type() == QEvent.Type.ShortcutOverride:
            if kept:
                event.accept()
            return kept
        if event.type() != QEvent.Type.KeyPress:
            return False
        if not self._held:
            self._do_key(event)
        return kept or event.key() in ARROWS

    def _do_key(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.give_up()
        elif key in KEPT:
            self.apply()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.step_back()
        elif event.matches(QKeySequence.StandardKey.Redo) or _redo(event):
            self.step_forth()
        elif key in ARROWS:
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.nudge(ARROWS[key][0] * far, ARROWS[key][1] * far)


def _redo(event: QKeyEvent) -> bool:
    """The other key for Redo."""
    return event.key() == Qt.Key.Key_Y and event.modifiers() == Qt.KeyboardModifier.ControlModifier
