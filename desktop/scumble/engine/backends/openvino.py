"""The UNet on OpenVINO, an optional library that computes a full step faster than torch on a processor.

What is converted is the loaded network itself, once, with batch, size and length of the text left open; the compiled
model is kept beside the converted weights. Nothing of a LoRA, of an attention hook or of cached steps is in it.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import io
import logging
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from scumble.api import ScumbleError
from scumble.engine.devices import LARGE
from scumble.engine.models.weights import WeightCache
from scumble.engine.sampling.interrupt import interruptible

LOG = logging.getLogger(__name__)

DEVICE: Final = "CPU"

POLL_MS: Final = 20
"""How often a running step asks whether it is wanted any more."""

FILE: Final = "unet.blob"

Mapped: TypeAlias = "NDArray[np.uint8] | None"
"""The file that a compiled model reads its weights from, to be kept as long as the model."""

PRECISIONS: Final = {torch.float32: "f32", torch.bfloat16: "bf16"}
"""What each type of weights is computed in."""


def version() -> str:
    """Which OpenVINO is installed; empty where none is. Does not import it."""
    if importlib.util.find_spec("openvino") is None:
        return ""
    try:
        return importlib.metadata.version("openvino")
    except importlib.metadata.PackageNotFoundError:
        return ""


def suits(backend: str, device: str, native: int, dtype: str) -> bool:
    """Whether a model trained at `native` pixels is to be computed with it: as `backend` says; where that is `auto`, a
    large one in float32, since torch is as quick in bfloat16. On processors alone, and only where it is installed."""
    wanted = backend == "openvino" or (backend == "auto" and native >= LARGE and dtype == "float32")
    return wanted and device == "cpu" and bool(version())


class Accelerator:
    """OpenVINO's copy of one loaded UNet, made when it is first wanted. For one thread.

    `key` names the weights, such as by their hash; with a `cache`, the next process finds the compiled model there.
    """

    def __init__(self, unet: Any, key: str = "", cache: WeightCache | None = None) -> None:
        self._unet = unet
        self._key = f"{key}-openvino-{version()}" if key else ""
        self._cache = cache
        self._making: Future[tuple[Any, Mapped]] | None = None
        self._steps: Steps | None = None
        self._mapped: Mapped = None
        self.fault = ""
        """Why it cannot be made, once that has turned out."""

    @property
    def size(self) -> int:
        """Bytes of it, as soon as it is there."""
        if self._steps is None:
            return 0
        return sum(value.nbytes for value in self._unet.state_dict().values())

    def takes(self, height: int, width: int) -> bool:
        """Whether a latent of that size halves evenly on each level; for others the network has another way up."""
        step: int = 2 ** (len(self._unet.config.block_out_channels) - 1)
        return not height % step and not width % step

    def get(self, check_cancelled: Callable[[], None]) -> CompiledUNet | None:
        """The network for one run; None, with `fault` set, where OpenVINO cannot take it.

        It takes some seconds the first time. Cancelled, it goes on being made for the next run.
        """
        if self._steps is None and not self.fault:
            self._make(check_cancelled)
        return None if self._steps is None else CompiledUNet(self._unet, self._steps, check_cancelled)

    def _make(self, check_cancelled: Callable[[], None], *, anew: bool = False) -> None:
        try:
            compiled, self._mapped = self._finished(check_cancelled)
            self._steps = Steps(compiled)
            return
        except ScumbleError:
            raise
        except Exception as error:  # of many kinds, as the library's own are plain ones
            self._making = None
            LOG.warning("OpenVINO: %s", error)
        if not anew and self._cache is not None and self._cache.drop(self._key):
            self._make(check_cancelled, anew=True)
        else:
            self.fault = "OpenVINO cannot take this model"

    def _finished(self, check_cancelled: Callable[[], None]) -> tuple[Any, Mapped]:
        if self._making is None:
            self._making = self._begin(check_cancelled)
        while not self._making.done():
            check_cancelled()
            with contextlib.suppress(TimeoutError):
                self._making.result(POLL_MS / 1000)
        return self._making.result()

    def _begin(self, check_cancelled: Callable[[], None]) -> Future[tuple[Any, Mapped]]:
        """Starts what needs nobody's networks; what does, tracing, is done before."""
        kept = self._cache.find(self._key) if self._cache is not None and self._key else None
        precision = PRECISIONS[self._unet.dtype]
        traced = _traced(self._unet, check_cancelled) if kept is None else None
        pool = ThreadPoolExecutor(1, "openvino")
        try:
            if kept is not None:
                return pool.submit(_restored, kept / FILE)
            return pool.submit(_compiled, traced, precision, self._keep)
        finally:
            pool.shutdown(wait=False)  # the one thread ends with its work

    def _keep(self, compiled: Any) -> None:
        if self._cache is None or not self._key:
            return
        blob = io.BytesIO()
        compiled.export_model(blob)

        def write(folder: Path) -> None:
            (folder / FILE).write_bytes(blob.getbuffer())

        self._cache.keep(self._key, blob.getbuffer().nbytes, write)


class Steps:
    """Runs a compiled model, one step at a time.

    A step that nobody waits for any more runs to its end, and the next one waits for that: aborted in the middle, a
    model of open sizes is left with some of its layers at the old size.
    """

    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()
        self._given: Sequence[NDArray[np.float32]] = ()

    def run(self, given: Sequence[NDArray[np.float32]], check_cancelled: Callable[[], None]) -> NDArray[np.float32]:
        """The output for these inputs. Raises what `check_cancelled` raises."""
        self._settle(check_cancelled)
        for index, array in enumerate(given):
            self._request.set_input_tensor(index, _openvino().Tensor(array, shared_memory=True))
        self._given = given
        self._request.start_async()
        self._settle(check_cancelled)
        return np.array(self._request.get_output_tensor(0).data)

    def _settle(self, check_cancelled: Callable[[], None]) -> None:
        while self._given:
            try:
                done = self._request.wait_for(POLL_MS)
            except RuntimeError:
                self._given = ()
                raise
            if done:
                self._given = ()
            else:
                check_cancelled()


class CompiledUNet:
    """Called as diffusers' UNet is; `check_cancelled` may stop the waiting in the middle of a step."""

    def __init__(self, unet: Any, steps: Steps, check_cancelled: Callable[[], None]) -> None:
        self.config = unet.config
        self._steps = steps
        self._check = check_cancelled

    def __call__(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        *,
        encoder_hidden_states: torch.Tensor,
        added_cond_kwargs: Mapping[str, torch.Tensor] | None = None,
        return_dict: bool = False,
    ) -> tuple[torch.Tensor]:
        """The prediction, float32, as the first of a tuple. Raises what `check_cancelled` raises."""
        added = added_cond_kwargs or {}
        given = (sample, timestep.reshape(1), encoder_hidden_states, *(added[name] for name in ADDED if name in added))
        arrays = [np.array(tensor.float().numpy(), order="C") for tensor in given]
        return (torch.from_numpy(self._steps.run(arrays, self._check)),)


ADDED: Final = ("text_embeds", "time_ids")
"""What SDXL reads besides, in the order of the inputs."""


class _Plain(torch.nn.Module):
    """A UNet with tensors alone for inputs, all of float32."""

    def __init__(self, unet: Any) -> None:
        super().__init__()
        self.unet = unet

    def forward(
        self, sample: torch.Tensor, timestep: torch.Tensor, states: torch.Tensor, *added: torch.Tensor
    ) -> torch.Tensor:
        """The prediction, float32."""
        kind = self.unet.dtype
        more = {"added_cond_kwargs": dict(zip(ADDED, (each.to(kind) for each in added), strict=True))} if added else {}
        out: torch.Tensor = self.unet(
            sample.to(kind), timestep, encoder_hidden_states=states.to(kind), return_dict=False, **more
        )[0]
        return out.float()


def _openvino() -> Any:
    # its own telemetry sends a line at each import, and takes it for consent that nobody was asked
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as documented: not to be imported
    import openvino

    return openvino


@torch.no_grad()
def _traced(unet: Any, check_cancelled: Callable[[], None]) -> Any:
    """A TorchScript graph of a UNet, by way of one small step."""
    config = unet.config
    side = 2 ** len(config.block_out_channels)
    width = config.cross_attention_dim
    given = [torch.zeros(2, config.in_channels, side, side), torch.ones(1), torch.zeros(2, 77, width)]
    if config.addition_embed_type == "text_time":
        rest = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim
        given += [torch.zeros(2, rest), torch.zeros(2, 6)]
    with interruptible(unet, check_cancelled), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on values that are fixed in the graph: `takes` sees to those
        return torch.jit.trace(_Plain(unet), tuple(given), check_trace=False)  # type: ignore[no-untyped-call]


def _compiled(traced: Any, precision: str, keep: Callable[[Any], None]) -> tuple[Any, Mapped]:
    openvino = _openvino()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    frontend = FrontEndManager().load_by_framework("pytorch")
    # shared, weights that lie channels last would be freed before they are compiled
    decoder = TorchScriptPythonDecoder(traced, shared_memory=False)
    model = frontend.convert(frontend.load(decoder))
    for given in model.inputs:
        shape = given.get_partial_shape()
        open_sides = (0, 2, 3) if len(shape) == 4 else (0, 1) if len(shape) == 3 else ()
        fixed = [-1 if side in open_sides else _traced_side(shape, side) for side in range(len(shape))]
        given.get_node().set_partial_shape(openvino.PartialShape(fixed))
    model.validate_nodes_and_infer_types()
    compiled = openvino.Core().compile_model(model, DEVICE, _settings(precision))
    keep(compiled)
    return compiled, None


def _restored(path: Path) -> tuple[Any, Mapped]:
    openvino = _openvino()
    mapped = np.memmap(path, np.uint8, "c")
    return openvino.Core().import_model(openvino.Tensor(mapped, shared_memory=True), DEVICE), mapped


def _traced_side(shape: Any, side: int) -> int:
    return int(shape[side].get_length()) if shape[side].is_static else -1


def _settings(precision: str) -> dict[str, Any]:
    return {
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
    }
