"""All models that a person has, and those that are in memory."""

from __future__ import annotations

import importlib.resources
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scumble.api import Mask, Model, ModelInfo, Picture, ScumbleError
from scumble.engine.ladder import Ladder
from scumble.engine.models.checkpoint import ModelFile, read_checkpoint
from scumble.engine.models.eraser import EraserFile, read_eraser
from scumble.engine.models.folder import ModelFolder, is_model_folder, read_folder
from scumble.engine.models.lora import LoraFile, find_lora, read_lora, read_stamp
from scumble.engine.models.presets import PRESETS, Preset

if TYPE_CHECKING:
    from scumble.engine.models.lama import Eraser
    from scumble.engine.models.loader import Components

LOG = logging.getLogger(__name__)

DEPTH: Final = 3
"""How many folders deep a model may lie below one of the library's."""

MAX_FOLDERS: Final = 10_000
"""Folders that one scan looks at; a home folder given by mistake must not hang the engine."""

KEEP_BYTES: Final = 8 * 2**30
"""Bytes of loaded models that are kept when no job uses them."""


def default_folders() -> tuple[Path, ...]:
    """Where the starter model lies; a person's own folders are added by the settings."""
    return (Path(str(importlib.resources.files("scumble_resources"))) / "starter_model",)


class ModelLibrary:
    """Finds models below `folders`, each either a model itself or a folder of models, and keeps loaded ones alive.

    LoRAs in the same folders are for the prompts of its models. The least recently used models are let go when more
    than `keep_bytes` are loaded. Earlier folders win where two models have the same id. To be used from one thread.
    """

    def __init__(
        self,
        folders: Iterable[Path] | None = None,
        keep_bytes: int = KEEP_BYTES,
        presets: Sequence[Preset] = PRESETS,
    ) -> None:
        self._roots = default_folders() if folders is None else tuple(folders)
        self._keep_bytes = keep_bytes
        self._presets = presets
        self._sources: dict[str, ModelFolder | ModelFile] = {}
        self._loaded: OrderedDict[tuple[str, str, str], Components] = OrderedDict()
        self._hashes: dict[str, str] = {}
        self.loras: dict[str, LoraFile] = {}
        """The LoRAs that a prompt can name: name → what is known of it."""
        self.erasers: dict[str, EraserFile] = {}
        """The erase models: name → its file."""
        self._eraser: tuple[EraserFile, Eraser] | None = None
        self.faults: dict[str, str] = {}
        """Models that are there but cannot be read: id → reason."""
        self.rescan()

    def rescan(self) -> None:
        """Looks again at what lies in the folders. Loaded models stay loaded."""
        self._sources.clear()
        self.faults.clear()
        self.loras.clear()
        self.erasers.clear()
        for path in _models(self._roots):
            name = path.name if path.is_dir() else path.stem
            try:
                source = read_folder(path) if path.is_dir() else read_checkpoint(path, self._presets)
                lora = read_lora(path) if source is None else None
                eraser = read_eraser(path) if source is None and lora is None else None
            except (ValueError, OSError) as error:
                LOG.warning("%s cannot be used: %s", name, error)
                if name not in self._sources:
                    self.faults.setdefault(name, str(error))
            else:
                if source is not None and name not in self.faults:
                    self._sources.setdefault(name, source)
                if lora is not None:
                    self.loras.setdefault(name, lora)
                if eraser is not None:
                    self.erasers.setdefault(name, eraser)

    def infos(self) -> tuple[ModelInfo, ...]:
        """What can be loaded, in order of the folders, then by name. `sha256` is known once a model was loaded."""
        return tuple(
            replace(source.info, sha256=self._hashes.get(model_id, "")) for model_id, source in self._sources.items()
        )

    def load(
        self,
        model_id: str,
        device: str,
        dtype: str,
        check_cancelled: Callable[[], None],
        ladder: Ladder | None = None,
    ) -> Model:
        """The model for one job, whose `check_cancelled` it obeys; quick where it is in memory already. `ladder` is
        what the job may give up where memory is short.

        Raises `ScumbleError` (`model-missing`, `model-broken`, `cancelled`).
        """
        from scumble.engine.models.diffusion import DiffusionModel
        from scumble.engine.models.loader import load_components

        source = self._find(model_id)
        key = (model_id, device, dtype)
        if key not in self._loaded:
            try:
                if model_id not in self._hashes:
                    self._hashes[model_id] = source.sha256(check_cancelled)
                self._loaded[key] = load_components(source, device, dtype, check_cancelled)
            except (ValueError, OSError) as error:
                raise ScumbleError("model-broken", model=model_id, reason=error) from error
        self._loaded.move_to_end(key)
        self._evict()
        info = replace(source.info, sha256=self._hashes[model_id])
        return DiffusionModel(info, self._loaded[key], check_cancelled, self.find_lora, ladder)

    def find_lora(self, name: str) -> LoraFile:
        """The LoRA of that name, which may have been put there a moment ago.

        Raises `ScumbleError` (`lora-missing`, `lora-missing-near`, `lora-broken`).
        """
        known = self.loras.get(name)
        if known is None or read_stamp(known.path) != known.stamp:
            self.rescan()
        return find_lora(name, self.loras, self.faults, self._roots[-1] if self._roots else Path())

    def erase(self, picture: Picture, mask: Mask, device: str, check_cancelled: Callable[[], None]) -> Picture:
        """A picture whose hole, where the mask is above 0, the first erase model has filled.

        Raises `ScumbleError` (`model-none`, `model-broken`, `cancelled`).
        """
        from scumble.engine.models.lama import load_eraser

        file = next(iter(self.erasers.values()), None)
        if file is None:
            raise ScumbleError("model-none")
        try:
            if self._eraser is None or self._eraser[0] != file:
                self._eraser = file, load_eraser(file, device)
            return self._eraser[1].erase(picture, mask, check_cancelled)
        except (ValueError, OSError) as error:
            raise ScumbleError("model-broken", model=file.name, reason=error) from error

    def count_tokens(self, model_id: str, text: str) -> tuple[int, int]:
        """How many tokens `text` has for a model, and how many it reads. Loads no more than the tokenizer."""
        from scumble.engine.models.loader import load_tokenizer
        from scumble.engine.models.words import count

        source = self._find(model_id)
        loaded = (parts.tokenizer for key, parts in self._loaded.items() if key[0] == model_id)
        tokenizer = next(loaded, None)
        try:
            return count(tokenizer or load_tokenizer(source), text), source.info.tokens
        except (ValueError, OSError) as error:
            raise ScumbleError("model-broken", model=model_id, reason=error) from error

    def unload(self, *, keep: str = "") -> None:
        """Lets go of every loaded model but one, such as after memory ran out."""
        for key in [key for key in self._loaded if key[0] != keep]:
            del self._loaded[key]
        self._eraser = None

    def _find(self, model_id: str) -> ModelFolder | ModelFile:
        if model_id in self.faults:
            raise ScumbleError("model-broken", model=model_id, reason=self.faults[model_id])
        if model_id not in self._sources:
            raise ScumbleError("model-missing", model=model_id)
        return self._sources[model_id]

    def _evict(self) -> None:
        while len(self._loaded) > 1 and self._size() > self._keep_bytes:
            self._loaded.popitem(last=False)

    def _size(self) -> int:
        return sum(parts.size + parts.loras.size for parts in self._loaded.values())


def _models(roots: Iterable[Path]) -> Iterator[Path]:
    """Model folders and safetensors files at or below each root; what lies in a model folder belongs to it."""
    seen = 0
    for root in roots:
        waiting = [(root, 0)]
        while waiting and seen < MAX_FOLDERS:
            path, depth = waiting.pop(0)
            seen += 1
            if is_model_folder(path):
                yield path
                continue
            yield from sorted(path.glob("*.safetensors"))
            if depth < DEPTH:
                waiting.extend((child, depth + 1) for child in _subfolders(path))


def _subfolders(path: Path) -> list[Path]:
    try:
        return sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith("."))
    except OSError:
        return []
