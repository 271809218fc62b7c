"""The picture, or layers of it, reshaped for a person: at once where that is quick, else on another thread."""

from __future__ import annotations

import threading

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtWidgets import QProgressDialog

from scumble.api import Cancelled, ScumbleError
from scumble.document import TILE, Snapshot
from scumble.document.homography import in_whole_pixels, unmoved
from scumble.paint.reshape import Made, Reshape, put, reshaped
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

AT_ONCE = 1 << 21
"""Pixels, in all layers together, that are resampled without another thread; it holds the window up for no longer than
opening a menu does."""

SHOWN_AFTER = 300
"""Milliseconds until the progress is worth a dialog."""


def reshape(window: MainWindow, session: DocumentSession, wanted: Reshape, step: str) -> None:
    """Reshapes a document, as one step. Nothing happens where it would stay as it is. The window is told of an
    expanded canvas whose new part is to be filled."""
    session.settle()
    document = session.document
    if wanted.dpi is None and wanted.canvas == document.bounds and unmoved(wanted.matrix):
        return
    snapshot = document.snapshot()
    if in_whole_pixels(wanted.matrix) is not None or _pixels(snapshot) <= AT_ONCE:
        _put(window, session, wanted, reshaped(snapshot, wanted), step)
    else:
        _Job(window, session, wanted, step, snapshot).start()


def _put(window: MainWindow, session: DocumentSession, wanted: Reshape, made: Made, step: str) -> None:
    fills = wanted.selects(session.document.bounds)
    put(session.document, wanted, made, step)
    if fills:
        window.expanded.emit(session)


def _pixels(snapshot: Snapshot) -> int:
    return sum(len(snapshot.planes[surface]) for surface in snapshot.structure.surfaces()) * TILE * TILE


class _Job(QObject):
    """One reshaping on another thread. The window takes no input meanwhile, but goes on drawing."""

    def __init__(
        self, window: MainWindow, session: DocumentSession, wanted: Reshape, step: str, snapshot: Snapshot
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._wanted = wanted
        self._step = step
        self._snapshot = snapshot
        self._part = 0.0
        self._stop = threading.Event()
        self._dialog = QProgressDialog(step, QCoreApplication.translate("image", "Cancel"), 0, 100, window)
        self._dialog.setWindowTitle(step)
        self._dialog.setWindowModality(Qt.WindowModality.WindowModal)
        self._dialog.setMinimumDuration(SHOWN_AFTER)
        self._dialog.setAutoClose(False)
        self._dialog.canceled.connect(self._stop.set)
        self._clock = QTimer(self, interval=60)
        self._clock.timeout.connect(lambda: self._dialog.setValue(round(self._part * 100)))

    def start(self) -> None:
        """Goes to work."""
        self._clock.start()
        self._window.setEnabled(False)
        self._window.background.run(self._work, self._done, self._failed)

    def _work(self) -> Made:
        return reshaped(self._snapshot, self._wanted, self._report)

    def _report(self, part: float) -> None:
        self._part = part
        if self._stop.is_set():
            raise Cancelled

    def _done(self, made: Made) -> None:
        stopped = self._stop.is_set()  # closing the dialog counts as calling off
        self._end()
        if self._session in self._window.sessions and not stopped:
            self._session.settle()
            if self._session.document.revision == self._snapshot.revision:
                _put(self._window, self._session, self._wanted, made, self._step)

    def _failed(self, error: ScumbleError) -> None:
        stopped = self._stop.is_set()
        self._end()
        if not stopped:
            self._window.show_error(error)

    def _end(self) -> None:
        self._clock.stop()
        self._window.setEnabled(True)
        self._dialog.close()
        self._dialog.deleteLater()
        self.deleteLater()
