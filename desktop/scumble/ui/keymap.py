"""A person's own shortcuts: kept as what differs from the table of commands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from scumble.settings import Settings

SETTING: Final = "keys.own"


class KeyMap(QObject):
    """`changed` carries the id of a command whose keys are others now."""

    changed = Signal(str)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._defaults: dict[str, tuple[str, ...]] = {}
        self._own = _read(settings.text(SETTING))

    def declare(self, command_id: str, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Says what a command's keys are unless a person has changed them; returns those in force."""
        self._defaults[command_id] = _clean(keys)
        return self.keys(command_id)

    def keys(self, command_id: str) -> tuple[str, ...]:
        """The keys in force, as portable texts; the first is the one that is shown."""
        return self._own.get(command_id, self._defaults.get(command_id, ()))

    def changed_by_hand(self, command_id: str) -> bool:
        """Whether they differ from the table's."""
        return command_id in self._own

    def owners(self, keys: str, but: str = "") -> tuple[str, ...]:
        """The ids of the commands, other than `but`, that have a key sequence."""
        wanted = _clean((keys,))
        return tuple(name for name in self._defaults if name != but and set(wanted) & set(self.keys(name)))

    def change(self, command_id: str, keys: tuple[str, ...]) -> None:
        """Gives a command these keys, and takes them from every other that has them."""
        wanted = _clean(keys)
        for key in wanted:
            for other in self.owners(key, command_id):
                self._set(other, tuple(kept for kept in self.keys(other) if kept != key))
        self._set(command_id, wanted)
        self._write()

    def reset(self, command_id: str) -> None:
        """Gives a command the keys of the table again, and takes them from whoever has them now."""
        if command_id in self._own:
            self.change(command_id, self._defaults[command_id])

    def reset_all(self) -> None:
        """All keys as in the table."""
        changed, self._own = list(self._own), {}
        self._write()
        for command_id in changed:
            self.changed.emit(command_id)

    def _set(self, command_id: str, keys: tuple[str, ...]) -> None:
        before = self.keys(command_id)
        if keys == self._defaults.get(command_id, ()):
            self._own.pop(command_id, None)
        else:
            self._own[command_id] = keys
        if keys != before:
            self.changed.emit(command_id)

    def _write(self) -> None:
        text = json.dumps({name: list(keys) for name, keys in sorted(self._own.items())}) if self._own else ""
        self._settings.set(SETTING, text)


def _clean(keys: tuple[str, ...]) -> tuple[str, ...]:
    """In the one way that Qt writes them, so that they can be compared."""
    form = QKeySequence.SequenceFormat.PortableText
    return tuple(dict.fromkeys(text for key in keys if (text := QKeySequence(key).toString(form))))


def _read(text: str) -> dict[str, tuple[str, ...]]:
    """What was kept; what does not fit counts as not there."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(found, Mapping):
        return {}
    return {
        str(name): _clean(tuple(key for key in keys if isinstance(key, str)))
        for name, keys in found.items()
        if isinstance(keys, list)
    }
