"""What is counted and what is measured on sets of pictures, free of any network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from world import Picture

from judging.network import shrunk

CONFIDENT: Final = 1.959964
"""The normal deviate of a 95 % interval."""
SMALL: Final = 32
"""The side at which pictures are compared pixel by pixel."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many right of so many."""

    right: int
    of: int

    @property
    def value(self) -> float:
        """0…1; not a number where nothing was asked."""
        return self.right / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The score interval of 95 % (Wilson, 1927), which holds for shares near 0 and 1 too."""
        if not self.of:
            return 0.0, 1.0
        spread = CONFIDENT**2 / self.of
        middle = (self.value + spread / 2) / (1 + spread)
        reach = math.sqrt(spread * (self.value * (1 - self.value) + spread / 4)) / (1 + spread)
        return max(0.0, middle - reach), min(1.0, middle + reach)


def kernel_distance(first: Tensor, second: Tensor) -> float:
    """The squared maximum mean discrepancy of two sets of features `(count, width)` under a cubic kernel, unbiased:
    about 0 for sets of one kind (Bińkowski et al., 2018, “Demystifying MMD GANs”, section 4)."""
    first, second = first.double(), second.double()

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / a.shape[1] + 1) ** 3

    def within(a: Tensor) -> Tensor:
        values = kernel(a, a)
        return (values.sum() - values.trace()) / (len(a) * (len(a) - 1))

    return float(within(first) + within(second) - 2 * kernel(first, second).mean())


def spread(first: Tensor, second: Tensor) -> float:
    """The mean distance of the two rows of each pair."""
    return float((first - second).norm(dim=1).mean())


def nearer(pictures: Picture, seen: Picture, unseen: Picture) -> Share:
    """How many pictures lie nearer to one of `seen` than to any of `unseen`, an equally large set of the same kind:
    half of them where nothing was learned by heart. All `(count, side, side, 3)`."""
    ours, theirs, others = (_small(each) for each in (pictures, seen, unseen))
    return Share(int((torch.cdist(ours, theirs).amin(1) < torch.cdist(ours, others).amin(1)).sum()), len(ours))


def _small(pictures: Picture) -> Tensor:
    return torch.from_numpy(shrunk(pictures, SMALL).reshape(len(pictures), -1)).float()
