"""Starting the program with its window: the frame is painted first, and what is in it follows at once."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer

from scumble.app.frame import Frame, open_frame
from scumble.settings.paths import Paths


def run(files: Sequence[Path], paths: Paths | None = None) -> int:
    """Opens the window with files and runs until it is closed; returns the exit code."""
    frame = open_frame(paths)
    with_contents: list[Callable[[], object]] = []
    AfterFirstPaint(frame.window, lambda: with_contents.append(fill(frame, files)))
    frame.window.show()
    code = frame.app.exec()
    sys.excepthook = sys.__excepthook__
    for close in with_contents:
        close()
    return code


def fill(frame: Frame, files: Sequence[Path]) -> Callable[[], object]:
    """Puts everything into the frame and opens files; returns what ends the program in good order."""
    # Imported here, not above: it takes as long as all that came before, and the window is in sight meanwhile.
    program = importlib.import_module("scumble.app.window").furnished(frame)
    sys.excepthook = program.report
    program.finish()
    if files:
        program.files.open_paths(files)
    close: Callable[[], object] = program.close
    return close


class AfterFirstPaint(QObject):
    """Calls something once, as soon as a widget has been painted for the first time."""

    def __init__(self, widget: QObject, call: Callable[[], object]) -> None:
        super().__init__(widget)
        self._call = call
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Waits for the paint, and lets it happen before the call."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._call)
        return False
