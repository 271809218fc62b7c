"""UNets that have learnt guidance (Meng et al., On Distillation of Guided Diffusion Models), as whole LCMs have."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.embeddings import get_timestep_embedding


class Distilled:
    """A UNet that reads how strong guidance is to be, beside the timestep; it is run once for each latent."""

    def __init__(self, unet: Any, guidance: float, width: int) -> None:
        self._unet = unet
        self._strength = get_timestep_embedding(
            torch.tensor([1000.0 * (guidance - 1.0)]), width, downscale_freq_shift=1
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unet, name)

    def __call__(self, sample: torch.Tensor, timestep: torch.Tensor, **named: Any) -> tuple[torch.Tensor]:
        """As the UNet's own call with `return_dict=False`."""
        strength = self._strength.to(sample.device, sample.dtype).expand(len(sample), -1)
        called: tuple[torch.Tensor] = self._unet(sample, timestep, timestep_cond=strength, **named)
        return called


def with_guidance(unet: Any, width: int | None, guidance: float) -> tuple[Any, float]:
    """A UNet and the guidance that is still to be computed: none where it has learnt it, at a `width` of its own."""
    return (Distilled(unet, guidance, width), 1.0) if width else (unet, guidance)
