"""Blend modes on stored pixels, in planes of float32: for what QPainter lacks, gets wrong or is slow at.

With x = αs·B, y = αb·S and m = αs·αb for premultiplied backdrop B and source S, every blend mode f is a formula
F(x, y, m) = m·f(x/m, y/m), and the general formula of Compositing and Blending Level 1 (W3C, section 9) becomes
B − x + S − y + F. So nothing is divided by alpha unless the mode itself divides. Values stay on the scale of storage.
Planes are cut into bands that fit into the processor's cache.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from scumble.document import BlendMode, PixelFormat, Pixels
from scumble.render.formulae import FORMULAE, FROM_BELOW, Planes, Workspace

ROWS: Final = 64
"""Of a band: some twenty planes of 64 × 256 fit into 2 MB."""


def blend_stored(
    mode: BlendMode,
    target: Pixels,
    source: Pixels,
    opacity: float,
    mask: Pixels | None,
    pixel_format: PixelFormat,
    work: Workspace,
) -> None:
    """Blends stored pixels into others `(h, w, 4)` of the same size, in place, rounded once, to nearest.

    `opacity` is 0…1, `mask` `(h, w)` uint8 of which 255 shows all. `mode` is one of `FORMULAE` or ADD.
    """
    for top in range(0, target.shape[0], ROWS):
        rows = slice(top, top + ROWS)
        work.begin(*target[rows].shape[:2])
        covering = None if mask is None else mask[rows]
        _band(mode, target[rows], source[rows], opacity, covering, pixel_format, work)


def _band(
    mode: BlendMode,
    target: Pixels,
    source: Pixels,
    opacity: float,
    mask: Pixels | None,
    pixel_format: PixelFormat,
    work: Workspace,
) -> None:
    below, above = (_planes(pixels, pixel_format, work) for pixels in (target, source))
    if mask is not None:
        above *= np.multiply(mask, np.float32(opacity / 255.0), out=work.like(above[3]))
    elif opacity < 1.0:
        above *= np.float32(opacity)
    if mode is BlendMode.ADD:
        _store(target, below, above, pixel_format, work)
        return
    share = np.float32(1.0 / pixel_format.maximum)
    factor = np.multiply(above[3], share, out=work.like(above[3]))
    x = np.multiply(below, factor, out=work.like(below))
    np.multiply(below[3], share, out=factor)
    taken = 3 if mode in FROM_BELOW else 0
    below[taken:] -= x[taken:]
    below += above
    y = above[:3]
    y *= factor
    below[:3] -= y
    FORMULAE[mode](x[:3], y, x[3], work)
    x[3] = 0.0
    _store(target, below, x, pixel_format, work)


def _planes(pixels: Pixels, pixel_format: PixelFormat, work: Workspace) -> Planes:
    """Red, green, blue and alpha."""
    stored = work.stored(pixels)
    cv2.split(pixels, _channels(stored, pixel_format))
    planes = work.take(*stored.shape)
    planes[:] = stored
    return planes


def _store(target: Pixels, planes: Planes, more: Planes, pixel_format: PixelFormat, work: Workspace) -> None:
    """Stores the sum of two times four planes."""
    stored = work.stored(target)
    if pixel_format.maximum == 255:
        # In two steps, of which the second only converts, OpenCV and numpy are quicker than in one.
        planes += more
        for plane, part in zip(stored, planes, strict=True):
            cv2.convertScaleAbs(part, plane)
    else:
        for plane, part, other in zip(stored, planes, more, strict=True):
            cv2.add(part, other, dst=plane, dtype=cv2.CV_16U)
    # Rounding must not lift a colour above its alpha.
    np.minimum(stored[:3], stored[3], out=stored[:3])
    cv2.merge(_channels(stored, pixel_format), target)


def _channels(planes: Pixels, pixel_format: PixelFormat) -> list[Pixels]:
    """Planes of red, green, blue and alpha in the order of storage."""
    return [planes[pixel_format.order.index(channel)] for channel in range(4)]
