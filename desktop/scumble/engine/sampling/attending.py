"""How a UNet's attention is computed: by torch's fused kernel, or plainly, by two products and a softmax between them.

Which of the two is quicker differs with the processor and the type of numbers. It is measured (`engine.measure`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import torch
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from torch.nn.functional import scaled_dot_product_attention

Mix: TypeAlias = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, "torch.Tensor | None"], torch.Tensor]
"""Queries, keys and values, each (batch, heads, tokens, width), and a mask → the values that each query finds."""

SCORES: Final = 8 * 2**20
"""Bytes of scores that are in memory at a time. All of them grow with the fourth power of a picture's side, and are
half a gigabyte for Stable Diffusion 1 at 512 pixels. In slices of 2 to 8 MiB, which stay near the processor, it takes
half the time of one piece; from 32 MiB on, the memory for each slice comes anew from the system."""


def fused(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None = None
) -> torch.Tensor:
    """In one kernel of torch, which never holds the scores."""
    return scaled_dot_product_attention(query, key, value, attn_mask=mask)


def plain(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None = None,
    scores: int = SCORES,
) -> torch.Tensor:
    """As the formula says (Vaswani et al., Attention Is All You Need, eq. 1), for as many queries at a time as `scores`
    bytes hold the scores of. What has a mask is left to the fused one."""
    if mask is not None:
        return fused(query, key, value, mask)
    (batch, heads, tokens, width), count = query.shape, key.shape[2]
    queries = query.flatten(0, 1)
    keys = key.expand(batch, -1, -1, -1).flatten(0, 1).transpose(1, 2)
    values = value.expand(batch, -1, -1, -1).flatten(0, 1)
    mixed = query.new_empty((batch * heads, tokens, value.shape[3]))
    unread = query.new_empty(())
    rows = max(1, scores // (count * query.itemsize))
    together = max(1, rows // tokens)
    for first in range(0, batch * heads, together):
        some = slice(first, first + together)
        for row in range(0, tokens, rows):
            part = some, slice(row, row + rows)
            found = torch.baddbmm(unread, queries[part], keys[some], beta=0, alpha=width**-0.5)
            mixed[part] = torch.bmm(found.softmax(-1), values[some])
    return mixed.view(batch, heads, tokens, -1)


WAYS: Final[Mapping[str, Mix]] = {"fused": fused, "plain": plain}


class Processor:
    """An attention processor as diffusers calls it; with `fused` for its `mix` it equals their `AttnProcessor2_0`."""

    def __init__(self, mix: Mix) -> None:
        self.mix = mix

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
        context = flat if encoder_hidden_states is None else encoder_hidden_states
        if attention_mask is not None:
            attention_mask = attn.prepare_attention_mask(attention_mask, context.shape[1], len(flat))
            attention_mask = attention_mask.view(len(flat), attn.heads, -1, context.shape[1])
        if attn.group_norm is not None:
            flat = attn.group_norm(flat.transpose(1, 2)).transpose(1, 2)
            context = flat if encoder_hidden_states is None else context
        query, key, value = (
            _heads(attn.to_q(flat), attn),
            _heads(attn.to_k(context), attn),
            _heads(attn.to_v(context), attn),
        )
        mixed = self.mix(query, key, value, attention_mask).transpose(1, 2).flatten(2)
        out: torch.Tensor = attn.to_out[1](attn.to_out[0](mixed))
        if hidden_states.ndim == 4:
            out = out.transpose(1, 2).reshape(hidden_states.shape)
        if attn.residual_connection:
            out = out + hidden_states
        return out / float(attn.rescale_output_factor)


@contextmanager
def attending(network: Any, way: str) -> Iterator[str]:
    """Inside the block a UNet's attention is computed that way; the way that it really is: `fused` for a network that
    has no attention of the usual kind, such as a transformer. Afterwards, always, all is as before."""
    before = network.attn_processors
    ours = {} if way == "fused" else {name: Processor(WAYS[way]) for name in before if _usual(network, name)}
    if not ours:
        yield "fused"
        return
    network.set_attn_processor({**before, **ours})
    try:
        yield way
    finally:
        network.set_attn_processor(before)


def _usual(network: Any, name: str) -> bool:
    """Whether nothing is done there but what `Processor` does, and half floats are enough for its scores."""
    layer = network.get_submodule(name.removesuffix(".processor"))
    return (
        isinstance(layer, Attention)
        and type(layer.processor) is AttnProcessor2_0
        and layer.norm_q is layer.norm_k is layer.spatial_norm is layer.norm_cross is None
        and not (layer.upcast_attention or layer.upcast_softmax)
    )


def _heads(values: torch.Tensor, attn: Any) -> torch.Tensor:
    batch, tokens, channels = values.shape
    return values.view(batch, tokens, attn.heads, channels // attn.heads).transpose(1, 2)
