"""The note that the engine leaves in its scratch folder while a plugin's code runs, so that a crash has a name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

_NAME: Final = "inflight.json"


class InFlight(msgspec.Struct, frozen=True):
    """What was being done. `stage` is `import` or the name of the hook."""

    plugin: str
    stage: str
    job: str

    @contextmanager
    def held(self, folder: Path) -> Iterator[None]:
        """Keeps the note on disk, flushed, for as long as the block runs, and for ever if the process dies in it."""
        path = folder / _NAME
        with path.open("wb") as file:
            file.write(msgspec.json.encode(self))
            file.flush()
            os.fsync(file.fileno())
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

    @staticmethod
    def left(folder: Path) -> InFlight | None:
        """The note that an engine left behind, if it died inside a plugin."""
        try:
            return msgspec.json.decode((folder / _NAME).read_bytes(), type=InFlight)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
