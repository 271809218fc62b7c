"""What a person has said about model files: where they lie, favourites, notes, own trigger words, the VAE to use."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from scumble.settings.store import Settings, set_aside, write_atomically

FOLDERS: Final = "models.folders"
"""The setting that holds a person's folders, with a semicolon between two. One that would be torn apart, or cut, stands
in double quotes, and each double quote of its own is doubled."""

_FOLDER: Final = re.compile(r'\s*(?:"((?:[^"]|"")*+)"\s*|([^;]*+))(?:;|$)')


def own_folders(settings: Settings) -> list[Path]:
    """The folders of models that a person has added to the program's own."""
    found = _FOLDER.findall(settings.text(FOLDERS))
    parts = (quoted.replace('""', '"') or plain.strip() for quoted, plain in found)
    return [Path(os.path.expanduser(part)) for part in parts if part]  # pathlib raises for a home that nobody has


def set_own_folders(settings: Settings, folders: Iterable[Path]) -> None:
    """Keeps other folders. Raises `OSError` where the settings cannot be written."""
    settings.set(FOLDERS, ";".join(dict.fromkeys(_written(str(folder)) for folder in folders)))


def _written(folder: str) -> str:
    """As `own_folders` reads it whole again."""
    plain = folder == folder.strip() and not any(mark in folder for mark in ';"')
    return folder if plain else '"{}"'.format(folder.replace('"', '""'))


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
