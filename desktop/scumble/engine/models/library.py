"""All models that a person has, and those that are in memory."""

from __future__ import annotations

import contextlib
import importlib.resources
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from scumble.api import FileKind, Mask, ModelInfo, Picture, ScumbleError
from scumble.engine.ladder import Ladder, Rung
from scumble.engine.models.checkpoint import ModelFile, read_checkpoint
from scumble.engine.models.eraser import EraserFile, read_eraser
from scumble.engine.models.files import hash_files, read_stamp
from scumble.engine.models.finding import find_models
from scumble.engine.models.folder import ModelFolder, is_model_folder, read_folder
from scumble.engine.models.hashes import Hashes
from scumble.engine.models.index import Index
from scumble.engine.models.lora import LoraFile, find_lora
from scumble.engine.models.presets import PRESETS, Preset
from scumble.engine.models.survey import USED, describe, stamp_of
from scumble.engine.models.trees import program_of
from scumble.protocol import ModelEntry, ModelRoot

if TYPE_CHECKING:
    from scumble.engine.models.diffusion import DiffusionModel
    from scumble.engine.models.erasing import Eraser
    from scumble.engine.models.keeping import WeightKeeper
    from scumble.engine.models.loader import Components
    from scumble.engine.models.safety import SafetyChecker

LOG = logging.getLogger(__name__)

VAE_REASON: Final = "the autoencoder"
"""How the reason begins that says why another autoencoder does not fit."""

KEEP_BYTES: Final = 8 * 2**30
"""Bytes of loaded models that are kept when no job uses them."""


LoadKey: TypeAlias = tuple[str, tuple[int, int], str, tuple[int, int], str, str]
"""A model's id and stamp, the path and the stamp of another autoencoder, device, and type of numbers."""

QUICK_WORD: Final = "taesd"
"""What the decoders for previews of a whole family are called by their author, and by everyone since."""

QUICK_FILE: Final = "preview/decoder.safetensors"
"""Where a model's folder may hold its own."""


def default_folders() -> tuple[Path, ...]:
    """Where the starter model lies; a person's own folders are added by the settings."""
    return (Path(str(importlib.resources.files("scumble_resources"))) / "starter_model",)


class ModelLibrary:
    """Finds models below `folders`, each either a model itself or a folder of models, and keeps loaded ones alive.

    LoRAs and learnt words in the same folders are for the prompts of its models. The least recently used models are let
    go when more than `keep_bytes` are loaded. Earlier folders win where two models have the same id. `index` remembers
    what lies in files, `cache` is a folder for weights that were converted. `vaes` names the autoencoders to use with
    models instead of their own, and may change. `backend` computes UNets: `torch`, `openvino`, or `auto`. To be
    used from one thread.
    """

    def __init__(
        self,
        folders: Iterable[Path] | None = None,
        keep_bytes: int = KEEP_BYTES,
        presets: Sequence[Preset] = PRESETS,
        index: Index | None = None,
        cache: Path | None = None,
        vaes: Mapping[str, str] | None = None,
        backend: str = "torch",
    ) -> None:
        self._roots = default_folders() if folders is None else tuple(folders)
        self._keep_bytes = keep_bytes
        self._presets = presets
        self._index = index if index is not None else Index()
        self.hashes = Hashes(self._index)
        self._cache = cache
        self._backend = backend
        self._models: dict[str, ModelEntry] = {}
        self._loaded: OrderedDict[LoadKey, Components] = OrderedDict()
        self._tokenizer: tuple[tuple[str, tuple[int, int]], Any] | None = None
        self._chosen_vaes: Mapping[str, str] = vaes if vaes is not None else {}
        self.entries: tuple[ModelEntry, ...] = ()
        """Everything that was found."""
        self.roots: tuple[ModelRoot, ...] = ()
        """The folders, and what came of each."""
        self.loras: dict[str, LoraFile] = {}
        """The LoRAs that a prompt can name: name → what is known of it."""
        self.learnt: dict[str, ModelEntry] = {}
        """The learnt words that a prompt can name."""
        self.vaes: dict[str, ModelEntry] = {}
        """Autoencoders that can take the place of a model's own."""
        self.quick: dict[str, ModelEntry] = {}
        """Decoders for previews."""
        self.erasers: dict[str, EraserFile] = {}
        """The erase models: name → its file."""
        self._keeper: WeightKeeper | None = None
        self.safety: ModelEntry | None = None
        """The safety checker that there is: the first that lies by itself, or else that of the first model with one."""
        self._checker: tuple[ModelEntry, SafetyChecker] | None = None
        self._eraser: tuple[EraserFile, Eraser] | None = None
        self.faults: dict[str, str] = {}
        """Models that are there but cannot be read: id → reason."""
        self.rescan()

    def rescan(self) -> None:
        """Looks again at what lies in the folders. Loaded models stay loaded."""
        found: dict[str, ModelEntry] = {}
        roots = []
        for root in self._roots:
            here = [self._look(path) for path in find_models((root,))]
            roots.append(
                ModelRoot(str(root), program_of(root), sum(not entry.fault for entry in here), not os.path.isdir(root))
            )
            for entry in here:
                found.setdefault(entry.path, entry)
        self._index.save(map(Path, found))
        self.entries, self.roots = tuple(found.values()), tuple(roots)
        self._sort()

    def use(self, folders: Sequence[Path], vaes: Mapping[str, str]) -> None:
        """Looks into other folders, if they are others, and uses other autoencoders from the next job on."""
        self._chosen_vaes = vaes
        if tuple(folders) != self._roots:
            self._roots = tuple(folders)
            self.rescan()

    def _look(self, path: Path) -> ModelEntry:
        stamp = stamp_of(path)
        entry = self._index.get(path, stamp)
        if entry is None:
            entry = describe(path, stamp, self._presets)
            self._index.put(entry)
            if entry.fault == "model-broken":
                LOG.warning("%s cannot be used: %s", entry.name, entry.params.get("reason", ""))
        return entry

    def _sort(self) -> None:
        """Each entry to where it is looked up; the first of a name stays, whether it is sound or broken."""
        self._models, self.faults = {}, {}
        for entry in self.entries:
            if entry.info is not None and entry.name not in self.faults:
                self._models.setdefault(entry.name, entry)
            elif entry.fault == "model-broken" and entry.name not in self._models:
                self.faults.setdefault(entry.name, entry.params.get("reason", ""))
        by_kind = {kind: [entry for entry in self.entries if entry.kind == kind] for kind in USED}
        self.vaes = {entry.name: entry for entry in reversed(by_kind["vae"])}
        self.quick = {entry.name: entry for entry in reversed(by_kind["preview"])}
        self.learnt = {entry.name: entry for entry in reversed(by_kind["embedding"])}
        self.loras = {
            entry.name: LoraFile(
                entry.name, Path(entry.path), entry.title, entry.family, entry.words, (entry.stamp[0], entry.stamp[1])
            )
            for entry in reversed(by_kind["lora"])
        }
        self.safety = min(by_kind["safety-checker"], key=_is_brought, default=None)
        self.erasers = _erasers(by_kind["eraser"])

    def infos(self) -> tuple[ModelInfo, ...]:
        """What can be loaded, in order of the folders, then by name. `sha256` is known once a model was hashed."""
        return tuple(
            replace(entry.info, id=entry.name, sha256=self.hashes.known(entry))
            for entry in self._models.values()
            if entry.info is not None
        )

    def load(
        self,
        model_id: str,
        device: str,
        dtype: str,
        check_cancelled: Callable[[], None],
        ladder: Ladder | None = None,
        vae_name: str | None = None,
        attention: str = "fused",
    ) -> DiffusionModel:
        """The model for one job, whose `check_cancelled` it obeys; quick where it is in memory already. `ladder` is
        what the job may give up where memory is short, `vae_name` is as `ToolJob.vae`, `attention` as `Components`
        have it.

        Raises `ScumbleError` (`model-missing`, `model-broken`, `vae-missing`, `vae-mismatch`, `cancelled`).
        """
        from scumble.engine.backends.openvino import Accelerator, suits, version
        from scumble.engine.models.diffusion import DiffusionModel
        from scumble.engine.models.loader import load_components
        from scumble.engine.sampling.cache import plain

        source, vae = self._find(model_id), self._vae_of(model_id, vae_name)
        stamp, other = self._models[model_id].stamp, (vae.path, vae.stamp) if vae else ("", (0, 0))
        key = (model_id, stamp, *other, device, dtype)
        if key not in self._loaded:
            for old in [old for old in self._loaded if old[0] == model_id and old[1] != stamp]:
                del self._loaded[old]  # the model was replaced by another of its name
            try:
                sha256 = self.hashes.of(source.path, lambda: source.sha256(check_cancelled))
                ladder = ladder or Ladder()
                load = partial(load_components, source, device, dtype, check_cancelled, Path(vae.path) if vae else None)
                keeper = self._keeper_of_weights()
                parts = self._loaded[key] = ladder.climb(
                    lambda: load(keeper, sha256, aside=ladder.has(Rung.OFFLOAD)), Rung.OFFLOAD
                )
                if suits(self._backend, device, source.info.native, dtype) and plain(parts.unet):
                    cache = keeper.cache if keeper is not None else None
                    parts.fast = Accelerator(parts.unet, f"{sha256}-{dtype}", cache)
            except (ValueError, OSError) as error:
                raise _load_fault(model_id, vae, error) from error
        self._loaded.move_to_end(key)
        self._loaded[key].attention = attention
        self._evict()
        info = replace(source.info, sha256=self.hashes.known(self._models[model_id]))
        self._choose_quick(self._loaded[key], info)
        model = DiffusionModel(info, self._loaded[key], check_cancelled, self.find_lora, ladder, self.learnt, vae)
        if self._backend == "openvino" and not version():
            model.notes["backend"] = "torch, as OpenVINO is not installed"
        return model

    def _keeper_of_weights(self) -> WeightKeeper | None:
        from scumble.engine.models.keeping import WeightKeeper
        from scumble.engine.models.weights import WeightCache

        if self._keeper is None and self._cache is not None:
            self._keeper = WeightKeeper(WeightCache(self._cache))
        return self._keeper

    def rest(self, resting: bool) -> None:
        """Whether no job runs, so that weights may be written into the cache."""
        if self._keeper is not None:
            (self._keeper.go_on if resting else self._keeper.pause)()

    def _choose_quick(self, parts: Components, info: ModelInfo) -> None:
        """Has previews made by the decoder that there is for a model; by its own matrix where none can be read."""
        from scumble.engine.models.quick import load_quick

        path = self._quick_of(info)
        if parts.quick_path == path:
            return
        parts.quick, parts.quick_path = None, path
        if path is None:
            return
        try:
            parts.quick = load_quick(path, info.latent_channels, info.factor, parts.device, parts.dtype)
        except (ValueError, OSError) as error:
            LOG.warning("%s makes no previews: %s", path.name, error)

    def _quick_of(self, info: ModelInfo) -> Path | None:
        """The decoder beside the model as `<model>.preview.safetensors`, the one in its folder, or else one for its
        family, by its name."""
        if f"{info.id}.preview" in self.quick:
            return Path(self.quick[f"{info.id}.preview"].path)
        own = Path(self._models[info.id].path) / QUICK_FILE
        if own.is_file():
            return own
        if info.family not in ("sd1", "sd2", "sdxl"):
            return None
        fitting = (
            Path(entry.path)
            for name, entry in self.quick.items()
            if QUICK_WORD in name.lower() and "encoder" not in name.lower().replace("decoder", "")
        )
        return next((path for path in fitting if ("xl" in path.stem.lower()) == (info.family == "sdxl")), None)

    def hash_next(self, check_cancelled: Callable[[], None]) -> bool:
        """Hashes one file whose hash is not known yet; False where every one is known."""

        def compute(entry: ModelEntry) -> str:
            if entry.info is not None:
                return self._source(entry).sha256(check_cancelled)
            return hash_files((Path(entry.path),), check_cancelled)

        return self.hashes.learn(self.entries, compute)

    def hashed_entries(self) -> tuple[ModelEntry, ...]:
        """The entries, with the hashes that are known by now."""
        return tuple(msgspec.structs.replace(entry, sha256=self.hashes.known(entry)) for entry in self.entries)

    def _vae_of(self, model_id: str, wanted: str | None) -> ModelEntry | None:
        """The wanted autoencoder, None for the model's own. Where no matter which: the chosen one, or else one that
        lies beside the model as `<model>.vae.safetensors`."""
        if wanted == "":
            return None
        chosen = wanted or self._chosen_vaes.get(model_id, "")
        if chosen and chosen not in self.vaes:
            raise ScumbleError("vae-missing", vae=chosen)
        return self.vaes.get(chosen or f"{model_id}.vae")

    def find_lora(self, name: str) -> LoraFile:
        """The LoRA of that name, which may have been put there a moment ago.

        Raises `ScumbleError` (`lora-missing`, `lora-missing-near`, `lora-broken`).
        """
        known = self.loras.get(name)
        if known is None or read_stamp(known.path) != known.stamp:
            self.rescan()
        return find_lora(name, self.loras, self.faults, self._roots[-1] if self._roots else Path())

    def find_file(self, kind: FileKind, name: str) -> Path:
        """The file of that kind and name, which may have been put there a moment ago.

        Raises `ScumbleError` (`file-missing`).
        """
        for _ in range(2):
            for entry in self.entries:
                if (entry.kind, entry.name, entry.fault) == (kind, name, "") and os.path.isfile(entry.path):
                    return Path(entry.path)
            self.rescan()
        raise ScumbleError("file-missing", file=name, folder=self._roots[-1] if self._roots else "")

    def erase(self, picture: Picture, mask: Mask, device: str, check_cancelled: Callable[[], None]) -> Picture:
        """A picture whose hole, where the mask is above 0, the first erase model has filled, as its file is now.

        Raises `ScumbleError` (`model-none`, `model-broken`, `cancelled`).
        """
        from scumble.engine.models.erasing import load_eraser

        if any(read_stamp(file.path) != file.stamp for file in self.erasers.values()):
            self.rescan()
        file = next(iter(self.erasers.values()), None)
        if file is None:
            raise ScumbleError("model-none")
        try:
            if self._eraser is None or self._eraser[0] != file:
                self._eraser = file, load_eraser(file, device)
            return self._eraser[1].erase(picture, mask, check_cancelled)
        except (ValueError, OSError) as error:
            raise ScumbleError("model-broken", model=file.name, reason=error) from error

    def blurred(self, pictures: Sequence[Picture], check_cancelled: Callable[[], None]) -> list[Picture]:
        """Pictures, of which those that the safety checker flags are blurred and others are the same object. Without a
        checker they all are.

        Raises `ScumbleError` (`safety-broken`).
        """
        from scumble.engine.models.safety import blurred, load_safety

        entry, made = self.safety, list(pictures)
        if entry is None:
            return made
        try:
            if self._checker is None or self._checker[0] != entry:
                self._checker = entry, load_safety(Path(entry.path))
            for place, picture in enumerate(pictures):
                check_cancelled()
                if self._checker[1].flagged(picture):
                    made[place] = blurred(picture)
        except (ValueError, OSError) as error:
            raise ScumbleError("safety-broken", checker=entry.name, reason=error) from error
        return made

    def count_tokens(self, model_id: str, text: str) -> tuple[int, int]:
        """How many tokens `text` has for a model, and how many it reads. Loads no more than the tokenizer, which
        it keeps for the next text."""
        from scumble.engine.models.learnt import slots
        from scumble.engine.models.loader import load_tokenizer
        from scumble.engine.models.words import count

        source = self._find(model_id)
        key = model_id, self._models[model_id].stamp
        try:
            if self._tokenizer is None or self._tokenizer[0] != key:
                self._tokenizer = key, load_tokenizer(source)
            return count(self._tokenizer[1], text, slots(self.learnt)), source.info.tokens
        except (ValueError, OSError) as error:
            raise ScumbleError("model-broken", model=model_id, reason=error) from error

    def unload(self, *, keep: str = "") -> None:
        """Lets go of every loaded model but one, such as after memory ran out."""
        for key in [key for key in self._loaded if key[0] != keep]:
            del self._loaded[key]
        self._eraser = self._checker = None
        if self._keeper is not None:
            self._keeper.drop()

    def _find(self, model_id: str) -> ModelFolder | ModelFile:
        if model_id in self.faults:
            raise ScumbleError("model-broken", model=model_id, reason=self.faults[model_id])
        entry = self._models.get(model_id)
        if entry is not None and stamp_of(Path(entry.path)) != entry.stamp and os.path.exists(entry.path):
            self.rescan()
        if model_id not in self._models:
            raise ScumbleError("model-missing", model=model_id)
        try:
            return self._source(self._models[model_id])
        except (ValueError, OSError) as error:
            raise ScumbleError("model-broken", model=model_id, reason=error) from error

    def _source(self, entry: ModelEntry) -> ModelFolder | ModelFile:
        path = Path(entry.path)
        source = read_folder(path) if os.path.isdir(path) else read_checkpoint(path, self._presets)
        if source is None:
            raise ValueError(f"{path.name} is no model any more")
        return replace(source, info=replace(source.info, id=entry.name, title=entry.title))

    def _evict(self) -> None:
        while len(self._loaded) > 1 and self._size() > self._keep_bytes:
            self._loaded.popitem(last=False)

    def _size(self) -> int:
        copies = sum(parts.fast.size for parts in self._loaded.values() if parts.fast is not None)
        return copies + sum(parts.size + parts.loras.size for parts in self._loaded.values())


def _erasers(entries: Iterable[ModelEntry]) -> dict[str, EraserFile]:
    """By name; the first of each. One whose file has changed meanwhile is left out."""
    found: dict[str, EraserFile] = {}
    for entry in entries:
        with contextlib.suppress(ValueError, OSError):
            eraser = read_eraser(Path(entry.path))
            if eraser is not None:
                found.setdefault(entry.name, eraser)
    return found


def _is_brought(checker: ModelEntry) -> bool:
    """Whether a safety checker lies in the folder of a model."""
    return is_model_folder(Path(checker.path).parent.parent)


def _load_fault(model_id: str, vae: ModelEntry | None, error: Exception) -> ScumbleError:
    if vae is not None and str(error).startswith(VAE_REASON):
        return ScumbleError("vae-mismatch", vae=vae.name, model=model_id, reason=error)
    return ScumbleError("model-broken", model=model_id, reason=error)
