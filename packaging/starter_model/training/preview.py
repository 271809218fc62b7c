"""The stage `preview`: a small decoder for the pictures that are shown while a model works.

Its layout is that of TAESD's (Bohan, Tiny AutoEncoder for Stable Diffusion), which every program knows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from diffusers.models.autoencoders.vae import DecoderTiny
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from training.data import chunks, load_pictures, seeds
from training.latents import to_tensor
from training.loop import Run, moved
from training.networks import FACTOR, LATENT_CHANNELS
from training.options import Options
from training.vae import psnr, slope_loss

STAGES: Final = 3
"""One convolution's reach at each size from a latent cell to a pixel: a quarter of the side, a half, the whole."""
WIDTH: Final = 32
CROP: Final = 16
"""Latent cells that a part of a picture has along its side."""
QUICK: Final = "preview/decoder.safetensors"
"""Where the program looks for it in a model's folder."""


def quick_decoder(width: int = WIDTH) -> DecoderTiny:
    """From latents as the UNet has them, `(batch, 4, h, w)`, to pictures, −1…1; 0.1 M parameters."""
    return DecoderTiny(LATENT_CHANNELS, 3, (1,) * STAGES, (width,) * STAGES, 2, "relu", "nearest")


def train_preview(options: Options, latents: Tensor, held_out: Tensor, decoder: DecoderTiny) -> Run:
    """Trains on `latents` of the pictures of `options`; `held_out` are those of the held-out ones."""
    torch.manual_seed(options.seed)
    decoder.to(options.device, memory_format=torch.channels_last).train()
    run = Run("preview", {"preview": decoder}, options)
    run.restore()
    blocks = list(chunks(seeds(options, held_out=False)))
    truth = load_pictures(options, next(chunks(seeds(options, held_out=True))))[:64]
    cells = min(CROP, latents.shape[-1])
    while not run.done:
        generator = run.generator()
        block = blocks[int(torch.randint(len(blocks), (1,), generator=generator))]
        rows = torch.randint(len(block), (options.batch,), generator=generator)
        y, x = torch.randint(latents.shape[-1] - cells + 1, (2,), generator=generator).tolist()
        some = latents[rows + block.start, :, y : y + cells, x : x + cells].float()
        y, x, side = y * FACTOR, x * FACTOR, cells * FACTOR
        wanted = to_tensor(load_pictures(options, block)[rows.numpy(), y : y + side, x : x + side])
        wanted = moved(wanted, options.device)
        with torch.autocast(torch.device(options.device).type, dtype=torch.bfloat16):
            made: Tensor = decoder(moved(some.contiguous(memory_format=torch.channels_last), options.device)).float()
        run.update(functional.l1_loss(made, wanted) + 0.5 * slope_loss(made, wanted), options.batch)
        if run.samples % options.validate_every < options.batch:
            with run.averaged():
                run.log(psnr=_psnr(decoder, held_out[: len(truth)], to_tensor(truth), options.device))
        run.save_if_due()
    run.save()
    return run


def save_quick(decoder: DecoderTiny, folder: Path) -> None:
    """Writes it in half precision into a model's folder."""
    (folder / QUICK).parent.mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().cpu().half().contiguous() for name, value in decoder.state_dict().items()}
    save_file(weights, folder / QUICK)


@torch.no_grad()
def _psnr(decoder: DecoderTiny, latents: Tensor, pictures: Tensor, device: str) -> float:
    return psnr(decoder(latents.float().to(device)).cpu(), pictures)
