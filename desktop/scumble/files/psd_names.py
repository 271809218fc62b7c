"""What a PSD file says about itself: its header and the names of its blend modes.

Source: Adobe Photoshop File Formats Specification, November 2019.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scumble.api import ScumbleError
from scumble.document import BlendMode
from scumble.files.limits import Limits

SIGNATURE: Final = b"8BPS"
HEADER: Final = 26
"""Bytes of the header."""

GREY: Final = 1
RGB: Final = 3
CMYK: Final = 4
DUOTONE: Final = 8

_KINDS: Final = {0: "1-bit", 2: "indexed", 7: "multichannel", 9: "Lab"}
_CHANNELS: Final = {GREY: 1, RGB: 3, CMYK: 4, DUOTONE: 1}

_MODES: Final = {
    BlendMode.NORMAL: b"norm",
    BlendMode.DARKEN: b"dark",
    BlendMode.MULTIPLY: b"mul ",
    BlendMode.COLOR_BURN: b"idiv",
    BlendMode.LINEAR_BURN: b"lbrn",
    BlendMode.DARKER_COLOR: b"dkCl",
    BlendMode.LIGHTEN: b"lite",
    BlendMode.SCREEN: b"scrn",
    BlendMode.COLOR_DODGE: b"div ",
    BlendMode.ADD: b"lddg",
    BlendMode.LIGHTER_COLOR: b"lgCl",
    BlendMode.OVERLAY: b"over",
    BlendMode.SOFT_LIGHT: b"sLit",
    BlendMode.HARD_LIGHT: b"hLit",
    BlendMode.VIVID_LIGHT: b"vLit",
    BlendMode.LINEAR_LIGHT: b"lLit",
    BlendMode.PIN_LIGHT: b"pLit",
    BlendMode.HARD_MIX_PHOTOSHOP: b"hMix",
    BlendMode.DIFFERENCE: b"diff",
    BlendMode.EXCLUSION: b"smud",
    BlendMode.SUBTRACT: b"fsub",
    BlendMode.DIVIDE: b"fdiv",
    BlendMode.HUE: b"hue ",
    BlendMode.SATURATION: b"sat ",
    BlendMode.COLOR: b"colr",
    BlendMode.LUMINOSITY: b"lum ",
}
"""The keys of our blend modes, where the format has one like it."""

PASS_THROUGH: Final = b"pass"


@dataclass(frozen=True, slots=True)
class PsdHeader:
    """`version` is 1 for PSD, 2 for PSB; `channels` counts the merged picture's; `mode` is the colour mode."""

    version: int
    channels: int
    height: int
    width: int
    depth: int
    mode: int

    @property
    def colours(self) -> int:
        """How many of the channels are colours."""
        return _CHANNELS[self.mode]


def read_psd_header(data: bytes, path: Path, limits: Limits) -> PsdHeader:
    """The header from the first bytes of a file, checked before anything else is read.

    Raises `file-not-image`, `file-truncated`, `file-too-large`, and `file-psd-kind` for what we do not open.
    """
    if data[:4] != SIGNATURE:
        raise ScumbleError("file-not-image", path=path)
    if len(data) < HEADER:
        raise ScumbleError("file-truncated", path=path, reason="its header is not whole")
    header = PsdHeader(*struct.unpack(">H6xHIIHH", data[4:HEADER]))
    if header.version not in (1, 2) or not 1 <= header.channels <= 56 or header.depth not in (1, 8, 16, 32):
        raise ScumbleError("file-truncated", path=path, reason="its header makes no sense")
    limits.check_size(path, header.width, header.height)
    if header.mode not in _CHANNELS:
        raise ScumbleError("file-psd-kind", path=path, kind=_KINDS.get(header.mode, "unknown"))
    if header.depth not in (8, 16):
        raise ScumbleError("file-psd-kind", path=path, kind=f"{header.depth}-bit")
    if header.channels < header.colours:
        raise ScumbleError("file-truncated", path=path, reason="it has fewer channels than colours")
    return header


def mode_of(key: bytes) -> BlendMode | None:
    """The blend mode of a key; None where we have none like it."""
    return next((mode for mode, known in _MODES.items() if known == key), None)


def key_of(mode: BlendMode) -> bytes | None:
    """The key of a blend mode; None where the format has none like it."""
    return _MODES.get(mode)
