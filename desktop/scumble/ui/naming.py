"""Names for new layers."""

from __future__ import annotations

from scumble.document import Layer, walk


def free_name(layers: tuple[Layer, ...], stem: str) -> str:
    """`stem` with the first number that no layer has."""
    taken = {layer.name for layer in walk(layers)}
    number = 1
    while f"{stem} {number}" in taken:
        number += 1
    return f"{stem} {number}"
