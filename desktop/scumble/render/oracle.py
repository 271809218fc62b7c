"""The compositor in numpy alone: slow, plain, usable on any thread, and the measure of the quick one."""

from __future__ import annotations

import numpy as np

from scumble.document import Group, Layer, PaintLayer, Pixels, Rect, Snapshot
from scumble.document.clipping import runs
from scumble.render.blend import Floats, blend, blend_atop, quantised, to_float, to_stored


def flatten(snapshot: Snapshot, rect: Rect) -> Pixels:
    """The visible picture in a rectangle, stored pixels `(h, w, 4)`; transparent outside the canvas."""
    out = np.zeros((rect.height, rect.width, 4), snapshot.format.dtype)
    part = rect & snapshot.structure.bounds
    if not part.empty:
        picture = np.zeros((part.height, part.width, 4), np.float32)
        picture = _layers(snapshot, part, snapshot.structure.layers, picture)
        out[part.slices(rect)] = to_stored(picture, snapshot.format)
    return out


def _layers(snapshot: Snapshot, rect: Rect, layers: tuple[Layer, ...], backdrop: Floats) -> Floats:
    for layer, clipped in runs(layers):
        if layer.visible:
            backdrop = _layer(snapshot, rect, layer, clipped, backdrop)
    return backdrop


def _layer(snapshot: Snapshot, rect: Rect, layer: Layer, clipped: tuple[Layer, ...], backdrop: Floats) -> Floats:
    coverage = _coverage(snapshot, rect, layer)
    if isinstance(layer, Group) and layer.passes_through and not clipped:
        through = _layers(snapshot, rect, layer.children, backdrop)
        return backdrop + (through - backdrop) * coverage
    source = _own(snapshot, rect, layer)
    for above in clipped:
        if above.visible:
            source = blend_atop(above.mode, source, _own(snapshot, rect, above) * _coverage(snapshot, rect, above))
    return blend(layer.mode, backdrop, source * coverage)


def _own(snapshot: Snapshot, rect: Rect, layer: Layer) -> Floats:
    """What a layer looks like by itself, without its opacity and mask."""
    if isinstance(layer, Group):
        return _layers(snapshot, rect, layer.children, np.zeros((rect.height, rect.width, 4), np.float32))
    assert isinstance(layer, PaintLayer)
    return to_float(snapshot.read_colour(layer.surface, rect), snapshot.format)


def _coverage(snapshot: Snapshot, rect: Rect, layer: Layer) -> Floats:
    """Opacity times mask, `(h, w, 1)` or `(1, 1, 1)`."""
    opacity = np.full((1, 1, 1), quantised(layer.opacity), np.float32)
    if layer.mask is None or not layer.mask_enabled:
        return opacity
    mask = snapshot.read_mask(layer.mask, rect)[..., None].astype(np.float32)
    return mask * (opacity / np.float32(255.0))
