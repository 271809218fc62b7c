"""Dragging all of a picture of 4096²: frames of a free transformation and of the move tool, and putting it down.

Frames are wall time from the mouse event to the end of the painting, on a window of 1920 × 1080; `cpu_p99` is what the
program itself spent. The ratio is to one call of OpenCV for the same picture, in the same run.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.app.window import Program, build
from scumble.document import BGRA8, Document
from scumble.document.edits import add_layer
from scumble.document.homography import rotation, translation
from scumble.document.lift import lift
from scumble.paint.transform import Resampling, transformed
from scumble.settings.paths import Paths
from scumble.ui.modes import Modes

SIDE = 4096
LAYERS = 4
EVENTS = 150
ROUNDS = 3
ZOOMS = (1.0, 0.33, 0.2)
PREVIEW_MS = 33.0
MOVE_MS = 16.0
APPLY_RATIO = 4.0


def run() -> list[dict[str, Any]]:
    """The rows."""
    document = layered_document()
    rows = [apply_row(document)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        program = build(Paths(root / "data", root / "config", root / "cache"), service=False)
        program.window.resize(1920, 1080)
        program.window.show()
        program.finish()
        program.window.open_document(document, title="Benchmark")
        settle(program)
        rows += [drag_row(program, "transform", f"canvas.transform_preview_zoom_{zoom:g}", zoom) for zoom in ZOOMS]
        rows += [drag_row(program, "move", f"canvas.move_layer_4096_zoom_{zoom:g}", zoom) for zoom in ZOOMS]
        for name in ("canvas.transform_preview", "canvas.move_layer_4096"):
            rows.append(worst([row for row in rows if row["name"].startswith(f"{name}_zoom")], name))
        program.close()
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


def apply_row(document: Document) -> dict[str, Any]:
    """Bicubic, turned by 17°: what Enter computes, against OpenCV with the picture in one array already."""
    active = document.active
    assert active is not None
    pixels = document.surface(document.paint_layer(active.id).surface).read(document.bounds)
    matrix = rotation(17.0, (SIDE / 2, SIDE / 2))
    road = translation(-0.5, -0.5) @ matrix @ translation(0.5, 0.5)
    ours, bare = [], []
    for _ in range(ROUNDS + 1):
        lifted = lift(document, [active])
        ours.append(seconds(lambda: transformed(lifted, matrix, Resampling.BICUBIC, document.bounds)))  # noqa: B023
        bare.append(seconds(lambda: cv2.warpPerspective(pixels, road, (SIDE, SIDE), flags=cv2.INTER_CUBIC)))
    value = statistics.median(one / other for one, other in zip(ours[1:], bare[1:], strict=True))
    return {
        "name": "canvas.transform_apply_4096",
        "value": value,
        "unit": "ratio to one cv2.warpPerspective",
        "limit": APPLY_RATIO,
        "better": "lower",
        "holds": value <= APPLY_RATIO,
        "peer": f"{statistics.median(ours[1:]) * 1000:.0f} ms, OpenCV {statistics.median(bare[1:]) * 1000:.0f} ms",
    }


def drag_row(program: Program, tool: str, name: str, zoom: float) -> dict[str, Any]:
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
    wall, cpu = [], []
    for step in range(EVENTS):
        turn = step / 18.0
        place = QPointF(start.x() + 40 * np.cos(turn) + step, start.y() + 40 * np.sin(turn))
        before, spent = time.perf_counter_ns(), time.process_time_ns()
        send(canvas, QEvent.Type.MouseMove, place)
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        wall.append((time.perf_counter_ns() - before) / 1e6)
        cpu.append((time.process_time_ns() - spent) / 1e6)
    key(canvas)
    send(canvas, QEvent.Type.MouseButtonRelease, start)
    program.window.tools.set_tool("brush")
    limit = MOVE_MS if tool == "move" else PREVIEW_MS
    p50, p99 = (float(np.percentile(wall, part)) for part in (50, 99))
    return {
        "name": name,
        "value": p99,
        "unit": "ms, 99 % of the frames",
        "limit": limit,
        "better": "lower",
        "holds": p99 <= limit,
        "p50": p50,
        "p99": p99,
        "cpu_p99": float(np.percentile(cpu, 99)),
    }


def worst(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The slowest zoom, under the name of all."""
    slowest = max(rows, key=lambda row: float(row["value"]))
    return {**slowest, "name": name, "peer": f"slowest of {len(rows)} zooms: {slowest['name']}"}


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def send(canvas: Any, kind: QEvent.Type, place: QPointF) -> None:
    """One mouse event, straight to the canvas."""
    button = Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, place, canvas.mapToGlobal(place), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def key(canvas: Any) -> None:
    """Escape."""
    QTest.keyClick(canvas, Qt.Key.Key_Escape)


def settle(program: Program) -> None:
    """Lets everything be drawn."""
    until = time.perf_counter() + 0.6
    while time.perf_counter() < until:
        program.app.processEvents()
