"""What window and engine say to each other: one tagged union for each direction.

Pictures do not stand in a message; it names them by their position among the blobs of its frame.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from scumble.api import ModelInfo, ParamValue, Suits
from scumble.protocol.library import ModelEntry, ModelRoot

PROTOCOL_VERSION: Final = 5
"""Raised whenever a message changes its meaning; both sides must name the same."""

MAX_BLOBS: Final = 256
"""How many blobs a frame may carry."""

BlobIndex = Annotated[int, msgspec.Meta(ge=0, lt=MAX_BLOBS)]
"""The position of a picture among the blobs of the frame."""

Count = Annotated[int, msgspec.Meta(ge=0)]


class Message(msgspec.Struct, frozen=True, tag=True, kw_only=True, omit_defaults=True):
    """One message; the name of its class is its tag. Fields that this version does not know are passed over."""


class Hello(Message, frozen=True):
    """Each side's first message. A side that reads another `protocol` than its own hangs up."""

    protocol: int
    api: str
    pid: int


class Configure(Message, frozen=True):
    """The window's second message: where things lie and how to compute.

    `scratch_folder` belongs to this engine alone. `device` is one of torch's names, or empty for the best there is.
    With `warm_up` torch is imported at once, on a thread, else on first use. A `light` engine knows no models, refuses
    to import torch, and does not stand back behind the window. `cache_folder` keeps what can be made again, such as
    what is known of model files; without one they are not listed. `dtype` is one of torch's names, or empty for the
    quickest. `thrift` is how much memory to save where that costs time: nothing, `frugal` or `least`. `vaes` are the
    autoencoders that were chosen for models. With `safety` what a safety checker flags is blurred, where there is one.
    `backend` is what computes UNets: `torch`, `openvino`, or `auto`, the faster that there is. `attention` is how
    theirs is computed on a processor: `fused`, `plain`, or empty for the quicker.
    """

    scratch_folder: str
    plugin_folder: str
    model_folders: tuple[str, ...] = ()
    device: str = ""
    dtype: str = ""
    thrift: str = ""
    warm_up: bool = True
    light: bool = False
    cache_folder: str = ""
    vaes: dict[str, str] = {}
    backend: str = "auto"
    safety: bool = False
    attention: str = ""


class RegionBlob(msgspec.Struct, frozen=True, omit_defaults=True):
    """A `JobRegion` with its mask as a blob."""

    name: str
    mask: BlobIndex
    prompt: str = ""
    negative: str = ""
    strength: float = 1.0


class RunJob(Message, frozen=True):
    """A `ToolJob`, with its inputs and the masks of its regions as blobs; `standing` is what a `Standing` of this job
    held, from which it goes on."""

    job: str
    plugin: str
    tool: str
    params: dict[str, ParamValue]
    inputs: dict[str, BlobIndex] = {}
    size: tuple[Count, Count] = (0, 0)
    model: str = ""
    origin: tuple[int, int] = (0, 0)
    scale: float = 1.0
    first: tuple[Count, Count] = (0, 0)
    regions: tuple[RegionBlob, ...] = ()
    vae: str | None = None
    standing: BlobIndex | None = None


class CancelJob(Message, frozen=True):
    """Stop that job, waiting or running. Answered by `CancelledJob`, unless the job has just ended otherwise."""

    job: str


class PauseJob(Message, frozen=True):
    """Hold that job where it is, with all that it has computed, or let it go on."""

    job: str
    paused: bool


class PutJobAside(Message, frozen=True):
    """Have that job make way for others after its step. Answered by a `Standing` that is `aside`, unless the job ends
    otherwise, as one does that cannot be taken up again."""

    job: str


class CountTokens(Message, frozen=True):
    """How long is that text for that model? Answered by `Tokens`, or by nothing if the model cannot tell."""

    model: str
    text: str


class ListModels(Message, frozen=True):
    """Look through the model folders again. Answered by `Models` and `ModelFiles`."""


class UseModels(Message, frozen=True):
    """Look for models in those folders, and use those autoencoders with models from the next job on, as in
    `Configure`. Answered as `ListModels`."""

    model_folders: tuple[str, ...]
    vaes: dict[str, str] = {}


class ConvertModel(Message, frozen=True):
    """Convert that pickle file to safetensors, as data. Answered by `Converted`."""

    path: str


class Shutdown(Message, frozen=True):
    """End now; what runs is cancelled. Closing the pipe means the same."""


class Ready(Message, frozen=True):
    """The engine knows what it computes on. `reason` says why, in English, for the diagnostics.

    `device` is empty before the first use if it was told not to warm up, and if torch cannot be imported.
    """

    device: str
    dtype: str
    reason: str
    versions: dict[str, str] = {}


class Models(Message, frozen=True):
    """Every model that was found; also sent once after `Configure`. `loras` are those for which a model wants other
    settings, by their names."""

    models: tuple[ModelInfo, ...]
    loras: dict[str, Suits] = {}


class ModelFiles(Message, frozen=True):
    """Every file that holds a model or belongs to one, in parts of which the `first` and the `last` say so; again when
    more is known of them. `memory` is that of the machine, in bytes, 0 where it is not known."""

    entries: tuple[ModelEntry, ...]
    roots: tuple[ModelRoot, ...]
    memory: int = 0
    first: bool = True
    last: bool = True


class Converted(Message, frozen=True):
    """A pickle file was converted to the file `made`; or it was not, and the error says why."""

    path: str
    made: str = ""
    code: str = ""
    params: dict[str, str] = {}


class Started(Message, frozen=True):
    """The job left the engine's queue."""

    job: str


class Progress(Message, frozen=True):
    """`step` of `steps` is done. `preview` is a small picture of how it looks."""

    job: str
    step: int
    steps: int
    preview: BlobIndex | None = None


class Standing(Message, frozen=True):
    """Where a job stands after so many steps that are `done`, as bytes that `RunJob` takes. Where it is `aside` the
    engine has done with the job until then; else it is sent now and then, should the engine die."""

    job: str
    done: Count
    standing: BlobIndex
    aside: bool = False


class Metric(Message, frozen=True):
    """A figure that a tool wants plotted."""

    job: str
    name: str
    step: int
    value: float


class CandidateBlob(msgspec.Struct, frozen=True):
    """A `Candidate` with its picture as a blob."""

    image: BlobIndex
    seed: int = 0


class Finished(Message, frozen=True):
    """A job's `ToolResult`."""

    job: str
    candidates: tuple[CandidateBlob, ...]
    notes: dict[str, str] = {}


class Failed(Message, frozen=True):
    """A job ended in an error: a `ScumbleError`."""

    job: str
    code: str
    params: dict[str, str] = {}
    details: str = ""


class CancelledJob(Message, frozen=True):
    """A job ended because the window asked for it."""

    job: str


class Tokens(Message, frozen=True):
    """The answer to `CountTokens`; the model reads no more than `limit` of them."""

    model: str
    text: str
    count: int
    limit: int


class PluginFault(Message, frozen=True):
    """A plugin cannot be used; it concerns no job."""

    plugin: str
    code: str
    params: dict[str, str] = {}
    details: str = ""


class Log(Message, frozen=True):
    """A line for the log. `level` is one of the standard library's numbers."""

    level: int
    logger: str
    text: str


ToEngine = (
    Hello
    | Configure
    | RunJob
    | CancelJob
    | PauseJob
    | PutJobAside
    | CountTokens
    | ListModels
    | UseModels
    | ConvertModel
    | Shutdown
)
"""All that the window says."""

ToWindow = (
    Hello
    | Ready
    | Models
    | ModelFiles
    | Converted
    | Started
    | Progress
    | Standing
    | Metric
    | Finished
    | Failed
    | CancelledJob
    | Tokens
    | PluginFault
    | Log
)
"""All that the engine says."""
