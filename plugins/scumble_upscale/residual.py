"""ESRGAN's network: dense blocks inside residual ones (Wang et al. 2018, 2021), in the three layouts of its files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import torch
from torch import nn
from torch.nn.functional import interpolate, leaky_relu, pad, pixel_unshuffle

SLOPE = 0.2
"""Of the rectifiers below 0, and the share of a block's output that is added to its input."""

CONVOLUTIONS = 5
"""In a dense block."""

UNSHUFFLED = {3: 1, 12: 2, 48: 4}
"""How many source pixels of a side go into one cell, by the channels that the first layer reads: networks for twice the
size, or for the same, begin at a half or a quarter of it."""


class Dense(nn.Module):
    """Each convolution sees all before it; only the last one's `features` are added to the input."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        for number in range(CONVOLUTIONS):
            last = number == CONVOLUTIONS - 1
            made = nn.Conv2d(features + number * growth, features if last else growth, 3, padding=1)
            self.add_module(f"conv{number + 1}", made)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """(batch, features, h, w) → the same."""
        seen = values
        for number in range(1, CONVOLUTIONS):
            seen = torch.cat((seen, leaky_relu(self.get_submodule(f"conv{number}")(seen), SLOPE)), 1)
        added: torch.Tensor = self.get_submodule(f"conv{CONVOLUTIONS}")(seen)
        return values + SLOPE * added


class Block(nn.Module):
    """Three dense blocks."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (Dense(features, growth) for _ in range(3))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """(batch, features, h, w) → the same."""
        added: torch.Tensor = self.rdb3(self.rdb2(self.rdb1(values)))
        return values + SLOPE * added


class Residual(nn.Module):
    """`ups` doublings after the blocks. `unshuffled` source pixels of a side go into a cell at first.

    `check_cancelled` is called before each block.
    """

    tile = 128
    reach = 32  # of several hundred pixels; what is farther away weighs too little to be seen

    def __init__(
        self, features: int, growth: int, blocks: int, ups: int, unshuffled: int, check_cancelled: Callable[[], None]
    ) -> None:
        super().__init__()
        self.scale = 2**ups // unshuffled
        self._unshuffled, self._ups, self._check_cancelled = unshuffled, ups, check_cancelled
        self.conv_first = nn.Conv2d(3 * unshuffled**2, features, 3, padding=1)
        self.body = nn.Sequential(*(Block(features, growth) for _ in range(blocks)))
        self.conv_body = nn.Conv2d(features, features, 3, padding=1)
        for number in range(1, ups + 1):
            self.add_module(f"conv_up{number}", nn.Conv2d(features, features, 3, padding=1))
        self.conv_hr = nn.Conv2d(features, features, 3, padding=1)
        self.conv_last = nn.Conv2d(features, 3, 3, padding=1)

    @classmethod
    def shaped_for(cls, tensors: Mapping[str, torch.Tensor], check_cancelled: Callable[[], None]) -> Residual:
        """An untrained network with the sizes of the tensors, which are in the new layout. Raises `KeyError`."""
        features, channels = tensors["conv_first.weight"].shape[:2]
        growth = tensors["body.0.rdb1.conv1.weight"].shape[0]
        blocks = 1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("body."))
        ups = sum(bool(re.fullmatch(r"conv_up\d+\.weight", name)) for name in tensors)
        return cls(features, growth, blocks, ups, UNSHUFFLED[channels], check_cancelled)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """(batch, 3, h, w) in 0…1 → (batch, 3, h·scale, w·scale)."""
        height, width = picture.shape[2:]
        cell = self._unshuffled
        if cell > 1:
            picture = pixel_unshuffle(pad(picture, (0, -width % cell, 0, -height % cell), mode="replicate"), cell)
        first = values = self.conv_first(picture)
        for block in self.body:
            self._check_cancelled()
            values = block(values)
        values = first + self.conv_body(values)
        for number in range(1, self._ups + 1):
            self._check_cancelled()
            large = interpolate(values, scale_factor=2.0, mode="nearest")
            values = leaky_relu(self.get_submodule(f"conv_up{number}")(large), SLOPE)
        made: torch.Tensor = self.conv_last(leaky_relu(self.conv_hr(values), SLOPE))
        return made[..., : height * self.scale, : width * self.scale]


def in_new_layout(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The names of the layouts of 2018, by the layer's number (`model.1.sub.0.RDB1.conv1.0`) or in words
    (`RRDB_trunk.0.RDB1.conv1`), as those of today (`body.0.rdb1.conv1`)."""
    top = sorted({int(found[1]) for name in tensors if (found := re.match(r"model\.(\d+)\.(?:weight|bias)$", name))})
    tail = top[1:]  # after the first layer: the doublings and two more
    names = {f"model.{number}": f"conv_up{place}" for place, number in enumerate(tail[:-2], 1)}
    if len(tail) >= 2:
        names |= {"model.0": "conv_first", f"model.{tail[-2]}": "conv_hr", f"model.{tail[-1]}": "conv_last"}
    return {_renamed(name, names): tensor for name, tensor in tensors.items()}


def _renamed(name: str, numbered: Mapping[str, str]) -> str:
    layer, _, what = name.rpartition(".")
    if layer in numbered:
        return f"{numbered[layer]}.{what}"
    if found := re.fullmatch(r"model\.1\.sub\.(\d+)", layer):
        return f"conv_body.{what}"
    if found := re.fullmatch(r"(?:model\.1\.sub|RRDB_trunk)\.(\d+)\.RDB(\d)\.(conv\d)(?:\.0)?", layer):
        return f"body.{found[1]}.rdb{found[2]}.{found[3]}.{what}"
    words = {"trunk_conv": "conv_body", "HRconv": "conv_hr"}
    return f"{words.get(layer, layer.replace('upconv', 'conv_up'))}.{what}"
