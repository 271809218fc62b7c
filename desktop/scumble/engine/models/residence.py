"""Which networks of a model lie where they compute, and which wait elsewhere until they are used.

On an accelerator they wait in main memory. On a processor there is nowhere else: the weights of what waits are let go,
and read again from their files, which are mapped, or from the cache of converted ones.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeAlias

import torch

PROCESSOR: Final = torch.device("cpu")

Fetch: TypeAlias = Callable[[str], Mapping[str, torch.Tensor]]
"""Reads the tensors of a network again, as it computes with them, by their names."""


class Residence:
    """All are there to begin with. A network stays the same object wherever its weights are, LoRAs beside it included,
    so that whoever holds it need not know."""

    def __init__(self, networks: Mapping[str, Any], device: torch.device, fetch: Fetch) -> None:
        self._networks = networks
        self._device = device
        self._fetch = fetch
        self._away: set[str] = set()
        # by the names that they have in files: those of layers change when a LoRA is put beside them
        self._weights: dict[str, list[tuple[str, torch.Tensor]]] = {
            name: _stored(network) for name, network in networks.items()
        }

    @property
    def away(self) -> frozenset[str]:
        """The networks that are not where they compute."""
        return frozenset(self._away)

    def bring(self, names: Collection[str], *, alone: bool) -> None:
        """Has networks where they compute; `alone`, all others go first.

        Raises `ValueError` or `OSError` where the file of one is not what it was.
        """
        for name in self._networks if alone else ():
            if name not in names and name not in self._away:
                self._send(name)
        for name in names:
            if name in self._away:
                self._call(name)
                self._away.discard(name)

    def _send(self, name: str) -> None:
        self._away.add(name)
        if self._device != PROCESSOR:
            self._networks[name].to(PROCESSOR)
            return
        for _, weight in self._weights[name]:
            # of the same shape, for those who look at nothing else, on a single value
            weight.data = torch.zeros((), dtype=weight.dtype).expand(weight.shape)

    def _call(self, name: str) -> None:
        if self._device != PROCESSOR:
            self._networks[name].to(self._device)
            return
        tensors = self._fetch(name)
        for key, weight in self._weights[name]:
            weight.data = tensors[key]


def _stored(network: torch.nn.Module) -> list[tuple[str, torch.Tensor]]:
    """The weights that a file has; buffers that are only counted up stay."""
    known = network.state_dict().keys()
    return [(key, one) for key, one in (*network.named_parameters(), *network.named_buffers()) if key in known]
