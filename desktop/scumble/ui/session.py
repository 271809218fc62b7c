"""An open document as the window sees it: with its file, its rendering, its view and its paint target."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from scumble.document import (
    SELECTION,
    ChangeSet,
    Document,
    LayerId,
    PaintLayer,
    Pixels,
    Rect,
    Snapshot,
    SurfaceId,
    Tile,
    TileIndex,
    tile_rect,
    walk,
)
from scumble.paint import TileSource
from scumble.render import Compositor, flatten
from scumble.render.profile import Profile
from scumble.ui.canvas.viewport import Viewport


class Target(Enum):
    """What painting tools write to."""

    LAYER = "layer"
    MASK = "mask"


class DocumentSession(QObject):
    """`path` is the file that Save writes to, None until there is one; `title` is what the tab shows. `source` is
    the file that it was read from, where that is in a format without layers.

    `viewport` is where the canvas left off. `last_selection` is the mask of what was selected before the last time that
    nothing was. `changed` repeats the document's change sets as a Qt signal; it is emitted on the window's thread, in
    the order of the edits. `state_changed` says that title, path or `modified` may differ, `rename_wanted` that the
    active layer is to be renamed where its name is seen.
    """

    changed = Signal(object)
    state_changed = Signal()
    target_changed = Signal(object)
    chosen_changed = Signal()
    rename_wanted = Signal()
    quick_mask_changed = Signal(bool)
    stale_changed = Signal()

    def __init__(
        self, document: Document, path: Path | None = None, title: str = "", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.path = path
        self.source: Path | None = None
        self.compositor = Compositor(document)
        self.viewport = Viewport((document.width, document.height))
        self._name = title
        self._target = Target.LAYER
        self._profile = Profile(document.structure.icc)
        self._chosen: frozenset[LayerId] = frozenset()
        self._quick_mask = False
        self._stale: frozenset[LayerId] = frozenset()
        self._selection_bounds: Rect | None = None
        self._selected: dict[TileIndex, Tile] = dict(document.selection.tiles)
        self.last_selection: dict[TileIndex, Tile] = {}
        self._saved_revision = document.revision
        self._was_modified = False
        self._finish: Callable[[], None] | None = None
        self._finish_then: Callable[[Callable[[], object]], None] | None = None
        self._disconnect = document.changed.connect(self._on_changed)

    @property
    def title(self) -> str:
        """The name of the file, or the name that the document was made with."""
        return self.path.name if self.path is not None else self._name

    @property
    def modified(self) -> bool:
        """Whether something is not in the file yet."""
        return self.document.revision != self._saved_revision

    def mark_saved(self, revision: int, path: Path | None = None) -> None:
        """The document as it was at `revision` is in the file `path` (the same as before when None)."""
        self._saved_revision = revision
        if path is not None:
            self.path = path
        self._was_modified = self.modified
        self.state_changed.emit()

    def mark_modified(self) -> None:
        """The document is not in any file, such as one that was recovered."""
        self._saved_revision = -1
        self._was_modified = True
        self.state_changed.emit()

    @property
    def target(self) -> Target:
        """What painting tools write to; the layer wherever the active one has no mask."""
        active = self.document.active
        return self._target if active is not None and active.mask is not None else Target.LAYER

    def set_target(self, target: Target) -> None:
        """Chooses between the active layer and its mask."""
        self._target = target
        self.target_changed.emit(self.target)

    @property
    def selection_bounds(self) -> Rect:
        """The rectangle round the selection after the last step, found once for each."""
        if self._selection_bounds is None:
            self._selection_bounds = self.document.selection_bounds
        return self._selection_bounds

    @property
    def quick_mask(self) -> bool:
        """Whether the selection is shown as a tint and painted on in place of a layer."""
        return self._quick_mask

    def set_quick_mask(self, on: bool) -> None:
        """Shows and paints the selection as a tint, or not."""
        if on != self._quick_mask:
            self.settle()
            self._quick_mask = on
            self.quick_mask_changed.emit(on)

    @property
    def stale(self) -> frozenset[LayerId]:
        """The generated layers below which something has changed since they were made, as far as is known."""
        return self._stale

    def set_stale(self, stale: frozenset[LayerId]) -> None:
        """Says which they are."""
        if stale != self._stale:
            self._stale = stale
            self.stale_changed.emit()

    @property
    def surface(self) -> SurfaceId | None:
        """The surface that painting tools write to; None when a group without a mask, or nothing, is active."""
        if self._quick_mask:
            return SELECTION
        active = self.document.active
        if self.target is Target.MASK and active is not None:
            return active.mask
        return active.surface if isinstance(active, PaintLayer) else None

    @property
    def chosen(self) -> tuple[LayerId, ...]:
        """The layers that commands on layers work on, in painting order: the active one and those chosen with it."""
        active = self.document.active
        if active is None:
            return ()
        return tuple(layer.id for layer in walk(self.document.layers) if layer.id in self._chosen | {active.id})

    def choose(self, layer_ids: Collection[LayerId], active: LayerId) -> None:
        """Chooses layers together and makes one of them the active one. Not a step of the history."""
        before = self.chosen
        self._chosen = frozenset(layer_ids) | {active}
        self.document.activate(active)
        if self.chosen != before:
            self.chosen_changed.emit()

    @property
    def interacting(self) -> bool:
        """Whether a person is in the middle of something that `settle` would commit."""
        return self._finish is not None

    def begin_interaction(
        self, finish: Callable[[], None], finish_then: Callable[[Callable[[], object]], None] | None = None
    ) -> None:
        """Something holds a transaction open while a person drags; `finish` commits it.

        Where that may take long, `finish_then` commits it beside the window, and does afterwards what it is given.
        """
        self._finish, self._finish_then = finish, finish_then

    def end_interaction(self) -> None:
        """The transaction has ended."""
        self._finish = self._finish_then = None

    def settle(self) -> None:
        """Commits what a person is in the middle of. To be called before any edit that comes from elsewhere."""
        if self._finish is not None:
            finish = self._finish
            self.end_interaction()
            finish()

    def settle_then(self, act: Callable[[], object]) -> None:
        """Commits it, and then acts; where committing takes long, without holding the window up."""
        if self._finish_then is not None:
            self._finish_then(act)
        else:
            self.settle()
            act()

    def colour_at(self, x: int, y: int) -> tuple[float, float, float] | None:
        """The straight colour (0…1, of the document) seen at a pixel; None outside the canvas or where nothing is."""
        document = self.document
        if not document.bounds.contains(x, y):
            return None
        seen = document.format.to_straight(flatten(document.snapshot(), Rect(x, y, 1, 1)))[0, 0]
        return None if seen[3] == 0 else (seen[0] / 255.0, seen[1] / 255.0, seen[2] / 255.0)

    @property
    def profile(self) -> Profile:
        """How the document's colours become the screen's, and those that a person chose the document's."""
        if self._profile.icc != self.document.structure.icc:
            self._profile = Profile(self.document.structure.icc)
        return self._profile

    def picture_source(self) -> TileSource:
        """The tiles of all that is seen, as it is when the first of them is asked for."""
        taken: list[Snapshot] = []

        def read(index: TileIndex) -> Pixels:
            if not taken:
                taken.append(self.document.snapshot())
            return flatten(taken[0], tile_rect(index))

        return read

    def close(self) -> None:
        """Stops listening to the document and lets the composited tiles go."""
        self._disconnect()
        self.compositor.close()

    def _on_changed(self, change: ChangeSet) -> None:
        active = self.document.active
        if (change.active or change.structure) and active is not None and active.id not in self._chosen:
            self._chosen = frozenset({active.id})
            self.chosen_changed.emit()
        if change.active:
            self._target = Target.LAYER
            self.target_changed.emit(self._target)
        if change.history:
            self._remember_selection()
        if change.size:
            self.last_selection = {}
            self._selection_bounds = None
            self.viewport = self.viewport.with_extent((self.document.width, self.document.height))
        self.changed.emit(change)
        if self.modified != self._was_modified:
            self._was_modified = self.modified
            self.state_changed.emit()

    def _remember_selection(self) -> None:
        tiles = self.document.selection.tiles
        if tiles != self._selected:
            if not tiles:
                self.last_selection = self._selected
            self._selected = dict(tiles)
            self._selection_bounds = None
