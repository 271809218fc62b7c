"""Text to image: noise, taken step by step to a picture that fits the words."""

from __future__ import annotations

from scumble.api import (
    Candidate,
    JobContext,
    Latent,
    Model,
    PromptedMask,
    ScumbleError,
    ToolJob,
    ToolResult,
    hookimpl,
)

FULL_EVERY = {"best": 1, "balanced": 3, "quick": 6}
"""How many steps there are to one that runs the whole UNet."""


@hookimpl
def scumble_run_tool(tool: str, job: ToolJob, context: JobContext) -> ToolResult:
    """Runs `txt2img`: one candidate for each seed, counted up from the job's."""
    model = context.model
    prompt, negative, scheduler = job.text("prompt"), job.text("negative"), job.text("scheduler")
    seeds = range(job.integer("seed"), job.integer("seed") + job.integer("batch"))

    def on_step(step: int, steps: int, clean: Latent) -> None:
        context.progress(step, steps, model.preview(clean))

    latent = model.denoise(
        model.encode_prompt(prompt, negative, job.integer("clip_skip")),
        size=job.size,
        seeds=seeds,
        vary=(job.integer("vary_seed"), job.number("vary")),
        steps=job.integer("steps"),
        guidance=job.number("guidance"),
        scheduler=scheduler,
        schedule=job.text("schedule"),
        rescale=job.number("rescale"),
        full_every=FULL_EVERY[job.text("speed")],
        regions=_regions(job, model),
        on_step=on_step,
    )
    notes = {"scheduler": scheduler, "dtype": context.dtype}
    count = max(model.count_tokens(text) for text in (prompt, *(each.prompt for each in job.regions)))
    if count > model.info.tokens:
        notes["prompt-too-long"] = str(ScumbleError("prompt-too-long", count=count, limit=model.info.tokens))
    pictures = model.decode(latent)
    return ToolResult(tuple(Candidate(image, seed) for image, seed in zip(pictures, seeds, strict=True)), notes)


def _regions(job: ToolJob, model: Model) -> list[PromptedMask]:
    """The words of each region, in place of the tool's own where there are any."""
    own = job.text("prompt"), job.text("negative"), job.integer("clip_skip")
    return [
        (model.encode_prompt(each.prompt or own[0], each.negative or own[1], own[2]), each.mask, each.strength)
        for each in job.regions
    ]
