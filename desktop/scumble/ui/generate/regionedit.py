"""Painting a region: it is the selection, shown as the quick mask, until the person is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from scumble.document import ChangeSet, TileMap
from scumble.document.regions import put_back_region, regions_of, take_region
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow


@dataclass(slots=True, eq=False)
class _Edited:
    session: DocumentSession
    name: str
    before: TileMap
    position: int
    tool: str


class RegionEditing(QObject):
    """Taking it up is a step of the history, each stroke is one, and so is putting it back. `changed`: another region,
    or none, is painted."""

    changed = Signal()

    def __init__(self, window: MainWindow, restore_tint: Callable[[DocumentSession], None]) -> None:
        super().__init__(window)
        self._window = window
        self._restore_tint = restore_tint
        self._edited: _Edited | None = None

    @property
    def name(self) -> str:
        """The region that is painted; empty for none."""
        return self._edited.name if self._edited is not None else ""

    def begin(self, session: DocumentSession, name: str, tint: QColor) -> None:
        """Takes up a region, with the mask brush in hand; another one is put back first."""
        self.finish()
        session.settle()
        tools = self._window.tools
        before = take_region(session.document, name, self.tr("Paint region"))
        self._edited = _Edited(session, name, before, session.document.history.position, tools.tool)
        session.set_quick_mask(True)
        self._window.canvas_of(session).tint(tint, 0.5)
        tools.set_tool("mask")
        session.quick_mask_changed.connect(self._on_quick_mask)
        session.changed.connect(self._on_changed)
        self.changed.emit()

    def finish(self) -> None:
        """Puts the region back as it was painted, and selects what was before."""
        edited = self._edited
        if edited is not None:
            edited.session.settle()
            self._end()
            if self._is_there(edited):
                step = self.tr("Region “{name}”").format(name=edited.name)
                put_back_region(edited.session.document, edited.name, edited.before, step)

    def rename(self, name: str) -> None:
        """The region that is painted has another name."""
        if self._edited is not None:
            self._edited.name = name

    def drop(self, session: DocumentSession) -> None:
        """A document is being closed."""
        if self._edited is not None and self._edited.session is session:
            self._edited = None

    def _end(self) -> None:
        edited, self._edited = self._edited, None
        if edited is None:
            return
        session = edited.session
        session.quick_mask_changed.disconnect(self._on_quick_mask)
        session.changed.disconnect(self._on_changed)
        session.set_quick_mask(False)
        self._restore_tint(session)
        if self._window.tools.tool == "mask":
            self._window.tools.set_tool(edited.tool)
        self.changed.emit()

    def _is_there(self, edited: _Edited) -> bool:
        return any(kept.name == edited.name for kept in regions_of(edited.session.document))

    def _on_quick_mask(self, on: bool) -> None:
        if not on:
            self.finish()

    def _on_changed(self, change: ChangeSet) -> None:
        """Undo beyond the step that took the region up ends it, and nothing is put back."""
        edited = self._edited
        if edited is None or not change.history or edited.session.document.history.busy:
            return
        if edited.session.document.history.position < edited.position or not self._is_there(edited):
            self._end()
