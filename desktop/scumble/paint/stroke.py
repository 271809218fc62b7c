"""A stroke: samples in, dabs along a smooth path, tiles out.

Dabs gather in a buffer of coverage of their own; each pixel of the surface is then the pixel before the stroke with
the ink laid on it by that coverage, so that in a wash a stroke that crosses itself does not get darker than its
opacity.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from scumble.document import NOWHERE, TILE, Document, Pixels, Rect, SurfaceId, TileIndex, Transaction, tile_rect
from scumble.paint.brush import Brush, Sample
from scumble.paint.dabs import Coverage, Dabs
from scumble.paint.ink import Colour, Ink
from scumble.paint.mix import check_unlocked, coat_over, depth_table, limits, looked_up, mix, narrowed
from scumble.paint.trail import STEPS, Dab, Trail

DEEP = np.dtype(np.uint16)
"""How coverage is kept while dabs build up: with 8 bits a thin coat would add nothing."""


class Stroke:
    """One stroke on a surface, inside a transaction that the caller commits or rolls back.

    Paints a layer's colours, a layer mask or the selection; on the latter two with the luma of `colour`, thus white
    adds. `erase` takes away from either; another `ink` lays that instead. What is selected limits it, except on the
    selection itself, and so does the canvas. On a layer whose alpha is locked alpha stays bit for bit. The same samples
    make the same pixels. ValueError when the layer, or a group round it, is locked, or for erasing where alpha is.
    """

    def __init__(
        self,
        document: Document,
        transaction: Transaction,
        surface: SurfaceId,
        brush: Brush,
        colour: tuple[float, float, float] = (1.0, 1.0, 1.0),
        erase: bool = False,
        dabs: Dabs | None = None,
        ink: Ink | None = None,
    ) -> None:
        check_unlocked(document, surface)
        self._document = document
        self._edit = transaction
        self._surface = surface
        self._plane = document.surface(surface)
        self._bounds = document.bounds
        self._brush = brush
        self._dabs = dabs or Dabs()
        self._ink: Ink = ink or Colour(document, surface, colour, erase)
        self._trail = Trail(brush, document.bounds)
        self._table = depth_table(self._plane.dtype, brush.opacity)
        self._depth = depth_table(self._plane.dtype)
        self._tables: dict[tuple[int, int], Pixels] = {}
        self._coverage: dict[TileIndex, Pixels] = {}
        self._before: dict[TileIndex, Pixels | None] = {}

    def add(self, sample: Sample) -> Rect:
        """Paints on to a sample; returns the rectangle that changed, which the views have been told of already.

        A sample whose place is no number is passed over.
        """
        return self._print(self._trail.add(sample))

    def turn(self) -> None:
        """Makes a corner of the last sample."""
        self._trail.turn()

    def end(self) -> Rect:
        """Paints what had to wait for the end of the stroke; as `add`."""
        return self._print(self._trail.end())

    def _print(self, dabs: Iterable[Dab]) -> Rect:
        touched: dict[TileIndex, Rect] = {}
        for dab in dabs:
            for index, part in self._stamp(dab).items():
                touched[index] = touched.get(index, NOWHERE) | part
        return self._apply(touched)

    def _stamp(self, dab: Dab) -> dict[TileIndex, Rect]:
        """Adds a dab to the coverage; returns the part of each tile that it touched."""
        brush = self._brush
        place, coverage = self._dabs.place(dab.x, dab.y, dab.size, brush.hardness, brush.roundness, dab.angle)
        if not brush.build_up and dab.opacity < 1.0:
            coverage = looked_up(coverage, self._weakened(dab.opacity))
        touched: dict[TileIndex, Rect] = {}
        inside = place & self._bounds
        for index in inside.tiles():
            tile = tile_rect(index)
            part = inside & tile
            if self._join(index, part.slices(tile), coverage[part.slices(place)], dab):
                touched[index] = part
        return touched

    def _join(self, index: TileIndex, part: tuple[slice, slice], print_: Coverage, dab: Dab) -> bool:
        """Joins a print to the coverage of a tile; False when it adds nothing."""
        kept = self._coverage.get(index)
        if kept is None:
            kept = self._coverage[index] = np.zeros((TILE, TILE), DEEP if self._brush.build_up else np.uint8)
        piece = kept[part]
        if self._brush.build_up:
            coat = looked_up(print_, self._coat(dab))
            if not coat.any():
                return False
            coat_over(piece, coat)
            return True
        if not (print_ > piece).any():
            return False
        flow = self._brush.flow * dab.flow
        if flow < 1.0:
            piece += looked_up(np.maximum(print_, piece) - piece, self._rise(flow))
        else:
            np.maximum(piece, print_, out=piece)
        return True

    def _weakened(self, opacity: float) -> Pixels:
        """A table that scales a print."""
        return self._kept(0, opacity, lambda: depth_table(np.dtype(np.uint8), opacity))

    def _rise(self, flow: float) -> Pixels:
        """A table from the room above what is covered to how much of it a dab fills: some of it always."""
        return self._kept(1, flow / self._brush.flow, lambda: np.ceil(np.arange(256) * flow).astype(np.uint8))

    def _coat(self, dab: Dab) -> Pixels:
        """A table from a print to what one dab of it covers when dabs build up."""
        brush = self._brush
        share = dab.opacity * dab.flow
        return self._kept(2, share, lambda: depth_table(DEEP, share * brush.flow * brush.opacity))

    def _kept(self, kind: int, share: float, make: Any) -> Pixels:
        key = (kind, round(share * STEPS * STEPS))
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = make()
        return table

    def _apply(self, touched: dict[TileIndex, Rect]) -> Rect:
        """Carries the coverage of the touched parts over to the surface."""
        written: list[Rect] = []
        for index, part in touched.items():
            tile = tile_rect(index)
            amount = self._amount(self._coverage[index][part.slices(tile)])
            limit = limits(self._document, self._surface, part)
            if limit is not None:
                amount = mix(np.zeros_like(amount), amount, looked_up(limit, self._depth))
            before = self._original(index)
            if (before is None and self._ink.erases) or not amount.any():
                continue
            pixels = self._edit.write(self._surface, index)[part.slices(tile)]
            below = np.zeros_like(pixels) if before is None else before[part.slices(tile)]
            pixels[...] = self._ink.lay(below, amount, part)
            written.append(part)
        return self._tell(written)

    def _amount(self, coverage: Pixels) -> Pixels:
        """Gathered coverage in the depth of the surface; a wash takes its opacity here."""
        if not self._brush.build_up:
            return looked_up(coverage, self._table)
        if self._plane.dtype == DEEP:
            return coverage
        return narrowed(coverage)

    def _original(self, index: TileIndex) -> Pixels | None:
        """The tile as it was when this stroke first came to it; None where there was none."""
        if index not in self._before:
            tile = self._plane.tiles.get(index)
            pixels = None if tile is None else tile.pixels
            # Only a tile that an earlier stroke of the same transaction made can still change.
            self._before[index] = pixels.copy() if pixels is not None and pixels.flags.writeable else pixels
        return self._before[index]

    def _tell(self, written: list[Rect]) -> Rect:
        """Touches one rectangle, or many where one would be mostly empty."""
        whole = NOWHERE
        for part in written:
            whole = whole | part
        if whole.area > 2 * sum(part.area for part in written):
            for part in written:
                self._edit.touch(self._surface, part)
        else:
            self._edit.touch(self._surface, whole)
        return whole
