"""Sixteen fixed prompts with fixed seeds, nothing picked: what one looks at to see how far training has come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from training.networks import scheduler
from training.tokens import tokenise

PROMPTS: Final = (
    "snowy mountains at sunset",
    "a watercolor painting of red flowers in a blue vase",
    "pixel art of a red castle on a hill at night",
    "the sea with a boat with a white sail on a sunny day",
    "a line drawing of a house",
    "an oil painting of an autumn forest at dusk",
    "a black cat on a yellow background",
    "a red heart",
    "a meadow of yellow flowers under a blue sky",
    "a desert with a cactus at sunset",
    "a green apple on a table",
    "a city skyline at night",
    "a blue butterfly on a white background",
    "a pencil sketch of a pine forest",
    "a cherry tree with pink blossoms in the morning",
    "a blue cup of coffee",
)


STEPS, GUIDANCE, SEED = 20, 4.0, 1


@torch.inference_mode()
def sample(
    parts: dict[str, Any], prompts: Sequence[str], device: str, seed: int = SEED, steps: int = 0
) -> list[Image.Image]:
    """A picture for each prompt by DDIM; picture i has the seed `seed + i`. `steps` 0 means `STEPS`."""
    unet, text, vae = parts["unet"], parts["text_encoder"], parts["vae"]
    schedule = scheduler()
    schedule.set_timesteps(steps or STEPS)
    tokens = tokenise(parts["tokenizer"], [*prompts, *[""] * len(prompts)]).long()
    states = text(tokens.to(device))[0].float()
    shape = (unet.config.in_channels, unet.config.sample_size, unet.config.sample_size)
    noise = [torch.randn(shape, generator=torch.Generator().manual_seed(seed + i)) for i in range(len(prompts))]
    latents = torch.stack(noise).to(device)
    for time in schedule.timesteps:
        both = unet(torch.cat([latents, latents]), time, encoder_hidden_states=states, return_dict=False)[0]
        told, free = both.chunk(2)
        latents = schedule.step(free + GUIDANCE * (told - free), time, latents).prev_sample
    return [_picture(vae.decode(one[None] / vae.config.scaling_factor).sample[0]) for one in latents]


def _picture(values: Tensor) -> Image.Image:
    pixels = ((values.permute(1, 2, 0).float().cpu() + 1) * 127.5).round().clamp(0, 255).byte().numpy()
    return Image.fromarray(np.asarray(pixels))


def save_sheet(path: Path, parts: dict[str, Any], device: str, prompts: Sequence[str] = PROMPTS) -> None:
    """Writes what the model makes of some prompts."""
    parts["vae"].to(device).eval()
    labelled(sample(parts, prompts, device), prompts).save(_made(path))


def labelled(
    pictures: Sequence[Image.Image], prompts: Sequence[str], columns: int = 4, least: int = 256
) -> Image.Image:
    """Pictures in rows, each at least `least` wide, with their prompts below."""
    cell = max(pictures[0].width, least)
    row = cell + 18
    whole = Image.new("RGB", (columns * (cell + 4), -(-len(pictures) // columns) * row), "white")
    pen = ImageDraw.Draw(whole)
    for i, (picture, prompt) in enumerate(zip(pictures, prompts, strict=True)):
        x, y = i % columns * (cell + 4), i // columns * row
        whole.paste(picture.resize((cell, cell), Image.Resampling.BICUBIC), (x, y))
        pen.text((x + 2, y + cell + 3), prompt, fill="black")
    return whole


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
