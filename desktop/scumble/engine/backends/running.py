"""Which of a model's networks computes a run: OpenVINO's copy where that gives the same, else torch's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from scumble.engine.models.loader import Components
from scumble.engine.sampling.attending import attending
from scumble.engine.sampling.cache import cacheable, cached
from scumble.engine.sampling.interrupt import interruptible
from scumble.engine.sampling.single import OneByOne

NOTE: Final = "backend"
"""The note of a result that says what computed it; without one it was torch, and nothing else was wanted."""

ATTENTION: Final = "attention"
"""The note that says how torch computed the attention, as `sampling.attending` has it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run asks of the network: latents of `size`, height and width, in so many `steps`, of which one in `every`
    is a full one; `single`, one latent of a batch after the other; `hooked`, a tool that looks into the attention."""

    size: tuple[int, int]
    steps: int
    every: int = 1
    single: bool = False
    hooked: bool = False


@contextmanager
def running(
    parts: Components, check_cancelled: Callable[[], None], wish: Wish, notes: MutableMapping[str, str]
) -> Iterator[Any]:
    """The network for one run, which can be stopped in the middle of a step; `notes` are told which it is.

    It looks at the LoRAs that are on by then.
    """
    fast = parts.fast
    if fast is not None:
        reason = _obstacle(parts, wish)
        compiled = None if reason else fast.get(check_cancelled)
        if compiled is not None:
            notes[NOTE] = "openvino"
            yield OneByOne(compiled) if wish.single else compiled
            return
        notes[NOTE] = f"torch, as {reason or fast.fault}"
    unet = parts.unet
    with (
        interruptible(unet, check_cancelled),
        attending(unet, parts.attention) as notes[ATTENTION],
        cached(unet, wish.every, wish.steps, single=wish.single) as network,
    ):
        yield network


def _obstacle(parts: Components, wish: Wish) -> str:
    """Why torch has to do it, in English; empty where it has not."""
    assert parts.fast is not None
    if wish.hooked:
        return "the tool looks into the attention"
    if parts.loras.on:
        return "a LoRA is on"
    if wish.every > 1 and cacheable(parts.unet):
        return "most of its steps are cached ones, which are quicker still"
    return "" if parts.fast.takes(*wish.size) else "a side of the picture does not halve evenly"
