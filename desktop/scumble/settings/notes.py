"""What a person has said about model files: favourites, notes, own trigger words, the VAE to use."""

from __future__ import annotations

from pathlib import Path

import msgspec

from scumble.settings.store import write_atomically


class ModelNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """About one file. `words` take the place of those in the file where there are any; `vae` is the name of another
    autoencoder, empty for the model's own."""

    favourite: bool = False
    text: str = ""
    words: str = ""
    vae: str = ""


class ModelNotes:
    """The notes by the name of the model, in one small file. Reading never fails; writing raises `OSError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._notes = msgspec.json.decode(path.read_bytes(), type=dict[str, ModelNote])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            self._notes = {}

    def get(self, name: str) -> ModelNote:
        """What was said about a model."""
        return self._notes.get(name, ModelNote())

    def put(self, name: str, note: ModelNote) -> None:
        """Keeps what was said; nothing is kept where nothing was."""
        if note == self.get(name):
            return
        self._notes[name] = note
        if note == ModelNote():
            del self._notes[name]
        write_atomically(self._path, msgspec.json.format(msgspec.json.encode(self._notes)))

    @property
    def vaes(self) -> dict[str, str]:
        """The autoencoders that were chosen, by the name of the model."""
        return {name: note.vae for name, note in self._notes.items() if note.vae}
