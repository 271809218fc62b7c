"""The one table of commands: menus, tool bars, shortcuts and tooltips are made from it.

A command is data; what it does is given when it is added. Its text is written with `QT_TRANSLATE_NOOP("commands", …)`
and translated where the action is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QIcon, QKeySequence

from scumble.ui.icons import Icons
from scumble.ui.keymap import KeyMap

if TYPE_CHECKING:  # no document is needed to read a menu
    from scumble.ui.session import DocumentSession

Condition: TypeAlias = "Callable[[DocumentSession | None], bool]"


def always(_: DocumentSession | None) -> bool:
    """For a command that can always be chosen."""
    return True


def with_document(session: DocumentSession | None) -> bool:
    """For a command that needs an open document."""
    return session is not None


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can do. `shortcuts` are portable key sequences, the first is the one that is shown.

    `enabled`, and for a switch `checked`, are asked again after every change of the current document. One that does not
    `interrupt` leaves alone what a person is in the middle of.
    """

    id: str
    text: str
    icon: str = ""
    shortcuts: tuple[str, ...] = ()
    tip: str = ""
    enabled: Condition = always
    checkable: bool = False
    checked: Condition | None = None
    interrupts: bool = True


class Commands(QObject):
    """The commands that there are, each with its QAction. `keymap` holds a person's own shortcuts, if any can be."""

    def __init__(self, icons: Icons, parent: QObject | None = None, keymap: KeyMap | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._keymap = keymap
        if keymap is not None:
            keymap.changed.connect(self._take_keys)
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}
        self._session: DocumentSession | None = None
        self._guard: Callable[[Callable[[], object]], object] = lambda handler: handler()

    def set_guard(self, guard: Callable[[Callable[[], object]], object]) -> None:
        """Given what every command that is chosen does: it ends what a person is in the middle of, and then does it."""
        self._guard = guard

    def add(self, command: Command, handler: Callable[[], object]) -> QAction:
        """Makes a command's action. ValueError when the id is taken."""
        if command.id in self._commands:
            raise ValueError(f"there is a command “{command.id}” already")
        action = QAction(translate(command.text), self)
        action.setObjectName(command.id)
        action.setCheckable(command.checkable)
        if command.icon:
            action.setIcon(self._icons.icon(command.icon))
        action.setEnabled(command.enabled(self._session))
        action.triggered.connect(lambda _checked=False: self._choose(command, handler))
        self._commands[command.id] = command
        self._actions[command.id] = action
        if self._keymap is not None:
            self._keymap.declare(command.id, command.shortcuts)
        self._take_keys(command.id)
        return action

    def _take_keys(self, command_id: str) -> None:
        """Shortcuts and tooltip as they are in force."""
        if command_id not in self._commands:
            return
        command, action = self._commands[command_id], self._actions[command_id]
        keys = command.shortcuts if self._keymap is None else self._keymap.keys(command_id)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setToolTip(describe(replace(command, shortcuts=keys)))

    def _choose(self, command: Command, handler: Callable[[], object]) -> None:
        if command.interrupts:
            self._guard(handler)
        else:
            handler()

    def action(self, command_id: str) -> QAction:
        """The action of a command. KeyError when there is none of that id."""
        return self._actions[command_id]

    def icon_on_accent(self, command_id: str) -> QIcon:
        """The icon of a command as it is seen on the accent."""
        return self._icons.icon(self._commands[command_id].icon, "accent-text")

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def refresh(self, session: DocumentSession | None) -> None:
        """Asks every command whether it can be chosen now."""
        self._session = session
        for name, command in self._commands.items():
            action = self._actions[name]
            enabled = command.enabled(session)
            if action.isEnabled() != enabled:
                action.setEnabled(enabled)
            if command.checked is not None:
                action.setChecked(command.checked(session))


def translate(text: str) -> str:
    """A text of the command table in the person's language."""
    return QCoreApplication.translate("commands", text)


def describe(command: Command) -> str:
    """The tooltip: what the command does, and its key."""
    words = translate(command.tip or command.text).replace("&", "").rstrip("…")
    if not command.shortcuts:
        return words
    keys = QKeySequence(command.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{words}  ({keys})"
