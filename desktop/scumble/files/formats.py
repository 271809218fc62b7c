"""The formats that can be opened and written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scumble.api import ScumbleError


@dataclass(frozen=True, slots=True)
class Format:
    """`name` is short and the same in every language; `extensions` are lower case with the point, the usual one first.

    `keeps_layers` is for a format that loses nothing of ours, `layered` for one that holds layers all the same.
    `most` is the longest side in pixels that the format can hold, 0 for no limit of its own. `quality` says whether
    there is one to choose.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    can_write: bool = True
    keeps_layers: bool = False
    layered: bool = False
    alpha: bool = True
    deep: bool = False
    quality: bool = False
    most: int = 0


ORA: Final = Format("ORA", "OpenRaster", (".ora",), keeps_layers=True, deep=True)
PNG: Final = Format("PNG", "PNG", (".png",), deep=True)
PSD: Final = Format("PSD", "Photoshop", (".psd",), layered=True, deep=True, most=30000)

TIFF: Final = Format("TIFF", "TIFF", (".tif", ".tiff"), deep=True)

FORMATS: Final = (
    ORA,
    PNG,
    Format("JPEG", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), alpha=False, quality=True, most=65500),
    Format("WEBP", "WebP", (".webp",), quality=True, most=16383),
    TIFF,
    PSD,
    Format("BMP", "Windows bitmap", (".bmp", ".dib"), alpha=False),
)
"""Every format, the native one first."""


def format_of(path: Path, layers: bool = False) -> Format:
    """The format that a file's ending asks for; with `layers`, one that keeps them. Raises `file-format-unknown`."""
    ending = path.suffix.lower()
    usable = [known for known in FORMATS if known.can_write and (known.keeps_layers or not layers)]
    for known in usable:
        if ending in known.extensions:
            return known
    endings = ", ".join(known.extensions[0] for known in usable)
    raise ScumbleError("file-format-unknown", path=path, known=endings)
