"""Masks as pictures: any picture that can be opened is read as one, and one is written in shades of grey."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scumble.api import ScumbleError
from scumble.document import Document, PaintLayer, PixelFormat, Pixels
from scumble.files.atomic import atomic_write
from scumble.files.documents import flattened, open_document
from scumble.files.formats import format_of
from scumble.files.pillow import quiet

Values: TypeAlias = NDArray[np.uint8]

LUMA: Final = (0.299, 0.587, 0.114)
"""How much of red, green and blue is in the grey of a colour. Source: Rec. ITU-R BT.601."""

OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "PNG": {"compress_level": 4},
    "TIFF": {"compression": "tiff_adobe_deflate"},
    "JPEG": {"quality": 95},
    "WEBP": {"lossless": True},
}


@dataclass(frozen=True, slots=True)
class MaskPicture:
    """What a picture says as a mask, `(h, w)` uint8 each: by its light (a transparent pixel has none), or by its alpha.

    `alpha` is None where the picture is opaque everywhere.
    """

    light: Values
    alpha: Values | None


def read_mask(path: Path) -> MaskPicture:
    """Reads any picture that can be opened. Raises as `open_document` does."""
    document = open_document(path).document
    return mask_picture(_stored(document), document.format)


def mask_picture(stored: Pixels, pixel_format: PixelFormat) -> MaskPicture:
    """Stored pixels `(h, w, 4)` as a mask."""
    top = pixel_format.maximum
    alpha = _eight(stored[..., pixel_format.alpha], top)
    light = np.zeros(stored.shape[:2], np.float32)
    for place, weight in zip(pixel_format.order[:3], LUMA, strict=True):
        light += stored[..., place] * np.float32(weight * 255.0 / top)
    return MaskPicture(np.rint(light).astype(np.uint8), alpha if alpha.min() < 255 else None)


def write_mask(values: Values, path: Path) -> None:
    """Writes a mask `(h, w)` in shades of grey, in the format that the ending asks for; 255 is white.

    Raises ScumbleError: `file-format-unknown`, `file-side-limit`, and as `atomic_write` does.
    """
    target = format_of(path)
    if target.keeps_layers:
        raise ScumbleError("file-format-unknown", path=path, known=".png, .tif, .webp, .bmp, .jpg")
    if target.most and max(values.shape) > target.most:
        raise ScumbleError("file-side-limit", path=path, format=target.title, limit=target.most)
    out = io.BytesIO()
    with quiet():
        Image.fromarray(np.ascontiguousarray(values)).save(out, target.name, **OPTIONS.get(target.name, {}))
    with atomic_write(path) as file:
        file.write(out.getvalue())


def _stored(document: Document) -> Pixels:
    """What is seen; the pixels themselves where there is but one plain layer, which is much quicker."""
    layers = document.layers
    if len(layers) == 1 and isinstance(layers[0], PaintLayer):
        layer = layers[0]
        if layer.visible and layer.opacity == 1.0 and layer.mask is None:
            return document.surface(layer.surface).read(document.bounds)
    return flattened(document.snapshot())


def _eight(values: Pixels, top: int) -> Values:
    if top == 255:
        return np.ascontiguousarray(values)
    return ((values.astype(np.uint32) * 255 + top // 2) // top).astype(np.uint8)
