"""How long saving and opening take, against Pillow on the same pixels in the same run.

20 layers of 2048²: ten like photographs, ten like sparse paint.
"""

from __future__ import annotations

import io
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from measuring import Row, row, timed
from PIL import Image

from scumble.document import BGRA8, Document, PaintLayer, Pixels, Rect
from scumble.document.edits import add_layer, set_structure
from scumble.files import Reuse, open_document
from scumble.files.openraster_write import write_openraster

SIDE = 2048
LAYERS = 20
ROUNDS = 3


def run() -> list[Row]:
    """The rows of this suite."""
    pictures = [photo(seed) if seed % 2 else paint(seed) for seed in range(LAYERS)]
    document = Document(SIDE, SIDE)
    for number, straight in enumerate(pictures):
        add_layer(document, str(number), pixels=BGRA8.from_straight(straight))
    document.history.clear()
    with tempfile.TemporaryDirectory() as folder:
        path, reuse = Path(folder, "a.ora"), Reuse()
        (ours,) = timed(lambda: write_openraster(document.snapshot(), path, merged=None), rounds=ROUNDS)
        encoded: list[bytes] = []
        ((theirs,),) = timed(lambda: encoded.extend(by_pillow(straight) for straight in pictures), rounds=1)
        (opened,) = timed(lambda: open_document(path), rounds=ROUNDS)
        ((read,),) = timed(lambda: [np.asarray(Image.open(io.BytesIO(data))) for data in encoded], rounds=1)
        write_openraster(document.snapshot(), path, merged=None, reuse=reuse)
        (again,) = timed(lambda: save_after_a_stroke(document, path, reuse), rounds=ROUNDS)
        (heavy,) = timed(lambda: save_after_a_setting(document, path, reuse), rounds=ROUNDS)
    whole = statistics.median(ours)
    pillow, size = f"Pillow, level 1, in sequence: {theirs:.2f} s", f"{LAYERS} layers of {SIDE}²"
    return [
        over(f"files.save_{LAYERS}x{SIDE}", ours, theirs, 0.25, pillow, f"ratio to Pillow, {size}"),
        over(f"files.open_{LAYERS}x{SIDE}", opened, read, 1.0, f"Pillow: {read:.2f} s", f"ratio to Pillow, {size}"),
        over("files.save_after_a_stroke", again, whole, 0.5, f"the whole: {whole:.2f} s", "ratio to a whole save"),
        over("files.save_after_a_setting", heavy, whole, 0.5, f"the whole: {whole:.2f} s", "ratio to a whole save"),
    ]


def over(name: str, times: list[float], base: float, limit: float, peer: str, unit: str) -> Row:
    """A row whose value is the median of the times over a base; p50 and p99 are in seconds."""
    return row(name, statistics.median(times) / base, unit, limit, times, peer)


def save_after_a_stroke(document: Document, path: Path, reuse: Reuse) -> None:
    """Paints on one layer and saves."""
    layer = document.layers[3]
    assert isinstance(layer, PaintLayer)
    with document.history.transaction("Paint") as edit:
        grey = np.full((100, 100, 4), 40 + document.revision % 200, np.uint8)
        edit.put(layer.surface, Rect(900, 900, 100, 100), grey)
    write_openraster(document.snapshot(), path, merged=None, reuse=reuse)


def save_after_a_setting(document: Document, path: Path, reuse: Reuse) -> None:
    """Changes something that is no pixel and saves."""
    set_structure(document, replace(document.structure, dpi=document.structure.dpi + 1), "Resolution")
    write_openraster(document.snapshot(), path, merged=None, reuse=reuse)


def by_pillow(straight: Pixels) -> bytes:
    """A PNG as Pillow writes it at its quickest."""
    out = io.BytesIO()
    Image.fromarray(straight).save(out, "PNG", compress_level=1)
    return out.getvalue()


def photo(seed: int) -> Pixels:
    """Opaque, with structure at every size and grain."""
    rng = np.random.default_rng(seed)
    total = np.zeros((SIDE, SIDE, 3), np.float32)
    for octave in range(2, 9):
        noise = rng.standard_normal((2**octave, 2**octave, 3)).astype(np.float32)
        total += cv2.resize(noise, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) * (90.0 / 1.7**octave)
    total += rng.standard_normal((SIDE, SIDE, 3)).astype(np.float32) * 3.0 + 128.0
    return np.dstack([np.clip(total, 0, 255).astype(np.uint8), np.full((SIDE, SIDE), 255, np.uint8)])


def paint(seed: int) -> Pixels:
    """A few soft strokes on nothing."""
    rng = np.random.default_rng(seed)
    coverage = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(6):
        points = rng.integers(0, SIDE, (5, 2)).astype(np.int32)
        cv2.polylines(coverage, [points], False, 255, int(rng.integers(10, 60)))
    coverage = np.asarray(cv2.GaussianBlur(coverage, (0, 0), 6.0))
    colour = rng.integers(0, 256, 3).astype(np.uint8)
    straight = np.dstack([np.broadcast_to(colour, (SIDE, SIDE, 3)), coverage])
    straight[coverage == 0] = 0
    return np.ascontiguousarray(straight)
