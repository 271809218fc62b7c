"""A compact network that doubles a picture, and how a large picture goes through it in tiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from scumble.api import Picture, ScumbleError

TILE = 256
"""Side, in source pixels, of what one pass adds to the result."""

OVERLAP = 16
"""Source pixels round a tile that the network sees at least beyond it."""

OnTile = Callable[[int, int], None]
"""Called after each tile with how many are done, of how many. May raise."""


class Compact(nn.Module):
    """Convolutions of one resolution, then a pixel shuffle; the enlarged source is added (SRVGGNetCompact,
    Wang et al., Real-ESRGAN). `features` channels, `depth` inner convolutions, `scale` times as large."""

    def __init__(self, features: int, depth: int, scale: int) -> None:
        super().__init__()
        self.scale = scale
        layers: list[nn.Module] = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(depth):
            layers += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        self.body = nn.Sequential(*layers, nn.Conv2d(features, 3 * scale * scale, 3, padding=1))

    @property
    def reach(self) -> int:
        """How many pixels away a source pixel still has an effect: one for each convolution."""
        return sum(isinstance(layer, nn.Conv2d) for layer in self.body)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """(batch, 3, h, w) in 0…1 → (batch, 3, h·scale, w·scale)."""
        large = nn.functional.interpolate(picture, scale_factor=float(self.scale), mode="nearest")
        return nn.functional.pixel_shuffle(self.body(picture), self.scale) + large


def load_network(path: Path, device: str = "cpu") -> Compact:
    """The network in a safetensors file, whose sizes follow from the shapes. Raises `ScumbleError` (`model-broken`)."""
    try:
        tensors = load_file(path)
        network = _shaped_for(tensors)
        network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except (OSError, SafetensorError, KeyError, ValueError, IndexError, RuntimeError) as error:
        raise ScumbleError(
            "model-broken", model=path.name, reason="it is no upscaling network", details=str(error)
        ) from error
    return network.to(device).eval().requires_grad_(False)


def _shaped_for(tensors: Mapping[str, torch.Tensor]) -> Compact:
    convolutions = sorted(
        (int(name.split(".")[1]), tensor.shape)
        for name, tensor in tensors.items()
        if name.startswith("body.") and tensor.ndim == 4
    )
    features, last = convolutions[0][1][0], convolutions[-1][1][0]
    return Compact(features, len(convolutions) - 2, round((last / 3) ** 0.5))


@torch.no_grad()
def enlarge(network: Compact, picture: Picture, on_tile: OnTile, tile: int = TILE) -> Picture:
    """An RGB picture through the network, tile by tile; seamless, because each tile sees as far as the network does."""
    height, width = picture.shape[:2]
    scale, margin = network.scale, max(OVERLAP, network.reach)
    result = np.empty((height * scale, width * scale, 3), np.uint8)
    device = next(network.parameters()).device
    corners = [(x, y) for y in range(0, height, tile) for x in range(0, width, tile)]
    for done, (x, y) in enumerate(corners, 1):
        right, bottom = min(x + tile, width), min(y + tile, height)
        left, top = max(x - margin, 0), max(y - margin, 0)
        seen = picture[top : bottom + margin, left : right + margin]
        values = torch.from_numpy(seen.astype(np.float32)).permute(2, 0, 1)[None].to(device) / 255.0
        large = (network(values)[0].clamp(0, 1) * 255.0).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
        inner = large[(y - top) * scale : (bottom - top) * scale, (x - left) * scale : (right - left) * scale]
        result[y * scale : bottom * scale, x * scale : right * scale] = inner
        on_tile(done, len(corners))
    return result
