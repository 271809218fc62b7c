"""A quick look at a latent: one small matrix from latent channels to red, green and blue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch

from scumble.api import Picture, as_picture
from scumble.engine.sampling.interrupt import interruptible

CELLS: Final = 24
"""Side, in cells, of the latents that the matrix is fitted on."""

SAMPLES: Final = 6
"""How many such latents."""


@torch.no_grad()
def fit_matrix(vae: Any, channels: int, factor: int, check_cancelled: Callable[[], None]) -> torch.Tensor:
    """Least squares from a cell's values and 1 to the mean colour, −1…1, of the pixels it decodes to.

    The latents are random patches of several sizes, as pictures are made of areas rather than of noise. Returns
    (channels + 1, 3) float32 on the CPU. `vae` takes latents that are divided by its scaling factor.
    """
    generator = torch.Generator("cpu").manual_seed(0)
    inputs, outputs = [], []
    with interruptible(vae, check_cancelled):
        for index in range(SAMPLES):
            patch = (2, 3, 6)[index % 3]
            coarse = torch.randn((1, channels, CELLS // patch, CELLS // patch), generator=generator)
            latent = coarse.repeat_interleave(patch, 2).repeat_interleave(patch, 3)
            scaled = (latent / vae.config.scaling_factor + (vae.config.shift_factor or 0.0)).to(vae.device, vae.dtype)
            decoded = vae.decode(scaled).sample.float().cpu().clamp(-1, 1)
            pooled = torch.nn.functional.avg_pool2d(decoded, factor)
            inputs.append(latent.flatten(2)[0].T)
            outputs.append(pooled.flatten(2)[0].T)
    x = torch.cat(inputs)
    x = torch.cat([x, torch.ones(len(x), 1)], dim=1)
    solution: torch.Tensor = torch.linalg.lstsq(x, torch.cat(outputs)).solution
    return solution


def apply_matrix(matrix: torch.Tensor, latent: torch.Tensor) -> Picture:
    """A latent (channels, h, w) → a picture (h, w, 3)."""
    values = latent.detach().float().cpu().permute(1, 2, 0).numpy()
    weights = matrix.numpy()
    return as_picture((values @ weights[:-1] + weights[-1]).astype(np.float32) * 0.5 + 0.5)
