"""Steps that reuse what the depth of the UNet found a moment ago (Ma, Fang and Wang, DeepCache, CVPR 2024).

From one step to the next the features of the coarse levels hardly change. A cached step computes the first layer and
the last, and takes what the last one gets from below from the last full step: on a large UNet it costs a tenth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from scumble.engine.sampling.single import OneByOne


class CachedUNet:
    """A UNet of which only every `every`-th call is a full one. A change of the batch makes a call full, too."""

    def __init__(self, unet: Any, every: int, *, single: bool = False) -> None:
        self._unet = unet
        self._whole = OneByOne(unet) if single else unet
        self._part = OneByOne(self._shallow) if single else self._shallow
        self._every = every
        self._since = 0
        self._keeps = False
        self._below: list[torch.Tensor] = []

    def keep(self, last: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Before the last layer of the way up: what comes to it from below, without what it gets from the side.

        A cached step brings there what was kept before.
        """
        if not self._keeps:
            return
        features = given[0] if given else named["hidden_states"]
        self._below.append(features[:, : features.shape[1] - self._unet.config.block_out_channels[0]].clone())

    def __call__(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        *,
        encoder_hidden_states: torch.Tensor,
        return_dict: bool,
        **added: Any,
    ) -> tuple[torch.Tensor]:
        """As the UNet's own call, with the prediction as the first of a tuple; `added` is what SDXL reads besides."""
        full = self._since % self._every == 0 or sum(map(len, self._below)) != len(sample)
        if full:
            self._since = 1
            self._below, self._keeps = [], True
            called: tuple[torch.Tensor] = self._whole(
                sample, timestep, encoder_hidden_states=encoder_hidden_states, return_dict=return_dict, **added
            )
            self._keeps = False
            return called
        self._since += 1
        return self._part(sample, timestep, text=encoder_hidden_states, below=torch.cat(self._below), **added)

    def _shallow(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        *,
        text: torch.Tensor,
        below: torch.Tensor,
        added_cond_kwargs: Mapping[str, torch.Tensor] | None = None,
    ) -> tuple[torch.Tensor]:
        unet = self._unet
        time = unet.time_embedding(unet.get_time_embed(sample=sample, timestep=timestep))
        if added_cond_kwargs is not None:
            time = time + unet.get_aug_embed(
                emb=time, encoder_hidden_states=text, added_cond_kwargs=dict(added_cond_kwargs)
            )
        features = torch.cat([below, unet.conv_in(sample)], dim=1)
        last = unet.up_blocks[-1]
        features = last.resnets[-1](features, time)
        if getattr(last, "has_cross_attention", False):
            features = last.attentions[-1](features, encoder_hidden_states=text, return_dict=False)[0]
        return (unet.conv_out(unet.conv_act(unet.conv_norm_out(features))),)


def plain(unet: Any) -> bool:
    """Whether it is a UNet, no transformer, that reads time and text alone, and what SDXL adds to the time."""
    config = unet.config
    return (
        hasattr(unet, "up_blocks")
        and config.addition_embed_type in (None, "text_time")
        and not (config.class_embed_type or config.time_cond_proj_dim)
    )


def cacheable(unet: Any) -> bool:
    """Whether nothing else goes into every layer of a UNet, and its last level ends in one layer."""
    return plain(unet) and not unet.config.center_input_sample and unet.up_blocks[-1].upsamplers is None


@contextmanager
def cached(unet: Any, every: int, *, single: bool = False) -> Iterator[Any]:
    """The UNet for one run, of which every `every`-th step is a full one; the UNet itself where that is each.

    With `single` it computes the latents of a batch one after the other.
    """
    if every <= 1 or not cacheable(unet):
        yield OneByOne(unet) if single else unet
        return
    shallow = CachedUNet(unet, every, single=single)
    last = unet.up_blocks[-1].resnets[-1]
    handle = last.register_forward_pre_hook(shallow.keep, with_kwargs=True)
    try:
        yield shallow
    finally:
        handle.remove()
