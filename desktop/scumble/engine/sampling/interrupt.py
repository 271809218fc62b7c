"""Stopping a network in the middle of a pass: a step of a large model takes seconds, a person waits for none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def interruptible(network: Any, check_cancelled: Callable[[], None]) -> Iterator[None]:
    """Inside the block `check_cancelled` is called before each block of a UNet or autoencoder, and may raise."""
    from diffusers.models.attention import BasicTransformerBlock, JointTransformerBlock
    from diffusers.models.attention_processor import Attention
    from diffusers.models.downsampling import Downsample2D
    from diffusers.models.resnet import ResnetBlock2D
    from diffusers.models.transformers.transformer_flux import FluxSingleTransformerBlock, FluxTransformerBlock
    from diffusers.models.upsampling import Upsample2D

    def check(*_: Any) -> None:
        check_cancelled()

    joint = (JointTransformerBlock, FluxTransformerBlock, FluxSingleTransformerBlock)
    blocks = (ResnetBlock2D, BasicTransformerBlock, *joint, Attention, Downsample2D, Upsample2D)
    handles = [module.register_forward_pre_hook(check) for module in network.modules() if isinstance(module, blocks)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
