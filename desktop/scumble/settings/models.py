"""What a person has said about model files: where they lie, favourites, notes, own trigger words, the VAE to use."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from scumble.settings.store import Settings, set_aside, write_atomically

FOLDERS: Final = "models.folders"
"""The setting that holds a person's folders, with a semicolon between two."""


def own_folders(settings: Settings) -> list[Path]:
    """The folders of models that a person has added to the program's own."""
    parts = (part.strip() for part in settings.text(FOLDERS).split(";"))
    return [Path(part).expanduser() for part in parts if part]


def set_own_folders(settings: Settings, folders: Iterable[Path]) -> None:
    """Keeps other folders. Raises `OSError` where the settings cannot be written."""
    settings.set(FOLDERS, ";".join(dict.fromkeys(str(folder) for folder in folders)))


class ModelNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """About one file. `words` take the place of those in the file where there are any; `vae` is the name of another
    autoencoder, empty for the model's own."""

    favourite: bool = False
    text: str = ""
    words: str = ""
    vae: str = ""


class ModelNotes:
    """The notes by the name of the model, in one small file. Reading never fails, and sets a file aside that it cannot
    read; writing raises `OSError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._notes: dict[str, ModelNote] = {}
        try:
            self._notes = msgspec.json.decode(path.read_bytes(), type=dict[str, ModelNote])
        except FileNotFoundError:
            return
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            set_aside(path)

    def get(self, name: str) -> ModelNote:
        """What was said about a model."""
        return self._notes.get(name, ModelNote())

    def put(self, name: str, note: ModelNote) -> None:
        """Keeps what was said; nothing is kept where nothing was."""
        if note == self.get(name):
            return
        notes = {kept: said for kept, said in self._notes.items() if kept != name}
        if note != ModelNote():
            notes[name] = note
        write_atomically(self._path, msgspec.json.format(msgspec.json.encode(notes)))
        self._notes = notes

    @property
    def vaes(self) -> dict[str, str]:
        """The autoencoders that were chosen, by the name of the model."""
        return {name: note.vae for name, note in self._notes.items() if note.vae}
