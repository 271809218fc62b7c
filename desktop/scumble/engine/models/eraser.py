"""Erase models: files of networks that fill a hole in a picture without a prompt.

LaMa and MAT in a safetensors file are known by the names of their tensors. As TorchScript or a pickle, in which they
are spread too, a file is code, and is not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scumble.engine.models.files import read_header, read_stamp
from scumble.engine.models.wrappers import WRAPPED

FIRST: Final = {
    "lama": WRAPPED + r"model\.(?=1\.bn_l\.running_mean$)",
    "mat": WRAPPED + r"(?=synthesis\.first_stage\.conv_first\.conv\.weight$)",
}
"""By family what the name of one of its tensors begins with, before the name that tells."""


@dataclass(frozen=True, slots=True)
class EraserFile:
    """One on disk. `prefix` is what the names of its tensors begin with, `family` a key of `FIRST`. `stamp` changes
    with the file."""

    name: str
    path: Path
    prefix: str
    family: str
    stamp: tuple[int, int]


def read_eraser(path: Path) -> EraserFile | None:
    """Recognises a file; None where it holds another kind of network. Raises `ValueError` or `OSError`."""
    stamp, names = read_stamp(path), list(read_header(path))
    found = ((re.match(first, name), family) for family, first in FIRST.items() for name in names)
    matched = next(((match[0], family) for match, family in found if match is not None), None)
    return EraserFile(path.stem, path, *matched, stamp) if matched is not None else None
