"""The whole picture reshaped: cut, enlarged, turned, flipped, scaled. Every layer, mask and selection goes along.

What takes long (`reshaped`) works on a snapshot and may run on any thread; `put` makes one step of the history of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from scumble.document import (
    MAX_SIDE,
    NOWHERE,
    SELECTION,
    Document,
    PaintLayer,
    Rect,
    Snapshot,
    Structure,
    SurfaceId,
    Tile,
    TileIndex,
    walk,
)
from scumble.document.homography import (
    Matrix,
    as_frame,
    bounds_of,
    from_frame,
    identity,
    in_whole_pixels,
    rotation,
    scaling,
    translation,
)
from scumble.document.layers import update
from scumble.document.lift import Plane
from scumble.document.seals import resealed
from scumble.paint.expanding import grows, select_new
from scumble.paint.rearranging import extended, within
from scumble.paint.transform import Report, Resampling, along, mapped, room_round, silent


@dataclass(frozen=True, slots=True, eq=False)
class Reshape:
    """What becomes of a picture: the map that all of it goes through, and its new size in pixels.

    `cut` throws away what lies outside the new canvas. `framed`: what reaches the edge of the canvas reaches it
    afterwards too. `dpi` is the new resolution, None to keep it. `select_new` selects, where the picture is only moved,
    what of the new canvas the old one does not cover, to be filled.
    """

    matrix: Matrix
    width: int
    height: int
    resampling: Resampling = Resampling.BICUBIC
    cut: bool = False
    framed: bool = False
    dpi: float | None = None
    select_new: bool = False

    def __post_init__(self) -> None:
        if not (0 < self.width <= MAX_SIDE and 0 < self.height <= MAX_SIDE):
            raise ValueError(f"a canvas of {self.width} × {self.height} is not possible")

    @property
    def canvas(self) -> Rect:
        """The new canvas."""
        return Rect(0, 0, self.width, self.height)

    def selects(self, canvas: Rect) -> bool:
        """Whether something of a canvas that becomes this one will be new, and selected."""
        return self.select_new and grows(bounds_of(self.matrix, canvas), self.canvas)


Made = dict[SurfaceId, dict[TileIndex, Tile]]
"""The tiles of every surface, reshaped."""


def crop(rect: Rect, *, keep_outside: bool) -> Reshape:
    """A rectangle becomes the canvas; it may reach outside it. What lies outside the rectangle is kept or cut off."""
    return Reshape(translation(-rect.x, -rect.y), rect.width, rect.height, cut=not keep_outside)


def resize_canvas(structure: Structure, width: int, height: int, anchor: tuple[float, float]) -> Reshape:
    """Another size for the canvas, the picture as large as it was; nothing is cut off.

    `anchor` is where the picture goes: 0 left or top, ½ the middle, 1 right or bottom.
    """
    dx, dy = (
        math.floor((new - old) * part + 0.5)
        for new, old, part in zip((width, height), (structure.width, structure.height), anchor, strict=True)
    )
    return Reshape(translation(dx, dy), width, height)


def flip(structure: Structure, *, across: bool) -> Reshape:
    """Left and right exchanged, or top and bottom."""
    factors = (-1.0, 1.0) if across else (1.0, -1.0)
    centre = (structure.width / 2, structure.height / 2)
    return Reshape(scaling(*factors, centre), structure.width, structure.height)


def rotate_quarters(structure: Structure, quarters: int) -> Reshape:
    """Turned clockwise by quarters; nothing is lost."""
    return _onto_canvas(rotation(90.0 * quarters), structure.bounds, Resampling.NEAREST)


def rotate(structure: Structure, degrees: float, resampling: Resampling, *, enlarge: bool) -> Reshape:
    """Turned clockwise by any angle about the middle; `enlarge` makes the canvas hold all of it."""
    if enlarge:
        return _onto_canvas(rotation(degrees), structure.bounds, resampling)
    centre = (structure.width / 2, structure.height / 2)
    return Reshape(rotation(degrees, centre), structure.width, structure.height, resampling)


def resize_picture(
    structure: Structure, width: int, height: int, resampling: Resampling, dpi: float | None = None
) -> Reshape:
    """Scaled to another size."""
    matrix = scaling(width / structure.width, height / structure.height)
    return Reshape(matrix, width, height, resampling, framed=True, dpi=dpi)


def reshaped(snapshot: Snapshot, reshape: Reshape, report: Report = silent) -> Made:
    """The tiles of every layer, mask and selection. Moves, quarter turns and flips lose nothing.

    Where there is more canvas than before, a layer mask goes on as at its edge; nothing more is selected.
    """
    made: Made = {}
    whole = in_whole_pixels(reshape.matrix)
    known = reshape.canvas if whole is None else bounds_of(whole, snapshot.structure.bounds)
    masks = {layer.mask for layer in walk(snapshot.structure.layers)}
    planes = dict(_planes(snapshot))
    frame = snapshot.structure.bounds if reshape.framed else NOWHERE
    for number, (surface, plane) in enumerate(planes.items()):
        tiles: dict[TileIndex, Tile] = {}
        for part, piece in mapped(plane, reshape.matrix, reshape.resampling, room_round(reshape.canvas), frame):
            tiles.update(piece)
            report((number + part) / len(planes))
        if surface in masks:
            tiles = extended(tiles, known, reshape.canvas)
        made[surface] = within(tiles, reshape.canvas) if reshape.cut or _selects(snapshot, surface) else tiles
    return made


def put(document: Document, reshape: Reshape, made: Made, step: str) -> None:
    """Gives a document that has not changed since the snapshot its new shape, as one step of the history."""
    old = document.bounds
    with document.history.transaction(step) as edit:
        for surface, tiles in made.items():
            edit.replace(surface, tiles)
        tree = document.layers
        follow = along(reshape.matrix)
        for layer in walk(document.layers):
            if isinstance(layer, PaintLayer) and layer.recipe is not None:
                tree = update(tree, layer.id, recipe=resealed(edit, document, layer, follow(layer.recipe)))
        before = document.structure
        after = replace(
            before,
            layers=tree,
            width=reshape.width,
            height=reshape.height,
            dpi=before.dpi if reshape.dpi is None else reshape.dpi,
            frame=as_frame(reshape.matrix @ from_frame(before.frame)),
        )
        edit.set_structure(after)
        if reshape.selects(old):
            select_new(edit, bounds_of(reshape.matrix, old), reshape.canvas)


def apply(document: Document, reshape: Reshape, step: str) -> None:
    """Both at once."""
    if reshape.dpi is None and reshape.canvas == document.bounds and (reshape.matrix == identity()).all():
        return
    put(document, reshape, reshaped(document.snapshot(), reshape), step)


def _onto_canvas(matrix: Matrix, canvas: Rect, resampling: Resampling) -> Reshape:
    """With a canvas that just holds where the old one goes."""
    around = bounds_of(matrix, canvas)
    centred = translation(-around.x, -around.y) @ matrix
    return Reshape(centred, max(around.width, 1), max(around.height, 1), resampling)


def _planes(snapshot: Snapshot) -> Iterator[tuple[SurfaceId, Plane]]:
    colours = {layer.surface for layer in walk(snapshot.structure.layers) if isinstance(layer, PaintLayer)}
    for surface in (SELECTION, *dict.fromkeys(snapshot.structure.surfaces())):
        colour = surface in colours
        dtype = snapshot.format.dtype if colour else np.dtype(np.uint8)
        yield surface, Plane(snapshot.planes[surface], {}, 4 if colour else 1, dtype)


def _selects(snapshot: Snapshot, surface: SurfaceId) -> bool:
    """Whether a surface is a selection, which never reaches outside the canvas."""
    return surface == SELECTION or surface in {kept.surface for kept in snapshot.structure.selections}
