"""Dragging all of a picture of 4096²: frames of a free transformation and of the move tool, and putting it down.

Frames are wall time from the mouse event to the end of the painting, on a window of 1920 × 1080; `cpu_p99` is what the
program itself spent. The ratio is to one call of OpenCV for the same picture, in the same run.
"""

from __future__ import annotations

import statistics
from functools import partial

import cv2
import numpy as np
from measuring import Frames, Row, row, send, settle, timed, window
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest

from scumble.app.window import Program
from scumble.document import BGRA8, Document
from scumble.document.edits import add_layer
from scumble.document.homography import rotation, translation
from scumble.document.lift import lift
from scumble.paint.transform import Resampling, transformed
from scumble.ui.modes import Modes

SIDE = 4096
LAYERS = 4
EVENTS = 150
ROUNDS = 3
ZOOMS = (1.0, 0.33, 0.2)
PREVIEW_MS = 33.0
MOVE_MS = 16.0
APPLY_RATIO = 4.0


def run() -> list[Row]:
    """The rows."""
    document = layered_document()
    rows = [apply_row(document)]
    with window(document) as program:
        rows += [drag_row(program, "transform", f"canvas.transform_preview_zoom_{zoom:g}", zoom) for zoom in ZOOMS]
        rows += [drag_row(program, "move", f"canvas.move_layer_4096_zoom_{zoom:g}", zoom) for zoom in ZOOMS]
        for name in ("canvas.transform_preview", "canvas.move_layer_4096"):
            rows.append(worst([each for each in rows if each["name"].startswith(f"{name}_zoom")], name))
    return rows


def layered_document() -> Document:
    """Four layers of 4096² of smooth noise, opaque; the third is the active one, with one above."""
    rng = np.random.default_rng(7)
    document = Document(SIDE, SIDE)
    ids = []
    for number in range(LAYERS):
        noise = cv2.resize(rng.integers(0, 256, (256, 256, 4), np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        noise[..., 3] = 255 if number < LAYERS - 1 else noise[..., 3] // 2
        ids.append(add_layer(document, f"Layer {number + 1}", pixels=BGRA8.from_straight(noise)))
    document.activate(ids[-2])
    document.history.clear()
    return document


def apply_row(document: Document) -> Row:
    """Bicubic, turned by 17°: what Enter computes, against OpenCV with the picture in one array already."""
    active = document.active
    assert active is not None
    pixels = document.surface(document.paint_layer(active.id).surface).read(document.bounds)
    matrix = rotation(17.0, (SIDE / 2, SIDE / 2))
    road = translation(-0.5, -0.5) @ matrix @ translation(0.5, 0.5)

    def work() -> None:
        transformed(lift(document, [active]), matrix, Resampling.BICUBIC, document.bounds)

    def plain() -> None:
        cv2.warpPerspective(pixels, road, (SIDE, SIDE), flags=cv2.INTER_CUBIC)

    ours, bare = (times[1:] for times in timed(work, plain, rounds=ROUNDS + 1))
    value = statistics.median(one / other for one, other in zip(ours, bare, strict=True))
    peer = f"{statistics.median(ours) * 1000:.0f} ms, OpenCV {statistics.median(bare) * 1000:.0f} ms"
    return row("canvas.transform_apply_4096", value, "ratio to one cv2.warpPerspective", APPLY_RATIO, peer=peer)


def drag_row(program: Program, tool: str, name: str, zoom: float) -> Row:
    """Frames of one drag, of what was turned by 9° before where it is transformed; and then all given up.

    What stands still was drawn before the first of them.
    """
    canvas = program.window.canvas
    assert canvas is not None
    canvas.set_viewport(canvas.viewport.fitted().zoomed(zoom))
    program.window.tools.set_tool(tool)
    modes = program.window.findChild(Modes)
    if modes.mode is not None:
        shape = modes.mode.shape
        modes.mode.change(shape.through(rotation(9.0, shape.centre)))
    settle(program)
    middle = canvas.viewport.centre
    start = QPointF(middle.x() + 200, middle.y()) if tool == "move" else QPointF(middle.x() + 100, middle.y() + 60)
    send(canvas, QEvent.Type.MouseButtonPress, start)
    send(canvas, QEvent.Type.MouseMove, QPointF(start.x() + 4, start.y()))
    settle(program)
    frames = Frames()
    for step in range(EVENTS):
        turn = step / 18.0
        place = QPointF(start.x() + 40 * np.cos(turn) + step, start.y() + 40 * np.sin(turn))
        frames.time(partial(send, canvas, QEvent.Type.MouseMove, place))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    send(canvas, QEvent.Type.MouseButtonRelease, start)
    program.window.tools.set_tool("brush")
    return frames.row(name, MOVE_MS if tool == "move" else PREVIEW_MS)


def worst(rows: list[Row], name: str) -> Row:
    """The slowest zoom, under the name of all."""
    slowest = max(rows, key=lambda each: float(each["value"]))
    return {**slowest, "name": name, "peer": f"slowest of {len(rows)} zooms: {slowest['name']}"}
