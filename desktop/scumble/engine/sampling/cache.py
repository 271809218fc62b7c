"""Steps that reuse what the depth of the UNet found a moment ago (Ma, Fang and Wang, DeepCache, CVPR 2024).

From one step to the next the features of the coarse levels hardly change. A cached step computes the first layer and
the last, and takes what the last one gets from below from the last full step: on a large UNet it costs a tenth. They
change most in the first steps, so the full ones lie closer together there (section 3.3, the non-uniform variant).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import torch

from scumble.engine.sampling.single import OneByOne

CROWDING: Final = 1.5
"""How the full steps crowd at the beginning: the exponent of their places, 1 being evenly. With it the starter model's
pictures are 4 to 5 dB nearer to those of full steps alone than with evenly spaced ones."""


def full_steps(steps: int, every: int) -> frozenset[int]:
    """Which of the steps are full ones: as many as if every `every`-th were, the first among them."""
    count = -(-steps // every)
    return frozenset(max(int(steps * (place / count) ** CROWDING + 0.5), place) for place in range(count))


class CachedUNet:
    """A UNet of whose calls only those are full ones whose numbers are in `full`. A change of the batch makes a call
    full, too."""

    def __init__(self, unet: Any, full: Collection[int], *, single: bool = False) -> None:
        self._unet = unet
        self._whole = OneByOne(unet) if single else unet
        self._part = OneByOne(self._shallow) if single else self._shallow
        self._full = full
        self._calls = 0
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
        call, self._calls = self._calls, self._calls + 1
        if call in self._full or sum(map(len, self._below)) != len(sample):
            self._below, self._keeps = [], True
            called: tuple[torch.Tensor] = self._whole(
                sample, timestep, encoder_hidden_states=encoder_hidden_states, return_dict=return_dict, **added
            )
            self._keeps = False
            return called
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
def cached(unet: Any, every: int, steps: int, *, single: bool = False) -> Iterator[Any]:
    """The UNet for one run of so many steps, of which one in `every` is a full one; the UNet itself where that is each.

    With `single` it computes the latents of a batch one after the other.
    """
    if every <= 1 or not cacheable(unet):
        yield OneByOne(unet) if single else unet
        return
    shallow = CachedUNet(unet, full_steps(steps, every), single=single)
    last = unet.up_blocks[-1].resnets[-1]
    handle = last.register_forward_pre_hook(shallow.keep, with_kwargs=True)
    try:
        yield shallow
    finally:
        handle.remove()
