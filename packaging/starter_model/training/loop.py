"""What every stage shares: optimiser, running average, learning rate, checkpoints, the curve."""

from __future__ import annotations

import csv
import io
import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from training.options import Options

EMA: Final = 0.9985
PART: Final = 15 * 2**20
WARM_UP: Final = 100
FLAT: Final = 0.4
"""The share of a stage's samples at the full learning rate, before the cosine down to a hundredth."""


class Run:
    """The training of some modules, as one: updated, averaged, saved and continued together.

    Chance comes from `generator`, which depends on the seed and the number of samples alone: a run that continues
    from a checkpoint is the run that was never interrupted.
    """

    def __init__(self, stage: str, modules: Mapping[str, nn.Module], options: Options) -> None:
        self.stage = stage
        self.modules = dict(modules)
        self.options = options
        self.folder = options.out / stage
        self.samples = 0
        self.steps = 0
        self.parameters = [p for module in self.modules.values() for p in module.parameters()]
        self.averages = [p.detach().clone() for p in self.parameters]
        groups = [
            {"params": [p for p in self.parameters if p.ndim > 1], "weight_decay": 0.01},
            {"params": [p for p in self.parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98), fused=True)
        self._saved = time.monotonic()

    @property
    def done(self) -> bool:
        """Whether the stage, or this session of it, is over."""
        return self.samples >= self.options.samples or not self.options.go_on(self.samples)

    def generator(self, purpose: int = 0) -> torch.Generator:
        """Chance for the next batch, on the CPU on every device, so that it is the same on each."""
        mixed = (self.options.seed * 1_000_003 + self.samples) * 7 + purpose
        return torch.Generator().manual_seed(mixed)

    def rate(self) -> float:
        """The learning rate: a short rise, a plateau, a cosine to a hundredth."""
        share = min(1.0, self.samples / self.options.samples)
        falling = max(0.0, (share - FLAT) / (1 - FLAT))
        rise = min(1.0, (self.steps + 1) / WARM_UP)
        return self.options.rate * rise * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * falling)))

    def update(self, loss: Tensor, count: int) -> None:
        """A step down a loss of `count` samples."""
        self.clear()
        torch.autograd.backward(loss)
        self.step(count)

    def clear(self) -> None:
        """Forgets the gradients."""
        self.optimiser.zero_grad(set_to_none=True)

    def step(self, count: int) -> None:
        """One step of the optimiser and of the average along the gradients that are there; `count` samples more. Waits
        for nothing that a GPU still has to do, so that the next batch is made meanwhile."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        self.steps += 1
        self.samples += count
        keep = min(EMA, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.averages, [p.detach() for p in self.parameters], 1 - keep)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The modules with their averaged weights, to measure or to save."""
        self._swap()
        states = [module.training for module in self.modules.values()]
        for module in self.modules.values():
            module.eval()
        try:
            yield
        finally:
            for module, state in zip(self.modules.values(), states, strict=True):
                module.train(state)
            self._swap()

    def _swap(self) -> None:
        for parameter, average in zip(self.parameters, self.averages, strict=True):
            parameter.data, average.data = average.data, parameter.data

    def save(self) -> None:
        """Everything needed to go on, in one file or in parts below 16 MiB."""
        state = {
            "samples": self.samples,
            "steps": self.steps,
            "modules": {name: module.state_dict() for name, module in self.modules.items()},
            "averages": self.averages,
            "optimiser": self.optimiser.state_dict(),
        }
        buffer = io.BytesIO()
        torch.save(state, buffer)
        write_parts(self.folder / "state.pt", buffer.getbuffer(), PART if self.options.shard else 0)
        self._saved = time.monotonic()

    def save_if_due(self) -> None:
        """At most once in so many minutes."""
        if time.monotonic() - self._saved > 60 * self.options.save_minutes:
            self.save()

    def restore(self) -> bool:
        """Continues from the folder's checkpoint; False where there is none."""
        data = read_parts(self.folder / "state.pt")
        if data is None:
            return False
        state = torch.load(io.BytesIO(data), map_location=self.options.device, weights_only=True)
        for name, module in self.modules.items():
            module.load_state_dict(state["modules"][name])
        for average, saved in zip(self.averages, state["averages"], strict=True):
            average.copy_(saved)
        self.optimiser.load_state_dict(state["optimiser"])
        self.samples, self.steps = state["samples"], state["steps"]
        return True

    def log(self, **values: float) -> None:
        """A line of `curve.csv` and of the terminal; the seconds are those of the session."""
        seconds = time.monotonic() - self.options.begin
        row = {
            "samples": self.samples,
            "seconds": round(seconds),
            **{name: round(value, 5) for name, value in values.items()},
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "curve.csv"
        fresh = not path.exists()
        with path.open("a", newline="") as stream:
            writer = csv.DictWriter(stream, list(row))
            if fresh:
                writer.writeheader()
            writer.writerow(row)
        print(f"{self.stage}: " + ", ".join(f"{name} {value}" for name, value in row.items()), flush=True)


def moved(values: Tensor, device: str) -> Tensor:
    """On the device; to a GPU from pinned memory, which is the copy that nothing waits for."""
    if device.startswith("cuda"):
        return values.pin_memory().to(device, non_blocking=True)
    return values.to(device)


def load_averages(folder: Path, modules: Mapping[str, nn.Module]) -> None:
    """Puts the averaged weights of a stage's checkpoint into some of its modules.

    Raises FileNotFoundError where there is no checkpoint.
    """
    data = read_parts(folder / "state.pt")
    if data is None:
        raise FileNotFoundError(folder / "state.pt")
    state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    averages = iter(state["averages"])
    for name, weights in state["modules"].items():
        module = modules.get(name)
        names = [key for key, _ in module.named_parameters()] if module else list(weights)
        taken = {key: next(averages) for key in names}
        if module:
            module.load_state_dict({**weights, **taken})


def write_parts(path: Path, data: memoryview, part: int) -> None:
    """Writes a file, or `path.000`, `path.001`… of at most `part` bytes; what was there before goes last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = part or max(1, len(data))
    names = [path if not part else path.with_name(f"{path.name}.{i:03}") for i in range(-(-len(data) // size))]
    for i, name in enumerate(names):
        draft = name.with_name(name.name + ".part")
        draft.write_bytes(data[i * size : (i + 1) * size])
        os.replace(draft, name)
    for old in [path, *path.parent.glob(path.name + ".[0-9][0-9][0-9]")]:
        if old not in names:
            old.unlink(missing_ok=True)


def read_parts(path: Path) -> bytes | None:
    """What `write_parts` wrote, or None."""
    if path.exists():
        return path.read_bytes()
    parts = sorted(path.parent.glob(path.name + ".[0-9][0-9][0-9]"))
    return b"".join(part.read_bytes() for part in parts) if parts else None
