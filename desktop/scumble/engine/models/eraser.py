"""Erase models: files of networks that fill a hole in a picture without a prompt.

LaMa in a safetensors file is known by the names of its tensors. As TorchScript or a pickle, in which it is spread too,
a file is code, and is not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from scumble.engine.models.files import read_header

_FIRST = re.compile(r"^(?:generator\.model|model\.model|model)\.(?=1\.bn_l\.running_mean$)")


@dataclass(frozen=True, slots=True)
class EraserFile:
    """One on disk. `prefix` is what the names of its tensors begin with."""

    name: str
    path: Path
    prefix: str


def read_eraser(path: Path) -> EraserFile | None:
    """Recognises a file; None where it holds another kind of network. Raises `ValueError` or `OSError`."""
    found = (_FIRST.match(name) for name in read_header(path))
    return next((EraserFile(path.stem, path, match[0]) for match in found if match is not None), None)
