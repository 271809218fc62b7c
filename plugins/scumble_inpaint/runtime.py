"""Inpainting: the selection is denoised anew, while its surroundings are held to the picture at every step."""

from __future__ import annotations

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
from scumble_inpaint.passes import Pass, in_passes

FULL_EVERY = {"best": 1, "balanced": 3, "quick": 6}
"""How many steps there are to one that runs the whole UNet."""


@hookimpl
def scumble_run_tool(tool: str, job: ToolJob, context: JobContext) -> ToolResult:
    """Runs `inpaint`: one candidate for each seed, counted up from the job's.

    The candidates are whole pictures; it is the window that puts them behind the selection. Raises `ScumbleError`
    (`mask-empty`, `mask-size`).
    """
    image, mask = _inputs(job)
    model = context.model
    prompt, negative, scheduler = job.text("prompt"), job.text("negative"), job.text("scheduler")
    seeds = range(job.integer("seed"), job.integer("seed") + job.integer("batch"))
    states = model.encode_prompt(prompt, negative, job.integer("clip_skip"))
    regions = _regions(job, model)

    def denoise(run: Pass) -> Latent:
        return model.denoise(
            states,
            size=run.size,
            seeds=run.seeds,
            steps=job.integer("steps"),
            guidance=job.number("guidance"),
            scheduler=scheduler,
            schedule=job.text("schedule"),
            rescale=job.number("rescale"),
            full_every=FULL_EVERY[job.text("speed")],
            regions=[(words, run.view(covered), min(power, run.strength)) for words, covered, power in regions],
            strength=min(job.number("strength"), run.strength),
            known=run.picture,
            mask=run.mask,
            on_step=run.on_step,
        )

    pictures = in_passes(job, context, image, mask, seeds, denoise)
    notes = {"scheduler": scheduler, "dtype": context.dtype}
    count = max(model.count_tokens(text) for text in (prompt, *(each.prompt for each in job.regions)))
    if count > model.info.tokens:
        notes["prompt-too-long"] = str(ScumbleError("prompt-too-long", count=count, limit=model.info.tokens))
    return ToolResult(tuple(Candidate(picture, seed) for picture, seed in zip(pictures, seeds, strict=True)), notes)


def _inputs(job: ToolJob) -> tuple[Picture, Mask]:
    image, mask = job.inputs["image"], job.inputs["mask"]
    if image.shape[:2] != mask.shape:
        raise ScumbleError("mask-size", mask=_sides(mask.shape), image=_sides(image.shape))
    if not mask.any():
        raise ScumbleError("mask-empty")
    return image, mask


def _sides(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} × {shape[0]}"


def _regions(job: ToolJob, model: Model) -> list[PromptedMask]:
    """The words of each region, in place of the tool's own where there are any."""
    own = job.text("prompt"), job.text("negative"), job.integer("clip_skip")
    return [
        (model.encode_prompt(each.prompt or own[0], each.negative or own[1], own[2]), each.mask, each.strength)
        for each in job.regions
    ]
