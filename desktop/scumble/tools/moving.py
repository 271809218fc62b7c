"""The move tool: drags layers, or what is selected of them, or nudges them by a pixel."""

from __future__ import annotations

import math
from collections.abc import Iterable

from scumble.api import ScumbleError
from scumble.document import Document, Group, Layer, LayerId, PaintLayer, Rect, path_to
from scumble.document.arranging import outermost
from scumble.document.edits import translate
from scumble.document.homography import identity, translation
from scumble.document.lift import Lifted, lift, put_down
from scumble.paint.transform import Resampling, along, transformed
from scumble.tools.gesture import Drift, Gesture, Phase, Pointer, Stage


def move(stage: Stage, press: Pointer) -> Gesture:
    """Drags the chosen layers, with masks and what they hold, or what is selected of them; by whole pixels.

    Shift keeps to one axis. Ctrl takes the layer under the pointer, or does not where that is the option already.
    """
    document, chosen = stage.document, stage.layers
    if press.ctrl != stage.options.auto_select:
        found = layer_at(document, math.floor(press.x), math.floor(press.y))
        if found is not None:
            document.activate(found)
            chosen = ()
    return _drag(stage, press, take_up(document, chosen))


def nudge(document: Document, dx: int, dy: int, step: str, chosen: Iterable[LayerId] = ()) -> None:
    """Moves the same by whole pixels, as one step. Raises `ScumbleError` where that cannot be."""
    _put(document, take_up(document, chosen), dx, dy, step)


def take_up(document: Document, chosen: Iterable[LayerId] = ()) -> Lifted:
    """What is selected of the chosen layers (the active one when there are none), or all of them without a selection.

    Raises `ScumbleError` where a layer is locked or hidden, or nothing of it lies inside the selection.
    """
    lifted = lift(document, editable(document, chosen))
    if lifted.cut and lifted.bounds.empty:
        raise ScumbleError("transform-nothing-selected", layer=lifted.layers[-1].name)
    return lifted


def editable(document: Document, chosen: Iterable[LayerId] = ()) -> tuple[Layer, ...]:
    """The chosen layers, without those that lie in another of them. `ScumbleError` for a locked or hidden one."""
    active = document.active
    if active is None:
        raise ScumbleError("layer-none")
    layers = outermost(document, tuple(chosen) or (active.id,))
    for layer in layers:
        for node in path_to(document.layers, layer.id):
            if node.locked:
                raise ScumbleError("layer-locked", layer=node.name)
            if not node.visible:
                raise ScumbleError("layer-hidden", layer=node.name)
    return layers


def layer_at(document: Document, x: int, y: int) -> LayerId | None:
    """The topmost paint layer that shows something at a pixel; None where none does."""
    return _topmost(document, document.layers, Rect(x, y, 1, 1))


def _topmost(document: Document, layers: tuple[Layer, ...], pixel: Rect) -> LayerId | None:
    for layer in reversed(layers):
        if not layer.visible or layer.opacity == 0.0:
            continue
        if layer.mask is not None and layer.mask_enabled and not document.surface(layer.mask).read(pixel).any():
            continue
        if isinstance(layer, Group):
            found = _topmost(document, layer.children, pixel)
            if found is not None:
                return found
        elif isinstance(layer, PaintLayer) and document.surface(layer.surface).read(pixel).any():
            return layer.id
    return None


def _drag(stage: Stage, press: Pointer, lifted: Lifted) -> Gesture:
    """Shows the layers elsewhere as long as the button is held, and puts them there when it is let go."""
    dx = dy = 0
    event = press
    while event.phase not in (Phase.RELEASE, Phase.FINISH):
        event = yield Drift(lifted, translation(dx, dy) if dx or dy else identity())
        dx, dy = round(event.x - press.x), round(event.y - press.y)
        if event.shift:
            dx, dy = (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
    _put(stage.document, lifted, dx, dy, stage.step)


def _put(document: Document, lifted: Lifted, dx: int, dy: int, step: str) -> None:
    if (dx, dy) == (0, 0):
        return
    with document.history.transaction(step) as edit:
        if lifted.cut:
            matrix = translation(dx, dy)
            made = transformed(lifted, matrix, Resampling.NEAREST, document.bounds)
            put_down(edit, document, lifted, made, along(matrix))
        else:
            for layer in lifted.layers:
                translate(edit, document, layer, dx, dy)
