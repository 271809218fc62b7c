"""How long from a mouse event until the canvas is painted, and how long frames of panning and zooming take.

The value is wall time, which other programs on the machine add to; `cpu_p99` is what the program itself spent.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
from measuring import Frames, Row, send, settle, window
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QPainter

from scumble.app.window import Program
from scumble.document import BGRA8, Document, Rect
from scumble.document.edits import add_layer

SIDE = 4096
LAYERS = 20
EVENTS = 400
ZOOMS = (1.0, 0.5, 0.33)
PAINT_MS = 8.0
FRAME_MS = 16.0
SLOW_FRAME_MS = 33.0


def run() -> list[Row]:
    """The rows: a stroke of a soft brush of 100 px at several zooms, panning two sizes of window, zooming."""
    rows: list[Row] = []
    with window(layered_document()) as program:
        rows.append(zoom_row(program))
        bare = bare_loop()
        rows += [stroke_row(program, zoom, bare) for zoom in ZOOMS]
        rows += [pan_row(program, zoom, "1080p") for zoom in ZOOMS]
        program.window.resize(3840, 2160)
        settle(program)
        rows += [pan_row(program, zoom, "4k") for zoom in ZOOMS]
    return rows


def layered_document() -> Document:
    """Twenty layers of 4096², each half transparent noise, so that no tile can be left out."""
    rng = np.random.default_rng(7)
    document = Document(SIDE, SIDE)
    noise = rng.integers(0, 256, (SIDE, SIDE, 4), np.uint8)
    noise[..., 3] = 128
    stored = BGRA8.from_straight(noise)
    for number in range(LAYERS):
        add_layer(document, f"Layer {number + 1}", pixels=np.roll(stored, number * 97, axis=0))
    document.history.clear()
    return document


def stroke_row(program: Program, zoom: float, bare: float) -> Row:
    """Event to painted, at 8 ms the most in 99 of 100 events."""
    canvas = program.window.canvas
    assert canvas is not None
    program.window.tools.change_brush(size=100.0, hardness=0.0, opacity=0.7)
    canvas.set_viewport(canvas.viewport.fitted().zoomed(zoom))
    settle(program)
    middle = canvas.viewport.centre
    send(canvas, QEvent.Type.MouseButtonPress, middle)
    frames = Frames()
    for step in range(EVENTS):
        turn = step / 18.0
        radius = 40 + step * 0.7
        place = QPointF(middle.x() + radius * np.cos(turn), middle.y() + radius * np.sin(turn))
        frames.time(lambda place=place: send(canvas, QEvent.Type.MouseMove, place))
    send(canvas, QEvent.Type.MouseButtonRelease, middle)
    session = program.window.session
    assert session is not None
    session.document.history.undo()
    settle(program)
    peer = f"bare painter, one 140 px square: {bare:.2f} ms"
    return frames.row(f"canvas.stroke_100px_zoom_{zoom:g}", PAINT_MS, peer)


def pan_row(program: Program, zoom: float, size: str) -> Row:
    """Frames of panning, all of the picture known."""
    canvas = program.window.canvas
    assert canvas is not None
    canvas.set_viewport(canvas.viewport.fitted().zoomed(zoom))
    canvas.complete()
    settle(program)
    frames = Frames()
    for step in range(120):
        way = 1 if step % 40 < 20 else -1
        frames.time(lambda way=way: canvas.set_viewport(canvas.viewport.moved(9 * way, 5 * way)))
    return frames.row(f"canvas.pan_{size}_zoom_{zoom:g}", FRAME_MS)


def zoom_row(program: Program) -> Row:
    """Frames of turning the wheel through a picture of which next to nothing has been drawn yet."""
    canvas = program.window.canvas
    assert canvas is not None
    canvas.set_viewport(canvas.viewport.zoomed(1.0))
    settle(program)
    canvas.session.compositor._entries.clear()
    frames = Frames()
    for step in [*range(24), *range(24, -12, -1)]:
        frames.time(lambda step=step: canvas.set_viewport(canvas.viewport.zoomed(2.0 ** (-step / 4))))
    return frames.row("canvas.zoom_cold", SLOW_FRAME_MS)


def bare_loop() -> float:
    """Milliseconds that QPainter alone needs for twenty squares of 140 px, the least a repaint can cost."""
    layers = []
    for number in range(LAYERS):
        image = QImage(256, 256, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.red if number % 2 else Qt.GlobalColor.transparent)
        layers.append(image)
    target = QImage(256, 256, QImage.Format.Format_ARGB32_Premultiplied)
    part = Rect(50, 50, 140, 140)
    took = []
    for _ in range(200):
        start = time.perf_counter()
        painter = QPainter(target)
        painter.setOpacity(0.999)
        for image in layers:
            painter.drawImage(part.x, part.y, image, part.x, part.y, part.width, part.height)
        painter.end()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)
