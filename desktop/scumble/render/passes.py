"""One drawing of a tree of layers into one tile, by QPainter where it can and by numpy where it cannot.

QPainter holds the interpreter's lock and belongs to the GUI thread; so does everything here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from PySide6.QtGui import QImage, QPainter

from scumble.document import BlendMode, Pixels, Rect, Tile, TileIndex
from scumble.render.blend import OPACITY_STEPS, Floats
from scumble.render.buffers import WHOLE, Buffers, TileView, fetch
from scumble.render.planar import blend_stored
from scumble.render.resolve import ReadyLayer

QT_MODES: Final[Mapping[BlendMode, QPainter.CompositionMode]] = {
    BlendMode.NORMAL: QPainter.CompositionMode.CompositionMode_SourceOver,
    BlendMode.MULTIPLY: QPainter.CompositionMode.CompositionMode_Multiply,
    BlendMode.SCREEN: QPainter.CompositionMode.CompositionMode_Screen,
    BlendMode.OVERLAY: QPainter.CompositionMode.CompositionMode_Overlay,
    BlendMode.DARKEN: QPainter.CompositionMode.CompositionMode_Darken,
    BlendMode.LIGHTEN: QPainter.CompositionMode.CompositionMode_Lighten,
    BlendMode.COLOR_DODGE: QPainter.CompositionMode.CompositionMode_ColorDodge,
    BlendMode.COLOR_BURN: QPainter.CompositionMode.CompositionMode_ColorBurn,
    BlendMode.HARD_LIGHT: QPainter.CompositionMode.CompositionMode_HardLight,
    BlendMode.SOFT_LIGHT: QPainter.CompositionMode.CompositionMode_SoftLight,
    BlendMode.DIFFERENCE: QPainter.CompositionMode.CompositionMode_Difference,
    BlendMode.EXCLUSION: QPainter.CompositionMode.CompositionMode_Exclusion,
    BlendMode.ADD: QPainter.CompositionMode.CompositionMode_Plus,
}
"""The modes that QPainter has."""

ROUGH_MODES: Final = frozenset({BlendMode.COLOR_DODGE, BlendMode.COLOR_BURN, BlendMode.SOFT_LIGHT, BlendMode.EXCLUSION})
"""The modes that QPainter gets wrong by more than one step on 8 bits, or takes longer for; it is right on 16."""

OVER: Final = QPainter.CompositionMode.CompositionMode_SourceOver
SOURCE: Final = QPainter.CompositionMode.CompositionMode_Source
INSIDE: Final = QPainter.CompositionMode.CompositionMode_DestinationIn

STEEP_MODES: Final = frozenset({BlendMode.ADD, BlendMode.COLOR_DODGE, BlendMode.COLOR_BURN})
"""The modes that want opacity and mask unrounded: a fainter source is not the same as a fainter effect (plus), or a
rounding of the source shows many times over."""


class _Target:
    """A picture being painted, as a painter and as an array over the same memory."""

    __slots__ = ("_mode", "_opacity", "painter", "part", "pixels")

    def __init__(self, painter: QPainter, pixels: Pixels, part: Rect) -> None:
        self.painter = painter
        self.pixels = pixels
        self.part = part
        self._mode = OVER
        self._opacity = 1.0

    def put(self, image: QImage, mode: QPainter.CompositionMode = OVER, opacity: float = 1.0) -> None:
        """Draws the part of an image. What the painter is set to already is not set again: it costs as much."""
        if mode is not self._mode:
            self.painter.setCompositionMode(mode)
            self._mode = mode
        if opacity != self._opacity:
            # QPainter takes round(256 x) · 255 >> 8 for its factor; this x makes that the nearest of the 255 steps.
            self.painter.setOpacity((round(opacity * OPACITY_STEPS) + 1) / 256 if opacity < 1.0 else 1.0)
            self._opacity = opacity
        x, y, width, height = self.part.x, self.part.y, self.part.width, self.part.height
        self.painter.drawImage(x, y, image, x, y, width, height)


class _Piece(NamedTuple):
    """A layer that shows in the tile: its `tile`, or None for a group; what of its mask; what is clipped to it."""

    layer: ReadyLayer
    tile: Tile | None
    mask: Tile | None
    clipped: tuple[_Piece, ...]


class Pass:
    """One drawing of a tree of layers into one part of one tile."""

    def __init__(self, buffers: Buffers, index: TileIndex, part: Rect) -> None:
        self._buffers = buffers
        self._index = index
        self._part = part
        self._area = part.slices(WHOLE)
        self._whole = part == WHOLE

    def show(self, pixels: Pixels, ready: Sequence[ReadyLayer]) -> None:
        """Makes a buffer show the layers on nothing."""
        pieces = self._gather(ready)
        if pieces and _alone(lowest := pieces[0]):
            # On nothing, every blend mode leaves a layer as it is.
            assert lowest.tile is not None
            pixels[self._area] = lowest.tile.pixels[self._area]
            del pieces[0]
        else:
            pixels[self._area] = 0
        self._draw(pixels, pieces)

    def _gather(self, ready: Sequence[ReadyLayer]) -> list[_Piece]:
        """What shows of some layers, without what lies hidden below an opaque tile."""
        pieces: list[_Piece] = []
        index, buffers = self._index, self._buffers
        for layer in ready:
            mask: Tile | None = None
            if layer.mask is not None and (mask := layer.mask.get(index)) is None:
                continue
            tile: Tile | None = None
            if layer.tiles is not None:
                if (tile := layer.tiles.get(index)) is None:
                    continue
                view: TileView = tile.view or buffers.view(tile)
                if (
                    layer.plain
                    and layer.opacity == 1.0
                    and (view.opaque or (view.opaque is None and buffers.opaque(tile)))
                ):
                    pieces.clear()
            clipped = tuple(self._gather(layer.clipped)) if layer.clipped else ()
            pieces.append(_Piece(layer, tile, mask, clipped))
        return pieces

    def _draw(self, pixels: Pixels, pieces: Iterable[_Piece]) -> None:
        image = self._buffers.wrap(pixels)
        with QPainter(image) as painter:
            target = _Target(painter, pixels, self._part)
            for piece in pieces:
                layer, tile, _, clipped = piece
                if tile is None or clipped:
                    self._made(target, piece)
                elif layer.plain:
                    if self._whole:
                        fetch(tile.pixels)
                    target.put(tile.view.image, OVER, layer.opacity)
                else:
                    self._put(target, piece, tile.pixels, self._buffers.image(tile))

    def _made(self, target: _Target, piece: _Piece) -> None:
        """A piece that must be drawn by itself first: a group, a base with what is clipped to it, or both."""
        with self._buffers.buffer() as pixels:
            image = self._buffers.wrap(pixels)
            if piece.layer.through:
                self._through(target, piece, pixels)
                return
            if piece.tile is None:
                self.show(pixels, piece.layer.children)
            if not piece.clipped:
                self._put(target, piece, pixels, image)
                return
            own = pixels if piece.tile is None else piece.tile.pixels
            with self._buffers.buffer() as run:
                self._clip(run, own, piece)
                image = self._buffers.wrap(run)
                self._put(target, piece, run, image)

    def _through(self, target: _Target, piece: _Piece, pixels: Pixels) -> None:
        """Moves the target towards what a pass-through group makes of it, by the group's opacity and mask."""
        pixels[self._area] = target.pixels[self._area]
        self._draw(pixels, self._gather(piece.layer.children))
        before = target.pixels[self._area].astype(np.float32)
        before += (pixels[self._area].astype(np.float32) - before) * self._coverage(piece)
        target.pixels[self._area] = np.rint(before).astype(target.pixels.dtype)

    def _clip(self, run: Pixels, own: Pixels, base: _Piece) -> None:
        """Makes a buffer show a base with what is clipped to it: drawn on straight colours, which get alpha back."""
        if base.tile is not None and self._buffers.opaque(base.tile):
            run[self._area] = own[self._area]
            self._draw(run, base.clipped)
            return
        image = self._buffers.wrap(run)
        with QPainter(image) as painter:
            _Target(painter, run, self._part).put(self._buffers.straight(own), SOURCE)
        self._buffers.make_opaque(run)
        self._draw(run, base.clipped)
        with QPainter(image) as painter:
            _Target(painter, run, self._part).put(self._buffers.wrap(own), INSIDE)

    def _put(self, target: _Target, piece: _Piece, pixels: Pixels, image: QImage) -> None:
        """Blends one picture, given as `image` and as `pixels` over the same memory, into the target."""
        mode, mask, opacity = piece.layer.mode, piece.mask, piece.layer.opacity
        faint = mask is not None or opacity < 1.0
        rough = mode in ROUGH_MODES and self._buffers.format.maximum == 255
        if mode not in QT_MODES or rough or (faint and mode in STEEP_MODES):
            self._calculate(target.pixels, piece, pixels)
        elif mask is None:
            target.put(image, QT_MODES[mode], opacity)
        else:
            with self._buffers.buffer() as buffer:
                masked = self._buffers.wrap(buffer)
                with QPainter(masked) as painter:
                    inner = _Target(painter, buffer, self._part)
                    inner.put(image, SOURCE)
                    inner.put(self._buffers.image(mask), INSIDE)
                target.put(masked, QT_MODES[mode], opacity)

    def _calculate(self, target: Pixels, piece: _Piece, pixels: Pixels) -> None:
        buffers, area = self._buffers, self._area
        mask = None if piece.mask is None else piece.mask.pixels[area]
        blend_stored(
            piece.layer.mode, target[area], pixels[area], piece.layer.opacity, mask, buffers.format, buffers.work
        )

    def _coverage(self, piece: _Piece) -> Floats:
        """Opacity times mask, `(h, w, 1)` or `(1, 1, 1)`."""
        amount: Floats = np.full((1, 1, 1), piece.layer.opacity, np.float32)
        if piece.mask is not None:
            amount = piece.mask.pixels[self._area][..., None] * (amount / np.float32(255.0))
        return amount


def _alone(piece: _Piece) -> bool:
    """Whether it is the tile and nothing but the tile."""
    return piece.tile is not None and piece.layer.opacity == 1.0 and piece.mask is None and not piece.clipped
