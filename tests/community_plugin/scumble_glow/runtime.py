"""The glow: the picture, blurred, is screened over itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scumble.api import Candidate, JobContext, Picture, ScumbleError, ToolJob, ToolResult, as_picture, hookimpl

PASSES = 3
"""Box blurs that come near enough to a Gaussian one."""


@hookimpl
def scumble_run_tool(tool: str, job: ToolJob, context: JobContext) -> ToolResult:
    """Runs the plugin's one tool."""
    if tool != "glow":
        raise ScumbleError("tool-unknown", tool=tool, known="glow")
    light = job.inputs["image"][..., :3].astype(np.float32) / 255.0
    blurred = light
    for step in range(PASSES):
        context.progress(step, PASSES)
        blurred = box_blur(blurred, job.integer("radius"))
    context.progress(PASSES, PASSES)
    return ToolResult((Candidate(screen(light, blurred, job.number("strength"))),), {"passes": str(PASSES)})


def screen(light: NDArray[np.float32], glow: NDArray[np.float32], strength: float) -> Picture:
    """1 - (1 - a)(1 - b): never darker than the picture itself."""
    return as_picture(1.0 - (1.0 - light) * (1.0 - strength * glow))


def box_blur(values: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """The mean over a square of 2·radius + 1 pixels; the picture's edge is repeated outward."""
    for axis in (0, 1):
        pad = [(0, 0)] * values.ndim
        pad[axis] = (radius + 1, radius)
        sums = np.cumsum(np.pad(values, pad, mode="edge"), axis=axis, dtype=np.float64)
        span = 2 * radius + 1
        high = np.take(sums, range(span, sums.shape[axis]), axis=axis)
        low = np.take(sums, range(sums.shape[axis] - span), axis=axis)
        values = ((high - low) / span).astype(np.float32)
    return values
