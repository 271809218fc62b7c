"""The hashes of model files: computed once, and kept in the index as long as a file is as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from scumble.engine.models.files import hash_files
from scumble.engine.models.index import Index
from scumble.engine.models.survey import stamp_of
from scumble.protocol import ModelEntry


class Hashes:
    """SHA-256 in hexadecimal digits."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def known(self, entry: ModelEntry) -> str:
        """That of an entry; empty where it has not been computed."""
        known = self._index.get(Path(entry.path), entry.stamp)
        return known.sha256 if known is not None else ""

    def of(self, path: Path, compute: Callable[[], str]) -> str:
        """That of a file or folder, by `compute` where it is not known. Raises what that raises, and `OSError`."""
        stamp = stamp_of(path)
        known = self._index.get(path, stamp)
        if known is not None and known.sha256:
            return known.sha256
        sha256 = compute()
        self._index.put_hash(path, stamp, sha256)
        self._index.save()
        return sha256

    def of_file(self, path: Path) -> str:
        """That of a file; empty where it has gone."""
        try:
            return self.of(path, lambda: hash_files((path,), lambda: None))
        except (ValueError, OSError):
            return ""

    def learn(self, entries: Iterable[ModelEntry], compute: Callable[[ModelEntry], str]) -> bool:
        """Computes one that is not known yet, models first; False where every one is known."""
        rest = [entry for entry in entries if not entry.fault and not self.known(entry)]
        for entry in sorted(rest, key=lambda entry: entry.info is None):
            try:
                sha256 = compute(entry)
            except (ValueError, OSError):
                continue
            if self._index.put_hash(Path(entry.path), entry.stamp, sha256):  # else it is another by now
                self._index.save()
                return True
        return False
