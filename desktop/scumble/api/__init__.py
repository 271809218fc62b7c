"""All that a plugin may import of Scumble."""

from scumble.api.context import (
    AttentionHook,
    AttentionSite,
    JobContext,
    Latent,
    Model,
    ModelInfo,
    OnStep,
    Tensor,
    as_picture,
)
from scumble.api.errors import MESSAGES, Cancelled, ScumbleError, sentence
from scumble.api.hooks import PROJECT, hookimpl, hookspec
from scumble.api.jobs import Candidate, Mask, Picture, ToolJob, ToolResult
from scumble.api.manifest import (
    API_VERSION,
    Input,
    InputKind,
    Manifest,
    Param,
    ParamType,
    ParamValue,
    Permission,
    PluginInfo,
    ResultKind,
    Tool,
)

__all__ = [
    "API_VERSION",
    "MESSAGES",
    "PROJECT",
    "AttentionHook",
    "AttentionSite",
    "Cancelled",
    "Candidate",
    "Input",
    "InputKind",
    "JobContext",
    "Latent",
    "Manifest",
    "Mask",
    "Model",
    "ModelInfo",
    "OnStep",
    "Param",
    "ParamType",
    "ParamValue",
    "Permission",
    "Picture",
    "PluginInfo",
    "ResultKind",
    "ScumbleError",
    "Tensor",
    "Tool",
    "ToolJob",
    "ToolResult",
    "as_picture",
    "hookimpl",
    "hookspec",
    "sentence",
]
