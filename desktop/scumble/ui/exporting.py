"""Exporting: what was chosen last for each format, and the size of the file while a person chooses."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from scumble.api import ScumbleError
from scumble.document import Pixels, Snapshot
from scumble.files import Choices, Format
from scumble.files.estimate import estimated_size
from scumble.settings.memory import Memory
from scumble.ui.background import Background
from scumble.ui.dialogs.export import ExportDialog
from scumble.ui.saving import Saver

PAUSE = 150
"""Milliseconds without a change after which the size is estimated anew."""


def remembered(memory: Memory, known: Format, quality: int) -> Choices:
    """What was chosen last for a format; at first the defaults, with the quality of the settings."""
    try:
        return msgspec.json.decode(memory.blob(f"export.{known.name}"), type=Choices)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Choices(quality=quality)


def remember(memory: Memory, known: Format, choices: Choices) -> None:
    """Keeps it for the next time."""
    memory.keep_blob(f"export.{known.name}", msgspec.json.encode(choices))


class Estimator(QObject):
    """Tells a dialog how large the file will be, as soon as the picture is flattened and after each change.

    One estimate at a time; what has been asked for meanwhile comes after it. `estimated` carries the bytes.
    """

    estimated = Signal(int)

    def __init__(
        self, dialog: ExportDialog, known: Format, snapshot: Snapshot, saver: Saver, background: Background
    ) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._known = known
        self._snapshot = snapshot
        self._background = background
        self._merged: Pixels | None = None
        self._running = False
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._estimate)
        self._closed = False
        work = saver.flatten(snapshot, self._begin)
        dialog.changed.connect(lambda _choices: self._pause.start())
        dialog.finished.connect(work.cancel)
        dialog.finished.connect(self._close)

    def _close(self) -> None:
        self._closed = True
        self._pause.stop()

    def _begin(self, merged: Pixels) -> None:
        if not self._closed:
            self._merged = merged
            self._estimate()

    def _estimate(self) -> None:
        if self._merged is None or self._closed:
            return
        if self._running:
            self._pause.start()
            return
        self._running = True
        merged, snapshot, known, choices = self._merged, self._snapshot, self._known, self._dialog.choices
        self._background.run(
            lambda: estimated_size(merged, snapshot.format, snapshot.structure, known, choices),
            self._done,
            self._failed,
        )

    def _done(self, size: int) -> None:
        self._running = False
        if not self._closed:
            self._dialog.show_size(size)
            self.estimated.emit(size)

    def _failed(self, _error: ScumbleError) -> None:
        """The export itself will tell."""
        self._running = False
