"""How long until values that are tried are seen, and until they are applied, beside OpenCV's own time for the work.

The real window, the real light engine. A ratio is to what OpenCV alone takes for the same pixels in this process,
with nothing cut, sent, put in place or drawn. What a person feels is told in milliseconds of the same row.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
from measuring import Row, row, timed, window
from PySide6.QtCore import QCoreApplication

from scumble.app.window import Program
from scumble.document import Document
from scumble.document.edits import add_layer

SIDE = 4096
ROUNDS = 12
PREVIEW_MS = {1.0: 100.0, 0.25: 150.0}
START_MS = 500.0
APPLY_MS = 1000.0
BLUR_RATIO = 12.0

Values = Mapping[str, str | int | float | bool]


def run() -> list[Row]:
    """The rows: the light engine's start, previews at two zooms, applying to 4096²."""
    with window(service=True) as program:
        service = program.service
        assert service is not None
        until(lambda: service.state == "idle")
        time.sleep(5.0)  # the other engine is importing torch
        begun = time.perf_counter()
        service.get_light_ready()
        until(lambda: service.light_state == "idle")
        start = (time.perf_counter() - begun) * 1000.0
        pixels = picture()
        document = Document(SIDE, SIDE)
        add_layer(document, "Ground", pixels=pixels)
        document.history.clear()
        program.window.open_document(document, title="Benchmark")
        bare = {"levels": plain_levels(pixels), "gaussian-blur": plain_blur(pixels)}
        rows = [median_row("adjust.light_engine_start", [start], START_MS, "ms", "")]
        for zoom, limit in PREVIEW_MS.items():
            times = previews(program, "levels", zoom, [{"all": f"0.{step:02} 1 1 0 1"} for step in range(1, ROUNDS)])
            rows.append(median_row(f"adjust.preview_levels_1080p_zoom_{zoom:g}", times, limit, "ms", ""))
        cases: tuple[tuple[str, Values], ...] = (
            ("levels", {"all": "0.1 1.2 0.9 0 1"}),
            ("gaussian-blur", {"radius": 8.0}),
        )
        for name, values in cases:
            times = [applied(program, name, values) for _ in range(3)]
            ratio = statistics.median(times) / bare[name]
            peer = f"OpenCV alone {bare[name]:.0f} ms, {ratio:.1f} times"
            if name == "levels":
                rows.append(median_row("adjust.apply_levels_4096", times, APPLY_MS, "ms", peer))
            else:
                ratios = [taken / bare[name] for taken in times]
                rows.append(median_row("adjust.apply_blur_4096", ratios, BLUR_RATIO, "ratio to OpenCV alone", peer))
    return rows


def picture() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Opaque octaves of noise, as a photograph has them."""
    rng = np.random.default_rng(3)
    made = np.zeros((SIDE, SIDE, 4), np.float32)
    for octave in (8, 64, 512):
        small = rng.random((SIDE // octave, SIDE // octave, 4), np.float32)
        made += cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) / 3.0
    pixels: np.ndarray[Any, np.dtype[np.uint8]] = np.clip(made * 255.0, 0, 255).astype(np.uint8)
    pixels[..., 3] = 255
    return pixels


def plain_levels(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> float:
    """Milliseconds of one look-up by OpenCV."""
    table = np.dstack([np.arange(256, dtype=np.uint8)[::-1]] * 4)
    return median_ms(lambda: cv2.LUT(pixels, table))


def plain_blur(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> float:
    """Milliseconds of one blur by OpenCV."""
    return median_ms(lambda: cv2.GaussianBlur(pixels, (49, 49), 8.0))


def median_ms(work: Callable[[], object]) -> float:
    """The median of three."""
    (times,) = timed(work, rounds=3)
    return statistics.median(times) * 1e3


def previews(program: Program, name: str, zoom: float, tries: list[dict[str, str]]) -> list[float]:
    """Milliseconds from each change of the values until all in sight shows them and has been drawn."""
    window, adjustments = program.window, program.adjustments
    assert adjustments is not None
    session, canvas = window.session, window.canvas
    assert session is not None
    assert canvas is not None
    canvas.set_viewport(session.viewport.zoomed(zoom))
    panel = adjustments.open("adjust-" + name)
    assert panel is not None
    until(lambda: panel.run.exact)
    times = []
    for values in tries:
        begun = time.perf_counter()
        panel.form.set_values(values)
        until(lambda: panel.run.sketched)
        canvas.repaint()
        times.append((time.perf_counter() - begun) * 1000.0)
        until(lambda: panel.run.exact)
    panel.reject()
    return times


def applied(program: Program, name: str, values: Values) -> float:
    """Milliseconds from Apply, without a preview before, to the step in the history."""
    adjustments = program.adjustments
    assert adjustments is not None
    panel = adjustments.open("adjust-" + name)
    assert panel is not None
    panel.preview.setChecked(False)
    panel.form.set_values(values)
    begun = time.perf_counter()
    panel.apply()
    until(lambda: adjustments.panel is None)
    taken = (time.perf_counter() - begun) * 1000.0
    session = program.window.session
    assert session is not None
    assert session.document.history.undo() is not None
    return taken


def until(done: Callable[[], bool]) -> None:
    """Handles events until something is so."""
    end = time.monotonic() + 60.0
    while not done():
        assert time.monotonic() < end
        QCoreApplication.processEvents()
        time.sleep(0.0005)


def median_row(name: str, times: list[float], limit: float, unit: str, peer: str) -> Row:
    """A row; the median is held to the limit."""
    return row(name, statistics.median(times), unit, limit, times, peer)
