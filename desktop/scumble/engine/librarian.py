"""Tells the window which model files there are, hashes them when nothing else is to be done, and has them converted."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from scumble.api import ScumbleError
from scumble.engine.memory import memory_of
from scumble.engine.models.conversion import FOLDER, convert_file
from scumble.engine.stock import Stock
from scumble.protocol import Converted, FrameWriter, ModelFiles

LOG = logging.getLogger(__name__)

BATCH: Final = 200
"""Entries that go into one message."""

REST: Final = 0.01
"""Seconds of rest after each few megabytes that are hashed, so that the disk is there for others."""


class _Called(Exception):
    """There is something else to do; the file that is being hashed is begun again later."""


class Librarian:
    """Works on a thread of its own that ends with the process."""

    def __init__(self, stock: Stock, writer: FrameWriter, own_folder: Path | None) -> None:
        """`own_folder` is the program's folder of models; None: nothing is converted."""
        self._stock = stock
        self._writer = writer
        self._own_folder = own_folder
        self._errands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="librarian", daemon=True).start()

    def list_files(self) -> None:
        """Says which files there are, after another look into the folders."""
        self._errands.put(self._list_files)

    def convert(self, path: str) -> None:
        """Has a pickle file converted, and says what came of it."""
        self._errands.put(lambda: self._convert(Path(path)))

    def _work(self) -> None:
        while True:
            errand = self._errands.get()
            try:
                errand()
                if self._errands.empty() and self._hash():
                    self._tell()
            except Exception:
                LOG.exception("an errand of the library failed")

    def _list_files(self) -> None:
        self._stock.infos()
        self._tell()

    def _tell(self) -> None:
        entries, roots = self._stock.files()
        memory = memory_of(self._stock.known_device)
        parts = [entries[start : start + BATCH] for start in range(0, max(len(entries), 1), BATCH)]
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            self._writer.write(ModelFiles(entries=part, roots=roots, memory=memory, first=number == 0, last=last))

    def _hash(self) -> bool:
        """Hashes what is not hashed yet, until there is something else to do; whether any was."""
        hashed = False
        with contextlib.suppress(_Called):
            while self._stock.hash_next(self._rest):
                hashed = True
        return hashed

    def _rest(self) -> None:
        if not self._errands.empty():
            raise _Called
        time.sleep(REST)

    def _convert(self, path: Path) -> None:
        try:
            if self._own_folder is None:
                raise ScumbleError("model-unsafe", model=path.name, reason="there is no folder for it")
            if str(path) not in {entry.path for entry in self._stock.files()[0]}:
                raise ScumbleError("model-missing", model=path.name)
            made = convert_file(path, self._own_folder / FOLDER)
        except ScumbleError as error:
            self._writer.write(Converted(path=str(path), code=error.code, params=error.params))
        else:
            self._writer.write(Converted(path=str(path), made=str(made)))
            self._list_files()
