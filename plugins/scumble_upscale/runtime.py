"""Upscaling: by a small network that is part of this plugin, or by Lanczos resampling."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import numpy as np
from PIL import Image

from scumble.api import Candidate, JobContext, Picture, ScumbleError, ToolJob, ToolResult, hookimpl
from scumble_upscale.network import TILE, Compact, enlarge, load_network

WEIGHTS = Path(str(importlib.resources.files("scumble_upscale"))) / "weights" / "x2.safetensors"


@hookimpl
def scumble_run_tool(tool: str, job: ToolJob, context: JobContext) -> ToolResult:
    """Runs `upscale`: one candidate, `factor` times as large, with alpha if the input has it."""
    if "image" not in job.inputs:
        raise ScumbleError("tool-needs-input", tool="Upscale", input="Picture")
    picture, factor, method = job.inputs["image"], int(job.text("factor")), job.text("method")
    if method == "lanczos":
        context.check_cancelled()
        large = lanczos(picture, factor)
        context.progress(1, 1)
    else:
        large = by_network(picture, factor, load_network(WEIGHTS, context.device), context)
    return ToolResult((Candidate(large),), {"method": method})


def lanczos(picture: Picture, factor: int) -> Picture:
    """`(h, w, 3|4)` → `(h·factor, w·factor, 3|4)`; colours are weighted by their alpha."""
    image = Image.fromarray(picture)
    size = (image.width * factor, image.height * factor)
    return np.ascontiguousarray(image.resize(size, Image.Resampling.LANCZOS))


def by_network(picture: Picture, factor: int, network: Compact, context: JobContext) -> Picture:
    """The same by the network, once for each doubling; alpha by Lanczos."""
    passes = factor.bit_length() - 1
    height, width = picture.shape[:2]
    counts = [-(-(height << index) // TILE) * -(-(width << index) // TILE) for index in range(passes)]
    large: Picture = np.ascontiguousarray(picture[..., :3])
    for index in range(passes):
        before = sum(counts[:index])

        def on_tile(done: int, _: int, before: int = before) -> None:
            context.progress(before + done, sum(counts))

        context.check_cancelled()
        large = enlarge(network, large, on_tile)
    if picture.shape[2] == 3:
        return large
    alpha = np.asarray(
        Image.fromarray(np.ascontiguousarray(picture[..., 3])).resize(
            (width * factor, height * factor), Image.Resampling.LANCZOS
        )
    )
    return np.dstack([large, alpha])
