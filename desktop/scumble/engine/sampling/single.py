"""A batch through a network, one after the other: slower, and it needs no more memory than one."""

from __future__ import annotations

from typing import Any

import torch


class OneByOne:
    """A UNet that never sees more than one latent."""

    def __init__(self, unet: Any) -> None:
        self._unet = unet

    def __call__(self, sample: torch.Tensor, timestep: torch.Tensor, **named: Any) -> tuple[torch.Tensor]:
        """As the UNet's own call with `return_dict=False`; what is named with a row for each latent goes with it."""
        outputs = [
            self._unet(sample[row : row + 1], timestep, **_row(named, row, len(sample)))[0]
            for row in range(len(sample))
        ]
        return (torch.cat(outputs),)


def _row(value: Any, row: int, count: int) -> Any:
    """The part of a value that belongs to one row of a batch."""
    if isinstance(value, dict):
        return {name: _row(each, row, count) for name, each in value.items()}
    if isinstance(value, torch.Tensor) and value.ndim > 0 and len(value) == count:
        return value[row : row + 1]
    return value
