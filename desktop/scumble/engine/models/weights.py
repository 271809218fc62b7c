"""Weights as they are computed with, kept once in a folder of ours, so that the next load is a memory map.

A file that has been converted from another layout or into half floats is written as safetensors files, several for a
large component; matrices of four dimensions lie channels last in them, as they are used. A cache may be deleted at any
time.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from scumble.engine.models.files import read_header, read_metadata, read_stamp

LOG = logging.getLogger(__name__)

BUDGET: Final = 24 * 2**30
"""Bytes that the cache may take."""

SPARE: Final = 8 * 2**30
"""Bytes that stay free on the disk."""

SMALLEST: Final = 64 * 2**20
"""Models of fewer bytes load as quickly without."""

PIECE: Final = 128 * 2**20
"""Bytes of a file, about: between two of them the writing can be stopped."""

FORGOTTEN: Final = 3600.0
"""Seconds after which a folder that nobody has finished is taken for one whose writer was killed."""

NEW: Final = ".new"
"""What the name of an unfinished folder ends with."""

Parts: TypeAlias = Mapping[str, Mapping[str, torch.Tensor]]
"""The tensors of each component, by their names."""

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
        parts: dict[str, dict[str, torch.Tensor]] = {}
        try:
            for path in sorted(folder.glob("*.safetensors")):
                parts.setdefault(path.stem.partition("-")[0], {}).update(_read(path))
        except (ValueError, OSError) as error:
            LOG.warning("a folder of the cache cannot be read and is made anew: %s", error)
            self.drop(key)
            return None
        return parts

    def wants(self, key: str, parts: Parts) -> bool:
        """Whether components of that size are kept, and are not yet."""
        return _size(parts) >= self._smallest and not os.path.exists(self._folder / key)

    def write(self, key: str, parts: Parts, check: Callable[[], None] = lambda: None) -> None:
        """Keeps components, where there is room, whole or not at all; a disk that is full is no fault.

        `check` is called between two files and may raise, which leaves nothing behind.
        """

        def fill(folder: Path) -> None:
            for name, piece in _pieces(parts):
                check()
                _write(folder / name, piece)

        self.keep(key, _size(parts), fill)

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
        """Keeps a folder that `fill` puts some `size` bytes into, where there is room; a full disk is no fault.

        What `fill` raises leaves nothing behind.
        """
        self._sweep()
        folder = self._folder / key
        if size < self._smallest or os.path.exists(folder) or not self._make_room(size):
            return
        new = folder.with_name(f"{folder.name}.{os.getpid()}{NEW}")
        try:
            new.mkdir(parents=True)
            fill(new)
            (new / "whole").touch()
            new.replace(folder)
        except (OSError, SafetensorError) as error:
            LOG.info("not kept in the cache: %s", error)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _sweep(self) -> None:
        """Clears away what a writer that was killed has left. One that is merely slow finds it gone, and gives up."""
        for left in _listed(self._folder):
            last = max(read_stamp(path)[0] for path in (left, *_listed(left)))
            if left.name.endswith(NEW) and last and time.time() - last / 1e9 > FORGOTTEN:
                shutil.rmtree(left, ignore_errors=True)

    def _make_room(self, wanted: int) -> bool:
        """Lets the folders that were used longest ago go until there is room; whether there is."""
        used = {folder: read_stamp(folder / "whole")[0] for folder in _listed(self._folder)}
        sizes = {
            folder: sum(read_stamp(file)[1] for file in _listed(folder))
            for folder, last in sorted(used.items(), key=lambda each: each[1])
            if last
        }
        while sizes and sum(sizes.values()) + wanted > self._budget:
            oldest = next(iter(sizes))
            shutil.rmtree(oldest, ignore_errors=True)
            del sizes[oldest]
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            return wanted <= self._budget and shutil.disk_usage(self._folder).free - wanted > self._spare
        return False


def _listed(folder: Path) -> list[Path]:
    """What lies in a folder; nothing where it has vanished or cannot be looked into."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _size(parts: Parts) -> int:
    return sum(tensor.nbytes for part in parts.values() for tensor in part.values())


def _pieces(parts: Parts) -> Iterator[tuple[str, dict[str, torch.Tensor]]]:
    """The names of files and what goes into each."""
    for name, part in parts.items():
        piece: dict[str, torch.Tensor] = {}
        size = count = 0
        for key, tensor in part.items():
            piece[key] = tensor
            size += tensor.nbytes
            if size >= PIECE:
                yield f"{name}-{count:04}.safetensors", piece
                piece, size, count = {}, 0, count + 1
        if piece:
            yield f"{name}-{count:04}.safetensors", piece


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
    with path.open("rb+") as file:  # the mark that all is whole must not reach the disk before it
        os.fsync(file.fileno())


def _read(path: Path) -> dict[str, torch.Tensor]:
    read_header(path)
    turned = set(json.loads(read_metadata(path).get(LAST, "[]")))
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path.name} is damaged") from error
    return {name: tensor.permute(0, 3, 1, 2) if name in turned else tensor for name, tensor in tensors.items()}
