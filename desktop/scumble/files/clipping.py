"""What other programs see of a clipped layer: its pixels, as transparent as its base is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scumble.document import PixelFormat, Rect, Tile, TileMap
from scumble.files.planes import encode_colour


@dataclass(frozen=True, slots=True)
class Base:
    """The pixels that a layer is clipped to, and their opacity, 0…1; no pixels for a hidden base."""

    tiles: TileMap
    opacity: float

    def coverage(self, pixel_format: PixelFormat) -> TileMap:
        """The alpha of the base times its opacity as a mask."""
        scale = self.opacity * 255.0 / pixel_format.maximum
        return {
            index: Tile(np.rint(tile.pixels[..., pixel_format.alpha] * scale).astype(np.uint8))
            for index, tile in self.tiles.items()
        }


def encode_clipped(
    tiles: TileMap, crop: Rect, pixel_format: PixelFormat, masks: Sequence[TileMap], icc: bytes, base: Base
) -> bytes:
    """As `encode_colour`, clipped to a base. Exact in Normal mode where the base is opaque, and close elsewhere."""
    return encode_colour(tiles, crop, pixel_format, (*masks, base.coverage(pixel_format)), icc)
