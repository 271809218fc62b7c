"""What the suites share: a row of the table, a window to measure in, and the frames that a person waits for."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from scumble.app.window import Program, build
from scumble.document import Document
from scumble.settings.paths import Paths

Row = dict[str, Any]
FRAMES = "ms, 99 % of the frames"


def row(
    name: str,
    value: float,
    unit: str,
    limit: float | None = None,
    times: Sequence[float] = (),
    peer: str = "",
    **more: object,
) -> Row:
    """A row; less is better. `times` give its median and 99th percentile. Without a limit it is told all the same."""
    p50, p99 = (float(np.percentile(times, part)) for part in (50, 99)) if len(times) else (None, None)
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "limit": limit,
        "better": "lower",
        "holds": limit is None or value <= limit,
        "p50": p50,
        "p99": p99,
        "peer": peer,
        **more,
    }


@contextmanager
def window(document: Document | None = None, *, service: bool = False) -> Iterator[Program]:
    """The program in a window of 1920 × 1080, with a folder of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        program = build(Paths(root / "data", root / "config", root / "cache"), service=service)
        program.window.resize(1920, 1080)
        program.window.show()
        program.finish()
        if document is not None:
            program.window.open_document(document, title="Benchmark")
            settle(program)
        yield program
        program.close()


def settle(program: Program, seconds: float = 0.5) -> None:
    """Lets everything be drawn."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        program.app.processEvents()


def send(canvas: Any, kind: QEvent.Type, place: QPointF) -> None:
    """One event of the left button, straight to the canvas."""
    button = Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, place, canvas.mapToGlobal(place), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


class Frames:
    """What a person waits for: from a call to the end of the painting that it asked for."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def time(self, act: Callable[[], object]) -> None:
        """Times one, in milliseconds."""
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        act()
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        self.wall.append((time.perf_counter_ns() - wall) / 1e6)
        self.cpu.append((time.process_time_ns() - cpu) / 1e6)

    def row(self, name: str, limit: float, peer: str = "") -> Row:
        """A row whose value is the 99th of a hundred."""
        cpu = float(np.percentile(self.cpu, 99))
        told = "; ".join(filter(None, (f"{cpu:.1f} ms of the processor", peer)))
        return row(name, float(np.percentile(self.wall, 99)), FRAMES, limit, self.wall, told, cpu_p99=cpu)


def timed(*calls: Callable[[], object], rounds: int) -> list[list[float]]:
    """Seconds of each call in each round, the calls in turn so that a busy moment touches all."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, spent in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            spent.append(time.perf_counter() - start)
    return times
