"""In which numbers this machine's processor computes a large model the quickest: measured once, then remembered."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from scumble.engine.devices import Device

CHANNELS, SIDE, TOKENS, HEADS, WIDTH = 320, 64, 1024, 8, 40
"""A layer of Stable Diffusion 1 at its finest level, with fewer tokens in the attention."""

ROUNDS: Final = 3
"""The quickest of so many is believed, as nothing but the machine itself makes it slower."""

WORTH: Final = 1.1
"""The time of bfloat16, as a part of that of float32, up to which half of the memory is worth it."""


def settled(device: Device, memory: Path | None) -> Device:
    """The device with a `large_dtype` that was measured; `memory` is the file in which the times are remembered."""
    import torch

    key = f"{device.name}, {processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}"
    known = _read(memory)
    times: dict[str, float] = known.get(key, {})
    if not _sound(times):
        times = {kind: _time(device.name, kind) for kind in ("float32", "bfloat16")}
        _write(memory, {**known, key: times})
    share = times["bfloat16"] / times["float32"]
    if share <= WORTH:
        dtype, why = "bfloat16", f"measured here at {1 / share:.1f} times the speed of float32"
    else:
        dtype, why = "float32", f"as bfloat16 was measured here to take {share:.1f} times as long"
    reason = "; ".join(filter(None, (device.remark, f"{dtype} for large models, {why}")))
    return replace(device, large_dtype=dtype, reason=reason, guessed=False)


def processor() -> str:
    """What the processor is called."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _time(device: str, kind: str) -> float:
    """Seconds for a convolution, a linear layer and an attention, laid out as the loader lays out a network."""
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

    with torch.no_grad():
        return _quickest(work)


def _quickest(work: Callable[[], None]) -> float:
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return max(min(taken), 1e-9)


def _sound(times: Any) -> bool:
    return isinstance(times, dict) and all(
        isinstance(times.get(kind), int | float) and times[kind] > 0 for kind in ("float32", "bfloat16")
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
