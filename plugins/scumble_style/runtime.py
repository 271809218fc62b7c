"""Style transfer without training (Chung, Hyun and Heo, Style Injection in Diffusion, CVPR 2024).

Both pictures are inverted to noise. Then the content's noise is denoised again, while the self-attention of the
UNet's upward half keeps the content's queries and takes keys and values from the style picture. Lines that the latent
is too coarse for come back from the content itself.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

from scumble.api import (
    AttentionSite,
    Candidate,
    JobContext,
    Latent,
    Model,
    Picture,
    ScumbleError,
    Tensor,
    ToolJob,
    ToolResult,
    hookimpl,
)
from scumble_style.lines import redrawn

QUERY_SHARE = (0.9, 0.3)
"""Share of the content's own queries at style strength 0 and at 1; γ in the paper."""

WINDOW = 2
"""Half the window in which lines come back, in cells of the latent: as far as an edge can have wavered."""


class Features:
    """Queries of the content and keys and values of the style, by layer and step.

    As a hook of the inversion of both (a batch of two, content first) it keeps them, in the compute dtype.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int], tuple[Tensor, Tensor, Tensor]] = {}

    def __call__(
        self, site: AttentionSite, step: int, query: Tensor, key: Tensor, value: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Changes nothing."""
        if site.part == "up" and not site.cross:
            self.kept[site.index, step] = (query[:1].clone(), key[1:].clone(), value[1:].clone())
        return query, key, value


class Injection:
    """The hook of the denoising: mixes the kept features in.

    Attention layers before the share `untouched` of the upward half are left alone: they decide what is where.
    """

    def __init__(self, features: Features, share: float, temperature: float, untouched: float) -> None:
        self._kept = features.kept
        layers = 1 + max((index for index, _ in self._kept), default=0)
        self._first = min(int(layers * untouched), layers - 1)
        self._share = share
        self._temperature = temperature

    def __call__(
        self, site: AttentionSite, step: int, query: Tensor, key: Tensor, value: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """`temperature` scales the logits, by way of the query."""
        found = self._kept.get((site.index, step))
        if site.part != "up" or site.cross or site.index < self._first or found is None:
            return query, key, value
        content, style_key, style_value = found
        mixed = self._share * content + (1.0 - self._share) * query
        return self._temperature * mixed, style_key, style_value


@hookimpl
def scumble_run_tool(tool: str, job: ToolJob, context: JobContext) -> ToolResult:
    """Runs `style`: one candidate; nothing in it is left to chance. Raises `ScumbleError` (`tool-needs-input`)."""
    for name in ("content", "style"):
        if name not in job.inputs:
            raise ScumbleError("tool-needs-input", tool="Style transfer", input=name)
    model, steps = context.model, job.integer("steps")
    content, style = job.inputs["content"], cover(job.inputs["style"], job.size)
    prompt = model.encode_prompt("")
    features, noise = _invert(model, [content, style], prompt, steps, context)
    start = match_statistics(noise[:1], noise[1:], job.number("colour"))
    least, most = QUERY_SHARE
    share = least + (most - least) * job.number("strength")

    def on_step(step: int, count: int, clean: Latent) -> None:
        context.progress(count + step, 2 * count, model.preview(clean))

    latent = model.denoise(
        prompt,
        size=job.size,
        seeds=[0],
        steps=steps,
        guidance=1.0,
        scheduler="ddim",
        start=start,
        attention_hook=Injection(features, share, job.number("temperature"), job.number("untouched")),
        on_step=on_step,
    )
    painted = redrawn(
        model.decode(latent)[0], cover(content, job.size), job.number("lines"), WINDOW * model.info.factor
    )
    return ToolResult((Candidate(painted),), {"scheduler": "ddim", "dtype": context.dtype})


def cover(picture: Picture, size: tuple[int, int]) -> Picture:
    """The middle of a picture, scaled to fill `size` (width, height); RGB, with white behind what is transparent."""
    image = Image.fromarray(picture)
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return np.ascontiguousarray(ImageOps.fit(image, size, Image.Resampling.LANCZOS))


def match_statistics(content: Latent, style: Latent, amount: float) -> Latent:
    """Gives `content` the mean and deviation of `style` in each channel (AdaIN, Huang and Belongie), by `amount`."""
    over = (2, 3)
    plain = (content - content.mean(over, keepdim=True)) / content.std(over, keepdim=True)
    moved = plain * style.std(over, keepdim=True) + style.mean(over, keepdim=True)
    return content + amount * (moved - content)


def _invert(
    model: Model, pictures: list[Picture], prompt: Tensor, steps: int, context: JobContext
) -> tuple[Features, Latent]:
    """The features of both pictures, and the noise that each comes from, as a batch."""
    import torch

    features = Features()
    reached = set()

    def keep(
        site: AttentionSite, step: int, query: Tensor, key: Tensor, value: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        if step not in reached:
            reached.add(step)
            context.progress(len(reached), 2 * steps)
        return features(site, step, query, key, value)

    both = torch.cat([model.encode(picture) for picture in pictures])
    return features, model.invert(both, prompt, steps=steps, attention_hook=keep)
