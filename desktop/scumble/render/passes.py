"""One drawing of a tree of layers into one tile, by QPainter where it can and by numpy where it cannot.

QPainter holds the interpreter's lock and belongs to the GUI thread; so does everything here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import repeat
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from PySide6.QtGui import QImage, QPainter

from scumble.document import BlendMode, Group, Layer, PaintLayer, Pixels, Rect, SurfaceId, Tile, TileIndex, TileMap
from scumble.document.clipping import runs
from scumble.render.blend import OPACITY_STEPS, Floats, quantised
from scumble.render.buffers import WHOLE, Buffers
from scumble.render.planar import blend_stored

Planes: TypeAlias = Callable[[SurfaceId], TileMap]
"""Where the tiles of a surface come from: a document as it is now, or a snapshot."""

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

ROUGH_MODES: Final = frozenset({BlendMode.COLOR_DODGE, BlendMode.SOFT_LIGHT, BlendMode.EXCLUSION})
"""The modes that QPainter gets wrong by more than one step on 8 bits; it is right on 16."""

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
    """A layer that shows in the tile: a group, or a `tile` of a paint layer; what is clipped to it; how much of it."""

    layer: Layer
    clipped: tuple[_Piece, ...]
    opacity: float
    mask: Tile | None
    tile: Tile | None
    through: bool

    @property
    def whole(self) -> bool:
        """Whether it is the tile and nothing but the tile."""
        return self.tile is not None and self.opacity == 1.0 and self.mask is None and not self.clipped


class Pass:
    """One drawing of a tree of layers into one part of one tile."""

    def __init__(self, buffers: Buffers, planes: Planes, index: TileIndex, part: Rect) -> None:
        self._buffers = buffers
        self._planes = planes
        self._index = index
        self._part = part
        self._area = part.slices(WHOLE)

    def show(self, pixels: Pixels, layers: tuple[Layer, ...]) -> None:
        """Makes a buffer show the layers on nothing."""
        pieces: list[_Piece] = []
        self._gather(_with_clipped(layers), pieces)
        if pieces and (lowest := pieces[0]).whole:
            # On nothing, every blend mode leaves a layer as it is.
            assert lowest.tile is not None
            pixels[self._area] = lowest.tile.pixels[self._area]
            del pieces[0]
        else:
            pixels[self._area] = 0
        self._draw(pixels, pieces)

    def _gather(
        self, runs_of_layers: Iterable[tuple[Layer, tuple[Layer, ...]]], pieces: list[_Piece], through: bool = True
    ) -> None:
        """What shows of some layers, without what lies hidden below an opaque tile."""
        for layer, clipped in runs_of_layers:
            opacity = layer.opacity if layer.opacity == 1.0 else quantised(layer.opacity)
            if not layer.visible or opacity == 0.0:
                continue
            mask: Tile | None = None
            if layer.mask is not None and layer.mask_enabled:
                mask = self._planes(layer.mask).get(self._index)
                if mask is None:
                    continue
            if isinstance(layer, Group):
                passes = through and layer.passes_through and not clipped
                if passes and mask is None and opacity == 1.0:
                    self._gather(_with_clipped(layer.children), pieces)
                else:
                    pieces.append(_Piece(layer, self._clipped(clipped), opacity, mask, None, passes))
                continue
            assert isinstance(layer, PaintLayer)
            tile = self._planes(layer.surface).get(self._index)
            if tile is None:
                continue
            piece = _Piece(layer, self._clipped(clipped) if clipped else (), opacity, mask, tile, False)
            if layer.mode is BlendMode.NORMAL and piece.whole and self._buffers.opaque(tile):
                pieces.clear()
            pieces.append(piece)

    def _clipped(self, layers: tuple[Layer, ...]) -> tuple[_Piece, ...]:
        pieces: list[_Piece] = []
        self._gather(zip(layers, repeat(())), pieces, through=False)
        return tuple(pieces)

    def _draw(self, pixels: Pixels, pieces: Iterable[_Piece]) -> None:
        image = self._buffers.wrap(pixels)
        with QPainter(image) as painter:
            target = _Target(painter, pixels, self._part)
            for piece in pieces:
                if piece.tile is None or piece.clipped:
                    self._made(target, piece)
                elif piece.mask is None and piece.layer.mode is BlendMode.NORMAL:
                    target.put(self._buffers.image(piece.tile), OVER, piece.opacity)
                else:
                    self._put(target, piece, piece.tile.pixels, self._buffers.image(piece.tile))

    def _made(self, target: _Target, piece: _Piece) -> None:
        """A piece that must be drawn by itself first: a group, a base with what is clipped to it, or both."""
        with self._buffers.buffer() as pixels:
            image = self._buffers.wrap(pixels)
            if piece.through:
                self._through(target, piece, pixels)
                return
            if piece.tile is None:
                assert isinstance(piece.layer, Group)
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
        assert isinstance(piece.layer, Group)
        pixels[self._area] = target.pixels[self._area]
        inner: list[_Piece] = []
        self._gather(_with_clipped(piece.layer.children), inner)
        self._draw(pixels, inner)
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
        mode, mask, opacity = piece.layer.mode, piece.mask, piece.opacity
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
        blend_stored(piece.layer.mode, target[area], pixels[area], piece.opacity, mask, buffers.format, buffers.work)

    def _coverage(self, piece: _Piece) -> Floats:
        """Opacity times mask, `(h, w, 1)` or `(1, 1, 1)`."""
        amount: Floats = np.full((1, 1, 1), piece.opacity, np.float32)
        if piece.mask is not None:
            amount = piece.mask.pixels[self._area][..., None] * (amount / np.float32(255.0))
        return amount


def _with_clipped(layers: tuple[Layer, ...]) -> Iterable[tuple[Layer, tuple[Layer, ...]]]:
    if any(layer.clip for layer in layers):
        return runs(layers)
    return zip(layers, repeat(()))
