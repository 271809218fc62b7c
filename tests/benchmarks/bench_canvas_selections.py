"""Selections of an 8K picture: frames of the marching ants, growing, and moving the outline."""

from __future__ import annotations

import statistics
from functools import partial

import cv2
import numpy as np
from measuring import Frames, Row, row, send, settle, timed, window
from PySide6.QtCore import QEvent, QPointF

from scumble.app.window import Program
from scumble.document import BGRA8, Document
from scumble.document.edits import new_document
from scumble.paint.selecting import Change, changed, from_values, put
from scumble.paint.shapes import ellipse, polygon

SIDE = 8192
SPOTS = 6000
ZOOMS = (0.1, 0.33, 1.0)
FRAME_MS = 16.0
GROW_MS = 200.0
STEPS = 100


def run() -> list[Row]:
    """The rows: the worst of a hundred frames of ants, over thousands of outlines; a selection grown by 8 px."""
    document = new_document(SIDE, SIDE, BGRA8, background=(0.8, 0.8, 0.8), name="Background")
    put(document, from_values(spots(), document.bounds), "Select")
    with window(document) as program:
        return [ants_row(program), outline_row(program, document), grow_row()]


def spots() -> np.ndarray:
    """Thousands of round spots with smooth edges."""
    rng = np.random.default_rng(5)
    values = np.zeros((SIDE, SIDE), np.uint8)
    for x, y, radius in zip(*rng.integers(0, SIDE, (2, SPOTS)), rng.integers(8, 60, SPOTS), strict=True):
        cv2.circle(values, (int(x), int(y)), int(radius), 255, -1, cv2.LINE_AA)
    return values


def ants_row(program: Program) -> Row:
    """Frames in which the ants move on, at three zooms; and the first frame after the selection came to be."""
    canvas = program.window.canvas
    assert canvas is not None
    first, frames = Frames(), Frames()
    for zoom in ZOOMS:
        canvas.set_viewport(canvas.viewport.fitted().zoomed(zoom))
        canvas.complete()
        settle(program)
        canvas._outline.forget()  # as if the selection had just been made
        first.time(canvas.update)
        for _ in range(STEPS):
            frames.time(canvas._march)
    return frames.row("canvas.ants_8k", FRAME_MS, f"first frame {max(first.wall):.1f} ms")


def outline_row(program: Program, document: Document) -> Row:
    """Mouse event to painted, while the outline of a large selection is dragged."""
    canvas = program.window.canvas
    assert canvas is not None
    put(document, polygon(ellipse(500, 500, 7500, 7300), document.bounds), "Select")
    program.window.tools.set_tool("select")
    canvas.set_viewport(canvas.viewport.fitted())
    canvas.complete()
    settle(program)
    start = canvas.viewport.to_view(4000, 4000)
    send(canvas, QEvent.Type.MouseButtonPress, start)
    frames = Frames()
    for step in range(40):
        place = QPointF(start.x() + step * 2, start.y() + step)
        frames.time(partial(send, canvas, QEvent.Type.MouseMove, place))
    send(canvas, QEvent.Type.MouseButtonRelease, start)
    return frames.row("canvas.move_outline_8k", FRAME_MS)


def grow_row() -> Row:
    """A large selection with a smooth edge grown by 8 px."""
    document = Document(SIDE, SIDE)
    tiles = polygon(ellipse(100, 100, 8000, 7900), document.bounds)
    (times,) = timed(lambda: changed(tiles, document.bounds, Change("grow", 8)), rounds=7)
    took = [seconds * 1e3 for seconds in times]
    return row("canvas.select_grow_8k", statistics.median(took), "ms", GROW_MS, took)
