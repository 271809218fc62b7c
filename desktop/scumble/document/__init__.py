"""The picture as data: tiles, layers, masks, selection, history. Knows no widget, no file and no model."""

from scumble.document.changes import ChangeSet
from scumble.document.document import FIRST_FRAME, MAX_SIDE, Document, Frame, Snapshot, Structure
from scumble.document.geometry import NOWHERE, TILE, Rect, TileIndex, tile_rect
from scumble.document.history import SELECTION, History, Transaction
from scumble.document.layers import (
    BlendMode,
    Group,
    Layer,
    LayerId,
    PaintLayer,
    SavedSelection,
    SurfaceId,
    find,
    parent_of,
    path_to,
    walk,
)
from scumble.document.pixels import BGRA8, FORMATS, RGBA16, PixelFormat, Pixels
from scumble.document.recipe import Recipe, RegionPrompt
from scumble.document.signal import Signal
from scumble.document.tiles import Surface, Tile, TileMap

__all__ = [
    "BGRA8",
    "FIRST_FRAME",
    "FORMATS",
    "MAX_SIDE",
    "NOWHERE",
    "RGBA16",
    "SELECTION",
    "TILE",
    "BlendMode",
    "ChangeSet",
    "Document",
    "Frame",
    "Group",
    "History",
    "Layer",
    "LayerId",
    "PaintLayer",
    "PixelFormat",
    "Pixels",
    "Recipe",
    "Rect",
    "RegionPrompt",
    "SavedSelection",
    "Signal",
    "Snapshot",
    "Structure",
    "Surface",
    "SurfaceId",
    "Tile",
    "TileIndex",
    "TileMap",
    "Transaction",
    "find",
    "parent_of",
    "path_to",
    "tile_rect",
    "walk",
]
