"""Whole programs on the same 20-layer picture of 4096²: open, flatten and export it; open and save it.

Ours is `python -m scumble convert`; the peers are Krita and ImageMagick, on a display without a screen. A peer that is
not installed is named as absent, and its row has no limit.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from measuring import Row, row

from scumble.document import BGRA8, Document, Pixels
from scumble.document.edits import add_layer
from scumble.files.openraster_write import write_openraster
from scumble.files.png import encode_whole

SIDE = 4096
LAYERS = 20
ROUNDS = 2
POLICY = '<policymap><policy domain="resource" name="memory" value="8GiB"/></policymap>'


def run() -> list[Row]:
    """The rows of this suite."""
    with tempfile.TemporaryDirectory() as name, display(Path(name)) as environment:
        folder = Path(name)
        source, layers = write_sources(folder)
        scumble = [sys.executable, "-m", "scumble", "convert", str(source)]
        export = best([*scumble, str(folder / "ours.png")], os.environ)
        save = best([*scumble, str(folder / "ours.ora")], os.environ)
        krita_export = krita_save = magick = None
        if environment:
            command = ["krita", str(source), "--export", "--export-filename"]
            krita_export = best([*command, str(folder / "krita.png")], environment)
            krita_save = best([*command, str(folder / "krita.ora")], environment)
        if program := shutil.which("convert-im6.q16"):
            (folder / "policy.xml").write_text(POLICY)
            options = ["-background", "none", "-flatten", "-define", "png:compression-level=1"]
            command = [program, *map(str, layers), *options, str(folder / "magick.png")]
            magick = best(command, {**os.environ, "MAGICK_CONFIGURE_PATH": str(folder)})
    return [
        versus("files.open_flatten_export_vs_krita", export, krita_export, 0.5, "Krita"),
        versus("files.open_flatten_export_vs_imagemagick", export, magick, 0.5, "ImageMagick, from the layers as PNGs"),
        versus("files.open_save_vs_krita", save, krita_save, 0.4, "Krita"),
    ]


def versus(name: str, ours: float, theirs: float | None, limit: float, peer: str) -> Row:
    """Our time over theirs; our seconds, without a limit, where there is no peer."""
    if theirs is None:
        return row(name, ours, "s", None, [ours], f"{peer}: absent")
    return row(
        name, ours / theirs, "ratio of whole programs", limit, [ours], f"{peer}: {theirs:.2f} s, ours {ours:.2f} s"
    )


def best(command: Sequence[str], environment: Any) -> float:
    """The shortest of a few runs, in seconds: what else the machine does only ever adds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)
        times.append(time.perf_counter() - start)
    return min(times)


@contextmanager
def display(home: Path) -> Iterator[dict[str, str]]:
    """The environment that Krita runs in; empty where it, or a display to put it on, is not installed."""
    if shutil.which("krita") is None or shutil.which("Xvfb") is None:
        yield {}
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    yield {"DISPLAY": f":{number}", "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PATH": os.environ["PATH"]}
    server.terminate()
    server.wait()


def write_sources(folder: Path) -> tuple[Path, list[Path]]:
    """The picture as OpenRaster, and each of its layers as a PNG."""
    document, paths = Document(SIDE, SIDE), []
    photo, strokes = photograph(), paint()
    for number in range(LAYERS):
        base = photo if number % 2 == 0 else strokes
        straight = np.ascontiguousarray(np.roll(base, (number * 331, number * 173), (0, 1)))
        paths.append(folder / f"layer{number}.png")
        paths[-1].write_bytes(encode_whole(straight))
        add_layer(document, str(number), pixels=BGRA8.from_straight(straight))
    document.history.clear()
    write_openraster(document.snapshot(), folder / "source.ora", merged=None)
    return folder / "source.ora", paths


def photograph() -> Pixels:
    """Structure at every size and grain, somewhat transparent so that every layer shows."""
    rng = np.random.default_rng(1)
    total = rng.standard_normal((SIDE, SIDE, 3), np.float32) * 3.0 + 128.0
    for octave in range(2, 9):
        noise = rng.standard_normal((2**octave, 2**octave, 3)).astype(np.float32)
        total += cv2.resize(noise, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) * (90.0 / 1.7**octave)
    return np.dstack([np.clip(total, 0, 255).astype(np.uint8), np.full((SIDE, SIDE), 200, np.uint8)])


def paint() -> Pixels:
    """A few soft strokes on nothing."""
    rng = np.random.default_rng(2)
    coverage = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(6):
        cv2.polylines(coverage, [rng.integers(0, SIDE, (5, 2)).astype(np.int32)], False, 255, 60)
    coverage = np.asarray(cv2.GaussianBlur(coverage, (0, 0), 8.0))
    straight = np.dstack([np.broadcast_to(np.array((200, 80, 40), np.uint8), (SIDE, SIDE, 3)), coverage])
    straight[coverage == 0] = 0
    return np.ascontiguousarray(straight)
