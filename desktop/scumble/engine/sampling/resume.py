"""A run that is put aside between two steps, as bytes, and taken up again when nothing of it is left in memory.

What is kept: the latent, its level, what the scheduler has come to remember (the history of a multistep sampler, the
half step of one of second order), and where the generators are. What is not kept is made again as it was: the schedule
with its seeds, the prompt's states, what a mask keeps. A sampler whose noise is a function of seed and level
(`dpmpp-sde`) makes the same again.

The rest of the run has the same bytes as if it had never stopped, with every sampler, on the same device. Cached steps
(`sampling.cache`) are the exception: the first step after a pause is a full one, so it is nearer to what full steps
alone give.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from scumble.engine.aside import Aside, Run
from scumble.engine.sampling.loop import Standing
from scumble.engine.sampling.schedule import Schedule

VERSION: Final = 1

LATENT, GENERATOR = "latent", "generator"
"""The names of tensors: the latent, and with a number behind it the state of each picture's generator."""

GoOn: TypeAlias = Callable[[torch.Tensor | Standing, Callable[[Standing], None] | None], torch.Tensor]
"""`denoise` with all but what it begins with and whom it tells."""

PLAIN: Final = (bool, int, float, str, type(None))


def resumed(aside: Aside | None, schedule: Schedule, latent: torch.Tensor, go_on: GoOn, *, able: bool) -> torch.Tensor:
    """What `go_on` makes of a latent, or of where this run of a job stood, which may be at its end.

    Not `able` is a run that needs more than a standing keeps; without `aside` none is kept.
    """
    if aside is None or not aside.begin(able):
        return go_on(latent, None)
    shape = tuple(latent.shape)
    known = aside.known(shape)
    try:
        begun = unpack(known.data, schedule) if known is not None else latent
    except ValueError:
        begun, known = latent, None
    made = go_on(begun, lambda at: aside.reached(at.done, lambda: Run(shape, pack(at, schedule))))
    end = pack(Standing(len(schedule), made, 1.0), schedule)
    aside.end(Run(shape, end), len(schedule), known=known is not None)
    return made


def pack(standing: Standing, schedule: Schedule) -> bytes:
    """Where a run stands, as a safetensors file. To be called between two steps, from `denoise`'s `on_standing`, or at
    the end, where nothing need be remembered."""
    tensors = {LATENT: standing.latent}
    remembered = {
        name: _described(value, name, tensors)
        for name, value in vars(schedule.scheduler).items()
        if standing.done < len(schedule) and not _same(value, schedule.fresh.get(name, schedule)) and _is_kept(value)
    }
    for place, generator in enumerate(schedule.settings.get("generator", ())):
        tensors[f"{GENERATOR}{place}"] = generator.get_state()
    said = {
        "version": VERSION,
        "run": _run(schedule),
        "done": standing.done,
        "alpha": standing.alpha,
        "remembered": remembered,
        "channels_last": [name for name, tensor in tensors.items() if _lies_channels_last(tensor)],
    }
    return save({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, {"standing": json.dumps(said)})


def unpack(data: bytes, schedule: Schedule) -> Standing:
    """Where a run stood, to be given to `denoise`. `schedule` is made as it was for that run, after whose first noise
    was drawn, and no step of it has been taken; it remembers now what that one did, and so do its generators.

    Raises `ValueError` where the bytes are damaged, or those of another run.
    """
    said, tensors = _read(data)
    if (said.get("version"), said.get("run")) != (VERSION, _run(schedule)):
        raise ValueError("it is that of another run")
    device = schedule.timesteps.device
    try:
        for name in said["channels_last"]:
            tensors[name] = tensors[name].contiguous(memory_format=torch.channels_last)
        standing = Standing(said["done"], tensors[LATENT].to(device), float(said["alpha"]))
        remembered = {name: _value(value, tensors, device) for name, value in said["remembered"].items()}
        for place, generator in enumerate(schedule.settings.get("generator", ())):
            generator.set_state(tensors[f"{GENERATOR}{place}"])
    except (KeyError, RuntimeError) as error:
        raise ValueError("it is damaged") from error
    vars(schedule.scheduler).update(remembered)
    return standing


def _read(data: bytes) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """What is said of a run, and its tensors. Source of the layout: the safetensors format, 8 bytes of length
    (little-endian), then JSON."""
    try:
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        said: dict[str, Any] = json.loads(header["__metadata__"]["standing"])
        return said, load(data)
    except (ValueError, KeyError, SafetensorError) as error:
        raise ValueError("it is damaged") from error


def _run(schedule: Schedule) -> list[Any]:
    """What tells a run from one with other steps."""
    return [type(schedule.scheduler).__name__, schedule.prediction, schedule.timesteps.tolist()]


def _is_kept(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_kept, value))
    return isinstance(value, (*PLAIN, torch.Tensor))


def _same(value: Any, before: Any) -> bool:
    """Whether an attribute is as it was; a scheduler puts new tensors in the place of old ones."""
    if isinstance(value, list) and isinstance(before, list):
        return len(value) == len(before) and all(map(_same, value, before))
    return value is before or (isinstance(value, PLAIN) and isinstance(before, PLAIN) and value == before)


def _described(value: Any, name: str, tensors: dict[str, torch.Tensor]) -> Any:
    """The value as JSON, in which the name of a tensor stands for it in an object."""
    if isinstance(value, torch.Tensor):
        tensors[name] = value
        return {"tensor": name}
    if isinstance(value, list):
        return [_described(each, f"{name}.{place}", tensors) for place, each in enumerate(value)]
    return value


def _value(described: Any, tensors: Mapping[str, torch.Tensor], device: torch.device) -> Any:
    if isinstance(described, dict):
        tensor = tensors[described["tensor"]]
        return tensor.to(device) if tensor.ndim else tensor  # schedulers have single numbers on the processor
    if isinstance(described, list):
        return [_value(each, tensors, device) for each in described]
    return described


def _lies_channels_last(tensor: torch.Tensor) -> bool:
    """Such a tensor is given back lying so, because sums may come out otherwise."""
    return tensor.ndim == 4 and not tensor.is_contiguous() and tensor.is_contiguous(memory_format=torch.channels_last)
