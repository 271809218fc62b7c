"""Between PNG pictures and the tiles of a surface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scumble.document import TILE, PixelFormat, Pixels, Rect, Tile, TileIndex, TileMap
from scumble.document.tiles import content_bounds, read_tiles
from scumble.files import png
from scumble.files.limits import Allowance
from scumble.files.straight import from_straight, to_straight


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """The tiles of a picture that was read, and its ICC profile (empty: none)."""

    tiles: dict[TileIndex, Tile]
    icc: bytes = b""


def crop_of(tiles: TileMap) -> Rect:
    """What to store of a surface: the rectangle of its content, or one pixel of it where it is empty."""
    bounds = content_bounds(tiles)
    return Rect(0, 0, 1, 1) if bounds.empty else bounds


def encode_colour(
    tiles: TileMap, crop: Rect, pixel_format: PixelFormat, masks: Sequence[TileMap] = (), icc: bytes = b""
) -> bytes:
    """A layer's pixels as a straight RGBA PNG, each multiplied by every mask."""

    def bands() -> Iterator[Pixels]:
        for band in strips(crop):
            stored = read_tiles(tiles, band, 4, pixel_format.dtype)
            for mask in masks:
                values = read_tiles(mask, band, 1, np.dtype(np.uint8))
                if int(values.min()) < 255:
                    stored = _faded(stored, values, pixel_format)
            yield to_straight(pixel_format, stored)

    return png.encode(bands(), crop.width, crop.height, png.Extra(icc))


def encode_mask(tiles: TileMap, crop: Rect) -> bytes:
    """A mask or the selection as a grey PNG."""
    bands = (read_tiles(tiles, band, 1, np.dtype(np.uint8))[..., None] for band in strips(crop))
    return png.encode(bands, crop.width, crop.height)


def encode_picture(stored: Pixels, pixel_format: PixelFormat, extra: png.Extra = png.NOTHING, level: int = 1) -> bytes:
    """A flattened picture as a PNG: RGB where it is opaque throughout, else RGBA."""
    height, width = stored.shape[:2]
    opaque = int(stored[..., pixel_format.alpha].min()) == pixel_format.maximum
    channels = 3 if opaque else 4

    def bands() -> Iterator[Pixels]:
        for top in range(0, height, png.BAND):
            yield to_straight(pixel_format, stored[top : top + png.BAND])[..., :channels]

    return png.encode(bands(), width, height, extra, level)


def decode_colour(data: bytes, x: int, y: int, pixel_format: PixelFormat, allowance: Allowance) -> Plane:
    """A PNG whose top left pixel lies at (x, y) → tiles. Raises PngError."""
    picture = png.Png(data)
    rect = Rect(x, y, picture.header.width, picture.header.height)
    tiles: dict[TileIndex, Tile] = {}
    for band, straight in zip(strips(rect), picture.bands(band.height for band in strips(rect)), strict=True):
        add_tiles(tiles, band, from_straight(pixel_format, straight), allowance)
    return Plane(tiles, picture.icc)


def decode_mask(data: bytes, x: int, y: int, allowance: Allowance) -> Plane:
    """A grey PNG whose top left pixel lies at (x, y) → tiles. Raises PngError."""
    picture = png.Png(data)
    if picture.header.colour != 0 or picture.header.depth != 8:
        raise png.PngError("it is not an 8-bit grey picture")
    rect = Rect(x, y, picture.header.width, picture.header.height)
    tiles: dict[TileIndex, Tile] = {}
    for band, grey in zip(strips(rect), picture.bands(band.height for band in strips(rect)), strict=True):
        add_tiles(tiles, band, grey[..., 0], allowance)
    return Plane(tiles)


def add_tiles(tiles: dict[TileIndex, Tile], band: Rect, pixels: Pixels, allowance: Allowance) -> None:
    """Cuts stored pixels, which lie within one row of tiles, into tiles; what is empty is left out."""
    for index in band.tiles():
        place = Rect(index[0] * TILE, index[1] * TILE, TILE, TILE)
        part = place & band
        piece = pixels[part.slices(band)]
        if piece.any():
            tile = np.zeros((TILE, TILE, *pixels.shape[2:]), pixels.dtype)
            allowance.spend(tile.nbytes)
            tile[part.slices(place)] = piece
            tiles[index] = Tile(tile)


def strips(rect: Rect) -> Iterator[Rect]:
    """A rectangle cut along the rows of tiles, from the top."""
    top = rect.y
    while top < rect.bottom:
        bottom = min((top // TILE + 1) * TILE, rect.bottom)
        yield Rect(rect.x, top, rect.width, bottom - top)
        top = bottom


def _faded(stored: Pixels, mask: Pixels, pixel_format: PixelFormat) -> Pixels:
    """Premultiplied pixels times a mask in 0…255, rounded to nearest."""
    wide = np.uint32(1)
    product = stored.astype(np.uint32) * mask[..., None].astype(np.uint32)
    return ((product + wide * 127) // 255).astype(pixel_format.dtype)
