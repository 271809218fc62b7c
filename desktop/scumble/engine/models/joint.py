"""The transformers of models that follow a flow, called as a UNet is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.models.transformers.transformer_sd3 import SD3Transformer2DModel
from torch.nn.functional import pad, pixel_shuffle, pixel_unshuffle

SQUARE: Final = 2
"""The side, in cells, of what Flux takes for one token."""


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
        whole = _whole(sample, self.config.patch_size)
        output: torch.Tensor = super().forward(
            hidden_states=whole,
            timestep=timestep.expand(len(sample)),
            encoder_hidden_states=encoder_hidden_states,
            pooled_projections=added_cond_kwargs["text_embeds"],
            return_dict=False,
        )[0]
        return (output[..., :height, :width],)


class FluxNetwork(FluxTransformer2DModel):  # type: ignore[misc]  # diffusers has no types
    """That of Flux 1, which works on squares of four cells. Most of its kinds were trained to be told the guidance
    scale, and need no negative prompt."""

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        *,
        encoder_hidden_states: torch.Tensor,
        added_cond_kwargs: Mapping[str, torch.Tensor],
        return_dict: bool = False,
    ) -> Any:
        """As that of SD 3; `added_cond_kwargs` also has `guidance` (batch,), where the model is told it."""
        height, width = sample.shape[-2:]
        squares = pixel_unshuffle(_whole(sample, SQUARE), SQUARE)
        rows, columns = squares.shape[-2:]
        places = torch.zeros((rows, columns, 3), device=sample.device, dtype=sample.dtype)
        places[..., 1] += torch.arange(rows, device=sample.device)[:, None]
        places[..., 2] += torch.arange(columns, device=sample.device)[None, :]
        output: torch.Tensor = super().forward(
            hidden_states=squares.flatten(2).transpose(1, 2),
            timestep=(timestep / 1000).expand(len(sample)).to(sample.dtype),
            guidance=added_cond_kwargs.get("guidance"),
            pooled_projections=added_cond_kwargs["text_embeds"],
            encoder_hidden_states=encoder_hidden_states,
            txt_ids=places.new_zeros((encoder_hidden_states.shape[1], 3)),
            img_ids=places.flatten(0, 1),
            return_dict=False,
        )[0]
        made = pixel_shuffle(output.transpose(1, 2).reshape(len(sample), -1, rows, columns), SQUARE)
        return (made[..., :height, :width],)


def _whole(sample: torch.Tensor, patch: int) -> torch.Tensor:
    """A latent with sides that are multiples of a patch."""
    height, width = sample.shape[-2:]
    return pad(sample, (0, -width % patch, 0, -height % patch), mode="replicate")
