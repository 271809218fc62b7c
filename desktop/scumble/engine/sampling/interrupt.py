"""Stopping a network in the middle of a pass: a step of a large model takes seconds, a person waits for none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def interruptible(network: Any, check_cancelled: Callable[[], None]) -> Iterator[None]:
    """In the block `check_cancelled` is called before each convolution and attention of a network, and may raise."""
    from diffusers.models.attention import BasicTransformerBlock, JointTransformerBlock
    from diffusers.models.attention_processor import Attention
    from diffusers.models.transformers.transformer_flux import FluxSingleTransformerBlock, FluxTransformerBlock
    from torch.nn import Conv2d

    def check(*_: Any) -> None:
        check_cancelled()

    joint = (JointTransformerBlock, FluxTransformerBlock, FluxSingleTransformerBlock)
    blocks = (Conv2d, BasicTransformerBlock, *joint, Attention)
    handles = [module.register_forward_pre_hook(check) for module in network.modules() if isinstance(module, blocks)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
