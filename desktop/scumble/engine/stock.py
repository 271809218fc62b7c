"""The models and the device, as the worker and the clerk use them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from scumble.api import Mask, Model, ModelInfo, Picture, Suits
from scumble.engine.devices import Device, choose_device
from scumble.engine.ladder import Ladder

if TYPE_CHECKING:
    from scumble.engine.models import ModelLibrary


class SharedDevice:
    """What is found out and imported once for the process, by whichever thread needs it first."""

    def __init__(self, wanted: str = "") -> None:
        self._wanted = wanted
        self._lock = threading.RLock()
        self._device: Device | None = None

    def get(self) -> Device:
        """The device. Imports torch at the first call; raises `ImportError` or `OSError` where it cannot be."""
        with self._lock:
            if self._device is None:
                self._device = choose_device(self._wanted)
            return self._device

    def import_libraries(self) -> None:
        """Imports what models need, which takes several times as long as loading a small one.

        One thread at a time: in libraries whose modules import each other in a circle, two threads at once can meet
        half a module.
        """
        with self._lock:
            from transformers import CLIPTextModel, CLIPTokenizer  # noqa: F401 - it imports what is asked for

            import scumble.engine.models.diffusion  # noqa: F401


class Stock:
    """The models in some folders and those of the program itself. For one thread; each has its own."""

    def __init__(self, folders: Iterable[str], device: SharedDevice) -> None:
        self._folders = tuple(Path(folder) for folder in folders)
        self._device = device
        self._loaded: ModelLibrary | None = None

    @property
    def device(self) -> Device:
        """What to compute on."""
        return self._device.get()

    def dtype(self, model: str) -> str:
        """What that model, or a job without one, computes in."""
        native = next((info.native for info in self._library.infos() if info.id == model), 0) if model else 0
        return self.device.dtype_for(native)

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

    def load(self, model: str, check_cancelled: Callable[[], None], ladder: Ladder) -> Model:
        """The model. Raises `ScumbleError` (`model-missing`, `model-broken`) and `Cancelled`."""
        if not self._knows(model):
            self._library.rescan()
        if self._knows(model):
            self.import_libraries()
        return self._library.load(model, self.device.name, self.dtype(model), check_cancelled, ladder)

    @property
    def eraser(self) -> str:
        """The erase model that there is; empty where there is none."""
        return next(iter(self._library.erasers), "")

    def erase(self, picture: Picture, mask: Mask, check_cancelled: Callable[[], None]) -> Picture:
        """What it makes of a hole. Raises `ScumbleError` (`model-none`, `model-broken`) and `Cancelled`."""
        return self._library.erase(picture, mask, self.device.name, check_cancelled)

    def count_tokens(self, model: str, text: str) -> tuple[int, int]:
        """How many tokens the text has, and how many the model reads. Raises `ScumbleError`."""
        self.import_libraries()
        return self._library.count_tokens(model, text)

    def unload(self, *, keep: str = "") -> None:
        """Lets go of what is loaded, but for one model."""
        if self._loaded is not None:
            self._loaded.unload(keep=keep)

    def _knows(self, model: str) -> bool:
        return any(info.id == model for info in self._library.infos())

    @property
    def _library(self) -> ModelLibrary:
        from scumble.engine.models import ModelLibrary, default_folders

        if self._loaded is None:
            self._loaded = ModelLibrary((*default_folders(), *self._folders))
        return self._loaded
