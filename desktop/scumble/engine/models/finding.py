"""The files and folders below a folder that may hold models."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from scumble.engine.models.files import weight_files
from scumble.engine.models.folder import is_model_folder
from scumble.engine.models.survey import ENDINGS
from scumble.engine.models.trees import model_folders

DEPTH: Final = 4
"""How many folders deep a model may lie below one of the library's."""

CHECKER: Final = "safety_checker"
"""Where diffusers puts one in a model's folder; its image processor lies beside it, in `feature_extractor`."""

MAX_FOLDERS: Final = 10_000
"""Folders that one scan looks at; a home folder given by mistake must not hang the engine."""


def find_models(roots: Iterable[Path]) -> Iterator[Path]:
    """Model folders and files of weights at or below each root. What lies in a model folder belongs to it, but for the
    safety checker, which looks at the pictures of every model."""
    for root in roots:
        waiting = [(folder, 0) for folder in model_folders(root)]
        seen = 0
        while waiting and seen < MAX_FOLDERS:
            path, depth = waiting.pop(0)
            seen += 1
            if is_model_folder(path):
                yield path
                yield from _checker(path)
                continue
            files, folders = _content(path)
            yield from files
            if depth < DEPTH:
                waiting.extend((child, depth + 1) for child in folders)


def _checker(model: Path) -> tuple[Path, ...]:
    """The weights of the safety checker that a model in diffusers' layout brings."""
    with suppress(ValueError, OSError):
        return weight_files(model / CHECKER, "model")[:1]
    return ()


def _content(path: Path) -> tuple[list[Path], list[Path]]:
    """The files of weights and the folders in a folder, by name; a folder that vanished has none."""
    try:
        with os.scandir(path) as children:
            seen = sorted((child for child in children if not child.name.startswith(".")), key=lambda child: child.name)
            # a link round in a circle, or to where one may not look, is neither; `os.DirEntry` would raise
            files = [Path(child) for child in seen if child.name.lower().endswith(ENDINGS) and os.path.isfile(child)]
            return files, [Path(child) for child in seen if os.path.isdir(child)]
    except OSError:
        return [], []
