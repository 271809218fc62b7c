"""A tree of layers made ready for drawing: once for many tiles, without what cannot show in any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Final, TypeAlias

from scumble.document import BlendMode, Group, Layer, PaintLayer, SurfaceId, TileMap
from scumble.document.clipping import runs
from scumble.render.blend import quantised

Planes: TypeAlias = Callable[[SurfaceId], TileMap]
"""Where the tiles of a surface come from: a document as it is now, or a snapshot."""

_NOTHING: Final[tuple[Layer, ...]] = ()


class ReadyLayer:
    """A visible layer. `tiles` are those of a paint layer, `children` what a group holds; `mask` None shows it all.

    A group that passes `through` meets what lies below it; one that does so with no mask and no opacity of its own is
    not here, but what it holds.
    """

    __slots__ = ("children", "clipped", "mask", "mode", "opacity", "plain", "through", "tiles")

    def __init__(self, layer: Layer, opacity: float, clipped: tuple[ReadyLayer, ...], planes: Planes) -> None:
        self.mode = layer.mode
        self.opacity = opacity
        self.mask = planes(layer.mask) if layer.mask is not None and layer.mask_enabled else None
        self.clipped = clipped
        self.tiles = planes(layer.surface) if isinstance(layer, PaintLayer) else None
        self.children: tuple[ReadyLayer, ...] = ()
        self.through = False
        self.plain = self.tiles is not None and self.mask is None and not clipped and self.mode is BlendMode.NORMAL
        """Whether its tiles are drawn in Normal mode and nothing else is to be thought of."""


def resolve(layers: tuple[Layer, ...], planes: Planes) -> tuple[ReadyLayer, ...]:
    """The layers of one group in painting order. Good until the tree, or the tiles of a surface, are other ones."""
    return tuple(_ready(_with_clipped(layers), planes, through=True))


def _ready(layers: Iterable[tuple[Layer, tuple[Layer, ...]]], planes: Planes, *, through: bool) -> Iterator[ReadyLayer]:
    for layer, above in layers:
        opacity = quantised(layer.opacity)
        if not layer.visible or opacity == 0.0:
            continue
        clipped = tuple(_ready(zip(above, repeat(_NOTHING)), planes, through=False)) if above else ()
        ready = ReadyLayer(layer, opacity, clipped, planes)
        if isinstance(layer, Group):
            ready.children = resolve(layer.children, planes)
            ready.through = through and layer.passes_through and not above
            if ready.through and ready.mask is None and opacity == 1.0:
                yield from ready.children
                continue
        yield ready


def _with_clipped(layers: tuple[Layer, ...]) -> Iterable[tuple[Layer, tuple[Layer, ...]]]:
    return runs(layers) if any(layer.clip for layer in layers) else zip(layers, repeat(_NOTHING))
