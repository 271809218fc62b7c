"""Clipping: which layers are clipped to which, and how that survives a change of the tree.

A run is a base and the layers with `clip` right above it in the same group. They are blended onto the base's own pixels
and take its alpha; the result meets the picture in the mode of the base. A layer with `clip` that has no base below it
in its group is treated as if it were not clipped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from scumble.document.layers import Group, Layer, LayerId

Bases = Mapping[LayerId, LayerId]
"""The base of each clipped layer that has one."""


def runs(layers: tuple[Layer, ...]) -> Iterator[tuple[Layer, tuple[Layer, ...]]]:
    """The layers of one group in painting order, each with those clipped to it, the lowest first."""
    place, count = 0, len(layers)
    while place < count:
        base = layers[place]
        end = place + 1
        if not base.clip:
            while end < count and layers[end].clip:
                end += 1
        yield base, layers[place + 1 : end]
        place = end


def bases_of(layers: tuple[Layer, ...]) -> dict[LayerId, LayerId]:
    """The base of each clipped layer of a tree."""
    found: dict[LayerId, LayerId] = {}
    for base, clipped in runs(layers):
        found.update((layer.id, base.id) for layer in clipped)
        for layer in (base, *clipped):
            if isinstance(layer, Group):
                found.update(bases_of(layer.children))
    return found


def settle(
    layers: tuple[Layer, ...],
    before: Bases,
    moved: Collection[LayerId] = (),
    stand_ins: Mapping[LayerId, Collection[LayerId]] | None = None,
) -> tuple[Layer, ...]:
    """A changed tree with `clip` set so that what was left alone stays clipped as it was.

    `before` are the bases before the change (with those of new layers that are to be clipped), `moved` the layers that
    are new or in another place; `stand_ins` says for which bases a new layer has come. A layer whose base has gone or
    changed is no longer clipped; one that was put into the middle of a run is clipped like its neighbours.
    """
    return _Settling(before, moved, stand_ins or {}).group(layers)


class _Settling:
    def __init__(
        self, before: Bases, moved: Collection[LayerId], stand_ins: Mapping[LayerId, Collection[LayerId]]
    ) -> None:
        self._before = before
        self._moved = moved
        self._stand_ins = stand_ins

    def group(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        made: list[Layer] = []
        base: LayerId | None = None
        for place, layer in enumerate(layers):
            fits = layer.clip and self._belongs(layer.id, base)
            clip = fits or (layer.id in self._moved and self._in_a_run(layers[place + 1 :], base))
            changes: dict[str, Any] = {} if clip == layer.clip else {"clip": clip}
            if isinstance(layer, Group) and (children := self.group(layer.children)) != layer.children:
                changes["children"] = children
            made.append(replace(layer, **changes) if changes else layer)
            if not clip:
                base = layer.id
        return tuple(made)

    def _belongs(self, layer: LayerId, base: LayerId | None) -> bool:
        wanted = self._before.get(layer)
        return wanted == base or (wanted is not None and base is not None and wanted in self._stand_ins.get(base, ()))

    def _in_a_run(self, above: tuple[Layer, ...], base: LayerId | None) -> bool:
        follower = next((layer for layer in above if layer.id not in self._moved), None)
        return base is not None and follower is not None and follower.clip and self._belongs(follower.id, base)
