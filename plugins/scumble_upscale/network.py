"""The networks that enlarge a picture, read from files of weights, and how a large one goes through them in tiles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from scumble.api import Picture, ScumbleError
from scumble_upscale.residual import Residual, in_new_layout

OVERLAP = 16
"""Source pixels round a tile that the network sees at least beyond it."""

OnTile: TypeAlias = Callable[[int, int], None]
"""Called after each tile with how many are done, of how many. May raise."""

Tensors: TypeAlias = Mapping[str, torch.Tensor]

_FIRST = re.compile(r"^(|.*\.)(?:conv_first|body\.0|model\.0)\.weight$")
"""The first layer's weights in every layout, behind what a trainer puts before each name."""


class Compact(nn.Module):
    """Convolutions of one resolution, then a pixel shuffle; the enlarged source is added (SRVGGNetCompact,
    Wang et al., Real-ESRGAN). `features` channels, `depth` inner convolutions, `scale` times as large."""

    tile = 256

    def __init__(self, features: int, depth: int, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self.reach = depth + 2  # a pixel for each convolution
        layers: list[nn.Module] = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(depth):
            layers += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        self.body = nn.Sequential(*layers, nn.Conv2d(features, 3 * scale * scale, 3, padding=1))

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """(batch, 3, h, w) in 0…1 → (batch, 3, h·scale, w·scale)."""
        large = nn.functional.interpolate(picture, scale_factor=float(self.scale), mode="nearest")
        return nn.functional.pixel_shuffle(self.body(picture), self.scale) + large


Network: TypeAlias = Compact | Residual
"""What makes (batch, 3, h, w) in 0…1 `scale` times as large. `reach` is how many pixels away a source pixel still has
an effect worth seeing, `tile` the side, in source pixels, of what one pass adds to the result."""


def load_network(path: Path, device: str = "cpu", check_cancelled: Callable[[], None] = lambda: None) -> Network:
    """The network in a safetensors file, whose sizes follow from the shapes. `check_cancelled` is called between its
    layers wherever those take long.

    Raises `ScumbleError` (`model-broken`).
    """
    try:
        tensors = _bare(load_file(path))
        network: Network
        if any(name.startswith("body.0.weight") for name in tensors):
            network = compact_for(tensors)
        else:
            tensors = in_new_layout(tensors)
            network = Residual.shaped_for(tensors, check_cancelled)
        network.load_state_dict(tensors)
    except (OSError, SafetensorError, KeyError, ValueError, IndexError, RuntimeError) as error:
        raise ScumbleError(
            "model-broken", model=path.stem, reason="it is no upscaling network", details=str(error)
        ) from error
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise ScumbleError("model-broken", model=path.stem, reason="some of its values are not numbers")
    return network.to(device).eval().requires_grad_(False)


def _bare(tensors: Tensors) -> dict[str, torch.Tensor]:
    """One copy of a network in float32, without what stands before each name; of several the averaged one, whose name
    is that of the other with more behind it."""
    found = (_FIRST.match(name) for name in tensors)
    before = max((match[1] for match in found if match is not None), default="")
    return {name.removeprefix(before): tensor.float() for name, tensor in tensors.items() if name.startswith(before)}


def compact_for(tensors: Tensors) -> Compact:
    """An untrained compact network with the sizes of the tensors."""
    convolutions = sorted(
        (int(name.split(".")[1]), tensor.shape)
        for name, tensor in tensors.items()
        if name.startswith("body.") and tensor.ndim == 4
    )
    features, last = convolutions[0][1][0], convolutions[-1][1][0]
    return Compact(features, len(convolutions) - 2, round((last / 3) ** 0.5))


def count_tiles(width: int, height: int, side: int) -> int:
    """How many passes a picture takes."""
    return -(-width // side) * -(-height // side)


@torch.no_grad()
def enlarge(network: Network, picture: Picture, on_tile: OnTile, tile: int = 0) -> Picture:
    """An RGB picture through the network, tile by tile; seamless, because each tile sees as far as the network does."""
    height, width = picture.shape[:2]
    side = tile or network.tile
    scale, margin = network.scale, max(OVERLAP, network.reach)
    result = np.empty((height * scale, width * scale, 3), np.uint8)
    device = next(network.parameters()).device
    corners = [(x, y) for y in range(0, height, side) for x in range(0, width, side)]
    for done, (x, y) in enumerate(corners, 1):
        right, bottom = min(x + side, width), min(y + side, height)
        left, top = max(x - margin, 0), max(y - margin, 0)
        seen = picture[top : bottom + margin, left : right + margin]
        values = torch.from_numpy(seen.astype(np.float32)).permute(2, 0, 1)[None].to(device) / 255.0
        large = (network(values)[0].clamp(0, 1) * 255.0).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
        inner = large[(y - top) * scale : (bottom - top) * scale, (x - left) * scale : (right - left) * scale]
        result[y * scale : bottom * scale, x * scale : right * scale] = inner
        on_tile(done, len(corners))
    return result
