"""The one place where pictures change colour spaces on their way to a model and back: models see sRGB."""

from __future__ import annotations

import io
from contextlib import suppress

import numpy as np
from PIL import Image, ImageCms

from scumble.api import Picture


class Colours:
    """Between a document's profile and sRGB, by LittleCMS; one that is empty or does not serve is taken for sRGB."""

    def __init__(self, icc: bytes) -> None:
        self._there: ImageCms.ImageCmsTransform | None = None
        self._back: ImageCms.ImageCmsTransform | None = None
        if icc:
            with suppress(ImageCms.PyCMSError, OSError, ValueError):
                own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB")
                there = ImageCms.buildTransform(own, srgb, "RGB", "RGB")
                self._there, self._back = there, ImageCms.buildTransform(srgb, own, "RGB", "RGB")

    def to_model(self, picture: Picture) -> Picture:
        """A straight picture in the document's colours, `(h, w, 3|4)` uint8, → sRGB; alpha is kept."""
        return picture if self._there is None else _converted(picture, self._there)

    def from_model(self, picture: Picture) -> Picture:
        """The other way."""
        return picture if self._back is None else _converted(picture, self._back)


def _converted(picture: Picture, transform: ImageCms.ImageCmsTransform) -> Picture:
    image = ImageCms.applyTransform(Image.fromarray(np.ascontiguousarray(picture[..., :3])), transform)
    out = picture.copy()
    out[..., :3] = np.asarray(image)
    return out
