"""The only mutator of a document: transactions that become edits, and the edits that undo and redo swap.

An edit keeps, for every tile it touched, the tile before; and the structure before, where that changed. Undo puts
them back and keeps what it takes out, so that redo is the same operation again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Final

from scumble.document.changes import ChangeSet
from scumble.document.geometry import NOWHERE, Rect, TileIndex, tile_rect
from scumble.document.layers import SurfaceId
from scumble.document.packing import Edit, Packer, TileChanges, restored
from scumble.document.pixels import Pixels
from scumble.document.tiles import Surface, Tile, TileMap, read_tiles

if TYPE_CHECKING:
    from scumble.document.document import Document, Structure

SELECTION: Final = SurfaceId(0)
"""The surface of the selection; every document has it. All 0 means that nothing is selected, thus all may change."""

DEFAULT_BUDGET: Final = 1 << 30
"""Bytes of tiles that the history may hold before the oldest steps are let go."""

RAW: Final = 96 << 20
"""Bytes of the steps next to the present, on either side of it, that are kept as they are: undo just swaps them."""


AHEAD: Final = 4
"""How many steps before its turn a packed one is unpacked: more than a held key takes while one is being unpacked."""


class Transaction:
    """An edit in the making. Use it as a context manager: an exception rolls it back, the end commits it.

    What it writes is seen by views at once; `touch` tells them where. Tiles handed out by `write` are the caller's to
    change until the commit, and read-only after it.
    """

    def __init__(self, history: History, name: str) -> None:
        self._history = history
        self._document = history.document
        self._edit = Edit(name)
        self.open = True

    def write(self, surface: SurfaceId, index: TileIndex) -> Pixels:
        """The tile's pixels, to be changed in place; copied first, or made of zeros where there was none."""
        self._check_open()
        plane = self._document.surface(surface)
        tile = plane.tiles.get(index)
        self._edit.tiles.setdefault(surface, {}).setdefault(index, tile)
        if tile is None or tile.frozen:
            tile = plane.empty_tile() if tile is None else tile.copy()
            plane.tiles[index] = tile
        return tile.pixels

    def give(self, surface: SurfaceId, index: TileIndex, pixels: Pixels) -> None:
        """Makes an array, C-contiguous and of a tile's shape and dtype, the tile's own; nobody else writes to it."""
        self._check_open()
        plane = self._document.surface(surface)
        self._edit.tiles.setdefault(surface, {}).setdefault(index, plane.tiles.get(index))
        plane.tiles[index] = Tile(pixels)

    def original(self, surface: SurfaceId, rect: Rect) -> Pixels:
        """A copy of a rectangle as it was before this transaction."""
        plane = self._document.surface(surface)
        found = {index: self.original_tile(surface, index) for index in rect.tiles()}
        tiles = {index: tile for index, tile in found.items() if tile is not None}
        return read_tiles(tiles, rect, plane.channels, plane.dtype)

    def original_tile(self, surface: SurfaceId, index: TileIndex) -> Tile | None:
        """The committed tile as it was before this transaction; None where there was none."""
        before = self._edit.tiles.get(surface, {})
        return before[index] if index in before else self._document.surface(surface).tiles.get(index)

    def put(self, surface: SurfaceId, rect: Rect, pixels: Pixels, *, shown: Rect | None = None) -> None:
        """Writes an array over a rectangle and tells the views; about `shown` alone, where it cannot show elsewhere."""
        for index in rect.tiles():
            place = tile_rect(index)
            part = place & rect
            self.write(surface, index)[part.slices(place)] = pixels[part.slices(rect)]
        self.touch(surface, rect if shown is None else rect & shown)

    def original_tiles(self, surface: SurfaceId) -> TileMap:
        """The tiles of a surface as they were before this transaction."""
        tiles = dict(self._document.surface(surface).tiles)
        for index, tile in self._edit.tiles.get(surface, {}).items():
            if tile is None:
                tiles.pop(index, None)
            else:
                tiles[index] = tile
        return tiles

    def replace(self, surface: SurfaceId, tiles: TileMap) -> None:
        """Puts other tiles, which nobody writes to any more, in the place of all there are; and tells the views."""
        self._check_open()
        plane = self._document.surface(surface)
        before = self._edit.tiles.setdefault(surface, {})
        area = NOWHERE
        for index in {*plane.tiles, *tiles}:
            before.setdefault(index, plane.tiles.get(index))
            area = area | tile_rect(index)
        plane.tiles = dict(tiles)
        self.touch(surface, area)

    def clear(self, surface: SurfaceId) -> None:
        """Empties a surface, and tells the views."""
        self.replace(surface, {})

    def restore(self, surface: SurfaceId) -> None:
        """Puts a surface back as it was before this transaction, which stays open."""
        self._check_open()
        plane = self._document.surface(surface)
        area = NOWHERE
        for index, tile in self._edit.tiles.pop(surface, {}).items():
            _place(plane, index, tile)
            area = area | tile_rect(index)
        self.touch(surface, area)

    def add_surface(self, plane: Surface) -> SurfaceId:
        """Registers a new plane, empty or filled with tiles that will be frozen at the commit."""
        self._check_open()
        tiles, plane.tiles = plane.tiles, {}
        surface = self._document.register(plane)
        before = self._edit.tiles.setdefault(surface, {})
        for index, tile in tiles.items():
            before[index] = None
            plane.tiles[index] = tile
        return surface

    def set_structure(self, structure: Structure, area: Rect | None = None) -> None:
        """Replaces the layer tree or the size. `area` is where it shows; the whole canvas when None."""
        self._check_open()
        old = self._document.structure
        if self._edit.structure is None:
            self._edit.structure = old
            active = self._document.active
            self._edit.active = active.id if active is not None else None
        resized = (old.width, old.height) != (structure.width, structure.height)
        self._document.replace_structure(structure)
        where = old.bounds | structure.bounds if area is None or resized else area
        self._edit.area = self._edit.area | where
        self._document.changed.emit(ChangeSet(area=where, structure=True, size=resized))

    def touch(self, surface: SurfaceId, rect: Rect) -> None:
        """Tells the views that a rectangle of a surface has been written."""
        if rect.empty:
            return
        if surface == SELECTION:
            self._document.changed.emit(ChangeSet(selected=rect))
        else:
            self._document.changed.emit(ChangeSet(area=rect))

    def commit(self) -> bool:
        """Ends it and makes one step of the history; False when nothing had changed, and then there is no step."""
        self._check_open()
        self.open = False
        for surface, before in self._edit.tiles.items():
            plane = self._document.surface(surface)
            for index in tuple(before):
                tile = plane.tiles.get(index)
                if tile is not None and before[index] is not tile:
                    if tile.pixels.any():
                        tile.freeze()
                    else:
                        del plane.tiles[index]
                if plane.tiles.get(index) is before[index]:
                    del before[index]
        self._edit.tiles = {surface: before for surface, before in self._edit.tiles.items() if before}
        return self._history.finish(self._edit)

    def rollback(self) -> None:
        """Ends it and leaves the document as it was."""
        self._check_open()
        self.open = False
        self._history.abandon(self._edit)

    def _check_open(self) -> None:
        if not self.open:
            raise RuntimeError("this transaction has ended")

    def __enter__(self) -> Transaction:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self.open:
            return
        if kind is None:
            self.commit()
        else:
            self.rollback()


class History:
    """The undo and redo steps of one document, within a budget of bytes.

    Those far from the present are compressed by a thread, once there are more than `raw` bytes between.
    """

    def __init__(self, document: Document, budget: int = DEFAULT_BUDGET, raw: int = RAW) -> None:
        self.document = document
        self.budget = budget
        self.raw = raw
        self._packer = Packer()
        self._undo: list[Edit] = []
        self._redo: list[Edit] = []
        self._current: Transaction | None = None
        self._whole_step: Edit | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all steps, oldest first: those done, then those undone."""
        return tuple(edit.name for edit in (*self._undo, *reversed(self._redo)))

    @property
    def position(self) -> int:
        """How many steps are done."""
        return len(self._undo)

    @property
    def size(self) -> int:
        """Bytes of tiles that the steps keep."""
        return sum(edit.size for edit in (*self._undo, *self._redo))

    @property
    def busy(self) -> bool:
        """Whether a transaction is open."""
        return self._current is not None

    @property
    def pending(self) -> TileChanges:
        """The tiles that the open transaction has replaced, as they were before it; empty without one."""
        return self._current._edit.tiles if self._current is not None else {}

    @property
    def pending_structure(self) -> Structure | None:
        """The structure before the open transaction, where it changed that."""
        return self._current._edit.structure if self._current is not None else None

    def transaction(self, name: str) -> Transaction:
        """Opens the one transaction there may be. `name` is what the history calls the step."""
        if self._current is not None:
            raise RuntimeError(f"“{self._current._edit.name}” is still open")
        self._current = Transaction(self, name)
        return self._current

    @contextmanager
    def as_one(self, name: str) -> Iterator[None]:
        """Makes one step, called `name`, of all that is committed within; of none of it where an error comes."""
        if self._current is not None or self._whole_step is not None:
            raise RuntimeError("a step is being made")
        whole = self._whole_step = Edit(name)
        try:
            yield
        except BaseException:
            if self._undo and self._undo[-1] is whole:
                self._undo.pop()
                self.document.revision += 1
                self.abandon(whole)
            raise
        finally:
            self._whole_step = None

    def undo(self) -> str | None:
        """Takes the last step back; returns its name, or None when there is none or one is being made."""
        return self._swap(self._undo, self._redo)

    def redo(self) -> str | None:
        """Does the last undone step again."""
        return self._swap(self._redo, self._undo)

    def go_to(self, position: int) -> None:
        """Undoes or redoes until `position` steps are done."""
        while self.position > position and self.undo():
            pass
        while self.position < position and self.redo():
            pass

    def clear(self) -> None:
        """Forgets every step; the document stays as it is."""
        self._undo.clear()
        self._redo.clear()
        self.document.collect()
        self.document.changed.emit(ChangeSet(history=True))

    def references(self) -> set[SurfaceId]:
        """The surfaces that a step could bring back."""
        found: set[SurfaceId] = set()
        for edit in (*self._undo, *self._redo):
            found.update(edit.tiles, edit.packed)
            if edit.structure is not None:
                found.update(edit.structure.surfaces())
        return found

    def finish(self, edit: Edit) -> bool:
        """Takes the edit of a transaction that has been committed."""
        self._current = None
        if not edit.tiles and edit.structure is None:
            return False
        edit = self._taken_in(edit)
        edit.weigh()
        edit.after = {
            surface: {index: self.document.surface(surface).tiles.get(index) for index in tiles}
            for surface, tiles in edit.tiles.items()
        }
        self._undo.append(edit)
        self._pack(self._undo)
        dropped = len(self._redo)
        self._redo.clear()
        size = self.size
        while size > self.budget and len(self._undo) > 1:
            size -= self._undo.pop(0).size
            dropped += 1
        if dropped:
            self.document.collect()
        self.document.revision += 1
        self.document.changed.emit(ChangeSet(history=True))
        return True

    def _taken_in(self, edit: Edit) -> Edit:
        """The step that an edit is a part of, taken off the others; itself where it is one of its own."""
        whole = self._whole_step
        if whole is None:
            return edit
        if self._undo and self._undo[-1] is whole:
            self._undo.pop()
        whole.take_in(edit)
        return whole

    def abandon(self, edit: Edit) -> None:
        """Undoes the edit of a transaction that has been rolled back."""
        self._current = None
        _, change = self._exchange(edit)
        self.document.collect()
        self.document.changed.emit(change)

    def _swap(self, source: list[Edit], target: list[Edit]) -> str | None:
        if self._current is not None or not source:
            return None
        inverse, change = self._exchange(source.pop())
        inverse.weigh()
        target.append(inverse)
        self._pack(target)
        self._unpack_ahead(source)
        self.document.revision += 1
        self.document.changed.emit(change)
        return inverse.name

    def settle(self) -> None:
        """Waits until older steps are compressed as far as they are to be."""
        self._packer.wait()

    def _pack(self, steps: list[Edit]) -> None:
        """Has the steps of one side compressed that lie behind more bytes than are to be kept as they are."""
        room, found = self.raw, []
        for edit in reversed(steps):
            room -= edit.size
            if room < 0 and edit is not steps[-1] and edit.raw:
                found.append(edit)
        if found:
            self._packer.add(reversed(found))

    def _exchange(self, edit: Edit) -> tuple[Edit, ChangeSet]:
        """Puts back what an edit keeps; returns the edit that undoes this, and what changed."""
        document = self.document
        self._packer.take(edit)
        inverse = Edit(edit.name)
        area, selected = NOWHERE, NOWHERE
        found = self._whole(edit)
        inverse.after = found
        for surface, tiles in found.items():
            plane = document.surface(surface)
            inverse.tiles[surface] = {index: plane.tiles.get(index) for index in tiles}
            for index, tile in tiles.items():
                _place(plane, index, tile)
                if surface == SELECTION:
                    selected = selected | tile_rect(index)
                else:
                    area = area | tile_rect(index)
        if edit.structure is None:
            return inverse, ChangeSet(area, selected, history=True)
        old, active = document.structure, document.active
        inverse.structure, inverse.area = old, edit.area
        inverse.active = active.id if active is not None else None
        document.replace_structure(edit.structure, edit.active)
        resized = (old.width, old.height) != (edit.structure.width, edit.structure.height)
        return inverse, ChangeSet(
            area | edit.area, selected, structure=True, size=resized, history=True, active=inverse.active != edit.active
        )

    def _unpack_ahead(self, steps: list[Edit]) -> None:
        """Has the nearest packed one of the next few steps unpacked, so that its turn takes no longer than others."""
        with self._packer.paused():
            place = next((place for place in range(1, min(AHEAD, len(steps)) + 1) if steps[-place].packed), 0)
            if not place or steps[-place].queued:
                return
            edit = steps[-place]
            now = self._in_place_of(edit, steps[len(steps) - place + 1 :])
        self._packer.restore(edit, now)

    def _whole(self, edit: Edit) -> TileChanges:
        """The tiles of an edit, unpacked where they must be."""
        return restored(edit, self._in_place_of(edit, [])) if edit.packed else edit.tiles

    def _in_place_of(self, edit: Edit, sooner: list[Edit]) -> TileChanges:
        """The tiles that will be in the place of the packed ones of an edit once those that come sooner are swapped."""
        found: TileChanges = {}
        for surface, packed in edit.packed.items():
            plane = self.document.surface(surface).tiles
            found[surface] = {}
            for index in packed:
                layers = (step.tiles.get(surface, {}) for step in sooner)
                nearest = next((tiles for tiles in layers if index in tiles), plane)
                found[surface][index] = nearest.get(index)
        return found


def _place(plane: Surface, index: TileIndex, tile: Tile | None) -> None:
    if tile is None:
        plane.tiles.pop(index, None)
    else:
        plane.tiles[index] = tile
