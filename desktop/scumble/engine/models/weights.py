"""Weights as they are computed with, kept once in a folder of ours, so that the next load is a memory map.

A file that has been converted from another layout or into half floats is written as one safetensors file a component;
matrices of four dimensions lie channels last in it, as they are used. A cache may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from scumble.engine.models.files import read_header, read_metadata

LOG = logging.getLogger(__name__)

BUDGET: Final = 24 * 2**30
"""Bytes that the cache may take."""

SPARE: Final = 8 * 2**30
"""Bytes that stay free on the disk."""

SMALLEST: Final = 64 * 2**20
"""Models of fewer bytes load as quickly without."""


LAST: Final = "channels-last"
"""The line of a file's metadata that names the matrices that lie so."""


class WeightCache:
    """Folders by hash of the model and type of numbers. The one used longest ago goes when there are too many bytes."""

    def __init__(self, folder: Path, budget: int = BUDGET, spare: int = SPARE, smallest: int = SMALLEST) -> None:
        self._folder = folder
        self._budget = budget
        self._spare = spare
        self._smallest = smallest

    def read(self, key: str) -> dict[str, dict[str, torch.Tensor]] | None:
        """The components of a model, mapped from disk; None where they are not kept."""
        folder = self.find(key)
        if folder is None:
            return None
        try:
            parts = {path.stem: _read(path) for path in sorted(folder.glob("*.safetensors"))}
        except (ValueError, OSError) as error:
            LOG.warning("a folder of the cache cannot be read and is made anew: %s", error)
            self.drop(key)
            return None
        return parts

    def write(self, key: str, parts: Mapping[str, Mapping[str, torch.Tensor]]) -> None:
        """Keeps components, where there is room; a disk that is full is no fault."""

        def fill(folder: Path) -> None:
            for name, part in parts.items():
                _write(folder / f"{name}.safetensors", part)

        self.keep(key, sum(tensor.nbytes for part in parts.values() for tensor in part.values()), fill)

    def find(self, key: str) -> Path | None:
        """The folder that is kept under a key, which from now on is the one used last; None where there is none."""
        folder = self._folder / key
        try:
            os.utime(folder / "whole")
        except OSError:
            return None
        return folder

    def drop(self, key: str) -> bool:
        """Lets go of the folder that is kept under a key; whether there was one."""
        folder = self.find(key) if key else None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        return folder is not None

    def keep(self, key: str, size: int, fill: Callable[[Path], None]) -> None:
        """Keeps a folder that `fill` puts some `size` bytes into, where there is room; a full disk is no fault."""
        folder = self._folder / key
        if size < self._smallest or folder.exists() or not self._make_room(size):
            return
        new = folder.with_name(f"{folder.name}.{os.getpid()}.new")
        try:
            new.mkdir(parents=True)
            fill(new)
            (new / "whole").touch()
            new.replace(folder)
        except (OSError, SafetensorError) as error:
            LOG.info("not kept in the cache: %s", error)
            shutil.rmtree(new, ignore_errors=True)

    def _make_room(self, wanted: int) -> bool:
        """Lets the folders that were used longest ago go until there is room; whether there is."""
        folders = sorted(self._folder.glob("*/whole"), key=lambda mark: mark.stat().st_mtime_ns)
        sizes = {mark.parent: sum(file.stat().st_size for file in mark.parent.iterdir()) for mark in folders}
        while sizes and sum(sizes.values()) + wanted > self._budget:
            oldest = next(iter(sizes))
            shutil.rmtree(oldest, ignore_errors=True)
            del sizes[oldest]
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            return wanted <= self._budget and shutil.disk_usage(self._folder).free - wanted > self._spare
        return False


def _write(path: Path, part: Mapping[str, torch.Tensor]) -> None:
    turned = [name for name, tensor in part.items() if tensor.ndim == 4]
    laid = {
        name: (tensor.permute(0, 2, 3, 1) if tensor.ndim == 4 else tensor).detach().cpu().contiguous()
        for name, tensor in part.items()
    }
    # a tensor that two names share would be refused
    owned: dict[str, torch.Tensor] = {}
    seen: set[int] = set()
    for name, tensor in laid.items():
        storage = tensor.untyped_storage()
        shared = storage.nbytes() > tensor.nbytes or storage.data_ptr() in seen
        seen.add(storage.data_ptr())
        owned[name] = tensor.clone() if shared else tensor
    save_file(owned, path, {LAST: json.dumps(turned)})


def _read(path: Path) -> dict[str, torch.Tensor]:
    read_header(path)
    turned = set(json.loads(read_metadata(path).get(LAST, "[]")))
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path.name} is damaged") from error
    return {name: tensor.permute(0, 3, 1, 2) if name in turned else tensor for name, tensor in tensors.items()}
