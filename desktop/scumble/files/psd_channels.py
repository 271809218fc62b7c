"""The channels of a PSD file: packed rows of one colour each, to arrays and back.

Source: Adobe Photoshop File Formats Specification, November 2019, "Channel image data".
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image

from scumble.document import Pixels
from scumble.files.pillow import quiet

RAW: Final = 0
PACKBITS: Final = 1
ZIP: Final = 2
PREDICTED: Final = 3

_MOST_PACKBITS: Final = 64
"""How many times its packed size a row can unpack to: two bytes stand for at most 128."""


class ChannelError(Exception):
    """What is wrong with a channel, as the end of a sentence."""


def unpack(packing: int, data: bytes, width: int, height: int, depth: int, version: int = 1) -> Pixels:
    """A channel `(height, width)`, uint8 or uint16. `version` 2 has longer row tables. Raises ChannelError."""
    row = width * depth // 8
    if packing == RAW:
        plain: bytes | Pixels = data
    elif packing == PACKBITS:
        plain = _unpack_bits(data, row, height, version)
    elif packing in (ZIP, PREDICTED):
        plain = _inflated(data, row * height)
    else:
        raise ChannelError("its pixels are packed in a way that is not known")
    if len(plain) < row * height:
        raise ChannelError("its pixels are cut short")
    values = np.frombuffer(plain, ">u2" if depth == 16 else np.uint8, width * height).reshape(height, width)
    native = values.astype(np.uint16) if depth == 16 else values
    return np.cumsum(native, axis=1, dtype=native.dtype) if packing == PREDICTED else native


def unpack_many(
    packing: int, data: bytes, width: int, height: int, depth: int, count: int, version: int = 1
) -> list[Pixels]:
    """Several channels that are packed one after the other, as those of the merged picture are."""
    whole = unpack(packing, data, width, height * count, depth, version)
    return [whole[height * number : height * (number + 1)] for number in range(count)]


def pack_bits(channels: Sequence[Pixels], version: int = 1) -> bytes:
    """Channels of one size, packed as `PACKBITS` one after the other: the lengths of all rows, then the rows."""
    lengths, rows = bytearray(), bytearray()
    for channel in channels:
        found, packed = _packed_rows(channel)
        lengths += struct.pack(f">{len(found)}{'H' if version == 1 else 'I'}", *found)
        rows += packed
    return bytes(lengths + rows)


def _packed_rows(channel: Pixels) -> tuple[list[int], bytes]:
    """The length of each packed row, and the rows. TIFF packs rows in the same way, so its writer does the work."""
    height = channel.shape[0]
    whole = np.frombuffer(_big_endian(channel), np.uint8).reshape(height, -1)
    out = io.BytesIO()
    with quiet():
        Image.fromarray(whole).save(out, "TIFF", compression="packbits", tiffinfo={278: 1})
        out.seek(0)
        with Image.open(out) as tiff:
            tags = tiff.tag_v2  # type: ignore[attr-defined]  # of TIFF alone
            offsets, lengths = list(tags[273]), list(tags[279])
    data = out.getvalue()
    return lengths, b"".join(data[start : start + length] for start, length in zip(offsets, lengths, strict=True))


def _unpack_bits(data: bytes, row: int, height: int, version: int) -> bytes | Pixels:
    table = height * (2 if version == 1 else 4)
    packed = data[table:]
    if len(packed) * _MOST_PACKBITS < row * height:
        raise ChannelError("its pixels are cut short")
    try:
        with quiet():
            image = Image.frombytes("L", (row, height), packed, "packbits", "L")
    except (ValueError, OSError) as error:
        raise ChannelError("its pixels are damaged") from error
    return np.asarray(image).reshape(-1)


def _inflated(data: bytes, size: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        return stream.decompress(data, size)
    except zlib.error as error:
        raise ChannelError("its pixels are damaged") from error


def _big_endian(channel: Pixels) -> bytes:
    return (channel.astype(">u2") if channel.dtype == np.uint16 else np.ascontiguousarray(channel)).tobytes()
