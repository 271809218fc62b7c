"""A small picture of a file, as quickly as its format allows, for lists of files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from scumble.document import Pixels
from scumble.files.archive import Archive
from scumble.files.limits import Limits
from scumble.files.pillow import quiet
from scumble.files.png import Png
from scumble.files.raster_read import READABLE
from scumble.files.straight import as_rgba

_MOST: Final = 40_000_000
"""Pixels of a picture that is worth decoding for so little."""

_LIMITS: Final = Limits(pixels=_MOST)


def preview(path: Path, side: int) -> Pixels | None:
    """A straight RGBA picture `(h, w, 4)` uint8 that fits into a square; None where the file has none to give.

    Never raises for what is in the file: a list does without the picture.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"PK"
        image = _thumbnail(path) if packed else _reduced(path, side)
        image.thumbnail((side, side))
        return np.asarray(image.convert("RGBA"))
    except Exception:  # as above; readers and decoders fail in many ways
        return None


def _thumbnail(path: Path) -> Image.Image:
    """What an OpenRaster file holds for this."""
    with Archive(path, _LIMITS) as archive:
        png = Png(archive.read("Thumbnails/thumbnail.png"))
        _LIMITS.check_size(path, png.header.width, png.header.height)
        pixels = png.pixels()
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    return Image.fromarray(as_rgba(pixels))


def _reduced(path: Path, side: int) -> Image.Image:
    with quiet(), Image.open(path, formats=(*READABLE, "PSD")) as image:
        if image.width * image.height > _MOST:
            raise ValueError("it is too large")
        image.draft("RGB", (side * 2, side * 2))
        image.thumbnail((side * 2, side * 2))
        return ImageOps.exif_transpose(image)
