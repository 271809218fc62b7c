"""Pictures to and from the system clipboard."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from scumble.document import Document, PaintLayer, PixelFormat, Pixels, Rect
from scumble.render import flatten
from scumble.render.profile import colour_space

ORIGIN = "application/x-scumble-origin"
"""Beside the picture: where it was taken from, so that it goes back there."""

_STRAIGHT: Final = {1: QImage.Format.Format_RGBA8888, 2: QImage.Format.Format_RGBA64}
"""Images of straight RGBA, by the bytes of a channel."""


def selected_pixels(document: Document, *, merged: bool) -> tuple[Rect, Pixels] | None:
    """Stored pixels of the active layer, or of all that is seen, cut out by the selection; None when there are none.

    Without a selection it is the whole canvas.
    """
    area = document.selection_bounds
    selection = None if area.empty else document.selection.read(area)
    area = document.bounds if area.empty else area
    active = document.active
    if merged:
        pixels = flatten(document.snapshot(), area)
    elif isinstance(active, PaintLayer):
        pixels = document.surface(active.surface).read(area)
    else:
        return None
    if selection is not None:
        pixels = faded(pixels, selection)
    return (area, pixels) if pixels.any() else None


def faded(pixels: Pixels, coverage: Pixels) -> Pixels:
    """Premultiplied pixels times a coverage of 0…255, rounded to nearest."""
    product = pixels.astype(np.uint32) * coverage[..., None]
    return ((product + 127) // 255).astype(pixels.dtype)


def put(document: Document, area: Rect, pixels: Pixels) -> None:
    """Puts a picture on the clipboard, as PNG with alpha for other programs."""
    depth = document.format.dtype
    straight = np.ascontiguousarray(document.format.to_straight(pixels, depth))
    height, width = straight.shape[:2]
    image = QImage(straight.data, width, height, straight.strides[0], _STRAIGHT[depth.itemsize]).copy()
    if document.structure.icc:
        image.setColorSpace(colour_space(document.structure.icc))
    data = QMimeData()
    data.setImageData(image)
    data.setData(ORIGIN, QByteArray(f"{area.x} {area.y} {width} {height}".encode()))
    QGuiApplication.clipboard().setMimeData(data)


def put_mask(values: Pixels) -> None:
    """Puts a mask `(h, w)` uint8 on the clipboard, as a picture in shades of grey for other programs."""
    grey = np.ascontiguousarray(values)
    height, width = grey.shape
    image = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8).copy()
    data = QMimeData()
    data.setImageData(image)
    data.setData(ORIGIN, QByteArray(f"0 0 {width} {height}".encode()))
    QGuiApplication.clipboard().setMimeData(data)


def available() -> bool:
    """Whether there is a picture on the clipboard."""
    data = QGuiApplication.clipboard().mimeData()
    return data is not None and data.hasImage()


def take(pixel_format: PixelFormat, icc: bytes = b"") -> tuple[Pixels, tuple[int, int] | None] | None:
    """The picture on the clipboard as stored pixels, with the place it came from where that is known.

    It is converted to the colours of a document with the profile `icc`; from such a document it comes as it was.
    """
    image = QGuiApplication.clipboard().image()
    if image.isNull():
        return None
    theirs, ours = image.colorSpace(), colour_space(icc)
    depth = np.dtype(np.uint16 if image.depth() == 64 else np.uint8)
    image = image.convertToFormat(_STRAIGHT[depth.itemsize])
    if (theirs if theirs.isValid() else colour_space(b"")) != ours:
        image.setColorSpace(theirs if theirs.isValid() else colour_space(b""))
        image.convertToColorSpace(ours)
    rows = np.frombuffer(image.constBits(), depth).reshape(image.height(), -1)
    straight = rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()
    return pixel_format.from_straight(straight), _origin(image)


def _origin(image: QImage) -> tuple[int, int] | None:
    data = QGuiApplication.clipboard().mimeData()
    words = bytes(data.data(ORIGIN).data()).split() if data is not None and data.hasFormat(ORIGIN) else []
    if len(words) != 4 or (int(words[2]), int(words[3])) != (image.width(), image.height()):
        return None
    return int(words[0]), int(words[1])
