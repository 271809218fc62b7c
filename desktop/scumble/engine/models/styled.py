"""Layers of generators in the manner of StyleGAN2 (Karras et al., Analyzing and Improving the Image Quality of
StyleGAN), read from tensors by name.

Weights are kept at unit variance and scaled by what flows in when they are used; what changes a picture's size is
smoothed by a binomial kernel; features are convolved by weights that a style vector has scaled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

import torch
import torch.nn.functional as nnf

EPSILON: Final = 1e-8
"""What keeps a division from one by zero."""


class Change(Enum):
    """What a convolution does to both sides of its picture."""

    NONE = 0
    HALVE = 1
    DOUBLE = 2


@dataclass(frozen=True, slots=True)
class Layers:
    """Layers by their names, which end in a dot. Features are `(1, channels, height, width)`, styles `(1, length)`.

    Its methods raise `KeyError` where a tensor is missing, and what torch raises where shapes do not fit.
    """

    weights: Mapping[str, torch.Tensor]

    def dense(self, name: str, values: torch.Tensor, *, bent: bool = False, rate: float = 1.0) -> torch.Tensor:
        """(…, inputs) → (…, outputs). `rate` is by how much slower the layer learnt than others."""
        weight, bias = self.weights[name + "weight"], self.weights[name + "bias"]
        made = nnf.linear(values, weight * (rate / math.sqrt(weight[0].numel())), bias * rate)
        return bend(made) if bent else made

    def convolution(self, name: str, values: torch.Tensor, change: Change = Change.NONE) -> torch.Tensor:
        """With a bias, and bent."""
        weight = self.weights[name + "weight"]
        made = convolve(values, weight / math.sqrt(weight[0].numel()), change)
        return bend(made + self._bias(name))

    def partial(
        self, name: str, values: torch.Tensor, known: torch.Tensor | None, change: Change = Change.NONE
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """A convolution that makes up for what is not known, and what is known after it (Liu et al., Image Inpainting
        for Irregular Holes Using Partial Convolutions). `known` (1, 1, height, width) holds 0 and 1."""
        made = self.convolution(name + "conv.", values, change)
        if known is None:
            return made, None
        kernel = torch.ones_like(self.weights[name + "conv.weight"][:1, :1])
        count = convolve_plainly(known, kernel, 2 if change is Change.HALVE else 1)
        after = count.clamp(max=1.0)
        return made * (after * kernel.numel() / (count + EPSILON)), after

    def styled(
        self, name: str, values: torch.Tensor, style: torch.Tensor, change: Change = Change.NONE
    ) -> torch.Tensor:
        """A convolution by weights that the style scales, each filter of length 1, and the noise that was trained."""
        weight = self._scaled(name + "conv.", style)
        length = weight.square().sum(dim=(1, 2, 3), keepdim=True)
        made = convolve(values, weight * (length + EPSILON).rsqrt(), change)
        if name + "noise_const" in self.weights:
            made = made + self.weights[name + "noise_const"] * self.weights[name + "noise_strength"]
        return bend(made + self._bias(name))

    def colours(
        self, name: str, values: torch.Tensor, style: torch.Tensor, before: torch.Tensor | None
    ) -> torch.Tensor:
        """Features → a picture, upon that which half as large features made, where there is one."""
        made = nnf.conv2d(values, self._scaled(name + "conv.", style)) + self._bias(name)
        if before is None:
            return made
        return made + (before if before.shape == made.shape else double(before))

    def _scaled(self, name: str, style: torch.Tensor) -> torch.Tensor:
        weight = self.weights[name + "weight"][0]
        scales = self.dense(name + "affine.", style)[0]
        return weight * scales[None, :, None, None] / math.sqrt(weight[0].numel())

    def _bias(self, name: str) -> torch.Tensor:
        return self.weights[name + "bias"][None, :, None, None]


def bend(values: torch.Tensor) -> torch.Tensor:
    """A leaky rectifier that keeps the variance."""
    return nnf.leaky_relu(values, 0.2) * math.sqrt(2.0)


def convolve(values: torch.Tensor, weight: torch.Tensor, change: Change) -> torch.Tensor:
    """A convolution whose kernel has an odd size; what doubles a picture has one of 3 × 3."""
    if change is Change.HALVE:
        return nnf.conv2d(_smooth(values, weight.shape[-1] // 2 + 1), weight, stride=2)
    if change is Change.DOUBLE:
        spread = nnf.conv_transpose2d(values, weight.transpose(0, 1).flip(2, 3), stride=2)
        return _smooth(spread, 1) * 4.0
    return convolve_plainly(values, weight, 1)


def convolve_plainly(values: torch.Tensor, weight: torch.Tensor, stride: int) -> torch.Tensor:
    """With zeros beyond the edges, as many as keep the size."""
    return nnf.conv2d(values, weight, stride=stride, padding=weight.shape[-1] // 2)


def double(values: torch.Tensor) -> torch.Tensor:
    """A picture with sides twice as long."""
    channels = values.shape[1]
    return nnf.conv_transpose2d(values, _binomial(values) * 4.0, stride=2, padding=1, groups=channels)


def _smooth(values: torch.Tensor, margin: int) -> torch.Tensor:
    return nnf.conv2d(values, _binomial(values), padding=margin, groups=values.shape[1])


def _binomial(values: torch.Tensor) -> torch.Tensor:
    """The kernel for each channel of some features (channels, 1, 4, 4), of sum 1."""
    taps = torch.tensor((1.0, 3.0, 3.0, 1.0), device=values.device) / 8.0
    return torch.outer(taps, taps).expand(values.shape[1], 1, 4, 4)
