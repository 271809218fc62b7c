"""The canvas without a window: flattening, compositing against a bare QPainter, strokes, and a dab made visible.

A limit is a ratio to something done in the same run, or a frame budget in milliseconds.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from measuring import row
from PySide6.QtGui import QImage, QPainter

from scumble.document import BGRA8, TILE, BlendMode, Document, Rect, Surface, SurfaceId, Transaction, edits
from scumble.paint import (
    Brush,
    Dabs,
    Gradient,
    GradientInk,
    Sample,
    Shape,
    Smudge,
    Stroke,
    fill,
    similar,
    surface_source,
)
from scumble.render import Compositor, flatten_tiles
from scumble.render.buffers import WHOLE, wrap
from scumble.render.stack import StackPainter

SIDE = 4096
LAYERS = 20
ROUNDS = 5


def run() -> list[dict[str, Any]]:
    """All rows of this area."""
    document = layered_document()
    rows = [*flattening(document), *events(document), stroke(document), *brushes(document), *fills(), *blending()]
    del document
    gc.collect()
    return rows


def layered_document(mode: BlendMode = BlendMode.NORMAL) -> Document:
    """20 full layers of 4096², every tile in memory of its own, with every kind of alpha."""
    rng = np.random.default_rng(0)
    pool = []
    for _ in range(8):
        straight = rng.integers(0, 256, (TILE, TILE, 4), dtype=np.uint8)
        pool.append(BGRA8.from_straight(straight))
    document = Document(SIDE, SIDE)
    for number in range(LAYERS):
        layer = edits.add_layer(document, f"layer {number}", mode=mode if number % 2 else BlendMode.NORMAL)
        surface = document.paint_layer(layer).surface
        with document.history.transaction("fill") as edit:
            for place, index in enumerate(document.bounds.tiles()):
                edit.write(surface, index)[:] = pool[(place + number) % len(pool)]
            edit.touch(surface, document.bounds)
    document.history.clear()
    return document


def timed(*calls: Callable[[], object], rounds: int = ROUNDS) -> list[list[float]]:
    """Milliseconds of each call in each round, the calls in turn, after a round that does not count."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds + 1):
        for call, spent in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            spent.append((time.perf_counter() - start) * 1000)
    return [spent[1:] for spent in times]


def ratio(these: list[float], those: list[float]) -> float:
    """The median of the ratios within the rounds, so that a busy moment touches both."""
    return statistics.median(a / b for a, b in zip(these, those, strict=True))


def percentiles(times: list[float]) -> dict[str, float]:
    """Median and 99th percentile, in milliseconds."""
    return {"p50": round(statistics.median(times), 3), "p99": round(float(np.percentile(times, 99)), 3)}


def flattening(document: Document) -> Iterator[dict[str, Any]]:
    """The whole picture, against a copy of as many bytes and against QPainter with nothing round it."""
    source = np.full(SIDE * SIDE * 4, 7, np.uint8)
    target = np.empty_like(source)
    snapshot = document.snapshot()

    def ours() -> None:
        for _ in flatten_tiles(snapshot):
            pass

    surfaces = [document.surface(surface) for surface in document.structure.surfaces()]
    images = [[_image(surface, index) for surface in surfaces] for index in document.bounds.tiles()]
    out = np.empty((TILE, TILE, 4), np.uint8)

    def bare() -> None:
        for stack in images:
            out[:] = 0
            image = wrap(out, QImage.Format.Format_ARGB32_Premultiplied)
            painter = QPainter(image)
            for layer in stack:
                painter.drawImage(0, 0, layer)
            painter.end()

    copy, flat, peer = timed(lambda: np.copyto(target, source), ours, bare)
    yield row("canvas.flatten_20x4096", ratio(flat, copy), "ratio to memcpy of 64 MiB", 25.0, **percentiles(flat))
    yield row(
        "canvas.flatten_against_qpainter",
        ratio(flat, peer),
        "ratio to bare QPainter",
        1.3,
        **percentiles(flat),
        peer="QPainter",
    )


def _image(surface: Surface, index: tuple[int, int]) -> QImage:
    return wrap(surface.tiles[index].pixels, QImage.Format.Format_ARGB32_Premultiplied)


Begin = Callable[[Document, Transaction, SurfaceId], Stroke | Smudge]
"""Takes a pen in hand."""


def _soft_100(document: Document, edit: Transaction, surface: SurfaceId) -> Stroke:
    return Stroke(document, edit, surface, Brush(size=100, hardness=0.3, opacity=0.7), (0.9, 0.2, 0.1))


def events(document: Document) -> Iterator[dict[str, Any]]:
    """From a sample of the pen to the composited tiles of a 1080p view, at 100 % and at 25 %."""
    for level in (0, 2):
        times = _events(document, level)
        worst = float(np.percentile(times, 99))
        yield row(f"canvas.event_to_composite_level_{level}", worst, "ms (p99)", 8.0, **percentiles(times))


def _events(document: Document, level: int, begin: Begin = _soft_100) -> list[float]:
    compositor = Compositor(document)
    view = list(Rect(0, 0, 1920, 1080).tiles())
    for index in view:
        compositor.image(index, level)
    scale = 1 << level
    surface = document.structure.layers[LAYERS // 2].surface
    times = []
    edit = document.history.transaction("Brush stroke")
    pen = begin(document, edit, surface)
    for step in range(400):
        angle = step / 15
        at = Sample(scale * (900 + 600 * np.cos(angle)), scale * (520 + 380 * np.sin(angle * 1.3)))
        start = time.perf_counter()
        pen.add(at)
        for index in view:
            compositor.image(index, level)
        times.append((time.perf_counter() - start) * 1000)
    edit.rollback()
    compositor.close()
    return times


def stroke(document: Document) -> dict[str, Any]:
    """A stroke of 361 dabs, 100 px, with its undo: what a sample of the pen costs of a frame.

    The peer is as many stamps of an image by QPainter, with no path, buffer, tiles or undo round them.
    """
    surface = document.structure.layers[-1].surface
    brush = Brush(size=100, hardness=0.3, opacity=0.7)
    dabs = Dabs()
    points = [(200 + step * 30, 300 + step * 7) for step in range(121)]

    def draw() -> None:
        edit = document.history.transaction("Brush stroke")
        pen = Stroke(document, edit, surface, brush, (0.1, 0.3, 0.8), dabs=dabs)
        for point in points:
            pen.add(Sample(*point))
        edit.rollback()

    paper = QImage(SIDE, 1600, QImage.Format.Format_ARGB32_Premultiplied)
    stamp = QImage(101, 101, QImage.Format.Format_ARGB32_Premultiplied)
    stamp.fill(0x40102030)

    def bare() -> None:
        painter = QPainter(paper)
        for dab in range(361):
            painter.drawImage(200 + dab * 10, 300 + dab * 7 // 3, stamp)
        painter.end()

    ours, peer = timed(draw, bare)
    return row(
        "canvas.stroke_361_dabs_100px",
        statistics.median(ours) / len(points),
        "ms a sample of the pen",
        2.0,
        **percentiles(ours),
        peer=f"QPainter: {statistics.median(peer):.1f} ms for the whole",
    )


def blending() -> Iterator[dict[str, Any]]:
    """A layer of noise, all of a tile, in the blend mode that takes longest and in one that mixes the channels."""
    times = {mode: _blending(mode) for mode in BlendMode}
    slowest = max(times, key=lambda mode: statistics.median(times[mode]))
    for name, mode in (("slowest_mode", slowest), ("non_separable_mode", BlendMode.HUE)):
        middle = statistics.median(times[mode])
        yield row(
            f"canvas.blend_{name}",
            middle,
            "ms a tile and layer",
            1.5,
            **percentiles(times[mode]),
            mode=mode.name.lower(),
        )


def _blending(mode: BlendMode) -> list[float]:
    rng = np.random.default_rng(1)
    document = Document(TILE, TILE)
    for number in range(2):
        pixels = BGRA8.from_straight(rng.integers(0, 256, (TILE, TILE, 4), dtype=np.uint8))
        edits.add_layer(document, "layer", pixels=pixels, mode=mode if number else BlendMode.NORMAL)
    painter = StackPainter(BGRA8)
    buffer = painter.new_buffer()
    planes = document.snapshot().planes.__getitem__
    (times,) = timed(lambda: painter.paint(buffer, (0, 0), document.layers, planes, WHOLE), rounds=30)
    return times


def brushes(document: Document) -> Iterator[dict[str, Any]]:
    """From a sample to the composited tiles, as `events`, with brushes that cost more."""
    large = Brush(size=500, hardness=0.3, opacity=0.7)
    chalk = Brush(size=100, hardness=0.5, flow=0.3, build_up=True, roundness=0.4, follow=True, scatter=0.3)
    hands: tuple[tuple[str, float, Begin], ...] = (
        ("stroke_500px", 16.0, lambda *on: Stroke(*on, large, (0.9, 0.2, 0.1))),
        ("stroke_500px_build_up", 16.0, lambda *on: Stroke(*on, replace(large, build_up=True, flow=0.2))),
        ("stroke_100px_turned_and_scattered", 8.0, lambda *on: Stroke(*on, chalk, (0.2, 0.2, 0.2))),
        ("smudge_100px", 8.0, lambda *on: Smudge(*on, Brush(size=100, hardness=0.5))),
    )
    for name, limit, begin in hands:
        times = _events(document, 0, begin)
        yield row(f"canvas.{name}", float(np.percentile(times, 99)), "ms (p99)", limit, **percentiles(times))


def fills() -> Iterator[dict[str, Any]]:
    """A bucket over line art, a gradient, all at once; the window does them in slices."""
    document = edits.new_document(SIDE, SIDE, BGRA8, background=(1.0, 1.0, 1.0), name="paper")
    surface = document.layers[0].surface
    with document.history.transaction("lines") as edit:
        pen = Stroke(document, edit, surface, Brush(size=6, hardness=1.0), (0.0, 0.0, 0.0))
        for step in range(400):
            pen.add(Sample(2048 + 1800 * np.cos(step), 2048 + 1800 * np.sin(step * 0.7)))
    runs = Gradient(Shape.LINEAR, (0, 0), (SIDE, SIDE), (0.0, 0.2, 0.9), (1.0, 0.5, 0.0))

    def pour(gap: int) -> None:
        edit = document.history.transaction("Fill")
        region = similar(surface_source(document, surface), BGRA8, document.bounds, (5, 5), 0.1, gap=gap, smooth=True)
        fill(document, edit, surface, (0.9, 0.2, 0.1), region=region)
        edit.rollback()

    def lay() -> None:
        edit = document.history.transaction("Gradient")
        fill(document, edit, surface, ink=GradientInk(document, surface, runs))
        edit.rollback()

    source = np.full(SIDE * SIDE * 4, 7, np.uint8)
    target = np.empty_like(source)
    copy, *spent = timed(lambda: np.copyto(target, source), lambda: pour(0), lambda: pour(6), lay, rounds=3)
    limits = (("fill", 25.0), ("fill_closing_gaps", 60.0), ("gradient", 70.0))
    for (name, limit), times in zip(limits, spent, strict=True):
        unit = "ratio to memcpy of the layer"
        yield row(f"canvas.{name}_4096", ratio(times, copy), unit, limit, **percentiles(times))
