"""One layer shown alone, and all others as they were before."""

from __future__ import annotations

from scumble.document import Document, Group, LayerId, find, path_to, walk
from scumble.document.extents import extent
from scumble.document.layers import update


class Solo:
    """Remembers what was visible when a layer was shown alone, until something else changes that."""

    def __init__(self) -> None:
        self._before: dict[LayerId, bool] = {}
        self._alone: dict[LayerId, bool] = {}

    def toggle(self, document: Document, layer_id: LayerId, alone: str, again: str) -> None:
        """Shows a layer, with what it holds and the groups round it, alone; or all as before. One step, so named."""
        now = {layer.id: layer.visible for layer in walk(document.layers)}
        wanted = self._wanted(document, layer_id)
        if now == wanted:
            kept = self._before if self._alone == now else {}
            back = {node: kept.get(node, True) for node in now}
            _show(document, back, again)
            return
        self._before, self._alone = now, wanted
        _show(document, wanted, alone)

    @staticmethod
    def _wanted(document: Document, layer_id: LayerId) -> dict[LayerId, bool]:
        """What is visible when a layer is alone: hiding the outermost of the others hides what they hold."""
        round_it = {layer.id for layer in path_to(document.layers, layer_id)}
        layer = find(document.layers, layer_id)
        inside = {node.id for node in walk(layer.children)} if isinstance(layer, Group) else set()
        return {
            node.id: node.id in round_it
            or (node.visible if node.id in inside or _within_others(document, node.id, round_it) else False)
            for node in walk(document.layers)
        }


def _within_others(document: Document, layer_id: LayerId, round_it: set[LayerId]) -> bool:
    """Whether a group that is hidden itself holds the layer."""
    return any(group.id not in round_it for group in path_to(document.layers, layer_id)[:-1])


def _show(document: Document, visible: dict[LayerId, bool], step: str) -> None:
    tree = document.layers
    for layer_id, shown in visible.items():
        tree = update(tree, layer_id, visible=shown)
    if tree != document.layers:
        with document.history.transaction(step) as edit:
            edit.set_structure(document.structure.with_layers(tree), extent(document, *document.layers))
