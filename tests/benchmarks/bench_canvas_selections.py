"""Selections of an 8K picture: frames of the marching ants, growing, and moving the outline."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from scumble.app.window import Program, build
from scumble.document import BGRA8, Document
from scumble.document.edits import new_document
from scumble.paint.selecting import Change, changed, from_values, put
from scumble.paint.shapes import ellipse, polygon
from scumble.settings.paths import Paths

SIDE = 8192
SPOTS = 6000
ZOOMS = (0.1, 0.33, 1.0)
FRAME_MS = 16.0
GROW_MS = 200.0
STEPS = 100


def run() -> list[dict[str, Any]]:
    """The rows: the worst of a hundred frames of ants, over thousands of outlines; a selection grown by 8 px."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        program = build(Paths(root / "data", root / "config", root / "cache"), service=False)
        program.window.resize(1920, 1080)
        program.window.show()
        program.finish()
        document = new_document(SIDE, SIDE, BGRA8, background=(0.8, 0.8, 0.8), name="Background")
        put(document, from_values(spots(), document.bounds), "Select")
        program.window.open_document(document, title="Benchmark")
        settle(program)
        rows.append(ants_row(program))
        rows.append(outline_row(program, document))
        program.close()
    rows.append(grow_row())
    return rows


def spots() -> np.ndarray:
    """Thousands of round spots with smooth edges."""
    rng = np.random.default_rng(5)
    values = np.zeros((SIDE, SIDE), np.uint8)
    for x, y, radius in zip(*rng.integers(0, SIDE, (2, SPOTS)), rng.integers(8, 60, SPOTS), strict=True):
        cv2.circle(values, (int(x), int(y)), int(radius), 255, -1, cv2.LINE_AA)
    return values


def ants_row(program: Program) -> dict[str, Any]:
    """Frames in which the ants move on, at three zooms; and the first frame after the selection came to be."""
    canvas = program.window.canvas
    assert canvas is not None
    took: list[float] = []
    spent: list[float] = []
    first: list[float] = []
    for zoom in ZOOMS:
        canvas.set_viewport(canvas.viewport.fitted().zoomed(zoom))
        canvas.complete()
        settle(program)
        canvas._outline.forget()  # as if the selection had just been made
        first.append(timed(lambda: (canvas.update(), QApplication.processEvents())))
        took += [timed(lambda: (canvas._march(), QApplication.processEvents()), spent) for _ in range(STEPS)]
    p50, p99 = (float(np.percentile(took, part)) for part in (50, 99))
    peer = f"{np.percentile(spent, 99):.1f} ms of the processor; first frame {max(first):.1f} ms"
    return row("canvas.ants_8k", p99, "ms, 99 % of the frames", FRAME_MS, p50, p99, peer)


def outline_row(program: Program, document: Document) -> dict[str, Any]:
    """Mouse event to painted, while the outline of a large selection is dragged."""
    canvas = program.window.canvas
    assert canvas is not None
    put(document, polygon(ellipse(500, 500, 7500, 7300), document.bounds), "Select")
    program.window.tools.set_tool("select")
    canvas.set_viewport(canvas.viewport.fitted())
    canvas.complete()
    settle(program)
    start = canvas.viewport.to_view(4000, 4000)
    took = []
    send(canvas, QEvent.Type.MouseButtonPress, start)
    for step in range(40):
        place = QPointF(start.x() + step * 2, start.y() + step)
        took.append(timed(lambda place=place: move(canvas, place)))
    send(canvas, QEvent.Type.MouseButtonRelease, start)
    p50, p99 = (float(np.percentile(took, part)) for part in (50, 99))
    return row("canvas.move_outline_8k", p99, "ms, 99 % of the frames", FRAME_MS, p50, p99, "")


def grow_row() -> dict[str, Any]:
    """A large selection with a smooth edge grown by 8 px."""
    document = Document(SIDE, SIDE)
    tiles = polygon(ellipse(100, 100, 8000, 7900), document.bounds)
    spent: list[float] = []
    took = [timed(lambda: changed(tiles, document.bounds, Change("grow", 8)), spent) for _ in range(7)]
    p50, p99 = (float(np.percentile(took, part)) for part in (50, 99))
    return row("canvas.select_grow_8k", p50, "ms", GROW_MS, p50, p99, f"{np.median(spent):.0f} ms of the processor")


def row(name: str, value: float, unit: str, limit: float, p50: float, p99: float, peer: str) -> dict[str, Any]:
    """One line of the report."""
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "limit": limit,
        "better": "lower",
        "holds": value <= limit,
        "p50": p50,
        "p99": p99,
        "peer": peer,
    }


def timed(act: Callable[[], object], spent: list[float] | None = None) -> float:
    """Milliseconds that something takes; those of the processor go to `spent`."""
    start, busy = time.perf_counter(), time.process_time()
    act()
    if spent is not None:
        spent.append((time.process_time() - busy) * 1000)
    return (time.perf_counter() - start) * 1000


def move(canvas: Any, place: QPointF) -> None:
    """A mouse event, and the painting that it asks for."""
    send(canvas, QEvent.Type.MouseMove, place)
    QApplication.processEvents()


def send(canvas: Any, kind: QEvent.Type, place: QPointF) -> None:
    """One mouse event, straight to the canvas."""
    button = Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, place, canvas.mapToGlobal(place), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def settle(program: Program) -> None:
    """Lets everything be drawn."""
    until = time.perf_counter() + 0.5
    while time.perf_counter() < until:
        program.app.processEvents()
