"""The layer tree: frozen nodes, replaced and never changed. Children are in painting order, the lowest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, NewType, TypeVar

from scumble.document.recipe import Recipe, RegionPrompt

LayerId = NewType("LayerId", int)
SurfaceId = NewType("SurfaceId", int)


class BlendMode(Enum):
    """How a layer meets what lies below.

    Formulae: W3C, Compositing and Blending Level 1, and for what that lacks `scumble.render.blend`. Values: the names
    of OpenRaster, and for what that lacks those that Krita writes.
    """

    NORMAL = "svg:src-over"
    MULTIPLY = "svg:multiply"
    SCREEN = "svg:screen"
    OVERLAY = "svg:overlay"
    DARKEN = "svg:darken"
    LIGHTEN = "svg:lighten"
    COLOR_DODGE = "svg:color-dodge"
    COLOR_BURN = "svg:color-burn"
    HARD_LIGHT = "svg:hard-light"
    SOFT_LIGHT = "svg:soft-light"
    DIFFERENCE = "svg:difference"
    EXCLUSION = "svg:exclusion"
    ADD = "svg:plus"
    HUE = "svg:hue"
    SATURATION = "svg:saturation"
    COLOR = "svg:color"
    LUMINOSITY = "svg:luminosity"
    LINEAR_BURN = "krita:linear_burn"
    LINEAR_LIGHT = "krita:linear light"
    VIVID_LIGHT = "krita:vivid_light"
    PIN_LIGHT = "krita:pin_light"
    HARD_MIX = "krita:hard mix"
    HARD_MIX_PHOTOSHOP = "krita:hard_mix_photoshop"
    DIVIDE = "krita:divide"
    SUBTRACT = "krita:subtract"
    GRAIN_EXTRACT = "krita:grain_extract"
    GRAIN_MERGE = "krita:grain_merge"
    DARKER_COLOR = "krita:darker color"
    LIGHTER_COLOR = "krita:lighter color"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What paint layers and groups share. `opacity` is 0…1; `mask` is a surface of which 255 shows the layer.

    A layer with `clip` shows only where the nearest layer below it in the same group that has none does.
    """

    id: LayerId
    name: str
    visible: bool = True
    opacity: float = 1.0
    mode: BlendMode = BlendMode.NORMAL
    locked: bool = False
    mask: SurfaceId | None = None
    mask_enabled: bool = True
    clip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintLayer(Layer):
    """A layer of pixels. `recipe` says how a generated layer was made, and keeps the whole generated crop.

    With `alpha_locked`, painting changes colours and leaves every pixel as opaque as it was.
    """

    surface: SurfaceId
    alpha_locked: bool = False
    recipe: Recipe | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Layer):
    """A layer of layers. An isolated group is blended as one picture; the other kind passes its layers through."""

    children: tuple[Layer, ...] = ()
    isolated: bool = True

    @property
    def passes_through(self) -> bool:
        """Whether its layers meet what lies below the group; a blend mode of its own isolates it."""
        return not self.isolated and self.mode is BlendMode.NORMAL


@dataclass(frozen=True, slots=True)
class SavedSelection:
    """A selection that was kept under a name; `surface` is a mask of which 255 is selected.

    With `region` it is a region: what a generation draws there follows words of its own.
    """

    name: str
    surface: SurfaceId
    region: RegionPrompt | None = None


L = TypeVar("L", bound=Layer)


def walk(layers: tuple[Layer, ...]) -> Iterator[Layer]:
    """Every layer in painting order, a group before its children."""
    for layer in layers:
        yield layer
        if isinstance(layer, Group):
            yield from walk(layer.children)


def find(layers: tuple[Layer, ...], layer_id: LayerId) -> Layer | None:
    """The layer of that id, wherever it is."""
    return next((layer for layer in walk(layers) if layer.id == layer_id), None)


def path_to(layers: tuple[Layer, ...], layer_id: LayerId) -> tuple[Layer, ...]:
    """The layer of that id with the groups round it, outermost first; empty when it is not there."""
    for layer in layers:
        if layer.id == layer_id:
            return (layer,)
        if isinstance(layer, Group) and (inner := path_to(layer.children, layer_id)):
            return (layer, *inner)
    return ()


def update(layers: tuple[Layer, ...], layer_id: LayerId, **changes: Any) -> tuple[Layer, ...]:
    """The same tree with some fields of one layer replaced."""
    return tuple(
        replace(layer, **changes)
        if layer.id == layer_id
        else replace(layer, children=update(layer.children, layer_id, **changes))
        if isinstance(layer, Group)
        else layer
        for layer in layers
    )


def remove(layers: tuple[Layer, ...], layer_id: LayerId) -> tuple[Layer, ...]:
    """The same tree without a layer and what it holds."""
    return tuple(
        replace(layer, children=remove(layer.children, layer_id)) if isinstance(layer, Group) else layer
        for layer in layers
        if layer.id != layer_id
    )


def insert(
    layers: tuple[Layer, ...], layer: Layer, *, parent: LayerId | None = None, index: int | None = None
) -> tuple[Layer, ...]:
    """The same tree with a layer put in at `index` (on top when None) of a group, or of the root."""
    if parent is None:
        place = len(layers) if index is None else index
        return (*layers[:place], layer, *layers[place:])
    return tuple(
        replace(node, children=insert(node.children, layer, index=index))
        if isinstance(node, Group) and node.id == parent
        else replace(node, children=insert(node.children, layer, parent=parent, index=index))
        if isinstance(node, Group)
        else node
        for node in layers
    )


def parent_of(layers: tuple[Layer, ...], layer_id: LayerId) -> tuple[LayerId | None, int]:
    """The id of the group round a layer (None for the root) and the layer's index there. KeyError when absent."""
    path = path_to(layers, layer_id)
    if not path:
        raise KeyError(layer_id)
    if len(path) == 1:
        return None, next(i for i, layer in enumerate(layers) if layer.id == layer_id)
    group = path[-2]
    assert isinstance(group, Group)
    return group.id, next(i for i, layer in enumerate(group.children) if layer.id == layer_id)


def surfaces_of(layer: Layer) -> Iterator[SurfaceId]:
    """The surfaces that a layer, and what it holds, refer to."""
    for node in walk((layer,)):
        if isinstance(node, PaintLayer):
            yield node.surface
        if node.mask is not None:
            yield node.mask


def children_of(layers: tuple[Layer, ...], parent: LayerId | None) -> tuple[Layer, ...]:
    """The layers right inside a group, or of the root for None; none for what is no group of the tree."""
    if parent is None:
        return layers
    group = find(layers, parent)
    return group.children if isinstance(group, Group) else ()


def below(layers: tuple[Layer, ...], layer_id: LayerId) -> tuple[Layer, ...]:
    """The same tree with a layer, and all that is painted after it, hidden: what it lies on."""
    path = {layer.id for layer in path_to(layers, layer_id)}
    shown: list[Layer] = []
    over = False
    for layer in layers:
        inside = layer.id in path and layer.id != layer_id and isinstance(layer, Group)
        if inside and isinstance(layer, Group):
            shown.append(replace(layer, children=below(layer.children, layer_id)))
        else:
            shown.append(replace(layer, visible=False) if over or layer.id == layer_id else layer)
        over = over or layer.id in path
    return tuple(shown)
