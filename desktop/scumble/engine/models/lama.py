"""LaMa, a network that fills holes without a prompt (Suvorov et al., Resolution-robust Large Mask Inpainting with
Fourier Convolutions), from its weights alone: how deep and how wide it is, the shapes tell.

Between convolutions that make the picture smaller and larger lie blocks whose features are in two parts: a local one,
and a global one that is also convolved in the frequency domain (Chi, Jiang and Mu, Fast Fourier Convolution).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
import torch.nn.functional as nnf

from scumble.api import Mask, Picture
from scumble.engine.faults import is_out_of_memory

SIDE: Final = 8
"""What both sides of a picture must be multiples of."""

_LAYER = re.compile(r"(\d+)\.(\w+)")

Pair = tuple[torch.Tensor, torch.Tensor | None]


class Lama:
    """The network. `weights` are its tensors without the prefix, in float32."""

    def __init__(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Raises `ValueError` where tensors are missing."""
        self._weights = weights
        parts = {(int(match[1]), match[2]) for match in map(_LAYER.match, weights) if match is not None}
        layers = sorted({layer for layer, _ in parts})
        self._halving = [layer for layer in layers if layer > 1 and (layer, "ffc") in parts]
        self._blocks = [layer for layer in layers if (layer, "conv1") in parts]
        *self._doubling, self._last = [layer for layer in layers if self._dimensions(layer) == 4] or [0]
        if not (self._halving and self._blocks and len(self._doubling) == len(self._halving)):
            raise ValueError("its layers are not those of LaMa")

    @torch.no_grad()
    def __call__(self, picture: torch.Tensor, hole: torch.Tensor, check_cancelled: Callable[[], None]) -> torch.Tensor:
        """A picture (1, 3, h, w) in 0…1 and its hole (1, 1, h, w), 1 where it is to be filled → the picture filled, of
        which only the hole is meant to be used. Sides are multiples of `SIDE`."""
        try:
            return self._run(torch.cat([picture * (1.0 - hole), hole], dim=1), check_cancelled)
        except (KeyError, RuntimeError) as error:
            if is_out_of_memory(error):
                raise
            raise ValueError(f"the weights do not fit together ({str(error).splitlines()[0]})") from error

    def _run(self, values: torch.Tensor, check_cancelled: Callable[[], None]) -> torch.Tensor:
        pair: Pair = self._two_part("1.", (nnf.pad(values, (3, 3, 3, 3), mode="reflect"), None), padding=0)
        for layer in self._halving:
            pair = self._two_part(f"{layer}.", pair, stride=2)
        for layer in self._blocks:
            check_cancelled()
            local, wide = self._two_part(f"{layer}.conv2.", self._two_part(f"{layer}.conv1.", pair))
            pair = (pair[0] + local, None if pair[1] is None or wide is None else pair[1] + wide)
        whole = pair[0] if pair[1] is None else torch.cat([pair[0], pair[1]], dim=1)
        for layer in self._doubling:
            check_cancelled()
            weight, bias = self._weights[f"{layer}.weight"], self._weights[f"{layer}.bias"]
            larger = nnf.conv_transpose2d(whole, weight, bias, stride=2, padding=1, output_padding=1)
            whole = self._normalised(f"{layer + 1}.", larger)
        padded = nnf.pad(whole, (3, 3, 3, 3), mode="reflect")
        last = nnf.conv2d(padded, self._weights[f"{self._last}.weight"], self._weights[f"{self._last}.bias"])
        return torch.sigmoid(last)

    def _two_part(self, name: str, pair: Pair, *, stride: int = 1, padding: int = 1) -> Pair:
        """Local and global features → the same, each from both."""
        local, wide = pair
        out_local = self._convolved(name + "ffc.convl2l.weight", local, stride, padding)
        out_wide = None
        if name + "ffc.convl2g.weight" in self._weights:
            out_wide = self._convolved(name + "ffc.convl2g.weight", local, stride, padding)
        if wide is not None:
            out_local = out_local + self._convolved(name + "ffc.convg2l.weight", wide, stride, padding)
            spectral = self._spectral(name + "ffc.convg2g.", wide)
            out_wide = spectral if out_wide is None else out_wide + spectral
        made = self._normalised(name + "bn_l.", out_local)
        return made, None if out_wide is None else self._normalised(name + "bn_g.", out_wide)

    def _spectral(self, name: str, values: torch.Tensor) -> torch.Tensor:
        """Global features convolved among all frequencies of the picture."""
        narrow = self._normalised(name + "conv1.1.", nnf.conv2d(values, self._weights[name + "conv1.0.weight"]))
        waves = torch.fft.rfftn(narrow, dim=(-2, -1), norm="ortho")
        parts = torch.stack([waves.real, waves.imag], dim=2).flatten(1, 2)
        mixed = nnf.conv2d(parts, self._weights[name + "fu.conv_layer.weight"])
        batch, _, height, width = mixed.shape
        pairs = self._normalised(name + "fu.bn.", mixed).reshape(batch, -1, 2, height, width)
        real, imaginary = pairs.unbind(2)
        back = torch.fft.irfftn(torch.complex(real, imaginary), s=narrow.shape[-2:], dim=(-2, -1), norm="ortho")
        return nnf.conv2d(narrow + back, self._weights[name + "conv2.weight"])

    def _convolved(self, name: str, values: torch.Tensor, stride: int, padding: int) -> torch.Tensor:
        if padding:
            values = nnf.pad(values, (padding,) * 4, mode="reflect")
        return nnf.conv2d(values, self._weights[name], stride=stride)

    def _normalised(self, name: str, values: torch.Tensor) -> torch.Tensor:
        """As batch normalisation does after training, and without what is below 0."""
        mean, variance = self._weights[name + "running_mean"], self._weights[name + "running_var"]
        weight, bias = self._weights[name + "weight"], self._weights[name + "bias"]
        return nnf.relu(nnf.batch_norm(values, mean, variance, weight, bias))

    def _dimensions(self, layer: int) -> int:
        plain = self._weights.get(f"{layer}.weight")
        return plain.ndim if plain is not None else 0


@dataclass(frozen=True, slots=True)
class LamaEraser:
    """The network on a device, as it is used."""

    network: Lama
    device: torch.device

    def erase(self, picture: Picture, mask: Mask, check_cancelled: Callable[[], None]) -> Picture:
        """A picture `(h, w, 3)` of any size, filled where the mask is above 0; the rest is as it was.

        Raises `ValueError` where the weights are not what they seemed, and `Cancelled`.
        """
        height, width = mask.shape
        sides = ((0, -height % SIDE), (0, -width % SIDE))
        padded = np.pad(picture[..., :3], (*sides, (0, 0)), mode="symmetric")
        hole = np.pad((mask > 0).astype(np.float32), sides, mode="symmetric")
        values = torch.from_numpy(padded).to(self.device).permute(2, 0, 1)[None].float() / 255.0
        made = self.network(values, torch.from_numpy(hole).to(self.device)[None, None], check_cancelled)
        pixels = (made[0].permute(1, 2, 0) * 255.0).round().clamp(0, 255).to(torch.uint8).cpu().numpy()
        return np.where(mask[..., None] > 0, pixels[:height, :width], picture[..., :3])
