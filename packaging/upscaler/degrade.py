"""How a large picture becomes the small one that the network is to undo."""

from __future__ import annotations

import cv2
import numpy as np
from pictures import Picture
from PIL import Image, ImageFilter

FILTERS = (Image.Resampling.BICUBIC, Image.Resampling.LANCZOS, Image.Resampling.BOX, Image.Resampling.HAMMING)


def shrink(large: Picture, scale: int) -> Picture:
    """The plain case: antialiased bicubic."""
    size = large.shape[1] // scale, large.shape[0] // scale
    return np.asarray(Image.fromarray(large).resize(size, Image.Resampling.BICUBIC))


def worsen(large: Picture, scale: int, rng: np.random.Generator) -> Picture:
    """Mild faults, as clean art has them: a slight blur, another filter, a little noise, a good JPEG."""
    image = Image.fromarray(large)
    if rng.random() < 0.4:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.3 * scale)))
    size = large.shape[1] // scale, large.shape[0] // scale
    small = np.asarray(image.resize(size, FILTERS[rng.integers(len(FILTERS))]))
    if rng.random() < 0.3:
        small = np.clip(small + rng.normal(0, rng.uniform(0.5, 2.5), small.shape), 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        _, code = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(80, 97))])
        small = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), dtype=np.uint8)
    return small
