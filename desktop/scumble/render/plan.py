"""Which layers can be drawn together once while some of them move: the tree made as small as looks the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from scumble.document import BlendMode, Group, Layer, LayerId, PaintLayer, SurfaceId
from scumble.document.clipping import runs
from scumble.document.layers import surfaces_of


@dataclass(slots=True, eq=False)
class Plan:
    """A smaller tree. `stills` are the surfaces that stand for layers which do not move, with those layers."""

    moving: frozenset[SurfaceId]
    stills: dict[SurfaceId, tuple[Layer, ...]] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()

    def still(self, layers: Sequence[Layer], like: Layer | None = None) -> PaintLayer:
        """A layer that stands for others; it meets what lies below as one of them does, else in Normal mode."""
        number = -1 - len(self.stills)
        self.stills[SurfaceId(number)] = tuple(layers)
        made = PaintLayer(id=LayerId(number), name="", surface=SurfaceId(number))
        return made if like is None else replace(made, mode=like.mode, opacity=like.opacity, clip=like.clip)

    def moves(self, layer: Layer) -> bool:
        """Whether it moves, or something that it holds does."""
        return not self.moving.isdisjoint(surfaces_of(layer))


def plan(layers: tuple[Layer, ...], moving: frozenset[SurfaceId]) -> Plan:
    """The tree to draw while some surfaces move."""
    made = Plan(moving)
    made.layers = tuple(_smaller(made, layers, on_nothing=True))
    return made


def _smaller(made: Plan, layers: tuple[Layer, ...], *, on_nothing: bool) -> Iterator[Layer]:
    """The layers of one group, or of the root; `on_nothing` when nothing can lie below them."""
    run: list[Layer] = []
    bottom = on_nothing
    for base, clipped in runs(layers):
        stack = (base, *clipped)
        still = not any(made.moves(layer) for layer in stack)
        if still and (bottom or all(_plain(layer) for layer in stack)):
            run += stack
            continue
        if run:
            yield made.still(run)
            run = []
        bottom = False
        yield from (_single(made, layer) for layer in stack)
    if run:
        yield made.still(run)


def _single(made: Plan, layer: Layer) -> Layer:
    """A layer by itself: as it is where it moves, else as a still."""
    if isinstance(layer, Group) and (made.moves(layer) or layer.passes_through):
        inner = _smaller(made, layer.children, on_nothing=not layer.passes_through)
        return replace(layer, children=tuple(inner))
    if made.moves(layer) or not layer.visible:
        return layer
    return made.still([replace(layer, mode=BlendMode.NORMAL, opacity=1.0, clip=False)], layer)


def _plain(layer: Layer) -> bool:
    """Drawn in Normal mode, with all that passes through it, so that it may be joined with its neighbours."""
    if isinstance(layer, Group) and layer.passes_through:
        return layer.mask is None and layer.opacity == 1.0 and all(_plain(child) for child in layer.children)
    return layer.mode is BlendMode.NORMAL
