"""Letting a tool look into the UNet's attention: one processor that calls a hook at every site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

from scumble.api import AttentionHook, AttentionSite


@dataclass(eq=False)
class Hooked:
    """What the processors of one run share: the hook, and the step that the loop is at."""

    hook: AttentionHook
    step: int = 0


class HookedProcessor:
    """An attention processor as diffusers calls it, equal to its `AttnProcessor2_0` where the hook changes nothing."""

    def __init__(self, site: AttentionSite, shared: Hooked) -> None:
        self._site = site
        self._shared = shared

    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        temb: torch.Tensor | None = None,
        **_: Any,
    ) -> torch.Tensor:
        """`(batch, tokens, channels)`, or a map `(batch, channels, height, width)` → the same shape."""
        flat = hidden_states.flatten(2).transpose(1, 2) if hidden_states.ndim == 4 else hidden_states
        if attn.group_norm is not None:
            flat = attn.group_norm(flat.transpose(1, 2)).transpose(1, 2)
        context = flat if encoder_hidden_states is None else encoder_hidden_states
        query, key, value = (
            _heads(attn.to_q(flat), attn),
            _heads(attn.to_k(context), attn),
            _heads(attn.to_v(context), attn),
        )
        query, key, value = self._shared.hook(self._site, self._shared.step, query, key, value)
        mixed = scaled_dot_product_attention(
            query, key.to(query.dtype), value.to(query.dtype), attn_mask=attention_mask
        )
        mixed = mixed.transpose(1, 2).flatten(2)
        out: torch.Tensor = attn.to_out[1](attn.to_out[0](mixed))
        if hidden_states.ndim == 4:
            out = out.transpose(1, 2).reshape(hidden_states.shape)
        if attn.residual_connection:
            out = out + hidden_states
        return out / float(attn.rescale_output_factor)


@contextmanager
def hooked(unet: Any, hook: AttentionHook | None) -> Iterator[Hooked | None]:
    """Calls `hook` at every attention of the UNet inside the block; afterwards, always, all is as before."""
    if hook is None:
        yield None
        return
    before = unet.attn_processors
    shared = Hooked(hook)
    unet.set_attn_processor({f"{site.name}.processor": HookedProcessor(site, shared) for site in attention_sites(unet)})
    try:
        yield shared
    finally:
        unet.set_attn_processor(before)


def attention_sites(unet: Any) -> list[AttentionSite]:
    """Every attention layer of a UNet; within a part they come in order of execution."""
    sites: list[AttentionSite] = []
    counts = {"down": -1, "mid": -1, "up": -1}
    for key in unet.attn_processors:
        name = key.removesuffix(".processor")
        part = name.split("_", 1)[0]
        cross = name.endswith("attn2")
        counts[part] += not cross
        sites.append(AttentionSite(name, part, counts[part], cross))
    return sites


def _heads(values: torch.Tensor, attn: Any) -> torch.Tensor:
    batch, tokens, channels = values.shape
    return values.view(batch, tokens, attn.heads, channels // attn.heads).transpose(1, 2)
