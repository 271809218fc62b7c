"""Which layer of the text encoder is read: others count it from the last, we count what is left out of the usual.

Stable Diffusion 2, XL and 3 were trained with the last layer but one. Where A1111 and ComfyUI say 2, that is meant;
A1111 means it by 1 as well.
"""

from __future__ import annotations

from typing import Final

USUAL: Final = {"sd2": 2, "sdxl": 2, "sd3": 2}
"""The layer that models of a family read when nothing else is asked for, by which it is from the end; of others, 1."""


def skip_of(layer: int, family: str) -> int:
    """`clip_skip` for a layer by its place from the end, 1 the last; one behind the usual one counts as that."""
    return max(layer - USUAL.get(family, 1), 0)


def layer_of(skip: int, family: str) -> int:
    """The layer that `clip_skip` means."""
    return skip + USUAL.get(family, 1)
