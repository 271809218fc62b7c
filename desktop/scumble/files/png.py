"""PNG, fast: rows filtered with Up and compressed by isal; read back the same way, in bands of rows.

Pictures of other programs, with filters that need pixel after pixel, are decoded by Pillow (8 bits) or OpenCV (16).
Format: PNG specification, third edition (W3C).
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from isal import isal_zlib
from PIL import Image

from scumble.document import Pixels
from scumble.files.pillow import quiet

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
BAND: Final = 256
"""Rows that are worked on at once."""

_CHUNK: Final = 1 << 20
_UP: Final = 2
_QUICK: Final = 1
"""Up to this level isal packs, which is many times as quick as zlib."""

_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_COLOUR: Final = {1: 0, 2: 4, 3: 2, 4: 6}
_MAX_PROFILE: Final = 16 << 20
_PACKING_ERROR: Final[type[Exception]] = isal_zlib.IsalError  # type: ignore[assignment]  # its types declare an instance


class PngError(Exception):
    """What is wrong with the data, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first chunk. `colour` is the colour type: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool

    @property
    def plain(self) -> bool:
        """Whether rows of whole bytes lie one below the other."""
        return self.depth in (8, 16) and self.colour != 3 and not self.interlaced


def read_header(data: bytes | memoryview) -> Header:
    """The header from the first 33 bytes of a file. Raises PngError."""
    if bytes(data[:8]) != SIGNATURE or bytes(data[12:16]) != b"IHDR" or len(data) < 33:
        raise PngError("it is not a PNG picture")
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    if colour not in _CHANNELS or depth not in (1, 2, 4, 8, 16) or not width or not height:
        raise PngError("its header makes no sense")
    return Header(width, height, depth, colour, interlace != 0)


@dataclass(frozen=True, slots=True)
class Extra:
    """What stands beside the pixels: an ICC profile, the resolution, EXIF (beginning with “Exif”), XMP, and texts by
    their keywords (Latin letters, at most 79); all may be empty."""

    icc: bytes = b""
    dpi: float = 0.0
    exif: bytes = b""
    xmp: bytes = b""
    texts: Mapping[str, str] = field(default_factory=dict)

    def chunks(self) -> bytes:
        """All of it as chunks."""
        out = b""
        if self.icc:
            out += chunk(b"iCCP", b"ICC profile\0\0" + isal_zlib.compress(self.icc, 1))
        if self.dpi > 0:
            per_metre = min(max(round(self.dpi / 0.0254), 1), 0x7FFFFFFF)
            out += chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))
        if self.xmp:
            out += chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + self.xmp)
        for keyword, text in self.texts.items():
            out += chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8", "replace"))
        if self.exif:
            out += chunk(b"eXIf", self.exif.removeprefix(b"Exif\0\0"))
        return out


NOTHING: Final = Extra()


def encode(bands: Iterable[Pixels], width: int, height: int, extra: Extra = NOTHING, level: int = 1) -> bytes:
    """Straight rows `(n, width, 1…4)` uint8 or uint16, all of one kind, in bands from top to bottom → a PNG file.

    `level` is 0 (quickest) … 9 (smallest).
    """
    body = bytearray()
    packer = isal_zlib.compressobj(level) if level <= _QUICK else zlib.compressobj(level)
    previous: Pixels | None = None
    kind = (8, 6)
    for band in bands:
        kind = (band.dtype.itemsize * 8, _COLOUR[band.shape[2]])
        rows = _as_bytes(band)
        body += packer.compress(_filtered(rows, previous).data)
        previous = rows[-1]
    body += packer.flush()
    out = bytearray(SIGNATURE)
    out += chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, *kind, 0, 0, 0))
    out += extra.chunks()
    view = memoryview(body)
    for start in range(0, len(body), 1 << 30):
        out += chunk(b"IDAT", view[start : start + (1 << 30)])
    out += chunk(b"IEND", b"")
    return bytes(out)


def encode_whole(pixels: Pixels, extra: Extra = NOTHING) -> bytes:
    """A straight picture `(h, w)` or `(h, w, 1…4)` → a PNG file."""
    whole = pixels[..., None] if pixels.ndim == 2 else pixels
    bands = (whole[top : top + BAND] for top in range(0, whole.shape[0], BAND))
    return encode(bands, whole.shape[1], whole.shape[0], extra)


def chunk(kind: bytes, data: bytes | memoryview) -> bytes:
    """One chunk with its length and check sum."""
    return b"".join((struct.pack(">I", len(data)), kind, data, struct.pack(">I", _crc(kind, data))))


class Png:
    """A PNG file in memory, its chunks checked. Raises PngError when it is damaged or cut short."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.header = read_header(data)
        self.icc = b""
        self._transparent = False
        self._parts: list[memoryview] = []
        self._walk(memoryview(data))

    def _walk(self, view: memoryview) -> None:
        place = 8
        while True:
            if place + 12 > len(view):
                raise PngError("it ends too early")
            (length,) = struct.unpack(">I", view[place : place + 4])
            kind, end = bytes(view[place + 4 : place + 8]), place + 12 + length
            if end > len(view):
                raise PngError("it ends too early")
            data = view[place + 8 : end - 4]
            if struct.unpack(">I", view[end - 4 : end])[0] != _crc(kind, data):
                raise PngError("a check sum is wrong")
            if kind == b"IEND":
                return
            if kind == b"IDAT":
                self._parts.append(data)
            elif kind == b"iCCP":
                self.icc = _profile(data)
            self._transparent |= kind == b"tRNS"
            place = end

    def bands(self, heights: Iterable[int]) -> Iterator[Pixels]:
        """Straight rows `(n, width, 1…4)`, uint8 or uint16, in bands of the given heights from the top."""
        top = 0
        own = self._own_rows() if self.header.plain and not self._transparent else None
        whole: Pixels | None = None
        for height in heights:
            band = own.take(height) if own is not None and whole is None else None
            if band is None:
                whole = self._foreign() if whole is None else whole
                band = whole[top : top + height]
            top += height
            yield band

    def pixels(self) -> Pixels:
        """The whole picture, straight `(h, w, 1…4)`."""
        height = self.header.height
        steps = [min(BAND, height - top) for top in range(0, height, BAND)]
        return np.concatenate(list(self.bands(steps)))

    def _own_rows(self) -> _Rows:
        return _Rows(self.header, self._parts)

    def _foreign(self) -> Pixels:
        if self.header.depth == 16:
            found = cv2.imdecode(np.frombuffer(self._data, np.uint8), cv2.IMREAD_UNCHANGED)
            if found is not None and found.dtype == np.uint16 and found.shape[:2] == (*self._size(),):
                return from_opencv(found)
        try:
            with quiet(), Image.open(io.BytesIO(self._data), formats=("PNG",)) as image:
                grey = image.mode in ("1", "L") and "transparency" not in image.info
                pixels = np.asarray(image.convert("L" if grey else "RGBA"))
        except (OSError, SyntaxError, ValueError) as error:
            raise PngError("its pixels cannot be read") from error
        return pixels[..., None] if pixels.ndim == 2 else pixels

    def _size(self) -> tuple[int, int]:
        return self.header.height, self.header.width


class _Rows:
    """Unpacks and unfilters rows that were filtered with None or Up."""

    def __init__(self, header: Header, parts: list[memoryview]) -> None:
        self._header = header
        self._channels = _CHANNELS[header.colour]
        self._stride = header.width * self._channels * header.depth // 8
        self._packed = _Inflater(parts)
        self._last = np.zeros(self._stride, np.uint8)

    def take(self, count: int) -> Pixels | None:
        """The next rows; None when one of them has another filter, and then no more can be had."""
        packed = self._packed.read(count * (self._stride + 1))
        raw = np.frombuffer(packed, np.uint8).reshape(count, self._stride + 1)
        filters = raw[:, 0]
        if np.any((filters != 0) & (filters != _UP)):
            return None
        rows = np.empty((count, self._stride), np.uint8)
        last = self._last
        for row in range(count):
            if filters[row]:
                np.add(raw[row, 1:], last, out=rows[row])
            else:
                rows[row] = raw[row, 1:]
            last = rows[row]
        self._last = last
        shape = (count, self._header.width, self._channels)
        if self._header.depth == 8:
            return rows.reshape(shape)
        return rows.view(">u2").astype(np.uint16).reshape(shape)


class _Inflater:
    """Unpacks a zlib stream piece by piece, never more than was asked for."""

    def __init__(self, parts: list[memoryview]) -> None:
        self._input = (part[start : start + _CHUNK] for part in parts for start in range(0, len(part), _CHUNK))
        self._stream = isal_zlib.decompressobj()

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises PngError when the stream is damaged or has no more."""
        pieces: list[bytes] = []
        while size:
            given = self._stream.unconsumed_tail or next(self._input, b"")
            try:
                piece = self._stream.decompress(given, size)
            except _PACKING_ERROR as error:
                raise PngError("its pixels are damaged") from error
            if not piece and not given:
                raise PngError("it ends too early")
            pieces.append(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def from_opencv(pixels: Pixels) -> Pixels:
    """OpenCV's grey, BGR or BGRA → `(h, w, 1…4)` grey, RGB or RGBA."""
    if pixels.ndim == 2:
        return pixels[..., None]
    return pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]


def _filtered(rows: Pixels, previous: Pixels | None) -> Pixels:
    out = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    out[:, 0] = _UP
    out[0, 1:] = rows[0] if previous is None else rows[0] - previous
    np.subtract(rows[1:], rows[:-1], out=out[1:, 1:])
    return out


def _as_bytes(band: Pixels) -> Pixels:
    plain = band.astype(">u2") if band.dtype == np.uint16 else band
    return np.ascontiguousarray(plain).view(np.uint8).reshape(band.shape[0], -1)


def _profile(data: memoryview) -> bytes:
    """The ICC profile of an iCCP chunk; empty where it cannot be read."""
    _, found, rest = bytes(data).partition(b"\0")
    if not found or len(rest) < 2:
        return b""
    stream = isal_zlib.decompressobj()
    try:
        profile = stream.decompress(rest[1:], _MAX_PROFILE)
    except _PACKING_ERROR:
        return b""
    return bytes(profile) if stream.eof else b""


def _crc(kind: bytes, data: bytes | memoryview) -> int:
    return int(isal_zlib.crc32(data, isal_zlib.crc32(kind)))
