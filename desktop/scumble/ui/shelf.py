"""A shelf: things of one kind that come with the program, and a person's own beside them, one file each."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Final, Generic, TypeAlias, TypeVar

from scumble.api import ScumbleError
from scumble.settings import write_atomically

T = TypeVar("T")

LIMIT: Final = (1 << 20) + 1
"""Bytes; what is kept here is far smaller."""

Attempt: TypeAlias = Callable[[Callable[[], object]], None]
"""Calls something that a person asked for, and shows them its error if there is one."""


class Shelf(Generic[T]):
    """Items by id, which is the name of the file without its ending. A person's own wins over one that comes along.

    `read` makes an item of a file's bytes and its name, and raises `ScumbleError` for what is none; `write` makes bytes
    of an item. `faults` are the errors of a person's files that could not be read: those files stay as they are.
    """

    def __init__(
        self,
        bundled: Mapping[str, T],
        folder: Path,
        suffix: str,
        read: Callable[[bytes, str], T],
        write: Callable[[T], bytes],
    ) -> None:
        self._bundled = dict(bundled)
        self._folder = folder
        self._suffix = suffix
        self._read = read
        self._write = write
        self._own: dict[str, T] = {}
        self.faults: list[ScumbleError] = []
        self._load()

    def __iter__(self) -> Iterator[str]:
        """The ids: what comes along in its order, then a person's own by name of the file."""
        yield from self._bundled
        yield from (name for name in self._own if name not in self._bundled)

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._bundled

    def __getitem__(self, name: str) -> T:
        """An item. KeyError when there is none of that id."""
        return self._own[name] if name in self._own else self._bundled[name]

    def is_bundled(self, name: str) -> bool:
        """Whether it comes with the program, changed or not."""
        return name in self._bundled

    def is_changed(self, name: str) -> bool:
        """Whether it comes with the program and a person has changed it."""
        return name in self._bundled and name in self._own

    def put(self, name: str, item: T) -> None:
        """Keeps an item as a person's own. Raises `ScumbleError` when the disk refuses; then nothing has changed."""
        write_small(self._file(name), self._write(item))
        self._own[name] = item

    def remove(self, name: str) -> None:
        """Takes a person's own away; one that comes along is as it came. Raises `ScumbleError` like `put`."""
        try:
            self._file(name).unlink(missing_ok=True)
        except OSError as error:
            raise ScumbleError("shelf-unwritable", name=name, reason=error.strerror or str(error)) from error
        self._own.pop(name, None)

    def free_id(self, title: str) -> str:
        """An id that no item has, from what a person calls it."""
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40] or "own"
        # "own-" keeps clear of what a later release brings along.
        name, number = f"own-{stem}", 2
        while name in self or self._file(name).exists():
            name, number = f"own-{stem}-{number}", number + 1
        return name

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}{self._suffix}"

    def _load(self) -> None:
        try:
            files = sorted(self._folder.glob(f"*{self._suffix}"))
        except OSError:
            return
        for file in files:
            try:
                self._own[file.stem] = self._read(read_small(file), file.name)
            except ScumbleError as error:
                self.faults.append(error)
        for fault in self.faults:
            logging.getLogger("scumble").warning("%s %s", fault.code, fault.params)


def read_small(path: Path) -> bytes:
    """The bytes of a file, and of a large one only so many that whoever reads them sees that. Raises `ScumbleError`."""
    try:
        with path.open("rb") as file:
            return file.read(LIMIT)
    except OSError as error:
        raise ScumbleError("file-unreadable", path=path.name, reason=error.strerror or str(error)) from error


def write_small(path: Path, data: bytes) -> None:
    """Writes a file, or leaves it as it was and raises `ScumbleError`."""
    try:
        write_atomically(path, data)
    except OSError as error:
        raise ScumbleError("shelf-unwritable", name=path.name, reason=error.strerror or str(error)) from error


def bundled_files(folder: str, suffix: str) -> dict[str, bytes]:
    """The files of a folder of the resources, by name without ending, in order."""
    home = resources.files("scumble_resources").joinpath(folder)
    found = sorted((entry for entry in home.iterdir() if entry.name.endswith(suffix)), key=lambda entry: entry.name)
    return {entry.name[: -len(suffix)]: entry.read_bytes() for entry in found}
