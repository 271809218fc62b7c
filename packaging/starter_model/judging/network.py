"""The judge: a small residual network with a head for each attribute."""

from __future__ import annotations

import itertools
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from world import Picture

from judging.readings import MISSING, NAMES, Values

WIDTHS: Final = (16, 32, 64, 128)
GRAIN: Final = 32
"""Channels of a short way beside the stages that sees single pixels: oil and pixel art differ there."""
SIDE: Final = 128
"""The side at which pictures are read."""


def shrunk(pictures: Picture, side: int = SIDE) -> Picture:
    """Pictures `(count, h, w, 3)` as the judge reads them, `(count, side, side, 3)`."""
    if pictures.shape[1:3] == (side, side):
        return pictures
    return np.stack([cv2.resize(each, (side, side), interpolation=cv2.INTER_AREA) for each in pictures])


class _Block(nn.Module):
    """Two convolutions about which the signal may pass."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        inner = self.first(functional.relu(self.norms[0](x)))
        out: Tensor = x + self.second(functional.relu(self.norms[1](inner)))
        return out


class Judge(nn.Module):
    """Reads pictures `(batch, 3, SIDE, SIDE)`, −1…1, as `shrunk` makes them.

    It has no batch statistics, so that one picture is read as many are.
    """

    def __init__(self, values: Values, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.values = values
        first = nn.Conv2d(3, widths[0], 6, stride=4, padding=2)
        further = (nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in itertools.pairwise(widths))
        layers = zip([first, *further], widths, strict=True)
        self.stages = nn.ModuleList(nn.Sequential(layer, _Block(width)) for layer, width in layers)
        self.grain = nn.Sequential(
            nn.Conv2d(3, 24, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(24, 24, 3, stride=2, padding=1),
            nn.GroupNorm(8, 24),
            nn.ReLU(),
            nn.Conv2d(24, GRAIN, 3, stride=2, padding=1),
            nn.GroupNorm(8, GRAIN),
        )
        seen = 2 * (GRAIN + sum(widths))
        self.heads = nn.ModuleDict({name: nn.Linear(seen, len(values.values[name])) for name in NAMES})

    def features(self, pictures: Tensor) -> Tensor:
        """`(batch, 2 · (GRAIN + sum(widths)))`: what the heads see, means and maxima of every stage, for a manner of
        painting shows in the pixels and a thing in the last."""
        seen, inner = [self.grain(pictures)], pictures
        for stage in self.stages:
            inner = stage(inner)
            seen.append(inner)
        shown = [functional.relu(each) for each in seen]
        return torch.cat([pooled for each in shown for pooled in (each.mean((2, 3)), each.amax((2, 3)))], dim=1)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Scores `(batch, values)` by attribute."""
        features = self.features(pictures)
        return {name: head(features) for name, head in self.heads.items()}

    def guesses(self, pictures: Tensor) -> Tensor:
        """The number of the value that is read, `(batch, len(NAMES))`."""
        scores = self(pictures)
        return torch.stack([scores[name].argmax(dim=1) for name in NAMES], dim=1)

    def loss(self, pictures: Tensor, targets: Tensor) -> Tensor:
        """The sum of cross-entropies over what each picture shows."""
        scores = self(pictures)
        total = torch.zeros((), device=pictures.device)
        for place, name in enumerate(NAMES):
            known = targets[:, place] != MISSING
            if known.any():
                total = total + functional.cross_entropy(scores[name][known].float(), targets[known, place])
        return total
