"""Pictures on disk, in chunks that are drawn once: those for training, and others that are held out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import world
from numpy.typing import NDArray
from world import Picture, compose, draw

from training.options import Options

CHUNK: Final = 256
HELD_OUT: Final = 10_000_000
"""The first seed of the held-out pictures; training counts from 0."""


def seeds(options: Options, *, held_out: bool) -> range:
    """The seeds of one of the two sets."""
    first, count = (HELD_OUT, options.held_out) if held_out else (0, options.pictures)
    return range(first, first + count)


def chunks(of: range) -> Iterator[range]:
    """Runs of at most `CHUNK` seeds."""
    for first in range(of.start, of.stop, CHUNK):
        yield range(first, min(first + CHUNK, of.stop))


def chunk_path(folder: Path, chunk: range) -> Path:
    """Where a chunk lies; its name holds its seeds, so that another number of pictures finds what fits."""
    return folder / f"{chunk.start:08}-{chunk.stop:08}.npy"


def write_array(path: Path, values: NDArray[np.generic]) -> None:
    """Whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("wb") as stream:
        np.save(stream, values)
    os.replace(draft, path)


def draw_chunk(folder: Path, chunk: range, side: int) -> None:
    """Draws the pictures of some seeds into a file, `(count, side, side, 3)`, on one thread."""
    cv2.setNumThreads(1)
    write_array(chunk_path(folder, chunk), np.stack([draw(compose(seed), side) for seed in chunk]))


def picture_folder(options: Options) -> Path:
    """Where the pictures of a size lie; another world has another folder."""
    return options.out / f"pictures-{options.side}-{drawn_by()}"


@cache
def drawn_by() -> str:
    """Eight digits that change with the code that draws, so that no old picture gets a new caption."""
    code = sorted(path for path in Path(world.__file__).parent.glob("*.py") if path.stem != "captions")
    return hashlib.sha256(b"".join(path.read_bytes() for path in code)).hexdigest()[:8]


def draw_all(options: Options) -> None:
    """The stage `data`: draws what is missing."""
    draw_seeds(options, [seeds(options, held_out=held_out) for held_out in (True, False)])


def draw_seeds(options: Options, sets: list[range]) -> None:
    """Draws what is missing of some sets, with as many processes as asked for."""
    folder = picture_folder(options)
    missing = [c for each in sets for c in chunks(each) if not chunk_path(folder, c).exists()]
    if options.workers < 2:
        for chunk in missing:
            draw_chunk(folder, chunk, options.side)
        return
    with ProcessPoolExecutor(options.workers) as pool:
        list(pool.map(draw_chunk, [folder] * len(missing), missing, [options.side] * len(missing)))


def load_pictures(options: Options, chunk: range) -> Picture:
    """One chunk, drawn now if it is not there."""
    path = chunk_path(picture_folder(options), chunk)
    if not path.exists():
        draw_chunk(path.parent, chunk, options.side)
    return np.asarray(np.load(path, mmap_mode="r"))
