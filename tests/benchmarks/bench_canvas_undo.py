"""What the history keeps of a stroke, and how long undo takes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from bench_canvas_core import SIDE, percentiles, row

from scumble.document import BGRA8, Document, SurfaceId, edits
from scumble.paint import Brush, Sample, Stroke

STROKES = 12
KEY_REPEAT = 1 / 30
"""Seconds between two undos of a key that is held."""


def run() -> list[dict[str, Any]]:
    """An S of 6000 px with a brush of 100 px, again and again, over a layer of noise, which cannot be compressed."""
    document = Document(SIDE, SIDE)
    rng = np.random.default_rng(2)
    noise = BGRA8.from_straight(rng.integers(0, 256, (SIDE, SIDE, 4), dtype=np.uint8))
    surface = document.paint_layer(edits.add_layer(document, "noise", pixels=noise)).surface
    document.history.clear()
    _stroke(document, surface, 0)
    newest = document.history.size / 1e6
    for number in range(1, STROKES):
        _stroke(document, surface, number * 40)
    document.history.settle()
    mean = document.history.size / STROKES / 1e6
    times = _undone(document)
    return [
        row("canvas.undo_memory_6000px", mean, "MB a step of 12", 12.0, newest=round(newest, 1)),
        row("canvas.undo_stroke", float(np.percentile(times, 99)), "ms (p99)", 10.0, **percentiles(times)),
    ]


def _stroke(document: Document, surface: SurfaceId, offset: int) -> None:
    with document.history.transaction("Brush stroke") as edit:
        pen = Stroke(document, edit, surface, Brush(size=100, hardness=0.3), (0.9, 0.2, 0.1))
        for step in range(301):
            share = step / 300
            pen.add(Sample(300 + 3400 * share, 1500 + offset + 1250 * float(np.sin(2 * np.pi * share))))


def _undone(document: Document) -> list[float]:
    """Milliseconds of each undo of all strokes, four times over."""
    times = []
    for _ in range(4):
        while document.history.position:
            start = time.perf_counter()
            document.history.undo()
            times.append((time.perf_counter() - start) * 1000)
            time.sleep(KEY_REPEAT)
        document.history.go_to(STROKES)
        document.history.settle()
    return times
