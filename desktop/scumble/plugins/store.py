"""The plugins' folder: which version of each is current, developer's links, what is switched off and why.

<folder>/state.json                 what is switched off, what misbehaved
<folder>/links.json                 working folders of developers
<folder>/<id>/current               the version in use (a file, because Windows has no links for everyone)
<folder>/<id>/<version>/            the plugin's package, its metadata, and packages that it brought along
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Final, TypeVar

import msgspec

CURRENT: Final = "current"
"""The file that names the version in use."""

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+!_-]*")


class Fault(msgspec.Struct, frozen=True):
    """Why a version of a plugin was switched off by the program."""

    version: str
    reason: str


class State(msgspec.Struct, frozen=True):
    """What is remembered of plugins: those a person switched off, those that misbehaved, by id, and when plugins took
    the engine down with them, in seconds since the epoch."""

    version: int = 1
    disabled: frozenset[str] = frozenset()
    faults: dict[str, Fault] = {}
    crashes: dict[str, tuple[float, ...]] = {}

    def without(self, plugin: str) -> State:
        """The same with nothing remembered of a plugin."""
        return State(
            disabled=self.disabled - {plugin},
            faults={key: fault for key, fault in self.faults.items() if key != plugin},
            crashes={key: times for key, times in self.crashes.items() if key != plugin},
        )


class Links(msgspec.Struct, frozen=True):
    """Working folders in use as they are, by the id of the plugin."""

    version: int = 1
    folders: dict[str, str] = {}


T = TypeVar("T")


class Store:
    """Reads and writes the plugins' folder. Nothing is made before something is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def state(self) -> State:
        """What is remembered; nothing, where the file is missing or spoilt."""
        return _load(self.folder / "state.json", State, State())

    def write_state(self, state: State) -> None:
        """Replaces the state in one step."""
        write_atomic(self.folder / "state.json", msgspec.json.encode(state, order="deterministic"))

    def links(self) -> dict[str, Path]:
        """The developer's links."""
        found = _load(self.folder / "links.json", Links, Links())
        return {plugin: Path(folder) for plugin, folder in found.folders.items()}

    def write_links(self, links: dict[str, Path]) -> None:
        """Replaces the links in one step."""
        record = Links(folders={plugin: str(folder) for plugin, folder in links.items()})
        write_atomic(self.folder / "links.json", msgspec.json.encode(record, order="deterministic"))

    def installed(self) -> list[tuple[str, Path]]:
        """The id and the current folder of each plugin that is installed, by id."""
        if not self.folder.is_dir():
            return []
        found = []
        for home in sorted(self.folder.iterdir()):
            version = self.current(home.name)
            if version:
                found.append((home.name, home / version))
        return found

    def current(self, plugin: str) -> str:
        """The version of a plugin that is in use, or nothing."""
        try:
            version = (self.folder / plugin / CURRENT).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""
        return version if _VERSION.fullmatch(version) else ""

    def set_current(self, plugin: str, version: str) -> None:
        """Puts a version in use, in one step."""
        write_atomic(self.folder / plugin / CURRENT, version.encode())


def _load(path: Path, kind: type[T], default: T) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return default


def write_atomic(path: Path, data: bytes) -> None:
    """Replaces a small file so that a reader finds the old one or the new one, also after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
