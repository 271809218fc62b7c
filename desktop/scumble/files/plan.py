"""What an OpenRaster file of a document holds: its elements, and its pictures with the calls that make them.

Other programs know no layer masks. So the picture of a masked layer is written with the masks applied, which every
program shows right, and its own pixels and mask beside it in `scumble/`. The check sum of the first tells on reading
whether another program has painted on it since. A group's mask is applied to each of its layers: that is exact where
the mask is 0 or 255 and close to it elsewhere; we read the mask itself back. A layer that is clipped to another is
written in the same way, as transparent as its base.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import msgspec

from scumble.document import (
    FIRST_FRAME,
    SELECTION,
    Group,
    Layer,
    PaintLayer,
    RegionPrompt,
    Snapshot,
    SurfaceId,
    TileMap,
)
from scumble.document.clipping import runs
from scumble.files import planes
from scumble.files.clipping import Base, encode_clipped
from scumble.files.profiles import srgb_profile
from scumble.files.recipes import recipe_entries
from scumble.files.reuse import Key
from scumble.files.stack import NAMESPACE, VERSION, Node, composite_op

KEPT: Final = "#attributes"
"""The key in `Structure.extras` of the attributes that we do not know: JSON, by layer id or `image`, name and value.
No entry of an archive has a name like it, because it is taken out on reading."""

BAKED: Final = "scumble:baked"
KEPT_SELECTION: Final = "scumble:kept-selection"
REGION: Final = "scumble:region"
SPECIFICATION: Final = "0.0.6"
_MOST_PROFILE: Final = 1 << 16
"""Larger ICC profiles are not repeated in every layer."""


@dataclass(slots=True, eq=False)
class Part:
    """An entry to write. `slot` and `key` say what it is made from; `signed` gets its check sum as an attribute."""

    name: str
    make: Callable[[], bytes]
    slot: str = ""
    key: Key = ()
    signed: Node | None = None


@dataclass(slots=True)
class Plan:
    """The root element and the entries, in the order in which they are written."""

    root: Node
    parts: list[Part] = field(default_factory=list)


def layer_profile(snapshot: Snapshot) -> bytes:
    """What each picture of the file is told of its colours.

    Krita takes 16 bits without a profile for linear ones, and asks; so those say sRGB even where nothing else does.
    """
    icc = snapshot.structure.icc
    if not icc and snapshot.format.dtype.itemsize > 1:
        return srgb_profile()
    return icc if len(icc) <= _MOST_PROFILE else b""


def plan_of(snapshot: Snapshot) -> Plan:
    """Lays out the file of a snapshot."""
    return _Planner(snapshot).plan()


def read_kept(extras: bytes) -> dict[str, dict[str, str]]:
    """The unknown attributes by layer id; empty where they cannot be read."""
    try:
        return msgspec.json.decode(extras or b"{}", type=dict[str, dict[str, str]])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


class _Planner:
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._structure = snapshot.structure
        self._kept = read_kept(self._structure.extras.get(KEPT, b""))
        self._taken = set(self._structure.extras)
        self._icc = layer_profile(snapshot)
        self._count = 0
        self._plan = Plan(Node("image"))

    def plan(self) -> Plan:
        root, structure = self._plan.root, self._structure
        dpi = _number(structure.dpi)
        root.attributes = {
            "version": SPECIFICATION,
            "w": str(structure.width),
            "h": str(structure.height),
            "xres": dpi,
            "yres": dpi,
            "xmlns:scumble": NAMESPACE,
            "scumble:version": VERSION,
            "scumble:format": self._snapshot.format.name,
            "scumble:key": self._snapshot.key,
        }
        if structure.frame != FIRST_FRAME:
            root.attributes["scumble:frame"] = " ".join(map(repr, structure.frame))
        self._add_profile()
        stack = Node("stack", {"name": "root"})
        stack.children = self._layers(structure.layers, ())
        root.children.append(stack)
        self._add_mask(root, "scumble:selection", SELECTION, only_if_filled=True)
        for kept in structure.selections:
            node = Node(KEPT_SELECTION, {"name": kept.name} | _region_attributes(kept.region))
            self._add_mask(node, "scumble:selection", kept.surface)
            root.children.append(node)
        self._add_kept(root, "image")
        return self._plan

    def _layers(self, layers: tuple[Layer, ...], masks: tuple[TileMap, ...]) -> list[Node]:
        """The elements of the layers of a group, the topmost first."""
        nodes = []
        for base, clipped in runs(layers):
            nodes.append(self._layer(base, masks))
            given = self._base(base) if isinstance(base, PaintLayer) else None
            nodes.extend(self._layer(layer, (*masks, *self._own_mask(base)), given) for layer in clipped)
        return nodes[::-1]

    def _base(self, layer: PaintLayer) -> Base:
        return Base(self._snapshot.planes[layer.surface] if layer.visible else {}, layer.opacity)

    def _own_mask(self, layer: Layer) -> tuple[TileMap, ...]:
        return (self._snapshot.planes[layer.mask],) if layer.mask is not None and layer.mask_enabled else ()

    def _layer(self, layer: Layer, masks: tuple[TileMap, ...], base: Base | None = None) -> Node:
        node = Node("stack" if isinstance(layer, Group) else "layer", self._common(layer))
        inner = (*masks, *self._own_mask(layer))
        if isinstance(layer, Group):
            node.attributes["isolation"] = "isolate" if layer.isolated else "auto"
            node.children = self._layers(layer.children, inner)
        elif isinstance(layer, PaintLayer):
            if layer.alpha_locked:
                node.attributes["scumble:alpha-locked"] = "true"
            self._add_pixels(node, layer, inner, base)
        if layer.mask is not None:
            self._add_mask(node, "scumble:mask", layer.mask)
        if not layer.mask_enabled:
            node.attributes["scumble:mask-enabled"] = "false"
        self._add_kept(node, str(layer.id))
        return node

    def _common(self, layer: Layer) -> dict[str, str]:
        attributes = {
            "name": layer.name,
            "opacity": _number(layer.opacity),
            "visibility": "visible" if layer.visible else "hidden",
            "composite-op": composite_op(layer.mode),
        }
        if layer.locked:
            attributes["edit-locked"] = "true"
        if layer.clip:
            attributes["scumble:clip"] = "true"
        if layer.id == self._snapshot.active:
            attributes["selected"] = "true"
        return attributes

    def _add_pixels(self, node: Node, layer: PaintLayer, masks: tuple[TileMap, ...], base: Base | None) -> None:
        tiles, pixel_format = self._snapshot.planes[layer.surface], self._snapshot.format
        crop = planes.crop_of(tiles)
        number = self._count
        self._count += 1
        name = self._free(f"data/layer{number}.png")
        node.attributes |= {"src": name, "x": str(crop.x), "y": str(crop.y)}
        encode = partial(planes.encode_colour, tiles, crop, pixel_format)
        key: Key = (pixel_format.name, tiles, self._icc)
        if base is None:
            make = partial(encode, masks, self._icc)
        else:
            make = partial(encode_clipped, tiles, crop, pixel_format, masks, self._icc, base)
        baked = Part(name, make, f"baked-{layer.surface}", (*key, masks, base))
        self._plan.parts.append(baked)
        if masks or base is not None:
            baked.signed = node
            source = self._free(f"scumble/source/{number}.png")
            node.attributes["scumble:source"] = source
            self._plan.parts.append(Part(source, encode, f"source-{layer.surface}", key[:2]))
        if layer.recipe is not None:
            parts = recipe_entries(layer.recipe, f"scumble/recipes/{number}")
            node.attributes["scumble:recipe"] = parts[0][0]
            for place, (entry, encode_entry) in enumerate(parts):
                slot = f"recipe-{layer.id}-{place}"
                self._plan.parts.append(Part(entry, encode_entry, slot, (layer.recipe, entry)))

    def _add_mask(self, node: Node, attribute: str, surface: SurfaceId, only_if_filled: bool = False) -> None:
        tiles = self._snapshot.planes[surface]
        crop = planes.crop_of(tiles)
        if only_if_filled and not tiles:
            return
        name = self._free("scumble/selection.png" if surface == SELECTION else f"scumble/mask/{surface}.png")
        node.attributes |= {attribute: name, f"{attribute}-x": str(crop.x), f"{attribute}-y": str(crop.y)}
        self._plan.parts.append(Part(name, partial(planes.encode_mask, tiles, crop), f"mask-{surface}", (tiles,)))

    def _add_profile(self) -> None:
        icc = self._structure.icc
        if icc:
            name = self._free("scumble/profile.icc")
            self._plan.root.attributes["scumble:profile"] = name
            self._plan.parts.append(Part(name, lambda: icc))

    def _add_kept(self, node: Node, key: str) -> None:
        for name, value in self._kept.get(key, {}).items():
            node.attributes.setdefault(name, value)

    def _free(self, name: str) -> str:
        """The name, or one like it that no kept entry has."""
        while name in self._taken:
            stem, dot, ending = name.rpartition(".")
            name = f"{stem}-{dot}{ending}"
        self._taken.add(name)
        return name


def unknown_entries(snapshot: Snapshot) -> Iterator[tuple[str, bytes]]:
    """The entries of other programs, as they were."""
    for name, data in snapshot.structure.extras.items():
        if name != KEPT:
            yield name, data


def _region_attributes(region: RegionPrompt | None) -> dict[str, str]:
    """What makes a kept selection a region; none where it is not one."""
    if region is None:
        return {}
    words = {"prompt": region.prompt, "negative": region.negative, "strength": _number(region.strength)}
    return {f"{REGION}-{name}": value for name, value in words.items()} | {REGION: "on" if region.on else "off"}


def _number(value: float) -> str:
    """The shortest text that reads back as the same number; whole ones without a point, as integer readers want."""
    number = float(value)
    return str(int(number)) if math.isfinite(number) and number == int(number) else repr(number)
