"""The surroundings of a hole, blurred into it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.api import Mask, Picture


def surroundings(picture: Picture, mask: Mask) -> Picture:
    """What lies round the mask, smoothly carried on under it: RGB of the same size, for where the mask is above 0.

    Means of what is known are taken at ever coarser scales, and filled in from the coarsest back (pull and push,
    Gortler et al., The Lumigraph, section 3.4). Grey parts of the mask count as partly known.
    """
    known = (255.0 - mask.astype(np.float32)) / 255.0
    if not known.any():
        return np.full_like(picture[..., :3], 128)
    filled = _filled(picture[..., :3].astype(np.float32), known)
    return np.ascontiguousarray(np.rint(np.clip(filled, 0, 255)).astype(np.uint8))


def _filled(colours: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    if float(known.min()) >= 1.0 or min(known.shape) == 1:
        return colours
    share = cv2.pyrDown(known)
    mean = cv2.pyrDown(colours * known[..., None]) / np.maximum(share, 1e-6)[..., None]
    coarse = _filled(np.asarray(mean, np.float32), np.minimum(share * 2.0, 1.0).astype(np.float32))
    size = (known.shape[1], known.shape[0])
    raised = cv2.GaussianBlur(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR), (3, 3), 0)
    weight = known[..., None]
    return np.asarray(colours * weight + raised * (1.0 - weight), np.float32)
