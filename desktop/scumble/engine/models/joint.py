"""The transformers of models that follow a flow, called as a UNet is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from diffusers.models.transformers.transformer_sd3 import SD3Transformer2DModel
from torch.nn.functional import pad


class SD3Network(SD3Transformer2DModel):  # type: ignore[misc]  # diffusers has no types
    """That of Stable Diffusion 3 and 3.5 (Esser et al., Scaling Rectified Flow Transformers)."""

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        *,
        encoder_hidden_states: torch.Tensor,
        added_cond_kwargs: Mapping[str, torch.Tensor],
        return_dict: bool = False,
    ) -> Any:
        """A latent (batch, channels, h, w), its timestep, the text's states and their summary → the velocity, as the
        first of a tuple. A side that is no multiple of a patch is lengthened on the way."""
        height, width = sample.shape[-2:]
        patch = self.config.patch_size
        whole = pad(sample, (0, -width % patch, 0, -height % patch), mode="replicate")
        output: torch.Tensor = super().forward(
            hidden_states=whole,
            timestep=timestep.expand(len(sample)),
            encoder_hidden_states=encoder_hidden_states,
            pooled_projections=added_cond_kwargs["text_embeds"],
            return_dict=False,
        )[0]
        return (output[..., :height, :width],)
