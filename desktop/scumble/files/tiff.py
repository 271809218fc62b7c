"""TIFF with 8 or 16 bits a channel and metadata; Pillow writes neither 16 bits nor EXIF into a packed one.

Source: TIFF, revision 6.0; Adobe's supplement 2.
"""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from typing import Final

from PIL import Image
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

from scumble.document import Pixels

_ROWS: Final = 256
_MOST: Final = 0xFFFF0000
_SUBDIRECTORIES: Final = (0x8769, 0x8825)
_UNDEFINED: Final = 7


def encode_tiff(pixels: Pixels, *, icc: bytes = b"", dpi: float = 72.0, exif: bytes = b"", xmp: bytes = b"") -> bytes:
    """Straight RGB or RGBA, `(h, w, 3|4)` uint8 or uint16 → a file; `exif` begins with “Exif”.

    ValueError where it would need more than 4 GiB.
    """
    height, width, channels = pixels.shape
    plain = pixels.astype("<u2") if pixels.itemsize > 1 else pixels
    strips = [zlib.compress(plain[top : top + _ROWS].tobytes(), 3) for top in range(0, height, _ROWS)]
    body = b"".join(strips)
    if len(body) + len(icc) + len(xmp) + len(exif) > _MOST:
        raise ValueError("a TIFF picture holds at most 4 GiB")
    offsets, place = [], 0  # from the end of the directory, as Pillow wants them
    for strip in strips:
        offsets.append(place)
        place += len(strip)
    tags = ImageFileDirectory_v2(prefix=b"II")
    _add_exif(tags, exif)
    tags[256], tags[257], tags[258] = width, height, (pixels.itemsize * 8,) * channels
    tags[259], tags[262], tags[277] = 8, 2, channels
    tags[273], tags[278], tags[279] = tuple(offsets), _ROWS, tuple(map(len, strips))
    tags[282] = tags[283] = IFDRational(round(dpi * 1000), 1000)
    tags[296] = 2
    if channels == 4:
        tags[338] = 2
    for number, data in ((700, xmp), (34675, icc)):
        if data:
            tags.tagtype[number] = _UNDEFINED
            tags[number] = data
    return struct.pack("<2sHI", b"II", 42, 8) + tags.tobytes(8) + body


def _add_exif(tags: ImageFileDirectory_v2, data: bytes) -> None:
    """Broken EXIF is no reason not to write a picture, and Pillow fails on it in many ways."""
    with suppress(Exception):
        exif = Image.Exif()
        exif.load(data)
        for tag, value in exif.items():
            if tag not in _SUBDIRECTORIES:
                tags[tag] = value
        for tag in _SUBDIRECTORIES:
            inner = exif.get_ifd(tag)
            if inner:
                tags.tagtype[tag] = 4
                tags[tag] = dict(inner)
