"""Inpainting: the selection is denoised anew, while its surroundings are held to the picture at every step; or healed,
without a model."""

from __future__ import annotations

from typing import Final

import numpy as np

from scumble.api import (
    Candidate,
    JobContext,
    Latent,
    Mask,
    Model,
    Picture,
    PromptedMask,
    ScumbleError,
    ToolJob,
    ToolResult,
    hookimpl,
)
from scumble_inpaint.heal import healed
from scumble_inpaint.passes import SEEDS, Denoise, Pass, in_passes
from scumble_inpaint.smaller import within_memory
from scumble_inpaint.under import erases, laid_under

FULL_EVERY: Final = {"best": 1, "balanced": 3, "quick": 6}
"""How many steps there are to one that runs the whole UNet."""

ALL_BUT_WHOLE: Final = 0.999
"""The strength that stands for 1: every step is taken, from noise with what little the first level has of what lies
under the mask, so that its light and colours are felt."""


@hookimpl
def scumble_run_tool(tool: str, job: ToolJob, context: JobContext) -> ToolResult:
    """Runs `inpaint`: one candidate for each seed, counted up from the job's; or `heal`: one candidate.

    The candidates are whole pictures; it is the window that puts them behind the selection. Raises `ScumbleError`
    (`mask-empty`, `mask-size`).
    """
    image, mask = _inputs(job)
    return _heal(image, mask, job, context) if tool == "heal" else _fill(image, mask, job, context)


def _heal(image: Picture, mask: Mask, job: ToolJob, context: JobContext) -> ToolResult:
    seed = job.integer("seed")
    return ToolResult((Candidate(healed(image, mask, context.rng(seed), context.progress), seed),))


def _fill(image: Picture, mask: Mask, job: ToolJob, context: JobContext) -> ToolResult:
    model = context.model
    seeds = range(job.integer("seed"), job.integer("seed") + job.integer("batch"))
    states = model.encode_prompt(job.text("prompt"), job.text("negative"), job.integer("clip_skip"))
    regions = _regions(job, model)

    def denoise(run: Pass) -> Latent:
        known, strength = _begin(run, job, context)
        return model.denoise(
            states,
            size=run.size,
            seeds=run.seeds,
            vary=((job.integer("vary_seed") + run.shift) % SEEDS, job.number("vary")),
            steps=job.integer("steps"),
            guidance=job.number("guidance"),
            scheduler=job.text("scheduler"),
            schedule=job.text("schedule"),
            rescale=job.number("rescale"),
            full_every=FULL_EVERY[job.text("speed")],
            regions=[(words, run.cut(covered), min(power, strength)) for words, covered, power in regions],
            strength=min(job.number("strength"), strength),
            known=known,
            mask=run.mask,
            on_step=run.on_step,
        )

    def fill(job: ToolJob, image: Picture, mask: Mask, denoise: Denoise) -> list[Picture]:
        return in_passes(job, context, image, mask, seeds, denoise)

    pictures, size = within_memory(job, image, mask, denoise, fill)
    made = tuple(Candidate(picture, seed) for picture, seed in zip(pictures, seeds, strict=True))
    return ToolResult(made, _notes(job, context, size))


def _begin(run: Pass, job: ToolJob, context: JobContext) -> tuple[Picture, float]:
    """What a run begins with, filled under the mask as the job wants it unless another pass has; and its strength."""
    if not run.begins or (job.text("under") == "noise" and run.strength >= 1.0):
        return run.picture, run.strength  # at full strength it begins with noise by itself
    anew = _anew(run, job)
    if not anew.any():
        return run.picture, run.strength
    known = laid_under(run.picture, anew, job, context)
    return known, run.strength if known is run.picture else min(run.strength, ALL_BUT_WHOLE)


def _anew(run: Pass, job: ToolJob) -> Mask:
    """The mask without the regions that are to keep some of what is there."""
    mask = run.mask.copy()
    for region in job.regions:
        if region.strength < 1.0:
            mask[run.cut(region.mask) > 127] = 0
    return mask


def _notes(job: ToolJob, context: JobContext, size: tuple[int, int]) -> dict[str, str]:
    model, prompt = context.model, job.text("prompt")
    notes = {"scheduler": job.text("scheduler"), "dtype": context.dtype}
    if size != job.size:
        notes["memory"] = f"worked at {size[0]} × {size[1]} pixels instead of {job.size[0]} × {job.size[1]}"
    if erases(job, context):
        notes["eraser"] = context.eraser
    count = max(model.count_tokens(text) for text in (prompt, *(each.prompt for each in job.regions)))
    if count > model.info.tokens:
        notes["prompt-too-long"] = str(ScumbleError("prompt-too-long", count=count, limit=model.info.tokens))
    return notes


def _inputs(job: ToolJob) -> tuple[Picture, Mask]:
    image, mask = job.inputs["image"], job.inputs["mask"]
    if image.shape[:2] != mask.shape:
        raise ScumbleError("mask-size", mask=_sides(mask.shape), image=_sides(image.shape))
    if not mask.any():
        raise ScumbleError("mask-empty")
    return np.ascontiguousarray(image[..., :3]), mask


def _sides(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} × {shape[0]}"


def _regions(job: ToolJob, model: Model) -> list[PromptedMask]:
    """The words of each region, in place of the tool's own where there are any."""
    own = job.text("prompt"), job.text("negative"), job.integer("clip_skip")
    return [
        (model.encode_prompt(each.prompt or own[0], each.negative or own[1], own[2]), each.mask, each.strength)
        for each in job.regions
    ]
