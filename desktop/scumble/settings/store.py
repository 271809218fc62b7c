"""What a person has changed, in one small file: only what differs from the defaults."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from scumble.settings.declared import Setting, Value, find

VERSION: Final = 1

AUTO: Final = "auto"
"""The choice that leaves it to the program."""


class Settings:
    """The settings in force. Reading never fails: what does not fit its declaration counts as not there.

    `fault` says what was wrong with the file, and is empty where nothing was; the file that could not be read is kept
    beside the new one with the ending `.broken`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listeners: list[Callable[[str], None]] = []
        self.fault = ""
        self._unknown: dict[str, Any] = {}
        self._given: dict[str, Value] = {}
        self._load()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def get(self, setting_id: str) -> Value:
        """The value in force. KeyError when there is no such setting."""
        return self._given.get(setting_id, find(setting_id).default)

    def number(self, setting_id: str) -> float:
        """The value of a setting that is a number."""
        return float(self.get(setting_id))

    def text(self, setting_id: str) -> str:
        """The value of a setting that is text."""
        return str(self.get(setting_id))

    def own(self, setting_id: str) -> str:
        """A choice that is text; empty where it is `auto`, left to the program."""
        choice = self.text(setting_id)
        return "" if choice == AUTO else choice

    def flag(self, setting_id: str) -> bool:
        """The value of a setting that is true or false."""
        return bool(self.get(setting_id))

    def set(self, setting_id: str, value: Value) -> None:
        """Changes a setting and writes the file. ValueError when the value does not fit, OSError from the disk."""
        setting = find(setting_id)
        checked = setting.check(value)
        if checked == self.get(setting_id):
            return
        if checked == setting.default:
            self._given.pop(setting_id, None)
        else:
            self._given[setting_id] = checked
        self._write()
        for listener in tuple(self._listeners):
            listener(setting_id)

    def connect(self, listener: Callable[[str], None]) -> None:
        """Calls `listener` with the id of every setting that changes."""
        self._listeners.append(listener)

    def _load(self) -> None:
        try:
            document = json.loads(self._path.read_text("utf-8"))
            values = dict(document["values"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.fault = str(error)
            self._keep_broken()
            return
        for name, value in values.items():
            setting = _known(name)
            if setting is None:
                self._unknown[name] = value
                continue
            try:
                self._given[name] = setting.check(value)
            except (ValueError, TypeError):
                self.fault = f"“{name}” does not fit"

    def _keep_broken(self) -> None:
        try:
            os.replace(self._path, self._path.with_suffix(".broken"))
        except OSError as error:
            self.fault += f"; {error}"

    def _write(self) -> None:
        document = {"version": VERSION, "values": {**self._unknown, **self._given}}
        write_atomically(self._path, json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False).encode())


def write_atomically(path: Path, data: bytes) -> None:
    """The file has either its old bytes or all of the new ones, whatever happens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _known(name: str) -> Setting | None:
    try:
        return find(name)
    except KeyError:
        return None
