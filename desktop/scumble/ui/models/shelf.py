"""What is known of the model files, with what a person has said about each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from scumble.api import ScumbleError
from scumble.generation.forecast import needed
from scumble.protocol import ModelEntry, ModelRoot
from scumble.service import ModelFilesFound, ModelService
from scumble.settings import ModelNote, ModelNotes, Settings, own_folders
from scumble.settings.models import FOLDERS, set_own_folders

EASY, TIGHT = 0.6, 0.9
"""The shares of a machine's memory up to which a model runs with ease, and up to which it runs at all."""


@dataclass(frozen=True, slots=True)
class Room:
    """How a model fits into the memory, both in bytes: `verdict` is `easy`, `tight`, `large` or `unknown`."""

    needed: int
    there: int
    verdict: str


class Shelf(QObject):
    """`changed` says that files, folders or notes have; `places_changed` that the engine must hear of other folders or
    autoencoders. `value_bytes` tells how large a value the engine computes in for a model trained at so many pixels."""

    changed = Signal()
    places_changed = Signal()

    def __init__(
        self,
        service: ModelService,
        notes: ModelNotes,
        settings: Settings,
        value_bytes: Callable[[int], int],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._notes = notes
        self._settings = settings
        self._value_bytes = value_bytes
        self._found = ModelFilesFound()
        service.files_changed.connect(self._take)
        settings.connect(lambda setting: self.places_changed.emit() if setting == FOLDERS else None)

    @property
    def entries(self) -> tuple[ModelEntry, ...]:
        """The files."""
        return self._found.entries

    @property
    def roots(self) -> tuple[ModelRoot, ...]:
        """The folders that were looked through."""
        return self._found.roots

    def of_kind(self, kind: str) -> list[ModelEntry]:
        """The files of a kind that can be used, by name; one of each name."""
        named = {entry.name: entry for entry in reversed(self.entries) if entry.kind == kind and not entry.fault}
        return [named[name] for name in sorted(named, key=str.casefold)]

    def is_converted(self, entry: ModelEntry) -> bool:
        """Whether what a pickle file holds is there as another file."""
        return any(other.name == entry.name and other.kind != "pickle" and not other.fault for other in self.entries)

    def note(self, entry: ModelEntry) -> ModelNote:
        """What a person has said about a file."""
        return self._notes.get(entry.name)

    def words(self, entry: ModelEntry) -> str:
        """The trigger words: a person's, or those that are in the file."""
        return self.note(entry).words or ", ".join(entry.words)

    def say(self, entry: ModelEntry, **said: bool | str) -> None:
        """Keeps what a person says about a file. Raises `ScumbleError` (`notes-unwritable`)."""
        before = self.note(entry)
        note = replace(before, **said)
        try:
            self._notes.put(entry.name, note)
        except OSError as error:
            raise ScumbleError("notes-unwritable", model=entry.name, reason=error.strerror or error) from error
        if note.vae != before.vae:
            self.places_changed.emit()
        if note != before:
            self.changed.emit()

    def room(self, entry: ModelEntry) -> Room:
        """Whether a model fits into the memory of the engine's machine."""
        need, there = self._need(entry), self._found.memory
        if not there or not need:
            return Room(need, there, "unknown")
        share = need / there
        return Room(need, there, "easy" if share <= EASY else "tight" if share <= TIGHT else "large")

    def _need(self, entry: ModelEntry) -> int:
        """The bytes that one picture of a model's own size takes; 0 where that is not known."""
        if entry.info is None:
            return 0
        bytes_each = self._value_bytes(entry.info.native)
        weights = entry.values * bytes_each
        return needed(entry.family, entry.info.native, bytes_each, weights, self._settings.own("engine.memory")) or 0

    def look_again(self) -> None:
        """Has the folders looked through again."""
        self._service.list_models()

    def convert(self, entry: ModelEntry) -> None:
        """Has a pickle file converted."""
        self._service.convert_model(entry.path)

    def own_folders(self) -> list[Path]:
        """The folders that a person has added."""
        return own_folders(self._settings)

    def set_own_folders(self, folders: Iterable[Path]) -> None:
        """Looks through other folders from now on. Raises `OSError` where the settings cannot be written."""
        set_own_folders(self._settings, folders)

    def _take(self, found: ModelFilesFound) -> None:
        self._found = found
        self.changed.emit()
