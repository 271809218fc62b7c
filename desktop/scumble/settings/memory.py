"""What the program remembers by itself, as opposed to what a person has set: recent files, the places of the docks."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any, Final

from scumble.settings.store import write_atomically

RECENT: Final = 12


class Memory:
    """A small file of strings. Losing it costs nothing but convenience, so that reading and writing never fail."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            found = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            found = {}
        self._values: dict[str, Any] = found if isinstance(found, dict) else {}

    def blob(self, name: str) -> bytes:
        """Bytes that were kept under a name; empty when there are none."""
        try:
            return base64.b64decode(self._values.get(name, ""))
        except (ValueError, TypeError):
            return b""

    def keep_blob(self, name: str, value: bytes) -> None:
        """Keeps bytes."""
        self._values[name] = base64.b64encode(value).decode("ascii")
        self._write()

    def number(self, name: str, default: float) -> float:
        """A number that was kept under a name."""
        value = self._values.get(name, default)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default

    def keep_number(self, name: str, value: float) -> None:
        """Keeps a number."""
        self._values[name] = value
        self._write()

    @property
    def recent(self) -> tuple[Path, ...]:
        """Files that were opened or saved and are still there, the last first."""
        found = self._values.get("recent", [])
        paths = [Path(name) for name in found if isinstance(name, str)] if isinstance(found, list) else []
        return tuple(path for path in paths if os.path.isfile(path))  # pathlib raises below a closed folder

    def add_recent(self, path: Path) -> None:
        """Puts a file first."""
        wanted = path.absolute()
        self._values["recent"] = [str(wanted), *(str(old) for old in self.recent if old != wanted)][:RECENT]
        self._write()

    def clear_recent(self) -> None:
        """Forgets the files."""
        self._values["recent"] = []
        self._write()

    def _write(self) -> None:
        try:
            write_atomically(self._path, json.dumps(self._values).encode())
        except OSError:
            return
