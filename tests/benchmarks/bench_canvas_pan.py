"""Frames of panning a 4K window over a 4K, an 8K and a sparse 16K document, at every zoom by a power of two.

One row a document names the worst of the zooms. At other zooms a frame shows what is there already, coarser where it
must be, in time; how long it takes until all of it is sharp is a row of its own.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from measuring import FRAMES, row
from PySide6.QtWidgets import QApplication

from scumble.app.window import Program, build
from scumble.document import BGRA8, TILE, Document, edits
from scumble.document.tiles import Tile
from scumble.settings.paths import Paths
from scumble.ui.canvas.canvas import Canvas

POWERS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0)
OTHERS = (0.33, 0.75)
FRAME_MS = 16.0
SHARP_MS = 100.0
STEP = (43.0, 17.0)
PANNED = 60
LAYERS = 20

Spent = tuple[float, float]
"""Milliseconds on the wall, and of the processor."""


def run() -> list[dict[str, Any]]:
    """The rows: a document after the other, so that one at a time is in memory."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        program = build(Paths(root / "data", root / "config", root / "cache"), service=False)
        program.window.show()
        program.finish()
        _settle()  # a window that is new fits itself to the screen
        for name, make in (("4k", lambda: full(4096)), ("8k", lambda: full(8192)), ("16k_sparse", sparse)):
            rows += _rows(program, name, make)
        program.close()
    return rows


def full(side: int) -> Document:
    """Twenty layers, every tile of them there, of a few tiles that the layers share."""
    document = Document(side, side)
    pool = _pool()
    for number in range(LAYERS):
        _fill(document, pool, number, lambda _index: True)
    document.history.clear()
    return document


def sparse() -> Document:
    """One full layer of 16384² and nineteen that are painted on a tenth of it."""
    document = Document(16384, 16384)
    pool = _pool()
    rng = np.random.default_rng(5)
    for number in range(LAYERS):
        some = rng.random((64, 64)) < (1.0 if number == 0 else 0.1)
        _fill(document, pool, number, lambda index, some=some: bool(some[index[1], index[0]]))
    document.history.clear()
    return document


def _pool() -> list[Any]:
    rng = np.random.default_rng(7)
    made = []
    for _ in range(8):
        straight = rng.integers(0, 256, (TILE, TILE, 4), np.uint8)
        straight[..., 3] = 128
        made.append(BGRA8.from_straight(straight))
    return made


def _fill(document: Document, pool: list[Any], number: int, wanted: Callable[[tuple[int, int]], bool]) -> None:
    """A layer whose tiles are those of the pool: shared, as an undone copy's are, so that 16K fits into memory."""
    layer = edits.add_layer(document, f"Layer {number + 1}")
    surface = document.paint_layer(layer).surface
    shared = [Tile(pixels) for pixels in pool]
    tiles = {
        index: shared[(place + number) % len(shared)]
        for place, index in enumerate(document.bounds.tiles())
        if wanted(index)
    }
    with document.history.transaction("fill") as edit:
        edit.replace(surface, tiles)


def _rows(program: Program, name: str, make: Callable[[], Document]) -> list[dict[str, Any]]:
    session = program.window.open_document(make(), title=name)
    canvas = program.window.canvas
    assert canvas is not None
    # It is the canvas that has 4K; the window has the docks besides.
    window = program.window
    window.resize(3840 + window.width() - canvas.width(), 2160 + window.height() - canvas.height())
    _settle()
    assert canvas.width() == 3840, canvas.size()
    rows = [
        _row(f"canvas.pan_4k_window_{name}", {zoom: pan(canvas, zoom) for zoom in POWERS}, FRAME_MS),
        _row(f"canvas.pan_4k_window_{name}_odd", {zoom: pan(canvas, zoom) for zoom in OTHERS}, FRAME_MS),
        _row(f"canvas.sharp_4k_window_{name}_odd", {zoom: sharpen(canvas, zoom) for zoom in OTHERS}, SHARP_MS),
    ]
    window.drop_session(session)
    QApplication.sendPostedEvents()
    _settle()
    gc.collect()
    return rows


def pan(canvas: Canvas, zoom: float) -> list[Spent]:
    """What each frame of going to and fro takes, over a picture that was looked at before."""
    _look(canvas, zoom)
    times = []
    for step in range(PANNED):
        way = 1 if step % 40 < 20 else -1
        times.append(_frame(canvas, STEP[0] * way, STEP[1] * way))
        times.append(_timed(QApplication.processEvents))  # a frame that goes on where that one had to stop
    return times


def sharpen(canvas: Canvas, zoom: float) -> list[Spent]:
    """From a step of panning until all that it brought into sight is drawn to the end."""
    _look(canvas, zoom)
    times = []
    for step in range(12):
        way = 1 if step < 6 else -1

        def act(way: int = way) -> None:
            _frame(canvas, 3 * STEP[0] * way, 3 * STEP[1] * way)
            while not canvas.finished:
                QApplication.processEvents()

        times.append(_timed(act))
    return times


def _look(canvas: Canvas, zoom: float) -> None:
    canvas.set_viewport(canvas.viewport.fitted().zoomed(zoom))
    canvas.complete()
    _settle(0.2)


def _frame(canvas: Canvas, dx: float, dy: float) -> Spent:
    def act() -> None:
        canvas.set_viewport(canvas.viewport.moved(dx, dy))
        QApplication.sendPostedEvents()

    return _timed(act)


def _timed(act: Callable[[], object]) -> Spent:
    wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
    act()
    return (time.perf_counter_ns() - wall) / 1e6, (time.thread_time_ns() - cpu) / 1e6


def _settle(seconds: float = 0.3) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        QApplication.processEvents()


def _row(name: str, frames: dict[float, list[Spent]], limit: float) -> dict[str, Any]:
    """The row of the worst zoom, which its note names beside the others."""
    walls = {zoom: [wall for wall, _ in times] for zoom, times in frames.items()}
    slow = {zoom: float(np.percentile(times, 99)) for zoom, times in walls.items()}
    worst = max(slow, key=lambda zoom: slow[zoom])
    cpu = float(np.percentile([cpu for _, cpu in frames[worst]], 99))
    each = ", ".join(f"{zoom:g}: {spent:.1f}" for zoom, spent in slow.items())
    note = f"worst at zoom {worst:g}, {cpu:.1f} ms of the processor; {each}"
    return row(name, slow[worst], FRAMES, limit, walls[worst], note, cpu_p99=cpu)
