"""Writes pictures without layers: PNG, JPEG, WebP, TIFF, BMP."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scumble.api import ScumbleError
from scumble.document import PixelFormat, Pixels, Structure
from scumble.files.formats import PNG, Format
from scumble.files.notes import Note
from scumble.files.pillow import quiet
from scumble.files.planes import encode_picture
from scumble.files.straight import to_straight


def encode_raster(
    merged: Pixels, pixel_format: PixelFormat, structure: Structure, target: Format, path: Path, quality: int
) -> tuple[bytes, tuple[Note, ...]]:
    """The whole visible picture, stored pixels, as a file of a format, with what a person should know of it.

    `quality` is 1…100 where the format has one; WebP at 100 is lossless. Raises `file-side-limit`.
    """
    check_side(target, path, structure)
    if target is PNG:
        return encode_picture(merged, pixel_format, icc=structure.icc, dpi=structure.dpi), ()
    notes = []
    if pixel_format.dtype.itemsize > 1:
        notes.append(Note.of("note-8-bit", format=target.title))
        merged = _to_8_bits(merged, pixel_format)
    opaque = int(merged[..., pixel_format.alpha].min()) == 255
    if not opaque and not target.alpha:
        notes.append(Note.of("note-on-white", format=target.title))
        rgb = _on_white(merged, pixel_format)
    else:
        straight = _straight(merged, pixel_format)
        rgb = np.ascontiguousarray(straight[..., :3]) if opaque else straight
    return _encode(rgb, structure, target, quality), tuple(notes)


def check_side(target: Format, path: Path, structure: Structure) -> None:
    """Raises `file-side-limit` where the picture is larger than the format can hold."""
    if target.most and max(structure.width, structure.height) > target.most:
        raise ScumbleError("file-side-limit", path=path, format=target.title, limit=target.most)


def _encode(rgb: Pixels, structure: Structure, target: Format, quality: int) -> bytes:
    out = io.BytesIO()
    with quiet():
        Image.fromarray(rgb).save(out, target.name, **_options(structure, target, quality))
    return out.getvalue()


def _options(structure: Structure, target: Format, quality: int) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if structure.icc and target.name != "BMP":
        options["icc_profile"] = structure.icc
    if target.name != "WEBP":
        options["dpi"] = (structure.dpi, structure.dpi)
    if target.name == "JPEG":
        options |= {"quality": quality, "subsampling": 0 if quality >= 90 else 2}
    elif target.name == "WEBP":
        options |= {"quality": quality, "lossless": quality >= 100}
    elif target.name == "TIFF":
        options["compression"] = "tiff_adobe_deflate"
    return options


def _to_8_bits(stored: Pixels, pixel_format: PixelFormat) -> Pixels:
    scaled = (stored.astype(np.uint32) * 255 + pixel_format.maximum // 2) // pixel_format.maximum
    return np.asarray(scaled.astype(np.uint8))


def _straight(stored: Pixels, pixel_format: PixelFormat) -> Pixels:
    """8-bit premultiplied pixels in the order of a format → straight RGBA."""
    eight = PixelFormat(pixel_format.name, np.dtype(np.uint8), pixel_format.order, "")
    return to_straight(eight, stored)


def _on_white(stored: Pixels, pixel_format: PixelFormat) -> Pixels:
    """8-bit premultiplied pixels over white, RGB."""
    colours = stored[..., list(pixel_format.order[:3])].astype(np.uint16)
    white = 255 - stored[..., pixel_format.alpha].astype(np.uint16)
    return np.asarray(np.minimum(colours + white[..., None], 255).astype(np.uint8))
