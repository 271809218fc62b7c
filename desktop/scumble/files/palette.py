"""Palettes: GIMP's text files, read and written; Photoshop's swatches (.aco) and Adobe's exchange (.ase), read."""

from __future__ import annotations

import colorsys
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from scumble.api import ScumbleError

Colour: TypeAlias = tuple[float, float, float]
"""Straight red, green and blue in 0…1, sRGB."""

MAX_COLOURS: Final = 4096
MAX_BYTES: Final = 1 << 20
MAX_COLUMNS: Final = 64

ENDINGS: Final = (".gpl", ".aco", ".ase")
"""What can be read. The first can be written too."""


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour with its name, which may be empty."""

    colour: Colour
    name: str = ""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours in their order. `columns` is how many stand in a row, 0 where that does not matter."""

    name: str
    swatches: tuple[Swatch, ...] = ()
    columns: int = 0


def read_palette(data: bytes, path: str) -> Palette:
    """A palette from a file's bytes; what it is, the bytes tell. `path` is for the message, and names it if need be.

    Raises `ScumbleError` ("palette-broken") for anything else, for too many colours, and for a file cut short.
    """
    name = path.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    try:
        if len(data) > MAX_BYTES:
            raise ValueError("it is too large")
        if data[:4] == b"ASEF":
            found = Palette(name, _limited(_read_ase(data)))
        elif data[:2] in (b"\0\1", b"\0\2"):
            found = Palette(name, _limited(_read_aco(data)))
        else:
            found = _read_gpl(data.decode("utf-8-sig", "replace"), name)
    except (ValueError, struct.error) as error:
        reason = "it is cut short" if isinstance(error, struct.error) else str(error)
        raise ScumbleError("palette-broken", path=path, reason=reason) from error
    return found


def write_palette(palette: Palette) -> bytes:
    """A palette as GIMP's text file, in whole steps of 8 bits."""
    lines = ["GIMP Palette", f"Name: {_line(palette.name)}", f"Columns: {palette.columns}", "#"]
    for swatch in palette.swatches:
        red, green, blue = (round(part * 255) for part in swatch.colour)
        lines.append(f"{red:3d} {green:3d} {blue:3d}\t{_line(swatch.name)}")
    return ("\n".join(lines) + "\n").encode()


def _line(text: str) -> str:
    return " ".join(text.split())


def _limited(swatches: Iterator[Swatch]) -> tuple[Swatch, ...]:
    found: list[Swatch] = []
    for swatch in swatches:
        if len(found) == MAX_COLOURS:
            raise ValueError(f"it has more than {MAX_COLOURS} colours")
        found.append(swatch)
    return tuple(found)


def _read_gpl(text: str, name: str) -> Palette:
    lines = text.splitlines()
    if not lines or lines[0].strip() != "GIMP Palette":
        raise ValueError("it does not begin as one")
    columns, swatches = 0, []
    for line in lines[1:]:
        words = line.strip()
        if words.startswith("Name:"):
            name = words[5:].strip() or name
        elif words.startswith("Columns:"):
            columns = _columns(words[8:])
        elif words and not words.startswith("#"):
            swatches.append(_gpl_swatch(words))
    return Palette(name, _limited(iter(swatches)), columns)


def _columns(text: str) -> int:
    try:
        return min(max(int(text), 0), MAX_COLUMNS)
    except ValueError:
        return 0


def _gpl_swatch(line: str) -> Swatch:
    words = line.split(maxsplit=3)
    if len(words) < 3 or not all(
        word.isascii() and word.isdigit() and len(word) < 5 and int(word) < 256 for word in words[:3]
    ):
        raise ValueError(f"“{line[:40]}” is no colour")
    red, green, blue = (int(word) / 255 for word in words[:3])
    return Swatch((red, green, blue), words[3].strip() if len(words) > 3 else "")


def _read_aco(data: bytes) -> Iterator[Swatch]:
    """Adobe Photoshop File Formats Specification, "Color swatches": version 1, then perhaps version 2, with names."""
    version, count = struct.unpack_from(">HH", data)
    second = 4 + 10 * count
    if version == 1 and data[second : second + 2] == b"\0\2":
        data = data[second:]
        version, count = struct.unpack_from(">HH", data)
    at = 4
    for _ in range(count):
        space, *parts = struct.unpack_from(">5H", data, at)
        at += 10
        name = ""
        if version == 2:
            (length,) = struct.unpack_from(">I", data, at)
            if length > len(data):
                raise ValueError("it is cut short")
            name = data[at + 4 : at + 4 + 2 * length].decode("utf-16-be", "replace").rstrip("\0")
            at += 4 + 2 * length
        colour = _aco_colour(space, parts)
        if colour is not None:
            yield Swatch(colour, name)


def _aco_colour(space: int, parts: list[int]) -> Colour | None:
    first, second, third, fourth = (part / 65535 for part in parts)
    if space == 0:
        return first, second, third
    if space == 1:
        return colorsys.hsv_to_rgb(first, second, third)
    if space == 2:
        return _from_cmyk(1 - first, 1 - second, 1 - third, 1 - fourth)
    if space == 7:
        signed = struct.unpack(">3h", struct.pack(">3H", *parts[:3]))
        return _from_lab(parts[0] / 100, signed[1] / 100, signed[2] / 100)
    if space == 8:
        grey = min(max(1 - parts[0] / 10000, 0.0), 1.0)
        return grey, grey, grey
    return None


def _read_ase(data: bytes) -> Iterator[Swatch]:
    """Adobe Swatch Exchange: blocks of a kind and a length; those of kind 1 are colours."""
    (blocks,) = struct.unpack_from(">I", data, 8)
    at = 12
    for _ in range(blocks):
        kind, length = struct.unpack_from(">HI", data, at)
        block = data[at + 6 : at + 6 + length]
        if len(block) < length:
            raise ValueError("it is cut short")
        at += 6 + length
        if kind == 1:
            colour = _ase_colour(block)
            if colour is not None:
                yield colour


def _ase_colour(block: bytes) -> Swatch | None:
    (letters,) = struct.unpack_from(">H", block)
    name = block[2 : 2 + 2 * letters].decode("utf-16-be", "replace").rstrip("\0")
    at = 2 + 2 * letters
    model = block[at : at + 4]
    channels = {b"RGB ": 3, b"CMYK": 4, b"LAB ": 3, b"Gray": 1}.get(model)
    if channels is None:
        return None
    values = struct.unpack_from(f">{channels}f", block, at + 4)
    if not all(math.isfinite(value) for value in values):
        raise ValueError("a colour is no number")
    if model == b"LAB ":
        return Swatch(_from_lab(values[0] * 100, values[1], values[2]), name)
    parts = [min(max(value, 0.0), 1.0) for value in values]
    if model == b"CMYK":
        return Swatch(_from_cmyk(*parts), name)
    red, green, blue = parts if channels == 3 else parts * 3
    return Swatch((red, green, blue), name)


def _from_cmyk(cyan: float, magenta: float, yellow: float, black: float) -> Colour:
    """Without a profile, as a plain product; what a press would print differs."""
    return (1 - cyan) * (1 - black), (1 - magenta) * (1 - black), (1 - yellow) * (1 - black)


def _from_lab(lightness: float, a: float, b: float) -> Colour:
    """CIE L*a*b* with the white D50 → sRGB (IEC 61966-2-1), by way of Bradford's adaptation to D65."""
    y = (lightness + 16) / 116
    white = (0.96422, 1.0, 0.82521)
    x50, y50, z50 = (
        w * (t**3 if t > 6 / 29 else 3 * (6 / 29) ** 2 * (t - 4 / 29))
        for w, t in zip(white, (y + a / 500, y, y - b / 200), strict=True)
    )
    linear = (
        3.1338561 * x50 - 1.6168667 * y50 - 0.4906146 * z50,
        -0.9787684 * x50 + 1.9161415 * y50 + 0.0334540 * z50,
        0.0719453 * x50 - 0.2289914 * y50 + 1.4052427 * z50,
    )
    red, green, blue = (_encoded(min(max(part, 0.0), 1.0)) for part in linear)
    return red, green, blue


def _encoded(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * float(linear ** (1 / 2.4)) - 0.055
