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
    "NORMAL": b"norm",
    "DISSOLVE": b"diss",
    "DARKEN": b"dark",
    "MULTIPLY": b"mul ",
    "COLOR_BURN": b"idiv",
    "LINEAR_BURN": b"lbrn",
    "DARKER_COLOR": b"dkCl",
    "LIGHTEN": b"lite",
    "SCREEN": b"scrn",
    "COLOR_DODGE": b"div ",
    "ADD": b"lddg",
    "LIGHTER_COLOR": b"lgCl",
    "OVERLAY": b"over",
    "SOFT_LIGHT": b"sLit",
    "HARD_LIGHT": b"hLit",
    "VIVID_LIGHT": b"vLit",
    "LINEAR_LIGHT": b"lLit",
    "PIN_LIGHT": b"pLit",
    "HARD_MIX": b"hMix",
    "DIFFERENCE": b"diff",
    "EXCLUSION": b"smud",
    "SUBTRACT": b"fsub",
    "DIVIDE": b"fdiv",
    "HUE": b"hue ",
    "SATURATION": b"sat ",
    "COLOR": b"colr",
    "LUMINOSITY": b"lum ",
}
"""The blend modes of the format by the names that ours have, where we have them."""

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
    return next(
        (BlendMode[name] for name, known in _MODES.items() if known == key and name in BlendMode.__members__), None
    )


def key_of(mode: BlendMode) -> bytes | None:
    """The key of a blend mode; None where the format has none like it."""
    return _MODES.get(mode.name)
