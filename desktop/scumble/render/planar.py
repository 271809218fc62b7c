"""Blend modes on stored pixels, in planes of float32: for what QPainter lacks, gets wrong or is slow at.

With x = αs·B, y = αb·S and m = αs·αb for premultiplied backdrop B and source S, every blend mode f is a formula
F(x, y, m) = m·f(x/m, y/m), and the general formula of Compositing and Blending Level 1 (W3C, section 9) becomes
B − x + S − y + F. So nothing is divided by alpha unless the mode itself divides. Values stay on the scale of storage.
Planes are cut into bands that fit into the processor's cache.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np

from scumble.document import BlendMode, PixelFormat, Pixels
from scumble.render.formulae import FORMULAE, Planes, Workspace

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
    below, below_alpha = _planes(target, pixel_format, work)
    above, above_alpha = _planes(source, pixel_format, work)
    if mask is not None:
        coverage = np.multiply(mask, np.float32(opacity / 255.0), out=work.like(above_alpha))
        above *= coverage
        above_alpha *= coverage
    elif opacity < 1.0:
        above *= np.float32(opacity)
        above_alpha *= np.float32(opacity)
    if mode is BlendMode.ADD:
        below_alpha += above_alpha
        _store(target, below, above, below_alpha, pixel_format)
        return
    share = np.float32(1.0 / pixel_format.maximum)
    above_share = np.multiply(above_alpha, share, out=work.like(above_alpha))
    m = np.multiply(below_alpha, above_share, out=work.like(above_alpha))
    x = np.multiply(below, above_share, out=work.like(below))
    y = np.multiply(above, np.multiply(below_alpha, share, out=above_share), out=work.like(above))
    below -= x
    below += above
    below -= y
    below_alpha += above_alpha
    below_alpha -= m
    _store(target, below, FORMULAE[mode](x, y, m, work), below_alpha, pixel_format)


def _planes(pixels: Pixels, pixel_format: PixelFormat, work: Workspace) -> tuple[Planes, Planes]:
    channels = cv2.split(pixels)
    planes = work.take(4, *pixels.shape[:2])
    for place, channel in enumerate(pixel_format.order):
        planes[place] = channels[channel]
    return planes[:3], planes[3]


def _store(target: Pixels, colour: Planes, more: Planes, alpha: Planes, pixel_format: PixelFormat) -> None:
    """Stores the sum of two times three planes."""
    rows, columns = alpha.shape
    depth = cv2.CV_8U if pixel_format.maximum == 255 else cv2.CV_16U
    flat = (3 * rows, columns)
    stored = cv2.add(colour.reshape(flat), more.reshape(flat), dtype=depth).reshape(3, rows, columns)
    planes: list[Any] = [cv2.add(alpha, 0.0, dtype=depth)] * 4
    for place, channel in enumerate(pixel_format.order[:3]):
        # Rounding must not lift a colour above its alpha.
        planes[channel] = cv2.min(stored[place], planes[pixel_format.alpha])
    target[:] = cv2.merge(planes)
