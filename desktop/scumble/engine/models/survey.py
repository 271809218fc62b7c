"""A file or folder → what the library and the window need to know of it, without reading its tensors."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from scumble.api import ModelInfo
from scumble.engine.faults import clean
from scumble.engine.models.checkpoint import read_checkpoint
from scumble.engine.models.files import TensorEntry, read_header, read_stamp
from scumble.engine.models.folder import JOINT, THIRD, read_folder
from scumble.engine.models.kinds import recognise
from scumble.engine.models.lora import read_lora
from scumble.engine.models.presets import Preset
from scumble.engine.models.trees import name_of
from scumble.engine.models.wrappers import WRAPPED
from scumble.protocol import ModelEntry

PICKLES: Final = (".ckpt", ".pt", ".pth", ".bin")
"""Endings of files that only running their content reads in full; they are converted once, as data."""

ENDINGS: Final = (".safetensors", *PICKLES, ".gguf")

USED: Final = ("checkpoint", "lora", "embedding", "vae", "eraser", "preview", "safety-checker", "upscaler")
"""Kinds that something here can be done with."""

MAX_WORDS: Final = 300
"""Characters of trigger words in an entry, so that a thousand entries fit into a message."""

MAX_PATH: Final = 1 << 15
"""Characters of a path in an entry, as many as any system has."""

LEFT_OUT: Final = ("model_ema.", "text_encoders.t5xxl.")
"""What the names of tensors in a checkpoint begin with that are not loaded."""


def stamp_of(path: Path) -> tuple[int, int]:
    """What tells a model from another in its place: when it was written last, in ns, and its bytes."""
    if not os.path.isdir(path):
        return read_stamp(path)
    stamps = [read_stamp(file) for file in (*path.glob("*.json"), *path.glob("*/*")) if os.path.isfile(file)]
    return max((time for time, _ in stamps), default=0), sum(size for _, size in stamps)


def describe(path: Path, stamp: tuple[int, int], presets: Sequence[Preset]) -> ModelEntry:
    """The entry of a file or folder, whose texts fit into a message. Raises nothing: what is wrong with it is its
    fault."""
    entry = _described(path, stamp, presets)
    params = {name: clean(value) for name, value in entry.params.items()}
    return replace(entry, title=clean(entry.title), words=tuple(map(clean, entry.words)), params=params)


def _described(path: Path, stamp: tuple[int, int], presets: Sequence[Preset]) -> ModelEntry:
    folder, said = os.path.isdir(path), clean(str(path), MAX_PATH)
    entry = ModelEntry(said, clean(name_of(path)), "folder" if folder else "unknown", stamp, _title(path))
    try:
        if said != str(path):
            raise ValueError("its name, or that of its folder, is no text; rename it")
        if folder:
            return _folder(path, entry)
        if path.suffix.lower() in PICKLES:
            return replace(entry, kind="pickle", fault="model-pickle", params={"model": entry.name})
        if path.suffix.lower() == ".gguf":
            return _unused(replace(entry, kind="gguf"), "a GGUF file")
        return _file(path, entry, presets)
    except (ValueError, OSError) as error:
        reason = str(error)
    except (ArithmeticError, LookupError, TypeError, AttributeError, RecursionError):
        reason = "what it says of itself makes no sense"
    return replace(entry, fault="model-broken", params={"model": entry.name, "reason": reason})


def _folder(path: Path, entry: ModelEntry) -> ModelEntry:
    source = read_folder(path)
    headers = [read_header(file) for files in source.weights.values() for file in files]
    entry = _model(entry, source.info, sum(map(_values, headers)))
    without = source.info.family == "sd3" and THIRD not in source.configs
    return replace(entry, params=WITHOUT_T5) if without else entry


def _file(path: Path, entry: ModelEntry, presets: Sequence[Preset]) -> ModelEntry:
    header = read_header(path)
    kind = recognise(header)
    entry = replace(entry, kind=kind.kind, family=kind.family, values=_values(header))
    if kind.kind in ("checkpoint", "unet"):
        if kind.family in FOREIGN:
            return _unused(entry, FOREIGN[kind.family])
        source = read_checkpoint(path, presets)
        if source is None:
            return _unused(entry)
        entry = _model(entry, source.info, _values(header))
        return replace(entry, params=WITHOUT_T5) if JOINT in source.configs else entry
    if kind.kind == "lora" and (lora := read_lora(path)) is not None:
        return replace(entry, family=lora.family, title=lora.title, words=_short(lora.words))
    if kind.kind == "safety-checker":
        folder = path.parent.name
        return replace(entry, name=folder, title=folder.replace("_", " "))
    if kind.kind == "embedding":
        rows = max((item.shape[0] for item in header.values() if len(item.shape) == 2), default=1)
        return replace(entry, words=(f"<{path.stem}>",), params={"rows": str(rows)})
    if kind.kind == "upscaler" and not any(CONVOLUTIONAL.match(name) for name in header):
        return _unused(entry)
    return entry if kind.kind in USED else _unused(entry)


def _model(entry: ModelEntry, info: ModelInfo, values: int) -> ModelEntry:
    return replace(entry, kind="checkpoint", family=info.family, title=info.title, values=values, info=info)


def _unused(entry: ModelEntry, kind: str = "") -> ModelEntry:
    params = {"model": entry.name, "kind": kind or WHAT.get(entry.kind, WHAT["unknown"])}
    return replace(entry, fault="model-unused", params=params)


CONVOLUTIONAL: Final = re.compile(
    WRAPPED
    + r"(?:body\.\d+\.(?:rdb1\.conv1\.)?|RRDB_trunk\.0\.RDB1\.conv1\.|model\.1\.sub\.0\.RDB1\.conv1\.0\.)weight$"
)
"""A tensor of ESRGAN's network, in its three layouts, or of the compact one of Real-ESRGAN."""

WITHOUT_T5: Final = {"without": "T5"}
"""What an entry of a model says that is used without one of its text encoders."""

FOREIGN: Final = {"flux": "a Flux model in one file instead of a diffusers folder"}
"""Families that are recognised but cannot be run from one file: Flux lacks T5's tokenizer there."""

WHAT: Final = {
    "controlnet": "a ControlNet",
    "adapter": "a T2I-Adapter",
    "ip-adapter": "an IP-Adapter",
    "upscaler": "an upscaling network other than those of ESRGAN and Real-ESRGAN",
    "unet": "a UNet without its autoencoder and text encoder",
    "text-encoder": "a text encoder alone",
    "image-encoder": "an image encoder alone",
    "unknown": "of a kind that it does not know",
}
"""What a file is, in a sentence about what cannot be used yet."""


def _title(path: Path) -> str:
    return name_of(path).replace("_", " ").strip()


def _short(words: Sequence[str]) -> tuple[str, ...]:
    kept: list[str] = []
    length = 0
    for word in words:
        length += len(word)
        if length > MAX_WORDS:
            break
        kept.append(word)
    return tuple(kept)


def _values(header: Mapping[str, TensorEntry]) -> int:
    """How many numbers are loaded."""
    return sum(prod(entry.shape) for name, entry in header.items() if not name.startswith(LEFT_OUT))
