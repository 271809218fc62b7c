"""Several threads that learn side by side, each on its own part of a batch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor, nn


class Team:
    """The modules and copies of them that share their weights, one thread of arithmetic for each.

    On the few cores of a CPU this is half again as quick as to split every operation among the threads, which then wait
    for each other thousands of times a step; and another program on one of the cores takes no more than its share.
    """

    def __init__(self, modules: Mapping[str, nn.Module], threads: int) -> None:
        self._first = list(modules.values())
        self.copies = [{name: _sharing(module) for name, module in modules.items()} for _ in range(threads - 1)]
        self._pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))

    def backward(self, losses: Sequence[Callable[[], Tensor]]) -> Tensor:
        """Gradients of the mean of some losses, the first of the modules, the others of the copies in order, gathered
        in the modules. Returns the mean."""
        if not self.copies:
            (loss,) = (call() for call in losses)
            torch.autograd.backward(loss)
            return loss.detach()
        parts = list(self._pool.map(_backward, losses, [1 / len(losses)] * len(losses)))
        for each in self.copies:
            self._gather(list(each.values()))
        return torch.stack(parts).sum()

    def _gather(self, modules: Sequence[nn.Module]) -> None:
        for own, other in zip(_weights(self._first), _weights(modules), strict=True):
            if other.grad is not None:
                own.grad = other.grad if own.grad is None else own.grad.add_(other.grad)
                other.grad = None


def _backward(call: Callable[[], Tensor], share: float) -> Tensor:
    loss = call() * share
    torch.autograd.backward(loss)
    return loss.detach()


def _sharing(module: nn.Module) -> nn.Module:
    """A copy whose weights are the module's own memory, and whose gradients are not."""
    twin = copy.deepcopy(module)
    for own, shared in zip(twin.parameters(), module.parameters(), strict=True):
        own.data = shared.data
    return twin


def _weights(modules: Sequence[nn.Module]) -> list[nn.Parameter]:
    return [parameter for module in modules for parameter in module.parameters()]
