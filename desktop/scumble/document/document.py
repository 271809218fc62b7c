"""The document: size, layer tree, surfaces, selection. Read by everyone, changed by its history alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import numpy as np

from scumble.document.changes import ChangeSet
from scumble.document.geometry import Rect
from scumble.document.history import DEFAULT_BUDGET, SELECTION, History
from scumble.document.layers import (
    Layer,
    LayerId,
    PaintLayer,
    SavedSelection,
    SurfaceId,
    find,
    surfaces_of,
    walk,
)
from scumble.document.pixels import BGRA8, PixelFormat, Pixels
from scumble.document.signal import Signal
from scumble.document.tiles import Surface, Tile, TileMap, read_tiles

MAX_SIDE: Final = 32768
"""The longest side of a canvas, in pixels."""

Frame: TypeAlias = tuple[float, float, float, float, float, float]
"""A map of the plane, row by row: (x, y) goes to (a·x + b·y + c, d·x + e·y + f)."""

FIRST_FRAME: Final[Frame] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
"""Of a canvas that has been neither cut nor turned nor scaled."""


@dataclass(frozen=True, slots=True)
class Structure:
    """All of a document that is not pixels. `layers` are in painting order, the lowest first; `selections` are kept
    selections, no two of one name.

    `icc` is the profile that the picture came with (empty: sRGB); `extras` are entries of a file that the program does
    not know and keeps. `frame` leads from the first canvas to this one, through all that has been cut off, turned and
    scaled since; what was placed on an earlier canvas finds its place on this one by it.
    """

    width: int
    height: int
    layers: tuple[Layer, ...] = ()
    icc: bytes = b""
    dpi: float = 72.0
    extras: Mapping[str, bytes] = field(default_factory=dict)
    selections: tuple[SavedSelection, ...] = ()
    frame: Frame = FIRST_FRAME

    @property
    def bounds(self) -> Rect:
        """The canvas."""
        return Rect(0, 0, self.width, self.height)

    def surfaces(self) -> Iterator[SurfaceId]:
        """The surfaces that the layers and the kept selections refer to."""
        for layer in self.layers:
            yield from surfaces_of(layer)
        for selection in self.selections:
            yield selection.surface

    def with_layers(self, layers: tuple[Layer, ...]) -> Structure:
        """The same with another tree."""
        return replace(self, layers=layers)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document as it was at one moment, free to take and safe to read on any thread."""

    structure: Structure
    format: PixelFormat
    planes: Mapping[SurfaceId, TileMap]
    revision: int
    active: LayerId | None = None
    key: str = ""

    def tile(self, surface: SurfaceId, index: tuple[int, int]) -> Tile | None:
        """A tile, or None where the surface is empty."""
        return self.planes[surface].get(index)

    def read_colour(self, surface: SurfaceId, rect: Rect) -> Pixels:
        """The stored pixels of a layer's surface, `(h, w, 4)`."""
        return read_tiles(self.planes[surface], rect, 4, self.format.dtype)

    def read_mask(self, surface: SurfaceId, rect: Rect) -> Pixels:
        """The values of a mask or of the selection, `(h, w)` uint8."""
        return read_tiles(self.planes[surface], rect, 1, np.dtype(np.uint8))


class Document:
    """A picture with layers. `revision` rises with every step, undo and redo; views listen to `changed`.

    `key` is a name that no other document has; it is kept in a file with layers, so that what belongs to a document
    and lies elsewhere finds it again.
    """

    def __init__(
        self, width: int, height: int, pixel_format: PixelFormat = BGRA8, budget: int = DEFAULT_BUDGET
    ) -> None:
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise ValueError(f"a canvas of {width} × {height} is not possible; the longest side is {MAX_SIDE}")
        self.format = pixel_format
        self.changed: Signal[ChangeSet] = Signal()
        self.revision = 0
        self.key = uuid.uuid4().hex
        self._structure = Structure(width, height)
        self._surfaces: dict[SurfaceId, Surface] = {SELECTION: Surface.for_mask()}
        self._next_id = 1
        self._active: LayerId | None = None
        self.history = History(self, budget)

    @property
    def structure(self) -> Structure:
        """Size and layer tree."""
        return self._structure

    @property
    def width(self) -> int:
        """Of the canvas, in pixels."""
        return self._structure.width

    @property
    def height(self) -> int:
        """Of the canvas, in pixels."""
        return self._structure.height

    @property
    def bounds(self) -> Rect:
        """The canvas."""
        return self._structure.bounds

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of the root, the lowest first."""
        return self._structure.layers

    @property
    def active(self) -> Layer | None:
        """The layer that tools work on."""
        return None if self._active is None else find(self.layers, self._active)

    @property
    def selection(self) -> Surface:
        """What is selected; empty means no selection."""
        return self._surfaces[SELECTION]

    @property
    def selection_bounds(self) -> Rect:
        """The rectangle round the selection, inside the canvas; empty without one."""
        return self.selection.bounds() & self.bounds

    def layer(self, layer_id: LayerId) -> Layer:
        """The layer of that id. KeyError when it has gone."""
        found = find(self.layers, layer_id)
        if found is None:
            raise KeyError(layer_id)
        return found

    def paint_layer(self, layer_id: LayerId) -> PaintLayer:
        """The paint layer of that id. KeyError when it has gone or is a group."""
        found = self.layer(layer_id)
        if not isinstance(found, PaintLayer):
            raise KeyError(layer_id)
        return found

    def surface(self, surface: SurfaceId) -> Surface:
        """A plane of pixels, to be read."""
        return self._surfaces[surface]

    def activate(self, layer_id: LayerId | None) -> None:
        """Makes a layer the active one. Not a step of the history."""
        if layer_id != self._active:
            self._active = layer_id
            self.changed.emit(ChangeSet(active=True))

    def snapshot(self) -> Snapshot:
        """The document as it was after its last step; an open transaction is not in it."""
        planes: dict[SurfaceId, TileMap] = {}
        pending = self.history.pending
        for surface, plane in self._surfaces.items():
            tiles = dict(plane.tiles)
            for index, before in pending.get(surface, {}).items():
                if before is None:
                    tiles.pop(index, None)
                else:
                    tiles[index] = before
            planes[surface] = tiles
        structure = self.history.pending_structure or self._structure
        return Snapshot(structure, self.format, planes, self.revision, self._active, self.key)

    def copy(self) -> Document:
        """Another document that is as this one was after its last step: of the same key, ids and tiles, with a history
        of its own. What becomes of the one is nothing to the other."""
        shot = self.snapshot()
        made = Document(shot.structure.width, shot.structure.height, self.format)
        for surface in (SELECTION, *shot.structure.surfaces()):
            plane = self._surfaces[surface]
            made._surfaces[surface] = Surface(plane.channels, plane.dtype)
            made._surfaces[surface].tiles = dict(shot.planes[surface])
        made.key, made.revision, made._next_id = self.key, self.revision, self._next_id
        made.replace_structure(shot.structure, shot.active)
        return made

    @property
    def memory(self) -> int:
        """Bytes of pixels in use, without what only the history holds."""
        return sum(tile.pixels.nbytes for plane in self._surfaces.values() for tile in plane.tiles.values())

    # What follows is for the history and the transactions alone.

    def new_layer_id(self) -> LayerId:
        """An id that no layer of this document has had."""
        self._next_id += 1
        return LayerId(self._next_id)

    def register(self, plane: Surface) -> SurfaceId:
        """Takes a surface in and gives it an id."""
        self._next_id += 1
        surface = SurfaceId(self._next_id)
        self._surfaces[surface] = plane
        return surface

    def replace_structure(self, structure: Structure, active: LayerId | None = None) -> None:
        """Puts another tree in place, and with it the active layer.

        The active one stays when `active` is None, and gives way to the topmost when it has gone.
        """
        self._structure = structure
        if active is not None:
            self._active = active
        if self._active is None or find(structure.layers, self._active) is None:
            top = [layer for layer in walk(structure.layers) if isinstance(layer, PaintLayer)]
            self._active = top[-1].id if top else None

    def collect(self) -> None:
        """Drops the surfaces that neither a layer nor a step of the history refers to."""
        if self.history.busy:
            return
        alive = {SELECTION, *self._structure.surfaces(), *self.history.references()}
        for surface in [surface for surface in self._surfaces if surface not in alive]:
            del self._surfaces[surface]
