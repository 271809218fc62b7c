"""The stage `vae`: the autoencoder, on crops of the drawn pictures.

Latent channels 0…2 are softly tied to the pooled lightness and opponent colours: without that a channel may die, and
one axis of colour with it; with it a linear map from latent to RGB is nearly exact.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn import functional

from training.data import chunks, load_pictures, seeds
from training.latents import to_tensor
from training.loop import Run, moved
from training.options import Options

CROP: Final = 64
KL: Final = 1e-4
ANCHOR: Final = 0.3
SPREAD: Final = 3.0
"""The deviation towards which the tied channels go, so that the divergence costs little."""


def opponent_colours(pictures: Tensor, factor: int) -> Tensor:
    """Lightness, red–green and yellow–blue, pooled: `(batch, 3, h / factor, w / factor)`, each about −1…1."""
    red, green, blue = pictures.unbind(1)
    axes = torch.stack([(red + green + blue) / 3, (red - green) / 2 * 1.5, (red + green) / 2 - blue], dim=1)
    return functional.avg_pool2d(axes, factor)


def slope_loss(made: Tensor, wanted: Tensor) -> Tensor:
    """How far the steps from pixel to pixel lie apart, along both axes."""
    return torch.stack([functional.l1_loss(made.diff(dim=axis), wanted.diff(dim=axis)) for axis in (2, 3)]).sum()


def psnr(made: Tensor, wanted: Tensor) -> float:
    """In dB, of pictures −1…1."""
    return float(10 * torch.log10(4 / functional.mse_loss(made.clamp(-1, 1), wanted)))


def loss_of(vae: AutoencoderKL, crops: Tensor, generator: torch.Generator) -> Tensor:
    """L1, squares, slopes, colour means, the tie of channels, and the divergence from a normal distribution."""
    posterior = vae.encode(crops).latent_dist
    noise = torch.randn(posterior.mean.shape, generator=generator)
    again: Tensor = vae.decode(posterior.mean + posterior.std * moved(noise, str(crops.device))).sample
    pooled = functional.mse_loss(functional.avg_pool2d(again, 8), functional.avg_pool2d(crops, 8))
    factor = crops.shape[-1] // posterior.mean.shape[-1]
    tie = functional.mse_loss(posterior.mean[:, :3], SPREAD * opponent_colours(crops, factor))
    divergence = posterior.kl().mean() / posterior.mean[0].numel()
    main = functional.l1_loss(again, crops) + 0.5 * functional.mse_loss(again, crops) + 0.5 * slope_loss(again, crops)
    total: Tensor = main + 4 * pooled + ANCHOR * tie + KL * divergence
    return total


def _crops(pictures: np.ndarray, count: int, generator: torch.Generator, side: int) -> Tensor:
    rows = torch.randint(len(pictures), (count,), generator=generator).tolist()
    places = torch.randint(pictures.shape[1] - side + 1, (count, 2), generator=generator).tolist()
    return to_tensor(
        np.stack([pictures[i, y : y + side, x : x + side] for i, (y, x) in zip(rows, places, strict=True)])
    )


@torch.no_grad()
def measure(vae: AutoencoderKL, pictures: Tensor) -> dict[str, float]:
    """PSNR in dB, and the least and greatest deviation of a latent channel: a dead one shows here."""
    means = vae.encode(pictures).latent_dist.mean
    spread = means.std(dim=(0, 2, 3))
    return {
        "psnr": psnr(vae.decode(means).sample, pictures),
        "least": float(spread.min()),
        "greatest": float(spread.max()),
    }


def train_vae(options: Options, vae: AutoencoderKL) -> Run:
    """Trains, then sets the scaling factor to one over the latents' deviation."""
    torch.manual_seed(options.seed)
    vae.to(options.device, memory_format=torch.channels_last).train()
    run = Run("vae", {"vae": vae}, options)
    run.restore()
    blocks = list(chunks(seeds(options, held_out=False)))
    truth = to_tensor(load_pictures(options, next(chunks(seeds(options, held_out=True))))[:32]).to(options.device)
    crop = min(CROP, options.side)
    while not run.done:
        generator = run.generator()
        block = blocks[int(torch.randint(len(blocks), (1,), generator=generator))]
        batch = _crops(load_pictures(options, block), options.batch, generator, crop)
        batch = moved(batch.contiguous(memory_format=torch.channels_last), options.device)
        loss = loss_of(vae, batch, generator)
        run.update(loss, options.batch)
        if run.samples % options.validate_every < options.batch:
            with run.averaged():
                run.log(loss=loss.item(), **measure(vae, truth))
        run.save_if_due()
    run.save()
    with run.averaged(), torch.no_grad():
        vae.register_to_config(scaling_factor=round(1 / float(vae.encode(truth).latent_dist.mean.std()), 4))
    return run
