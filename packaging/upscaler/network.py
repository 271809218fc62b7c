"""The ×2 network: a chain of 3×3 convolutions at the small size, and a pixel shuffle at the end.

The shape, and the names of the weights (`body.N.weight`, `body.N.bias`), are those of SRVGGNetCompact, so that any
program that reads such files reads ours.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional


class Compact(nn.Module):
    """`(batch, 3, h, w)` in 0…1 → `(batch, 3, scale·h, scale·w)`, not clipped.

    It learns what nearest-neighbour enlargement lacks. `features` is the width, `depth` the number of inner
    convolutions, each followed by a PReLU.
    """

    def __init__(self, features: int = 24, depth: int = 8, scale: int = 2) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(depth):
            layers += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        layers.append(nn.Conv2d(features, 3 * scale * scale, 3, padding=1))
        self.body = nn.ModuleList(layers)
        self.scale = scale

    def forward(self, small: Tensor) -> Tensor:
        """Enlarges a batch."""
        inner = small
        for layer in self.body:
            inner = layer(inner)
        base = functional.interpolate(small, scale_factor=self.scale, mode="nearest")
        return functional.pixel_shuffle(inner, self.scale) + base


def save(weights: dict[str, Tensor], path: Path, scale: int) -> None:
    """Writes weights in half precision, with the scale in the file's metadata."""
    half = {name: value.detach().to("cpu", torch.float16).contiguous() for name, value in weights.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(half, path, metadata={"format": "pt", "scale": str(scale), "architecture": "SRVGGNetCompact"})
