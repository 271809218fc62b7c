"""EXIF and XMP: what a picture came with, and how its generated layers were made.

Both are kept in `Structure.extras` as they are to be written again: without orientation, thumbnail and sizes, which
are no longer true of the pixels. Source: Exif 2.32; XMP specification, part 3.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

import msgspec
from PIL import Image

from scumble.document import PaintLayer, Recipe, Structure, walk
from scumble.files.a1111 import write_a1111

EXIF: Final = "scumble/exif"
XMP: Final = "scumble/xmp"
RECIPES: Final = "scumble"
"""The text chunk of a PNG that holds our recipes."""

_PICTURE_TAGS: Final = (
    *(0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x8298),  # description, maker, model, software, time, author, ©
)
_EXIF_IFD: Final = 0x8769
_GPS_IFD: Final = 0x8825
_UNTRUE: Final = frozenset((0xA002, 0xA003, 0xA005, 0x927C))
"""Width, height, interoperability, and the maker's note, whose offsets do not survive."""

_USER_COMMENT: Final = 0x9286
_ORIENTATION: Final = re.compile(rb"(tiff:Orientation(?:=[\"']|>))\d")
_MOST: Final = 1 << 22


def read_metadata(image: Image.Image) -> dict[str, bytes]:
    """What is worth keeping of an open picture's EXIF and XMP, as entries of `Structure.extras`."""
    found: dict[str, bytes] = {}
    with suppress(Exception):  # broken metadata is no reason to refuse a picture, and Pillow fails on it in many ways
        exif = _kept(image.getexif())
        if exif is not None:
            found[EXIF] = exif.tobytes()
    xmp = image.info.get("xmp")
    if isinstance(xmp, str):
        xmp = xmp.encode()
    if isinstance(xmp, bytes) and xmp and len(xmp) <= _MOST:
        found[XMP] = _ORIENTATION.sub(rb"\g<1>1", xmp)
    return found


def exif_of(structure: Structure, *, metadata: bool, recipes: bool) -> bytes:
    """The EXIF block to write, beginning with “Exif”; empty where there is nothing to say."""
    exif = Image.Exif()
    with suppress(Exception):  # as above; the block may come from a file
        if metadata:
            exif.load(structure.extras.get(EXIF, b""))
    if recipes and (made := _recipes(structure)):
        exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = b"ASCII\0\0\0" + made
    elif not len(exif) and not exif.get_ifd(_EXIF_IFD):
        return b""
    return exif.tobytes()


def xmp_of(structure: Structure, *, metadata: bool) -> bytes:
    """The XMP packet to write; empty where there is none."""
    return structure.extras.get(XMP, b"") if metadata else b""


def texts_of(structure: Structure, *, recipes: bool) -> dict[str, str]:
    """The text chunks of a PNG: our recipes, and the topmost one as A1111 writes it, which many programs read."""
    generated = _generated(structure)
    if not recipes or not generated:
        return {}
    return {"parameters": write_a1111(generated[-1][1]), RECIPES: _recipes(structure).decode()}


def _kept(exif: Image.Exif) -> Image.Exif | None:
    kept = Image.Exif()
    for tag in _PICTURE_TAGS:
        if tag in exif:
            kept[tag] = exif[tag]
    for place in (_EXIF_IFD, _GPS_IFD):
        inner = {tag: value for tag, value in exif.get_ifd(place).items() if tag not in _UNTRUE}
        if inner:
            kept.get_ifd(place).update(inner)
            kept[place] = kept.get_ifd(place)
    return kept if len(kept) and len(kept.tobytes()) <= _MOST else None


def _recipes(structure: Structure) -> bytes:
    """The recipes as JSON, the lowest layer first; empty where no layer was generated."""
    made = [
        {
            "layer": name,
            "tool": recipe.tool,
            "plugin": recipe.plugin,
            "plugin_version": recipe.plugin_version,
            "model": recipe.model,
            "model_sha256": recipe.model_sha256,
            "params": dict(recipe.params),
        }
        for name, recipe in _generated(structure)
    ]
    return msgspec.json.encode(made) if made else b""


def _generated(structure: Structure) -> list[tuple[str, Recipe]]:
    """The names and recipes of generated layers, the lowest first."""
    layers = [layer for layer in walk(structure.layers) if isinstance(layer, PaintLayer)]
    return [(layer.name, layer.recipe) for layer in layers if layer.recipe is not None]
