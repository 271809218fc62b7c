"""Small questions that must not wait for a job: which models there are, how long a prompt is, what we compute on."""

from __future__ import annotations

import importlib.metadata
import logging
import platform
import queue
import threading
from collections.abc import Callable

from scumble.api import ScumbleError
from scumble.engine.devices import Device
from scumble.engine.stock import Stock
from scumble.protocol import FrameWriter, Models, Ready, Tokens

LOG = logging.getLogger(__name__)

_VERSIONS = ("scumble", "torch", "diffusers", "transformers", "numpy", "openvino")


class Clerk:
    """Answers questions in order, on a thread of its own that ends with the process."""

    def __init__(self, stock: Stock, writer: FrameWriter) -> None:
        self._stock = stock
        self._writer = writer
        self._errands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="clerk", daemon=True).start()

    def get_ready(self, warm_up: bool) -> None:
        """Says what we compute on; with `warm_up`, imports torch and what loads the models."""
        self._errands.put(lambda: self._get_ready(warm_up))

    def list_models(self) -> None:
        """Says which models there are."""
        self._errands.put(
            lambda: self._writer.write(Models(models=self._stock.infos(), loras=self._stock.lora_suits()))
        )

    def count_tokens(self, model: str, text: str) -> None:
        """Says how many tokens a text has for a model."""
        self._errands.put(lambda: self._count_tokens(model, text))

    def _work(self) -> None:
        while True:
            errand = self._errands.get()
            try:
                errand()
            except Exception:
                LOG.exception("an errand failed")

    def _get_ready(self, warm_up: bool) -> None:
        said = Ready(device="", dtype="", reason="not looked at yet", versions=_versions())
        if warm_up:
            try:
                said = ready(self._stock.device)
            except (ImportError, OSError) as error:
                said = Ready(device="", dtype="", reason=f"torch cannot be imported: {error}", versions=_versions())
        self._writer.write(said)
        if said.device:
            self._stock.import_libraries()

    def _count_tokens(self, model: str, text: str) -> None:
        try:
            count, limit = self._stock.count_tokens(model, text)
        except ScumbleError as error:
            LOG.info("no tokens counted: %s", error)
            return
        self._writer.write(Tokens(model=model, text=text, count=count, limit=limit))


def ready(device: Device) -> Ready:
    """What we compute on, as the window is told."""
    return Ready(device=device.name, dtype=device.dtype, reason=device.reason, versions=_versions())


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _VERSIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
