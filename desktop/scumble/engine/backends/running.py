"""Which of a model's networks computes a run: OpenVINO's copy where that gives the same, else torch's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

from scumble.engine.models.loader import Components
from scumble.engine.sampling.cache import cacheable, cached
from scumble.engine.sampling.interrupt import interruptible

NOTE: Final = "backend"
"""The note of a result that says what computed it; without one it was torch, and nothing else was wanted."""


@contextmanager
def running(
    parts: Components,
    check_cancelled: Callable[[], None],
    *,
    size: tuple[int, int],
    every: int = 1,
    hooked: bool = False,
    notes: MutableMapping[str, str],
) -> Iterator[Any]:
    """The UNet for one run over latents of `size`, height and width, of which every `every`-th step is a full one.

    It looks at the LoRAs that are on by then. `hooked` says that a tool looks into the attention.
    """
    fast = parts.fast
    if fast is not None:
        reason = _obstacle(parts, size, every, hooked)
        compiled = None if reason else fast.get(check_cancelled)
        if compiled is not None:
            notes[NOTE] = "openvino"
            yield compiled
            return
        notes[NOTE] = f"torch, as {reason or fast.fault}"
    with interruptible(parts.unet, check_cancelled), cached(parts.unet, every) as unet:
        yield unet


def _obstacle(parts: Components, size: tuple[int, int], every: int, hooked: bool) -> str:
    """Why torch has to do it, in English; empty where it has not."""
    assert parts.fast is not None
    if hooked:
        return "the tool looks into the attention"
    if parts.loras.on:
        return "a LoRA is on"
    if every > 1 and cacheable(parts.unet):
        return "most of its steps are cached ones, which are quicker still"
    return "" if parts.fast.takes(*size) else "a side of the picture does not halve evenly"
