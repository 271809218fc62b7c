"""Several layers made one, looking as they did."""

from __future__ import annotations

from dataclasses import replace

from scumble.document import BlendMode, Document, Group, Layer, LayerId, find, parent_of
from scumble.document.clipping import bases_of, runs
from scumble.document.edits import merge_layers
from scumble.document.layers import path_to
from scumble.render import merge


def below(document: Document) -> tuple[Layer, ...]:
    """What “Merge down” would make one, the lowest first: a group by itself, or the active layer and the one below.

    A clipped layer joins what lies below it in its run. Another layer takes those along that are clipped to it, and
    joins all of the run below, which it could not join a part of without a change to what is seen. Empty where it
    cannot be done: on the lowest layer, and where one of them is hidden or locked.
    """
    active = document.active
    if active is None:
        return ()
    found = (active,) if isinstance(active, Group) else _with_below(document, active)
    return found if all(layer.visible and not layer.locked for layer in found) else ()


def _with_below(document: Document, layer: Layer) -> tuple[Layer, ...]:
    siblings = _siblings(document, parent_of(document.layers, layer.id)[0])
    stacks = [(base, *clipped) for base, clipped in runs(siblings)]
    place = next(place for place, stack in enumerate(stacks) if layer in stack)
    index = stacks[place].index(layer)
    if index:
        return stacks[place][index - 1 : index + 1]
    return (*stacks[place - 1], *stacks[place]) if place else ()


def merge_down(document: Document, step: str) -> bool:
    """Does it; one step of the history. Returns whether the picture is sure to look the same.

    Two layers are drawn together on nothing, so a blend mode other than Normal no longer meets what lies further below.
    A group, or a base with what is clipped to it, keeps its own opacity, mode and mask. Nothing happens where `below`
    is empty.
    """
    chosen = below(document)
    if not chosen:
        return True
    snapshot = document.snapshot()
    ids = [layer.id for layer in chosen]
    lowest = chosen[0]
    if _one_run(document, chosen):
        kept = {name: getattr(lowest, name) for name in ("opacity", "mode", "mask", "mask_enabled")}
        bare = replace(lowest, opacity=1.0, mode=BlendMode.NORMAL, mask=None)
        if isinstance(bare, Group):
            bare = replace(bare, isolated=True)
        exact = len(chosen) > 1 or _looks_the_same(document, chosen)
        merge_layers(document, ids, merge(snapshot, (bare, *chosen[1:])), step, **kept)
        return exact
    exact = _looks_the_same(document, chosen)
    merge_layers(document, ids, merge(snapshot, chosen), step)
    return exact


def _one_run(document: Document, chosen: tuple[Layer, ...]) -> bool:
    """Whether it is a group, or a base with layers that are clipped to it."""
    if len(chosen) == 1:
        return True
    bases = bases_of(document.layers)
    return all(bases.get(layer.id) == chosen[0].id for layer in chosen[1:])


def flatten_image(document: Document, step: str) -> None:
    """Everything that is seen as one layer; hidden layers go. One step of the history, and not one pixel changes."""
    layers = document.layers
    if layers:
        merge_layers(document, [layer.id for layer in layers], merge(document.snapshot(), layers), step)


def merge_visible(document: Document, step: str) -> None:
    """Everything that is seen as one layer, in the place of the lowest of it; hidden layers stay. One step."""
    bases = bases_of(document.layers)
    hidden = {layer.id for layer in document.layers if not layer.visible}
    seen = [layer for layer in document.layers if layer.visible and bases.get(layer.id) not in hidden]
    if seen:
        pixels = merge(document.snapshot(), tuple(seen))
        merge_layers(document, [layer.id for layer in seen], pixels, step)


def _siblings(document: Document, parent: LayerId | None) -> tuple[Layer, ...]:
    group = find(document.layers, parent) if parent is not None else None
    return group.children if isinstance(group, Group) else document.layers


def _looks_the_same(document: Document, chosen: tuple[Layer, ...]) -> bool:
    """Whether nothing further below is met by another mode than Normal, under which layers may be joined."""
    if len(chosen) == 1 and isinstance(chosen[0], Group) and not chosen[0].passes_through:
        return True
    bases, ids = bases_of(document.layers), {layer.id for layer in chosen}
    met = [layer for layer in chosen if bases.get(layer.id) not in ids]
    return all(_plain(layer) for layer in met) or _on_nothing(document, chosen[0])


def _plain(layer: Layer) -> bool:
    """Drawn in Normal mode, with all that passes through it."""
    if isinstance(layer, Group) and layer.passes_through:
        return all(_plain(child) for child in layer.children)
    return layer.mode is BlendMode.NORMAL


def _on_nothing(document: Document, layer: Layer) -> bool:
    """Whether a layer is the lowest that is seen, in the picture or in the isolated group that holds it."""
    for node in reversed(path_to(document.layers, layer.id)):
        parent, index = parent_of(document.layers, node.id)
        if any(other.visible for other in _siblings(document, parent)[:index]):
            return False
        group = find(document.layers, parent) if parent is not None else None
        if isinstance(group, Group) and not group.passes_through:
            return True
    return True
