"""Runs the adjustments: one picture in, the same picture with other values out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from scumble.api import Candidate, JobContext, Picture, ScumbleError, ToolJob, ToolResult, hookimpl
from scumble_adjust.colour import colour_balance, hue_saturation
from scumble_adjust.detail import gaussian_blur, noise, unsharp_mask
from scumble_adjust.pixels import Pixels
from scumble_adjust.tone import brightness_contrast, curves, invert, levels

ADJUSTMENTS: Mapping[str, Callable[[ToolJob, Pixels], Pixels]] = {
    "adjust-levels": levels,
    "adjust-curves": curves,
    "adjust-brightness-contrast": brightness_contrast,
    "adjust-hue-saturation": hue_saturation,
    "adjust-colour-balance": colour_balance,
    "adjust-invert": invert,
    "adjust-gaussian-blur": gaussian_blur,
    "adjust-unsharp-mask": unsharp_mask,
    "adjust-noise": noise,
}
"""By the ids of the tools."""


@hookimpl
def scumble_run_tool(tool: str, job: ToolJob, context: JobContext) -> ToolResult:
    """Runs an adjustment on the one input, `image`; alpha stays, except in the blur."""
    if "image" not in job.inputs:
        raise ScumbleError("tool-needs-input", tool=tool, input="Layer")
    context.check_cancelled()
    made = ADJUSTMENTS[tool](job, job.inputs["image"])
    return ToolResult((Candidate(cast(Picture, made)),))
