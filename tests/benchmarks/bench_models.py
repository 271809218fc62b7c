"""How much our denoising loop costs over diffusers' pipeline, and inpainting over plain generation, step for step."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

from measuring import row

ROUNDS = 10
STEPS = 10
SIZE = (128, 128)


def run() -> list[dict[str, Any]]:
    """Rows of ratios; what is compared runs in turns, so that a busy machine slows both sides alike."""
    import numpy as np

    from scumble.engine.models import ModelLibrary, default_folders

    library = ModelLibrary()
    model = library.load(library.infos()[0].id, "cpu", "float32", lambda: None)
    prompt = model.encode_prompt("a red cup on a table")
    known = model.encode(np.full((*SIZE, 3), 128, np.uint8))
    mask = np.zeros(SIZE, np.uint8)
    mask[32:96, 32:96] = 255

    def plain() -> None:
        model.denoise(prompt, size=SIZE, seeds=[1], steps=STEPS, guidance=5.0, scheduler="ddim")

    def inpaint() -> None:
        model.denoise(prompt, size=SIZE, seeds=[1], steps=STEPS, guidance=5.0, scheduler="ddim", known=known, mask=mask)

    peer = diffusers_run(str(default_folders()[0]), prompt)
    ours, theirs, masked = in_turns(plain, peer, inpaint)
    return [
        compared("models.loop_over_diffusers", ours, theirs, "diffusers, StableDiffusionPipeline"),
        compared("models.inpaint_step_over_plain", masked, ours, ""),
    ]


def diffusers_run(folder: str, prompt: Any) -> Callable[[], None]:
    """The same work by diffusers' own pipeline, with its progress bar off."""
    import torch
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = StableDiffusionPipeline.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, torch_dtype=torch.float32, safety_checker=None
        )
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)

    def call() -> None:
        pipeline(
            prompt_embeds=prompt[1:],
            negative_prompt_embeds=prompt[:1],
            width=SIZE[0],
            height=SIZE[1],
            num_inference_steps=STEPS,
            guidance_scale=5.0,
            generator=torch.Generator().manual_seed(1),
            output_type="latent",
        )

    return call


def in_turns(*works: Callable[[], None]) -> tuple[list[float], ...]:
    """Seconds of each piece of work, `ROUNDS` times in turns, after one round that is not counted."""
    times: tuple[list[float], ...] = tuple([] for _ in works)
    for turn in range(ROUNDS + 1):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            if turn:
                taken.append(time.perf_counter() - start)
    return times


def compared(name: str, ours: list[float], theirs: list[float], peer: str) -> dict[str, Any]:
    """The ratio of the best times, which other programs disturb least; p50 and p99 are ours, in ms a step."""
    steps = [each / STEPS * 1e3 for each in ours]
    return row(name, min(ours) / min(theirs), "ratio of time a step", 1.05, steps, peer)
