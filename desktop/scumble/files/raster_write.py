"""Writes pictures without layers: PNG, JPEG, WebP, TIFF, BMP."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scumble.api import ScumbleError
from scumble.document import PixelFormat, Pixels, Structure
from scumble.files.choices import Choices
from scumble.files.formats import PNG, TIFF, Format
from scumble.files.metadata import exif_of, texts_of, xmp_of
from scumble.files.notes import Note
from scumble.files.pillow import quiet
from scumble.files.planes import encode_picture
from scumble.files.png import Extra
from scumble.files.straight import to_straight
from scumble.files.tiff import encode_tiff


def encode_raster(
    merged: Pixels, pixel_format: PixelFormat, structure: Structure, target: Format, path: Path, choices: Choices
) -> tuple[bytes, tuple[Note, ...]]:
    """The whole visible picture, stored pixels, as a file of a format, with what a person should know of it.

    Raises `file-side-limit`.
    """
    check_side(target, path, structure)
    exif = exif_of(structure, metadata=choices.metadata, recipes=choices.recipes)
    xmp = xmp_of(structure, metadata=choices.metadata)
    if target is PNG:
        extra = Extra(structure.icc, structure.dpi, exif, xmp, texts_of(structure, recipes=choices.recipes))
        return encode_picture(merged, pixel_format, extra, choices.compression), ()
    if target is TIFF:
        straight = _trimmed(to_straight(pixel_format, merged))
        return encode_tiff(straight, icc=structure.icc, dpi=structure.dpi, exif=exif, xmp=xmp), ()
    notes = []
    if pixel_format.dtype.itemsize > 1:
        notes.append(Note.of("note-8-bit", format=target.title))
        merged = _to_8_bits(merged, pixel_format)
    if not target.alpha and int(merged[..., pixel_format.alpha].min()) < 255:
        code = "note-on-white" if choices.matte == (255, 255, 255) else "note-on-colour"
        notes.append(Note.of(code, format=target.title))
        rgb = _on_matte(merged, pixel_format, choices.matte)
    else:
        rgb = _trimmed(_straight(merged, pixel_format))
    options = _options(structure, target, choices, exif, xmp)
    out = io.BytesIO()
    with quiet():
        Image.fromarray(rgb).save(out, target.name, **options)
    return out.getvalue(), tuple(notes)


def check_side(target: Format, path: Path, structure: Structure) -> None:
    """Raises `file-side-limit` where the picture is larger than the format can hold."""
    if target.most and max(structure.width, structure.height) > target.most:
        raise ScumbleError("file-side-limit", path=path, format=target.title, limit=target.most)


def _options(structure: Structure, target: Format, choices: Choices, exif: bytes, xmp: bytes) -> dict[str, Any]:
    if target.name == "BMP":
        return {"dpi": (structure.dpi, structure.dpi)}
    options: dict[str, Any] = {"icc_profile": structure.icc} if structure.icc else {}
    options |= {"exif": exif} if exif else {}
    options |= {"xmp": xmp} if xmp else {}
    quality = choices.quality
    if target.name == "WEBP":
        return options | {"quality": quality, "lossless": choices.lossless or quality >= 100}
    subsampling = 0 if quality >= 90 else 2
    options |= {"quality": quality, "subsampling": subsampling, "progressive": choices.progressive}
    return options | {"dpi": (structure.dpi, structure.dpi)}


def _to_8_bits(stored: Pixels, pixel_format: PixelFormat) -> Pixels:
    scaled = (stored.astype(np.uint32) * 255 + pixel_format.maximum // 2) // pixel_format.maximum
    return np.asarray(scaled.astype(np.uint8))


def _straight(stored: Pixels, pixel_format: PixelFormat) -> Pixels:
    """8-bit premultiplied pixels in the order of a format → straight RGBA."""
    eight = PixelFormat(pixel_format.name, np.dtype(np.uint8), pixel_format.order, "")
    return to_straight(eight, stored)


def _trimmed(straight: Pixels) -> Pixels:
    """RGBA → RGB where it is opaque throughout."""
    opaque = int(straight[..., 3].min()) == np.iinfo(straight.dtype).max
    return np.ascontiguousarray(straight[..., :3]) if opaque else straight


def _on_matte(stored: Pixels, pixel_format: PixelFormat, matte: tuple[int, int, int]) -> Pixels:
    """8-bit premultiplied pixels over a colour, RGB."""
    colours = stored[..., list(pixel_format.order[:3])].astype(np.uint16)
    through = 255 - stored[..., pixel_format.alpha].astype(np.uint16)
    ground = (through[..., None] * np.array(matte, np.uint16) + 127) // 255
    return np.asarray(np.minimum(colours + ground, 255).astype(np.uint8))
