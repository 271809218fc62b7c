"""Letting a tool look into the UNet's attention: a processor that calls a hook at every site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from scumble.api import AttentionHook, AttentionSite
from scumble.engine.sampling.attending import Mix, Processor, fused


@dataclass(eq=False)
class Hooked:
    """What the processors of one run share: the hook, and the step that the loop is at."""

    hook: AttentionHook
    step: int = 0


@contextmanager
def hooked(unet: Any, hook: AttentionHook | None) -> Iterator[Hooked | None]:
    """Calls `hook` at every attention of the UNet inside the block; afterwards, always, all is as before."""
    if hook is None:
        yield None
        return
    before = unet.attn_processors
    shared = Hooked(hook)
    ours = {}
    for site in attention_sites(unet):
        name = f"{site.name}.processor"
        ours[name] = Processor(_looked_into(site, shared, getattr(before[name], "mix", fused)))
    unet.set_attn_processor(ours)
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


def _looked_into(site: AttentionSite, shared: Hooked, mix: Mix) -> Mix:
    """The same, on what the hook makes of queries, keys and values."""

    def look(
        query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        query, key, value = shared.hook(site, shared.step, query, key, value)
        return mix(query, key.to(query.dtype), value.to(query.dtype), mask)

    return look
