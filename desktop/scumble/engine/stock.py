"""The models and the device, as the worker and the clerk use them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scumble.api import FileKind, Mask, ModelInfo, Picture, Suits
from scumble.engine.devices import LARGE, Device, choose_device
from scumble.engine.ladder import Ladder
from scumble.engine.measure import settled
from scumble.engine.memory import machine_memory
from scumble.engine.models.index import Index
from scumble.protocol import Configure, ModelEntry, ModelRoot, UseModels

if TYPE_CHECKING:
    from scumble.engine.models import ModelLibrary
    from scumble.engine.models.diffusion import DiffusionModel


KEPT_PART: Final = 2
"""Loaded models that no job uses are kept up to one part in so many of the machine's memory."""


class SharedDevice:
    """What is found out and imported once for the process, by whichever thread needs it first."""

    def __init__(self, wanted: str = "", dtype: str = "", memory: Path | None = None, *, attention: str = "") -> None:
        """As `choose_device` takes them; what is measured is remembered in the file `memory`."""
        self._wanted, self._dtype, self._attention, self._memory = wanted, dtype, attention, memory
        self._settled = False
        self._lock = threading.RLock()
        self._device: Device | None = None

    def get(self) -> Device:
        """The device, with what an earlier process has measured. Imports torch at the first call; raises `ImportError`
        or `OSError` where it cannot be."""
        with self._lock:
            if self._device is None:
                device = choose_device(self._wanted, self._dtype, self._attention)
                self._device = settled(device, self._memory, measure=False) if device.open else device
            return self._device

    def dtype_for(self, native: int) -> str:
        """What a model that was trained at `native` pixels computes in. Measures that before the first large one."""
        return self._measured(native).dtype_for(native)

    def attention_for(self, native: int) -> str:
        """How such a model's attention is computed, `fused` or `plain`; measured as that is."""
        return self._measured(native).attention_for(native)

    def _measured(self, native: int) -> Device:
        with self._lock:
            device = self.get()
            if native >= LARGE and device.open:
                self._device = device = settled(device, self._memory)
                self._settled = True
            return device

    @property
    def settled(self) -> Device | None:
        """The device if something was measured in this process."""
        return self._device if self._settled else None

    @property
    def known(self) -> str:
        """Its name; empty as long as nobody has asked for it."""
        return self._device.name if self._device is not None else ""

    def import_libraries(self) -> None:
        """Imports what models need, which takes several times as long as loading a small one.

        One thread at a time: in libraries whose modules import each other in a circle, two threads at once can meet
        half a module.
        """
        with self._lock:
            from transformers import CLIPTextModel, CLIPTokenizer  # noqa: F401 - it imports what is asked for

            import scumble.engine.models.diffusion  # noqa: F401


@dataclass(slots=True)
class ModelPlaces:
    """What every thread's stock shares: the folders of models, what is known of the files there, a folder for weights
    that were converted (None: they are not kept), the autoencoders that were chosen for models, and the backend.

    Folders and autoencoders are replaced as a whole, never changed in place, so that any thread may look.
    """

    folders: tuple[Path, ...] = ()
    index: Index = field(default_factory=Index)
    cache: Path | None = None
    vaes: dict[str, str] = field(default_factory=dict)
    backend: str = "auto"

    @classmethod
    def of(cls, settings: Configure) -> ModelPlaces:
        """As the window says."""
        home = Path(settings.cache_folder) if settings.cache_folder else None
        return cls(
            tuple(map(Path, settings.model_folders)),
            Index(home / "models.json" if home else None),
            home / "weights" if home else None,
            dict(settings.vaes),
            settings.backend,
        )

    def use(self, wanted: UseModels) -> None:
        """Other folders and autoencoders, from the next look on."""
        self.folders, self.vaes = tuple(map(Path, wanted.model_folders)), dict(wanted.vaes)


class Stock:
    """The models in some folders and those of the program itself. For one thread; each has its own."""

    def __init__(self, places: ModelPlaces, device: SharedDevice) -> None:
        self._places = places
        self._device = device
        self._loaded: ModelLibrary | None = None

    @property
    def device(self) -> Device:
        """What to compute on."""
        return self._device.get()

    @property
    def known_device(self) -> str:
        """Its name as torch has it; empty as long as torch was not imported."""
        return self._device.known

    @property
    def settled_device(self) -> Device | None:
        """The device, once it has been measured what large models compute in; None before, or where it need not be."""
        return self._device.settled

    def dtype(self, model: str) -> str:
        """What that model, or a job without one, computes in."""
        return self._device.dtype_for(self._native(model))

    def import_libraries(self) -> None:
        """Imports what models need, so that the first job finds it done."""
        self._device.import_libraries()

    def infos(self) -> tuple[ModelInfo, ...]:
        """Every model, after another look into the folders."""
        self._library.rescan()
        return self._library.infos()

    def lora_suits(self) -> dict[str, Suits]:
        """What a model wants with a LoRA on that was made for a few steps, by the LoRA's name."""
        from scumble.engine.models.fewsteps import suits_lora

        found = {name: suits_lora(name, lora.title) for name, lora in self._library.loras.items()}
        return {name: suits for name, suits in found.items() if suits is not None}

    def files(self) -> tuple[tuple[ModelEntry, ...], tuple[ModelRoot, ...]]:
        """Every file with what is known of it by now, and every folder."""
        return self._library.hashed_entries(), self._library.roots

    def hash_next(self, check_cancelled: Callable[[], None]) -> bool:
        """Hashes one more file; False where the hashes of all are known."""
        return self._library.hash_next(check_cancelled)

    def load(
        self, model: str, check_cancelled: Callable[[], None], ladder: Ladder, vae: str | None = None
    ) -> DiffusionModel:
        """The model, with the autoencoder of that name, as `ToolJob.vae` has it.

        Raises `ScumbleError` (`model-missing`, `model-broken`, `vae-missing`, `vae-mismatch`) and `Cancelled`.
        """
        if not self._knows(model):
            self._library.rescan()
        if self._knows(model):
            self.import_libraries()
        dtype, attention = self.dtype(model), self._device.attention_for(self._native(model))
        return self._library.load(model, self.device.name, dtype, check_cancelled, ladder, vae, attention)

    @property
    def eraser(self) -> str:
        """The erase model that there is; empty where there is none."""
        return next(iter(self._library.erasers), "")

    def erase(self, picture: Picture, mask: Mask, check_cancelled: Callable[[], None]) -> Picture:
        """What it makes of a hole. Raises `ScumbleError` (`model-none`, `model-broken`) and `Cancelled`."""
        return self._library.erase(picture, mask, self.device.name, check_cancelled)

    def blurred(self, pictures: Sequence[Picture], check_cancelled: Callable[[], None]) -> list[Picture]:
        """Pictures, of which those that the safety checker flags are blurred. Raises `ScumbleError` (`safety-broken`)
        and `Cancelled`."""
        return self._library.blurred(pictures, check_cancelled)

    def find_file(self, kind: FileKind, name: str) -> Path:
        """A file of weights. Raises `ScumbleError` (`file-missing`)."""
        return self._library.find_file(kind, name)

    def count_tokens(self, model: str, text: str) -> tuple[int, int]:
        """How many tokens the text has, and how many the model reads. Raises `ScumbleError`."""
        self.import_libraries()
        return self._library.count_tokens(model, text)

    def hash_of(self, path: Path) -> str:
        """The hash of a file that a model uses; empty where it cannot be read any more."""
        return self._library.hashes.of_file(path)

    def rest(self, resting: bool) -> None:
        """Whether no job runs, so that there is time to put converted weights into the cache."""
        if self._loaded is not None:
            self._loaded.rest(resting)

    def unload(self, *, keep: str = "") -> None:
        """Lets go of what is loaded, but for one model."""
        if self._loaded is not None:
            self._loaded.unload(keep=keep)

    def _native(self, model: str) -> int:
        """The side that a model was trained at; 0 for none."""
        return next((info.native for info in self._library.infos() if info.id == model), 0) if model else 0

    def _knows(self, model: str) -> bool:
        return any(info.id == model for info in self._library.infos())

    @property
    def _library(self) -> ModelLibrary:
        from scumble.engine.models import ModelLibrary, default_folders
        from scumble.engine.models.library import KEEP_BYTES

        places = self._places
        folders = (*default_folders(), *places.folders)
        if self._loaded is None:
            self._loaded = ModelLibrary(
                folders,
                machine_memory() // KEPT_PART or KEEP_BYTES,
                index=places.index,
                cache=places.cache,
                backend=places.backend,
            )
        self._loaded.use(folders, places.vaes)
        return self._loaded
