"""The judge: a small residual network with a head for each attribute."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from judging.readings import MISSING, NAMES, Values

WIDTHS: Final = (16, 32, 64, 128)


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
    """Reads pictures `(batch, 3, side, side)`, −1…1. No batch statistics, so that one picture is read as many are."""

    def __init__(self, values: Values, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.values = values
        layers: list[nn.Module] = []
        before = 3
        for place, width in enumerate(widths):
            layers.append(nn.Conv2d(before, width, 3, stride=2, padding=1))
            layers += [_Block(width)] if place else [nn.ReLU()]
            before = width
        self.body = nn.Sequential(*layers)
        self.heads = nn.ModuleDict({name: nn.Linear(2 * before, len(values.values[name])) for name in NAMES})

    def features(self, pictures: Tensor) -> Tensor:
        """`(batch, 2 · widths[-1])`: what the heads see, means and maxima over the picture."""
        inner = functional.relu(self.body(pictures))
        return torch.cat([inner.mean((2, 3)), inner.amax((2, 3))], dim=1)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Scores `(batch, values)` by attribute."""
        features = self.features(pictures)
        return {name: head(features) for name, head in self.heads.items()}

    def loss(self, pictures: Tensor, targets: Tensor) -> Tensor:
        """The sum of cross-entropies over what each picture shows."""
        scores = self(pictures)
        total = torch.zeros((), device=pictures.device)
        for place, name in enumerate(NAMES):
            known = targets[:, place] != MISSING
            if known.any():
                total = total + functional.cross_entropy(scores[name][known].float(), targets[known, place])
        return total
