"""Reading what strangers' model files say about themselves, within bounds and without any library's loader.

Everything here raises `ValueError` or `OSError` with a short plain reason; callers turn it into `model-broken`.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAX_JSON: Final = 16 * 2**20
"""Bytes of a JSON file that are read at most; a tokenizer's vocabulary is the largest there is."""

MAX_HEADER: Final = 16 * 2**20
"""Bytes of a safetensors header. A larger one is no model but an attack on memory."""

MAX_TENSORS: Final = 100_000
"""Tensors that a safetensors header may list."""

MAX_SHARDS: Final = 64
"""Files that one component's weights may be split into."""

MAX_DIMENSIONS: Final = 16
MAX_EXTENT: Final = 2**40
"""How many dimensions a tensor may have, and how far it may reach in each."""

BITS: Final = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}
"""Of one value, by the name of its type."""

FEWEST_BITS: Final = 4
"""Of a value of any other type."""


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One line of a safetensors header: dtype by its safetensors name (`F16`, `BF16`, …), shape, bytes."""

    dtype: str
    shape: tuple[int, ...]
    size: int


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file of at most `MAX_JSON` bytes."""
    if not path.is_file():
        raise ValueError(f"{_place(path)} is missing")
    if path.stat().st_size > MAX_JSON:
        raise ValueError(f"{_place(path)} is too large")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{_place(path)} is not valid JSON") from error
    if not isinstance(value, dict):
        raise ValueError(f"{_place(path)} does not hold an object")
    return value


def read_header(path: Path) -> dict[str, TensorEntry]:
    """The names, types and shapes in a safetensors file, whose length is checked against what the header says."""
    header, start = _read(path)
    header.pop("__metadata__", None)
    return _entries(path, header, path.stat().st_size - start)


def read_metadata(path: Path) -> dict[str, str]:
    """What the maker of a safetensors file wrote beside the tensors."""
    metadata = _read(path)[0].get("__metadata__", {})
    if not isinstance(metadata, dict):
        return {}
    return {key: value for key, value in metadata.items() if isinstance(value, str)}


def read_floats(path: Path, name: str) -> NDArray[np.float32]:
    """The values of one small tensor of half, single or brain floats, flat."""
    header, start = _read(path)
    entry = header[name]
    first, last = entry["data_offsets"]
    with path.open("rb") as file:
        file.seek(start + first)
        raw = file.read(min(last - first, MAX_JSON))
    if entry["dtype"] == "BF16":
        return (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
    kinds = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
    if entry["dtype"] not in kinds:
        raise ValueError(f"“{name}” in {_place(path)} has a type that cannot be read")
    return np.frombuffer(raw, kinds[entry["dtype"]]).astype(np.float32)


def read_stamp(path: Path) -> tuple[int, int]:
    """What tells a file from another of its name: when it was written, in ns, and its bytes; zeros where it is gone.
    Raises nothing."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


def hash_files(paths: Iterable[Path], check_cancelled: Callable[[], None]) -> str:
    """SHA-256 of files one after the other, in hexadecimal."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(2**22):
                check_cancelled()
                digest.update(chunk)
    return digest.hexdigest()


def _read(path: Path) -> tuple[dict[str, Any], int]:
    """The header of a safetensors file, and where its data begins.

    Source of the layout: the safetensors format, 8 bytes of length (little-endian), JSON, then the data.
    """
    if not path.is_file():
        raise ValueError(f"{_place(path)} is missing")
    total = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(MAX_HEADER, total - 8):
            raise ValueError(f"{_place(path)} is damaged or cut short")
        raw = file.read(length)
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{_place(path)} is damaged") from error
    if not isinstance(header, dict) or len(header) > MAX_TENSORS:
        raise ValueError(f"{_place(path)} is damaged")
    return header, 8 + length


def weight_files(folder: Path, stem: str) -> tuple[Path, ...]:
    """The safetensors files of a component: one, its fp16 variant, or the shards that an index names."""
    for name in (f"{stem}.safetensors", f"{stem}.fp16.safetensors"):
        if (folder / name).is_file():
            return (folder / name,)
    for name in (f"{stem}.safetensors.index.json", f"{stem}.safetensors.index.fp16.json"):
        if (folder / name).is_file():
            return _shards(folder, read_json(folder / name))
    raise ValueError(f"{folder.name}/{stem}.safetensors is missing")


def _shards(folder: Path, index: Mapping[str, Any]) -> tuple[Path, ...]:
    names = index.get("weight_map")
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise ValueError(f"the index of {folder.name} is damaged")
    unique = sorted(set(names.values()))
    if len(unique) > MAX_SHARDS or any(Path(name).name != name or "\\" in name for name in unique):
        raise ValueError(f"the index of {folder.name} names files that it must not")
    return tuple(folder / name for name in unique)


def _entries(path: Path, header: Mapping[str, Any], available: int) -> dict[str, TensorEntry]:
    entries = {}
    for name, value in header.items():
        try:
            first, last = value["data_offsets"]
            entry = TensorEntry(str(value["dtype"]), tuple(value["shape"]), last - first)
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"{_place(path)} is damaged") from error
        if not (all(type(place) is int for place in (first, last)) and 0 <= first <= last and _adds_up(entry)):
            raise ValueError(f"{_place(path)} is damaged")
        if last > available:
            raise ValueError(f"{_place(path)} is cut short")
        entries[name] = entry
    return entries


def _adds_up(entry: TensorEntry) -> bool:
    """Whether a tensor of that shape has so many bytes."""
    if len(entry.shape) > MAX_DIMENSIONS:
        return False
    if not all(type(side) is int and 0 <= side <= MAX_EXTENT for side in entry.shape):
        return False
    values, bits = math.prod(entry.shape), BITS.get(entry.dtype)
    return values * FEWEST_BITS <= entry.size * 8 if bits is None else values * bits == entry.size * 8


def _place(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
