"""How large an exported file will be, without writing all of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from scumble.document import PixelFormat, Pixels, Structure
from scumble.files.choices import Choices
from scumble.files.formats import Format
from scumble.files.raster_write import encode_raster

_SAMPLE: Final = 4_000_000
"""Pixels that are encoded at most."""

_ROWS: Final = 64


def estimated_size(
    merged: Pixels, pixel_format: PixelFormat, structure: Structure, target: Format, choices: Choices
) -> int:
    """Bytes of the file that `encode_raster` would make: exact for small pictures, else judged by strips of it."""
    sample = _sampled(merged)
    smaller = replace(structure, width=sample.shape[1], height=sample.shape[0])
    data, _ = encode_raster(sample, pixel_format, smaller, target, Path(), choices)
    return round(len(data) * merged.size / sample.size)


def _sampled(merged: Pixels) -> Pixels:
    """The picture, or strips of it that lie as far apart from each other."""
    height, width = merged.shape[:2]
    count = max(_SAMPLE // (width * _ROWS), 1)
    if height * width <= _SAMPLE or height <= count * _ROWS:
        return merged
    tops = np.linspace(0, height - _ROWS, count).astype(int)
    return np.concatenate([merged[top : top + _ROWS] for top in tops])
