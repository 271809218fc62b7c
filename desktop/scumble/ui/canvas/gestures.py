"""Drives the tools of one document: makes stages, feeds gestures, and ends them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QTimer

from scumble.tools import TOOLS, Band, Cloning, Colour, Drift, Gesture, Phase, Pointer, Stage
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession
from scumble.ui.toolbox import FACES
from scumble.ui.toolstate import ToolState

NEAR = 8.0
"""View pixels that a hand may miss a mark by."""

MOVE_OUTLINE = QT_TRANSLATE_NOOP("steps", "Move selection")


class Gestures:
    """At most one gesture at a time. `band` is what it wants shown; `space` says that the space bar is held.

    `shown` is called with the band before where it has changed later than the move that it follows; `drifted` with what
    is to be shown elsewhere, and with None when that is over.
    """

    def __init__(self, session: DocumentSession, tools: ToolState) -> None:
        self._session = session
        self._tools = tools
        self._gesture: Gesture | None = None
        self._name = ""
        self._latest = Pointer(0, 0)
        self._last: tuple[float, float] | None = None
        self._cloning = Cloning()
        self.band: Band | None = None
        self.space = False
        self._held = False
        self._lazy = False
        self._soon = QTimer(session, singleShot=True, interval=0)
        self._soon.timeout.connect(self._catch_up)
        self._work = QTimer(session, singleShot=True, interval=0)
        self._work.timeout.connect(lambda: self._catch_up(Phase.MORE))
        self.shown: Callable[[Band | None], None] = lambda _before: None
        self.drifted: Callable[[Drift | None], None] = lambda _drift: None
        self._drifts = False

    @property
    def mark(self) -> Band | None:
        """What is shown while no gesture shows anything: with the clone tool, where its paint comes from."""
        source = self._cloning.source
        return Band((source,), cross=True) if self._tools.tool == "clone" and source is not None else None

    @property
    def active(self) -> bool:
        """Whether a tool is at work: the pointer is held down, or more presses are to come."""
        return self._gesture is not None

    @property
    def held(self) -> bool:
        """Whether the pointer is held down, as far as has been told."""
        return self._gesture is not None and self._held

    @property
    def tool(self) -> str:
        """The id of the tool that is at work; empty when none is."""
        return self._name if self._gesture is not None else ""

    def press(self, pointer: Pointer, tool: str | None = None) -> None:
        """Begins a gesture of a tool (the one in use when None), or goes on with one of several presses.

        Raises `ScumbleError` where the tool cannot work.
        """
        if not pointer.sample.placed:
            return
        if self._gesture is not None:
            self._latest = pointer
            self._held = True
            self._send(replace(pointer, phase=Phase.PRESS))
            return
        self._session.settle()
        name = tool or self._tools.tool
        if name not in TOOLS:
            return
        gesture = TOOLS[name](self._stage(name), pointer)
        self._latest = pointer
        self._begin(gesture)
        self._name = name
        self._lazy = FACES[name].lazy
        if FACES[name].brush:
            self._last = (pointer.x, pointer.y)
        if FACES[name].paints:
            self._tools.remember_colour()

    def _begin(self, gesture: Gesture) -> None:
        """Runs a gesture up to where it waits for the hand; some are done by then."""
        self._show(next(gesture, None))
        self._held = True
        if inspect.getgeneratorstate(gesture) != inspect.GEN_CLOSED:
            self._gesture = gesture
            self._session.begin_interaction(self.finish)
            self._go_on()

    def move(self, pointer: Pointer) -> None:
        """Sends a move; to a lazy tool once all the events that wait have come in."""
        if not pointer.sample.placed:
            pointer = replace(self._latest, phase=pointer.phase)
        pointer = replace(pointer, space=self.space)
        self._latest = pointer
        if self._last is not None and self._gesture is not None:
            self._last = (pointer.x, pointer.y)
        if self._lazy and pointer.phase is not Phase.RELEASE:
            self._soon.start()
        else:
            self._send(pointer)

    def release(self, pointer: Pointer) -> None:
        """Ends the gesture, and with it the edit."""
        self._held = False
        self.move(replace(pointer, phase=Phase.RELEASE))

    def let_go(self) -> None:
        """The pointer was released elsewhere: the same, where it was seen last."""
        self.release(self._latest)

    def finish(self) -> None:
        """Ends the gesture where the pointer is, as if it had been released."""
        self.release(self._latest)
        if self._gesture is not None:
            self._send(replace(self._latest, phase=Phase.FINISH))
        self.cancel()

    def back(self) -> None:
        """Takes the last press of a gesture of several presses back."""
        if not self._held:
            self._send(replace(self._latest, phase=Phase.BACK))

    def cancel(self) -> None:
        """Gives the gesture up; the document is as it was before it."""
        if self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            self._soon.stop()
            self._work.stop()
            gesture.close()
            self._session.end_interaction()
            self._show(None)

    def _catch_up(self, phase: Phase = Phase.MOVE) -> None:
        before = self.band
        self._send(replace(self._latest, phase=phase))
        self.shown(before)

    def _send(self, pointer: Pointer) -> None:
        self._soon.stop()
        if self._gesture is None:
            return
        try:
            self._show(self._gesture.send(pointer))
        except StopIteration:
            self._gesture = None
            self._session.end_interaction()
            self._show(None)
        self._go_on()

    def _show(self, wanted: Band | Drift | None) -> None:
        """Keeps the band; tells whoever draws of pixels that are elsewhere, and once when they no longer are."""
        self.band = wanted if isinstance(wanted, Band) else None
        drift = wanted if isinstance(wanted, Drift) else None
        if drift is not None or self._drifts:
            self._drifts = drift is not None
            self.drifted(drift)

    def _go_on(self) -> None:
        if self.band is not None and self.band.more:
            self._work.start()

    def _stage(self, tool: str) -> Stage:
        return Stage(
            document=self._session.document,
            surface=self._session.surface,
            brush=self._tools.brush_of(tool),
            colour=self._session.profile.from_screen(self._tools.foreground),
            step=QCoreApplication.translate("steps", FACES[tool].step) if FACES[tool].step else "",
            add=self._tools.add,
            options=self._tools.options,
            layers=self._session.chosen,
            last=self._last,
            near=NEAR / self._session.viewport.scale,
            move_step=QCoreApplication.translate("steps", MOVE_OUTLINE),
            picture=self._session.picture_source(),
            look=self._look,
            pick=self._pick,
            background=self._session.profile.from_screen(self._tools.background),
            cloning=self._cloning,
        )

    def _pick(self, colour: Colour) -> None:
        self._tools.set_foreground(self._session.profile.to_screen(colour))

    def _look(self, x: int, y: int) -> Colour | None:
        return self._session.colour_at(x, y)
