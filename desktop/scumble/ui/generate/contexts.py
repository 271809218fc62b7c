"""The context boxes of a window: one for each document, the commands that set them, and the line of the dock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from scumble.ui.commands import Command
from scumble.ui.generate.contextbox import ContextBox, Held
from scumble.ui.generate.contextline import ContextLine
from scumble.ui.generate.contextmode import ContextMode, LabelClick
from scumble.ui.generate.contextwords import forecast_text, line_text, line_tip
from scumble.ui.generate.forecasts import Forecasts
from scumble.ui.generate.generator import Wish
from scumble.ui.generate.presenter import CanvasPresenter
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

SETTING: Final = "generate.two-passes"

EDIT: Final = Command(
    "context.edit",
    QT_TRANSLATE_NOOP("commands", "Set the conte&xt box"),
    icon="context",
    shortcuts=("Shift+C",),
    tip=QT_TRANSLATE_NOOP("commands", "Set by hand what the model sees"),
    checkable=True,
    interrupts=False,
)
LOCK: Final = Command(
    "context.lock",
    QT_TRANSLATE_NOOP("commands", "&Lock the context box"),
    icon="lock",
    tip=QT_TRANSLATE_NOOP("commands", "Keep the context box while the selection changes"),
    checkable=True,
    interrupts=False,
)
RESET: Final = Command(
    "context.reset",
    QT_TRANSLATE_NOOP("commands", "A&utomatic context box"),
    icon="context-auto",
    tip=QT_TRANSLATE_NOOP("commands", "Let the context box follow the selection again"),
    interrupts=False,
)
TWO_PASSES: Final = Command(
    "generate.two-passes", QT_TRANSLATE_NOOP("commands", "Large areas in two &passes"), checkable=True
)


class Contexts(QObject):
    """`line` belongs into the dock, `actions` and `two_passes` into a menu. `wish` is what the dock asks for."""

    def __init__(self, window: MainWindow, wish: Callable[[], Wish | None], forecasts: Forecasts) -> None:
        super().__init__(window)
        self._window = window
        self._wish = wish
        self._forecasts = forecasts
        self._boxes: dict[DocumentSession, ContextBox] = {}
        self._presenters: Mapping[DocumentSession, CanvasPresenter] = {}
        self._mode: ContextMode | None = None
        self.actions = self._add_commands()
        self.line = ContextLine(self.actions)
        self.two_passes = window.commands.add(TWO_PASSES, self._toggle_passes)
        self._take_setting()
        window.settings.connect(lambda _id: self._take_setting())
        window.tools.tool_changed.connect(lambda _tool: self._end())
        window.session_changed.connect(lambda _session: self._end())
        forecasts.learned.connect(self.refresh)

    @property
    def mode(self) -> ContextMode | None:
        """The mode in which a box is set, while there is one."""
        return self._mode

    def of(self, session: DocumentSession) -> ContextBox:
        """The box of a document."""
        if session not in self._boxes:
            self._boxes[session] = ContextBox(session, self)
            self._boxes[session].two_passes = self._window.settings.flag(SETTING)
        return self._boxes[session]

    def follow(self, presenters: Mapping[DocumentSession, CanvasPresenter]) -> None:
        """Says what each document's canvas is shown by; the mapping may change."""
        self._presenters = presenters

    def present(self, session: DocumentSession) -> None:
        """A document has a canvas now."""
        presenter = self._presenters[session]
        presenter.planned.connect(self.refresh)
        LabelClick(self._window.canvas_of(session), presenter.context, self.edit)

    def forget(self, session: DocumentSession) -> None:
        """A document was closed."""
        box = self._boxes.pop(session, None)
        if box is not None:
            box.deleteLater()

    def edit(self) -> None:
        """Begins to set the box of the current document by hand, or ends it."""
        if self._mode is not None:
            self._end()
            self.refresh()
        else:
            self._window.settle_then(self._begin)

    def _begin(self) -> None:
        presenter, canvas = self._presenter, self._window.canvas
        if presenter is not None and canvas is not None and presenter.boxed:
            box = self.of(canvas.session)
            if len(presenter.parts) > 1:
                box.set(presenter.whole)
            self._mode = ContextMode(canvas, box, presenter.context, lambda: presenter.need)
            self._mode.ended.connect(self._on_ended)
            self._window.status.say(
                self.tr("Drag the frame, or move it with the arrow keys; with Ctrl they resize it. Enter keeps it.")
            )
            canvas.setFocus()
        self.refresh()

    def lock(self) -> None:
        """Locks the box that is shown, or unlocks it."""
        presenter, session = self._presenter, self._window.session
        if session is not None:
            box = self.of(session)
            if box.locked:
                box.lock(None)
            elif presenter is not None and presenter.boxed:
                box.lock(presenter.whole)
        self.refresh()

    def reset(self) -> None:
        """The box of the current document is automatic again."""
        if self._window.session is not None:
            self.of(self._window.session).reset()
        self.refresh()

    def refresh(self) -> None:
        """Says what the model would see now, and what that would take."""
        presenter, wish = self._presenter, self._wish()
        boxed = presenter is not None and presenter.boxed
        for action, (enabled, checked) in zip(self.actions, self._states(), strict=True):
            action.setEnabled(enabled)
            action.setChecked(checked)
        if presenter is None or wish is None or not presenter.parts:
            self.line.say("", "", boxed=False)
            return
        parts = presenter.parts
        said = parts[0].region, len(parts), presenter.choice
        model = wish.native is not None
        forecast = self._forecasts.foretell(wish, parts)
        text = line_text(*said, model=model) if boxed else ""
        self.line.say(text, forecast_text(*forecast), boxed=boxed, tip=line_tip(*said, model=model))

    @property
    def _presenter(self) -> CanvasPresenter | None:
        session = self._window.session
        return self._presenters.get(session) if session is not None else None

    def _toggle_passes(self) -> None:
        self._window.settings.set(SETTING, not self._window.settings.flag(SETTING))

    def _take_setting(self) -> None:
        allowed = self._window.settings.flag(SETTING)
        self.two_passes.setChecked(allowed)
        for box in self._boxes.values():
            if box.two_passes != allowed:
                box.two_passes = allowed
                box.changed.emit()

    def _states(self) -> tuple[tuple[bool, bool], ...]:
        """Whether each command can be chosen, and whether it is switched on."""
        presenter, session = self._presenter, self._window.session
        boxed = presenter is not None and presenter.boxed
        held = self.of(session).held if session is not None else Held()
        return (boxed, self._mode is not None), (boxed or held.locked, held.locked), (held.box is not None, False)

    def _add_commands(self) -> tuple[QAction, ...]:
        handlers = (EDIT, self.edit), (LOCK, self.lock), (RESET, self.reset)
        return tuple(self._add_command(place, *pair) for place, pair in enumerate(handlers))

    def _add_command(self, place: int, command: Command, handler: Callable[[], None]) -> QAction:
        state = replace(
            command,
            enabled=lambda _session: self._states()[place][0],
            checked=(lambda _session: self._states()[place][1]) if command.checkable else None,
        )
        return self._window.commands.add(state, handler)

    def _end(self) -> None:
        if self._mode is not None:
            self._mode.apply()

    def _on_ended(self) -> None:
        self._mode = None
        self._window.status.say("")
        self.refresh()
