"""TIFF with 16 bits a channel, which Pillow does not write. Source: TIFF, revision 6.0; Adobe's supplement 2."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import Final

from scumble.document import Pixels

_ROWS: Final = 256
_SHORT: Final = 3
_LONG: Final = 4
_RATIONAL: Final = 5
_UNDEFINED: Final = 7
_FORMATS: Final = {_SHORT: "H", _LONG: "I"}


def encode_tiff(pixels: Pixels, *, icc: bytes = b"", dpi: float = 72.0, xmp: bytes = b"") -> bytes:
    """Straight RGB or RGBA, `(h, w, 3|4)` uint16 → a file. ValueError where it would need more than 4 GiB."""
    height, width, channels = pixels.shape
    strips = [
        zlib.compress(pixels[top : top + _ROWS].astype("<u2").tobytes(), 3) for top in range(0, height, _ROWS)
    ]
    if sum(map(len, strips)) + len(icc) + len(xmp) > 0xFFFF0000:
        raise ValueError("a TIFF picture holds at most 4 GiB")
    offsets, place = [], 8
    for strip in strips:
        offsets.append(place)
        place += len(strip)
    resolution = struct.pack("<II", round(dpi * 1000), 1000)
    tags: list[tuple[int, int, int, bytes]] = [
        _numbers(256, _LONG, (width,)),
        _numbers(257, _LONG, (height,)),
        _numbers(258, _SHORT, (16,) * channels),
        _numbers(259, _SHORT, (8,)),
        _numbers(262, _SHORT, (2,)),
        _numbers(273, _LONG, offsets),
        _numbers(277, _SHORT, (channels,)),
        _numbers(278, _LONG, (_ROWS,)),
        _numbers(279, _LONG, map(len, strips)),
        (282, _RATIONAL, 1, resolution),
        (283, _RATIONAL, 1, resolution),
        _numbers(296, _SHORT, (2,)),
    ]
    if channels == 4:
        tags.append(_numbers(338, _SHORT, (2,)))
    for number, data in ((700, xmp), (34675, icc)):
        if data:
            tags.append((number, _UNDEFINED, len(data), data))
    body = b"".join(strips)
    start = 8 + len(body) + len(body) % 2
    return struct.pack("<2sHI", b"II", 42, start) + body + b"\0" * (len(body) % 2) + _directory(tags, start)


def _numbers(tag: int, kind: int, values: Iterable[int]) -> tuple[int, int, int, bytes]:
    listed = tuple(values)
    return tag, kind, len(listed), struct.pack(f"<{len(listed)}{_FORMATS[kind]}", *listed)


def _directory(tags: list[tuple[int, int, int, bytes]], start: int) -> bytes:
    """The directory and, behind it, what does not fit into its four bytes a tag."""
    place = start + 2 + 12 * len(tags) + 4
    entries, behind = bytearray(), bytearray()
    for tag, kind, count, data in tags:
        if len(data) <= 4:
            value = data.ljust(4, b"\0")
        else:
            value = struct.pack("<I", place + len(behind))
            behind += data + b"\0" * (len(data) % 2)
        entries += struct.pack("<HHI", tag, kind, count) + value
    return struct.pack("<H", len(tags)) + bytes(entries) + bytes(4) + bytes(behind)
