"""A stack of layers drawn into one tile, by QPainter where it can and by numpy where it cannot.

QPainter holds the interpreter's lock and belongs to the GUI thread; so does everything here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TypeAlias

import numpy as np
from PySide6.QtGui import QImage, QPainter

from scumble.document import (
    TILE,
    BlendMode,
    Group,
    Layer,
    PaintLayer,
    PixelFormat,
    Pixels,
    Rect,
    SurfaceId,
    Tile,
    TileIndex,
    TileMap,
)
from scumble.render.blend import OPACITY_STEPS, Floats, blend, quantised, to_float, to_stored

Planes: TypeAlias = Callable[[SurfaceId], TileMap]
"""Where the tiles of a surface come from: a document as it is now, or a snapshot."""

WHOLE: Final = Rect(0, 0, TILE, TILE)
"""All of a tile, in its own pixels."""

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

DEEP_MODES: Final = frozenset({BlendMode.COLOR_DODGE, BlendMode.SOFT_LIGHT, BlendMode.EXCLUSION})
"""The modes that QPainter gets wrong by more than one step of 8 bits, and right when it draws them on 16."""

_OVER: Final = QPainter.CompositionMode.CompositionMode_SourceOver
_SOURCE: Final = QPainter.CompositionMode.CompositionMode_Source
_INSIDE: Final = QPainter.CompositionMode.CompositionMode_DestinationIn

STEEP_MODES: Final = frozenset({BlendMode.ADD, BlendMode.COLOR_DODGE, BlendMode.COLOR_BURN})
"""The modes that want opacity and mask unrounded: a fainter source is not the same as a fainter effect (plus), or a
rounding of the source shows many times over."""


def wrap(pixels: Pixels, image_format: QImage.Format) -> QImage:
    """An image over an array's memory, both ways and without a copy; it keeps the array alive.

    Never copy such an image: painting on one that shares its data makes it part from the array in silence.
    """
    return QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], image_format)


class StackPainter:
    """Draws layers into tiles of a pixel format, with buffers that it keeps between calls."""

    def __init__(self, pixel_format: PixelFormat) -> None:
        self.format = pixel_format
        self.image_format: QImage.Format = getattr(QImage.Format, pixel_format.qimage)
        self._buffers: list[Pixels] = []
        self._deep: QImage | None = None

    def new_buffer(self) -> Pixels:
        """A tile's worth of pixels, not cleared."""
        return np.empty((TILE, TILE, 4), self.format.dtype)

    def paint(self, target: Pixels, index: TileIndex, layers: tuple[Layer, ...], planes: Planes, part: Rect) -> None:
        """Makes `target`, an array of a tile's size, show the layers inside `part` (in the tile's own pixels)."""
        target[part.slices(WHOLE)] = 0
        image = wrap(target, self.image_format)
        with QPainter(image) as painter:
            _Pass(self, planes, index, part).layers(_Target(painter, target, part), layers)

    def image(self, tile: Tile) -> QImage:
        """The one image that wraps a tile; made once, kept in the tile."""
        if tile.view is None:
            colour = tile.pixels.ndim == 3
            tile.view = wrap(tile.pixels, self.image_format if colour else QImage.Format.Format_Alpha8)
        image: QImage = tile.view
        return image

    def deep_buffer(self) -> QImage:
        """An image of a tile's size with 16 bits a channel; what is in it is undefined."""
        if self._deep is None:
            self._deep = QImage(TILE, TILE, QImage.Format.Format_RGBA64_Premultiplied)
        return self._deep

    @contextmanager
    def buffer(self) -> Iterator[Pixels]:
        """A buffer for the time of a `with` block; what is in it is undefined."""
        pixels = self._buffers.pop() if self._buffers else self.new_buffer()
        try:
            yield pixels
        finally:
            self._buffers.append(pixels)


class _Target:
    """A picture being painted, as a painter and as an array over the same memory."""

    __slots__ = ("_mode", "_opacity", "painter", "part", "pixels")

    def __init__(self, painter: QPainter, pixels: Pixels, part: Rect) -> None:
        self.painter = painter
        self.pixels = pixels
        self.part = part
        self._mode = _OVER
        self._opacity = 1.0

    def put(self, image: QImage, mode: QPainter.CompositionMode = _OVER, opacity: float = 1.0) -> None:
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


class _Pass:
    """One drawing of a tree of layers into one part of one tile."""

    def __init__(self, owner: StackPainter, planes: Planes, index: TileIndex, part: Rect) -> None:
        self.owner = owner
        self.planes = planes
        self.index = index
        self.part = part
        self.area = part.slices(WHOLE)

    def layers(self, target: _Target, layers: tuple[Layer, ...]) -> None:
        for layer in layers:
            opacity = quantised(layer.opacity)
            if not layer.visible or opacity == 0.0:
                continue
            mask: Tile | None = None
            if layer.mask is not None and layer.mask_enabled:
                mask = self.planes(layer.mask).get(self.index)
                if mask is None:
                    continue
            if isinstance(layer, Group):
                self._group(target, layer, mask, opacity)
                continue
            assert isinstance(layer, PaintLayer)
            tile = self.planes(layer.surface).get(self.index)
            if tile is None:
                continue
            image = self.owner.image(tile)
            if mask is None and layer.mode is BlendMode.NORMAL:
                target.put(image, _OVER, opacity)
            else:
                self._draw(target, layer.mode, opacity, image, tile.pixels, mask)

    def _group(self, target: _Target, group: Group, mask: Tile | None, opacity: float) -> None:
        through = group.passes_through
        if through and mask is None and opacity == 1.0:
            self.layers(target, group.children)
            return
        with self.owner.buffer() as pixels:
            pixels[self.area] = target.pixels[self.area] if through else 0
            image = wrap(pixels, self.owner.image_format)
            with QPainter(image) as painter:
                self.layers(_Target(painter, pixels, self.part), group.children)
            if through:
                self._mix(target.pixels, pixels, opacity, mask)
            else:
                self._draw(target, group.mode, opacity, image, pixels, mask)

    def _draw(
        self, target: _Target, mode: BlendMode, opacity: float, image: QImage, pixels: Pixels, mask: Tile | None
    ) -> None:
        """Blends one picture, given as `image` and as `pixels` over the same memory, into the target."""
        faint = mask is not None or opacity < 1.0
        if mode not in QT_MODES or (faint and mode in STEEP_MODES):
            self._calculate(target.pixels, mode, opacity, pixels, mask)
        elif mask is None:
            self._blend(target, mode, opacity, image)
        else:
            with self.owner.buffer() as buffer:
                masked = wrap(buffer, self.owner.image_format)
                with QPainter(masked) as painter:
                    inner = _Target(painter, buffer, self.part)
                    inner.put(image, _SOURCE)
                    inner.put(self.owner.image(mask), _INSIDE)
                self._blend(target, mode, opacity, masked)

    def _blend(self, target: _Target, mode: BlendMode, opacity: float, image: QImage) -> None:
        if mode in DEEP_MODES and self.owner.format.maximum == 255:
            deep = self.owner.deep_buffer()
            with QPainter(deep) as painter:
                inner = _Target(painter, target.pixels, self.part)
                inner.put(wrap(target.pixels, self.owner.image_format), _SOURCE)
                inner.put(image, QT_MODES[mode], opacity)
            target.put(deep, _SOURCE)
        else:
            target.put(image, QT_MODES[mode], opacity)

    def _calculate(self, target: Pixels, mode: BlendMode, opacity: float, pixels: Pixels, mask: Tile | None) -> None:
        pixel_format = self.owner.format
        source = to_float(pixels[self.area], pixel_format) * self._coverage(opacity, mask)
        below = to_float(target[self.area], pixel_format)
        target[self.area] = to_stored(blend(mode, below, source), pixel_format)

    def _mix(self, target: Pixels, through: Pixels, opacity: float, mask: Tile | None) -> None:
        """Moves the target towards what a pass-through group made of it, by the group's opacity and mask."""
        before = target[self.area].astype(np.float32)
        before += (through[self.area].astype(np.float32) - before) * self._coverage(opacity, mask)
        target[self.area] = np.rint(before).astype(target.dtype)

    def _coverage(self, opacity: float, mask: Tile | None) -> Floats:
        """Opacity times mask, `(h, w, 1)` or `(1, 1, 1)`."""
        amount: Floats = np.full((1, 1, 1), opacity, np.float32)
        if mask is not None:
            amount = mask.pixels[self.area][..., None] * (amount / np.float32(255.0))
        return amount
