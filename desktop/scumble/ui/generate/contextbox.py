"""The context box of one document: chosen by itself, set by hand, or locked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Signal

from scumble.document import ChangeSet, Rect
from scumble.ui.session import DocumentSession


class Choice(Enum):
    """Who chose the box. TOO_SMALL: it is locked, but does not hold what may change, so that another is taken."""

    AUTOMATIC = "automatic"
    BY_HAND = "by hand"
    LOCKED = "locked"
    TOO_SMALL = "too small"


@dataclass(frozen=True, slots=True)
class Held:
    """What a person has set: a box (None: automatic), and whether it outlives the selection that it was set for."""

    box: Rect | None = None
    locked: bool = False


class ContextBox(QObject):
    """`changed` says that another box may have to be taken. `two_passes` tells whether a large one may be made in two.

    A box that was set by hand stays as long as it holds what may change, and goes with the selection. A locked one
    stays until it is unlocked or reset, and is taken whenever it holds what may change. What reshapes the
    canvas ends both.
    """

    changed = Signal()

    def __init__(self, session: DocumentSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._held = Held()
        self._frame = session.document.structure.frame
        self.two_passes = True
        session.changed.connect(self._on_changed)

    @property
    def held(self) -> Held:
        """What a person has set."""
        return self._held

    @property
    def locked(self) -> bool:
        """Whether the box stays while selections change."""
        return self._held.locked

    def hold(self, held: Held) -> None:
        """Sets another box, locks it, or gives it up."""
        if held != self._held:
            self._held = held
            self.changed.emit()

    def set(self, box: Rect) -> None:
        """Takes a box that was set by hand; a locked one stays locked."""
        self.hold(Held(box, self._held.locked))

    def lock(self, box: Rect | None) -> None:
        """Keeps this box from now on; None unlocks the one that there is."""
        self.hold(Held(self._held.box) if box is None else Held(box, locked=True))

    def reset(self) -> None:
        """Automatic again."""
        self.hold(Held())

    def box_for(self, need: Rect) -> Rect | None:
        """The box to take where `need` may change; None for the automatic one."""
        return self._held.box if self.choice(need) in (Choice.BY_HAND, Choice.LOCKED) else None

    def choice(self, need: Rect) -> Choice:
        """Who chooses the box where `need` may change."""
        held = self._held
        if held.box is None:
            return Choice.AUTOMATIC
        if held.box.covers(need):
            return Choice.LOCKED if held.locked else Choice.BY_HAND
        return Choice.TOO_SMALL if held.locked else Choice.AUTOMATIC

    def _on_changed(self, change: ChangeSet) -> None:
        emptied = change.history and not self._held.locked and self._session.selection_bounds.empty
        frame = self._session.document.structure.frame
        if change.size or frame != self._frame or emptied:
            self._frame = frame
            self.reset()
