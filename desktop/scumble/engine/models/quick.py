"""Small decoders for previews, of the kind of TAESD (Bohan, Tiny AutoEncoder for Stable Diffusion), from files.

They are spread in diffusers' layout, whole or the decoder alone, and in the layout of their author.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from scumble.api import Latent, Picture

LARGEST: Final = 512
"""The longest side of a preview, in pixels: no person sees more of it while it changes."""

_NAME = re.compile(r"^(decoder\.layers\.|layers\.|taesd_decoder\.|decoder\.)?(\d+)\.(.+)$")


class QuickDecoder:
    """A decoder in memory, that takes latents as the UNet has them."""

    def __init__(self, network: Any) -> None:
        self._network = network

    @torch.no_grad()
    def decode(self, latent: Latent) -> Picture:
        """The first latent of a batch → a picture, made smaller where it is larger than `LARGEST`."""
        weight = next(self._network.parameters())
        values = self._network(latent[:1].to(weight.device, weight.dtype))[0].float().cpu()
        pixels = (values * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
        scale = LARGEST / max(pixels.shape[:2])
        if scale < 1.0:
            size = (max(round(pixels.shape[1] * scale), 1), max(round(pixels.shape[0] * scale), 1))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        return np.ascontiguousarray(pixels)


def load_quick(path: Path, channels: int, factor: int, device: torch.device, dtype: torch.dtype) -> QuickDecoder:
    """Reads a file for latents of so many channels, whose cells span `factor` pixels.

    Raises `ValueError` with a plain reason where it is of another kind, or `OSError`.
    """
    from diffusers.models.autoencoders.vae import DecoderTiny

    try:
        tensors = _named(load_file(path))
    except SafetensorError as error:
        raise ValueError("it is damaged") from error
    try:
        blocks, widths = _stages(tensors)
        first = tensors.get("layers.0.weight")
        if first is None or first.shape[1] != channels or len(blocks) != factor.bit_length():
            raise ValueError(f"it is no decoder for {channels} channels and {factor} pixels a cell")
        network = DecoderTiny(channels, 3, tuple(blocks), tuple(widths), 2, "relu", "nearest")
        network.load_state_dict(tensors)
    except (RuntimeError, IndexError) as error:
        raise ValueError("its tensors make no sense") from error
    return QuickDecoder(network.to(device, dtype).eval().requires_grad_(False))


def _named(found: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The decoder's tensors by diffusers' names; its author counts the layers from one further on."""
    tensors = {}
    for name, tensor in found.items():
        if said := _NAME.match(name):
            shift = 0 if "layers" in (said[1] or "") else 1
            tensors[f"layers.{int(said[2]) - shift}.{said[3]}"] = tensor
    return tensors


def _stages(tensors: Mapping[str, torch.Tensor]) -> tuple[list[int], list[int]]:
    """How many blocks there are before each convolution that ends a stage, and how many channels it reads."""
    places = sorted({int(name.split(".")[1]) for name in tensors})
    blocks, widths, count = [], [], 0
    for place in places[1:]:
        weight = tensors.get(f"layers.{place}.weight")
        if weight is None:
            count += 1
            continue
        blocks.append(count)
        widths.append(weight.shape[1])
        count = 0
    return blocks, widths
