"""What docks remember between sessions: a few values by name, written a moment after they change."""

from __future__ import annotations

import json
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer

from scumble.settings import Memory

VERSION: Final = 1
MOMENT: Final = 1500
"""Milliseconds between a change and its being written, so that a drag writes once."""


class Notebook(QObject):
    """Values are what JSON can hold. Whoever reads one checks it: the file may come from another version."""

    def __init__(self, memory: Memory, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._memory = memory
        self._name = name
        self._values: dict[str, Any] = self._read()
        self._timer = QTimer(self, singleShot=True, interval=MOMENT)
        self._timer.timeout.connect(self._write)

    def text(self, name: str, default: str = "") -> str:
        """A text that was kept."""
        value = self._values.get(name, default)
        return value if isinstance(value, str) else default

    def flag(self, name: str, default: bool = False) -> bool:
        """Whether something was on."""
        value = self._values.get(name, default)
        return value if isinstance(value, bool) else default

    def entries(self, name: str) -> dict[str, Any]:
        """Values by name that were kept together."""
        value = self._values.get(name)
        return dict(value) if isinstance(value, dict) else {}

    def items(self, name: str) -> list[Any]:
        """A list that was kept."""
        value = self._values.get(name)
        return list(value) if isinstance(value, list) else []

    def keep(self, name: str, value: Any) -> None:
        """Keeps a value; None forgets it."""
        if self._values.get(name) != value:
            if value is None:
                self._values.pop(name, None)
            else:
                self._values[name] = value
            self._timer.start()

    def flush(self) -> None:
        """Writes now what waits to be written."""
        if self._timer.isActive():
            self._timer.stop()
            self._write()

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._memory.blob(self._name) or b"{}")
        except ValueError:
            return {}
        if not isinstance(found, dict) or found.get("version") != VERSION or not isinstance(found.get("values"), dict):
            return {}
        return dict(found["values"])

    def _write(self) -> None:
        self._memory.keep_blob(self._name, json.dumps({"version": VERSION, "values": self._values}).encode())
