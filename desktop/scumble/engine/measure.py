"""In which numbers this machine's processor computes a large model the quickest, and how its attention: measured once,
then remembered."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from scumble.engine.devices import Device, joined

CHANNELS, SIDE, HEADS, WIDTH, WORDS = 320, 64, 8, 40, 77
"""A layer of Stable Diffusion 1 at its finest level."""

TOKENS: Final = 1024
"""Fewer than a picture has there, of which an attention among the numbers is measured."""

QUERIES: Final = 2048
"""Half as many as a picture of 512 pixels has there, of which the two attentions are measured."""

ROUNDS: Final = 4
"""The quickest of so many is believed, as nothing but the machine itself makes it slower. The first warms up."""

ENOUGH: Final = 2.0
"""Seconds after which no other round begins: what takes so long differs by more than chance."""

WORTH: Final = 1.1
"""The time of bfloat16, as a part of that of float32, up to which half of the memory is worth it."""

PLAIN_WORTH: Final = 0.9
"""The time of plain attention, as a part of that of the fused one, up to which it is taken for quicker; what is nearer
may be chance."""

NUMBERS: Final = ("float32", "bfloat16")

ATTENTIONS: Final = ("fused", "plain")

Work: TypeAlias = Callable[[], object]


def settled(device: Device, memory: Path | None, *, measure: bool = True) -> Device:
    """The device with nothing open that was measured; `memory` is the file in which the times are remembered. Without
    `measure` what is not remembered stays open."""
    import torch

    key = f"{device.name}, {processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}"
    if device.guessed:
        numbers = _times(memory, key, NUMBERS, partial(_numbers, device.name), measure=measure)
        if numbers is None:
            return device
        device = _in_numbers(device, numbers[1] / numbers[0])
    if not device.large_attention:
        kind = device.large_dtype
        prepare = partial(_attention, device.name, kind)
        ways = _times(memory, f"{key}, attention in {kind}", ATTENTIONS, prepare, measure=measure)
        device = device if ways is None else _attending(device, ways[1] / ways[0])
    return device


def processor() -> str:
    """What the processor is called."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _in_numbers(device: Device, share: float) -> Device:
    """The device with what follows from the time of bfloat16 as a part of that of float32."""
    if share <= WORTH:
        dtype, said = "bfloat16", "bfloat16, channels last, for large models, measured here at "
        said += f"{1 / share:.1f} times the speed of float32"
    else:
        dtype, said = "float32", "float32 for large models, as bfloat16, channels last, was measured here to take "
        said += f"{share:.1f} times as long"
    reason = joined(device.remark, said)
    return replace(device, large_dtype=dtype, reason=reason, guessed=False)


def _attending(device: Device, share: float) -> Device:
    """The device with what follows from the time of plain attention as a part of that of the fused one."""
    if share <= PLAIN_WORTH:
        way, why = "plain", f"measured here at {1 / share:.1f} times the speed of the fused one"
    else:
        way, why = "fused", f"as the plain one was measured here to take {share:.1f} times as long"
    return replace(device, large_attention=way, reason=joined(device.reason, f"{way} attention, {why}"))


def _numbers(device: str, kind: str) -> Work:
    """A convolution, a linear layer and an attention, laid out as the loader lays out a network."""
    import torch
    from torch.nn.functional import conv2d, linear, scaled_dot_product_attention

    options: dict[str, Any] = {"device": device, "dtype": getattr(torch, kind)}
    layout = torch.contiguous_format if kind == "float32" else torch.channels_last
    picture = torch.randn((1, CHANNELS, SIDE, SIDE), **options).contiguous(memory_format=layout)
    kernel = torch.randn((CHANNELS, CHANNELS, 3, 3), **options).contiguous(memory_format=layout)
    tokens, weight = torch.randn((TOKENS, CHANNELS), **options), torch.randn((4 * CHANNELS, CHANNELS), **options)
    heads = torch.randn((1, HEADS, TOKENS, WIDTH), **options)

    def work() -> None:
        conv2d(picture, kernel, padding=1)
        linear(tokens, weight)
        scaled_dot_product_attention(heads, heads, heads)

    return work


def _attention(device: str, kind: str, way: str) -> Work:
    """A picture's attention to itself and to a text."""
    import torch

    from scumble.engine.sampling.attending import WAYS

    options: dict[str, Any] = {"device": device, "dtype": getattr(torch, kind)}
    picture, text = (torch.randn((1, many, HEADS, WIDTH), **options).transpose(1, 2) for many in (QUERIES, WORDS))

    def work() -> None:
        WAYS[way](picture, picture, picture, None)
        WAYS[way](picture, text, text, None)

    return work


def _times(
    memory: Path | None, key: str, kinds: tuple[str, str], prepare: Callable[[str], Work], *, measure: bool
) -> tuple[float, float] | None:
    """Seconds that two kinds of work take, as they are remembered under that key, or else measured; None where
    neither."""
    known = _read(memory)
    times: Any = known.get(key)
    if not _sound(times, kinds):
        if not measure:
            return None
        times = _quickest({kind: prepare(kind) for kind in kinds})
        _write(memory, {**known, key: times})
    return times[kinds[0]], times[kinds[1]]


def _quickest(works: Mapping[str, Work]) -> dict[str, float]:
    """Seconds of each, which take turns, so that whatever else the machine does meets them alike."""
    import torch

    taken: dict[str, list[float]] = {kind: [] for kind in works}
    last = time.perf_counter() + ENOUGH
    with torch.no_grad():
        for _ in range(ROUNDS):
            for kind, work in works.items():
                began = time.perf_counter()
                work()
                taken[kind].append(time.perf_counter() - began)
            if time.perf_counter() > last:
                break
    return {kind: max(min(times), 1e-9) for kind, times in taken.items()}


def _sound(times: Any, kinds: tuple[str, str]) -> bool:
    return isinstance(times, dict) and all(
        isinstance(times.get(kind), int | float) and times[kind] > 0 for kind in kinds
    )


def _read(memory: Path | None) -> dict[str, Any]:
    try:
        found = json.loads(memory.read_text("utf-8")) if memory is not None else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(memory: Path | None, times: dict[str, Any]) -> None:
    """A disk that cannot be written to costs another measurement, no more."""
    if memory is None:
        return
    with contextlib.suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        fresh = memory.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(times), "utf-8")
        fresh.replace(memory)
