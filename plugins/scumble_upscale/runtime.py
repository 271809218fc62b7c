"""Upscaling: by a small network that is part of this plugin, by one of a person's own, or by Lanczos resampling."""

from __future__ import annotations

import importlib.resources
import math
from pathlib import Path

import numpy as np
from PIL import Image

from scumble.api import Candidate, JobContext, Picture, ScumbleError, ToolJob, ToolResult, hookimpl
from scumble_upscale.network import Network, count_tiles, enlarge, load_network

WEIGHTS = Path(str(importlib.resources.files("scumble_upscale"))) / "weights" / "x2.safetensors"


@hookimpl
def scumble_run_tool(tool: str, job: ToolJob, context: JobContext) -> ToolResult:
    """Runs `upscale`: one candidate, `factor` times as large, with alpha if the input has it."""
    if "image" not in job.inputs:
        raise ScumbleError("tool-needs-input", tool="Upscale", input="Picture")
    picture, factor, method = job.inputs["image"], int(job.text("factor")), job.text("method")
    if method == "lanczos":
        context.check_cancelled()
        large = resampled(picture, picture.shape[1] * factor, picture.shape[0] * factor)
        context.progress(1, 1)
        return ToolResult((Candidate(large),), {"method": method})
    name = job.text("network")
    path = context.find_file("upscaler", name) if name else WEIGHTS
    network = load_network(path, context.device, context.check_cancelled)
    large = by_network(picture, factor, network, context)
    return ToolResult((Candidate(large),), {"method": method, "network": name} if name else {"method": method})


def resampled(picture: Picture, width: int, height: int) -> Picture:
    """By Lanczos, with or without alpha; colours are weighted by it."""
    return np.ascontiguousarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def by_network(picture: Picture, factor: int, network: Network, context: JobContext) -> Picture:
    """`(h, w, 3|4)` → `(h·factor, w·factor, 3|4)`, by as many passes as the network takes to come that far.

    What it makes larger than that, and alpha, is brought to the size by Lanczos.
    """
    height, width = picture.shape[:2]
    scale = network.scale
    passes = max(1, math.ceil(math.log(factor, scale) - 1e-9)) if scale > 1 else 1
    counts = [count_tiles(width * scale**index, height * scale**index, network.tile) for index in range(passes)]
    large: Picture = np.ascontiguousarray(picture[..., :3])
    for index in range(passes):
        before = sum(counts[:index])

        def on_tile(done: int, _: int, before: int = before) -> None:
            context.progress(before + done, sum(counts))

        context.check_cancelled()
        large = enlarge(network, large, on_tile)
    size = width * factor, height * factor
    if large.shape[:2] != size[::-1]:
        large = resampled(large, *size)
    if picture.shape[2] == 3:
        return large
    return np.dstack([large, resampled(np.ascontiguousarray(picture[..., 3]), *size)])
