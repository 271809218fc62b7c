"""All that a plugin may import of Scumble.

Errors come at once; the rest, with numpy, when it is first asked for, because the window is painted before that.
"""

import importlib
import typing

from scumble.api.errors import MESSAGES, Cancelled, ScumbleError, sentence

if typing.TYPE_CHECKING:
    from scumble.api.context import (
        AttentionHook,
        AttentionSite,
        JobContext,
        Latent,
        Model,
        ModelInfo,
        OnStep,
        PromptedMask,
        Suits,
        Tensor,
        as_picture,
    )
    from scumble.api.hooks import PROJECT, hookimpl, hookspec
    from scumble.api.jobs import BLURRED, Candidate, JobRegion, Mask, Picture, ToolJob, ToolResult
    from scumble.api.manifest import (
        API_VERSION,
        FILL_MODES,
        MAX_REACH,
        UNDERS,
        FileKind,
        Input,
        InputKind,
        Manifest,
        Menu,
        Param,
        ParamType,
        ParamValue,
        Permission,
        PluginInfo,
        ResultKind,
        Tool,
    )
    from scumble.api.tones import (
        CurvePoints,
        Levels,
        curve_at,
        curve_text,
        levels_at,
        levels_text,
        parse_curve,
        parse_levels,
    )
else:

    def __getattr__(name: str) -> object:
        if name in __all__:
            for home in ("manifest", "hooks", "tones", "jobs", "context"):
                module = importlib.import_module(f"scumble.api.{home}")
                if hasattr(module, name):
                    return globals().setdefault(name, getattr(module, name))
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "API_VERSION",
    "BLURRED",
    "FILL_MODES",
    "MAX_REACH",
    "MESSAGES",
    "PROJECT",
    "UNDERS",
    "AttentionHook",
    "AttentionSite",
    "Cancelled",
    "Candidate",
    "CurvePoints",
    "FileKind",
    "Input",
    "InputKind",
    "JobContext",
    "JobRegion",
    "Latent",
    "Levels",
    "Manifest",
    "Mask",
    "Menu",
    "Model",
    "ModelInfo",
    "OnStep",
    "Param",
    "ParamType",
    "ParamValue",
    "Permission",
    "Picture",
    "PluginInfo",
    "PromptedMask",
    "ResultKind",
    "ScumbleError",
    "Suits",
    "Tensor",
    "Tool",
    "ToolJob",
    "ToolResult",
    "as_picture",
    "curve_at",
    "curve_text",
    "hookimpl",
    "hookspec",
    "levels_at",
    "levels_text",
    "parse_curve",
    "parse_levels",
    "sentence",
]
