"""Blend modes on stored pixels, in planes of float32: for what QPainter lacks, gets wrong or is slow at.

With x = αs·B, y = αb·S and m = αs·αb for premultiplied backdrop B and source S, every blend mode f is a formula
F(x, y, m) = m·f(x/m, y/m), and the general formula of Compositing and Blending Level 1 (W3C, section 9) becomes
B − x + S − y + F. So nothing is divided by alpha unless the mode itself divides. Values stay on the scale of storage.
Planes are cut into bands that fit into the processor's cache. Numpy's `where` is ten times as slow as arithmetic here,
so that a choice is a product with the condition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.document import BlendMode, PixelFormat, Pixels
from scumble.render.blend import LUMA, LUMINOSITY, NOISE

Planes: TypeAlias = NDArray[np.float32]
"""Red, green and blue `(3, h, w)`, or one plane `(h, w)`."""

Formula: TypeAlias = Callable[[Planes, Planes, Planes], Planes]
"""(x, y, m) to F; x and y are the formula's to write on, m is not."""

ROWS: Final = 64
"""Of a band: ten or so times three planes of 64 × 256 fit into 2 MB."""

_TINY: Final = np.float32(1e-12)
_TWO: Final = np.float32(2.0)
_HALF: Final = np.float32(0.5)
_ZERO: Final = np.float32(0.0)
_ONE: Final = np.float32(1.0)


def blend_stored(
    mode: BlendMode, target: Pixels, source: Pixels, opacity: float, mask: Pixels | None, pixel_format: PixelFormat
) -> None:
    """Blends stored pixels into others `(h, w, 4)` of the same size, in place, rounded once, to nearest.

    `opacity` is 0…1, `mask` `(h, w)` uint8 of which 255 shows all.
    """
    for top in range(0, target.shape[0], ROWS):
        rows = slice(top, top + ROWS)
        _band(mode, target[rows], source[rows], opacity, None if mask is None else mask[rows], pixel_format)


def _band(
    mode: BlendMode, target: Pixels, source: Pixels, opacity: float, mask: Pixels | None, pixel_format: PixelFormat
) -> None:
    below, below_alpha = _planes(target, pixel_format)
    above, above_alpha = _planes(source, pixel_format)
    if mask is not None or opacity < 1.0:
        coverage = np.float32(opacity) if mask is None else mask * np.float32(opacity / 255.0)
        above *= coverage
        above_alpha *= coverage
    if mode is BlendMode.ADD:
        _store(target, below, above, below_alpha + above_alpha, pixel_format)
        return
    share = np.float32(1.0 / pixel_format.maximum)
    above_share = above_alpha * share
    x, y, m = below * above_share, above * (below_alpha * share), below_alpha * above_share
    below -= x
    below += above
    below -= y
    below_alpha += above_alpha
    below_alpha -= m
    _store(target, below, FORMULAE[mode](x, y, m), below_alpha, pixel_format)


def _planes(pixels: Pixels, pixel_format: PixelFormat) -> tuple[Planes, Planes]:
    channels = cv2.split(pixels)
    colour = np.empty((3, *pixels.shape[:2]), np.float32)
    for place, channel in enumerate(pixel_format.order[:3]):
        colour[place] = channels[channel]
    return colour, channels[pixel_format.alpha].astype(np.float32)


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


def _held(values: Planes, m: Planes) -> Planes:
    """The values held in 0…m, in place."""
    np.maximum(values, _ZERO, out=values)
    return np.minimum(values, m, out=values)


def _dodge(x: Planes, y: Planes, m: Planes) -> Planes:
    np.subtract(m, y, out=y)
    return _quotient(x, y, m)


def _burn(x: Planes, y: Planes, m: Planes) -> Planes:
    np.subtract(m, x, out=x)
    return np.subtract(m, _quotient(x, y, m), out=x)


def _quotient(x: Planes, y: Planes, m: Planes) -> Planes:
    """m·x / y, no more than m; 0 where x is 0 and m where only y is. Written over x."""
    np.maximum(y, _TINY, out=y)
    np.divide(x, y, out=x)
    # A huge quotient times an m of 0 is 0, and must not have become infinite before.
    np.minimum(x, _ONE, out=x)
    x *= m
    return x


def _soft_light(x: Planes, y: Planes, m: Planes) -> Planes:
    y *= _TWO
    y -= m
    below: Planes = np.divide(x, np.maximum(m, _TINY), out=np.empty_like(x))
    curve: Planes = below * np.float32(16.0)
    curve -= np.float32(12.0)
    curve *= below
    curve += np.float32(4.0)
    curve *= below
    root = np.sqrt(below)
    root -= curve
    root *= below > np.float32(0.25)
    curve += root
    square = np.multiply(below, below, out=root)
    curve -= below
    below -= square
    curve -= below
    curve *= y > _ZERO
    curve += below
    curve *= y
    curve += x
    return curve


def _exclusion(x: Planes, y: Planes, m: Planes) -> Planes:
    product = x * y
    product *= _TWO / np.maximum(m, _TINY)
    x += y
    x -= product
    return x


def _linear_burn(x: Planes, y: Planes, m: Planes) -> Planes:
    x += y
    x -= m
    return np.maximum(x, _ZERO, out=x)


def _linear_light(x: Planes, y: Planes, m: Planes) -> Planes:
    x += y
    x += y
    x -= m
    return _held(x, m)


def _vivid_light(x: Planes, y: Planes, m: Planes) -> Planes:
    y *= _TWO
    light = y > m
    dodged = _dodge(x.copy(), y - m, m)
    burnt = _burn(x, y, m)
    dodged -= burnt
    dodged *= light
    burnt += dodged
    return burnt


def _pin_light(x: Planes, y: Planes, m: Planes) -> Planes:
    y *= _TWO
    np.minimum(x, y, out=x)
    y -= m
    return np.maximum(x, y, out=x)


def _hard_mix(x: Planes, y: Planes, m: Planes) -> Planes:
    light = x > m * _HALF
    dodged = _dodge(x.copy(), y.copy(), m)
    burnt = _burn(x, y, m)
    dodged -= burnt
    dodged *= light
    burnt += dodged
    return burnt


def _hard_mix_photoshop(x: Planes, y: Planes, m: Planes) -> Planes:
    x += y
    return np.multiply(x > m * (_ONE + NOISE), m, out=x)


def _divide(x: Planes, y: Planes, m: Planes) -> Planes:
    return _quotient(x, y, m)


def _subtract(x: Planes, y: Planes, m: Planes) -> Planes:
    x -= y
    return np.maximum(x, _ZERO, out=x)


def _grain_extract(x: Planes, y: Planes, m: Planes) -> Planes:
    x -= y
    x += m * _HALF
    return _held(x, m)


def _grain_merge(x: Planes, y: Planes, m: Planes) -> Planes:
    x += y
    x -= m * _HALF
    return _held(x, m)


def _luminosity_of(colour: Planes, weights: NDArray[np.float32] = LUMINOSITY) -> Planes:
    luminosity: Planes = colour[0] * weights[0]
    luminosity += colour[1] * weights[1]
    luminosity += colour[2] * weights[2]
    return luminosity


def _range_of(colour: Planes) -> tuple[Planes, Planes]:
    lowest = np.minimum(np.minimum(colour[0], colour[1]), colour[2])
    return lowest, np.maximum(np.maximum(colour[0], colour[1]), colour[2])


def _saturation_of(colour: Planes) -> Planes:
    lowest, highest = _range_of(colour)
    return np.subtract(highest, lowest, out=highest)


def _with_luminosity(colour: Planes, luminosity: Planes, m: Planes, saturation: Planes | None = None) -> Planes:
    """`SetLum` with `ClipColor` of section 10.2, after `SetSat` where a saturation is given. Written over the colour.

    Both scale the distance of the channels from their luminosity, which is what is left of them here.
    """
    own = _luminosity_of(colour)
    spread = None if saturation is None else _saturation_of(colour)
    colour -= own
    if saturation is not None and spread is not None:
        # Greys have no hue to spread; rounding must not make one up.
        colour *= saturation / np.maximum(spread, _TINY) * (spread > _ZERO)
    lowest, highest = _range_of(colour)
    np.negative(lowest, out=lowest)
    fits = np.minimum(luminosity / np.maximum(lowest, _TINY), _ONE)
    fits *= np.minimum((m - luminosity) / np.maximum(highest, _TINY), _ONE)
    colour *= fits
    colour += luminosity
    return colour


def _hue(x: Planes, y: Planes, m: Planes) -> Planes:
    return _with_luminosity(y, _luminosity_of(x), m, _saturation_of(x))


def _saturation(x: Planes, y: Planes, m: Planes) -> Planes:
    return _with_luminosity(x, _luminosity_of(x), m, _saturation_of(y))


def _colour(x: Planes, y: Planes, m: Planes) -> Planes:
    return _with_luminosity(y, _luminosity_of(x), m)


def _luminosity(x: Planes, y: Planes, m: Planes) -> Planes:
    return _with_luminosity(x, _luminosity_of(y), m)


def _darker_colour(x: Planes, y: Planes, m: Planes) -> Planes:
    return _chosen(x, y, _luminosity_of(y, LUMA) < _luminosity_of(x, LUMA))


def _lighter_colour(x: Planes, y: Planes, m: Planes) -> Planes:
    return _chosen(x, y, _luminosity_of(y, LUMA) > _luminosity_of(x, LUMA))


def _chosen(x: Planes, y: Planes, above: NDArray[np.bool_]) -> Planes:
    y -= x
    y *= above
    x += y
    return x


FORMULAE: Final[Mapping[BlendMode, Formula]] = {
    BlendMode.COLOR_DODGE: _dodge,
    BlendMode.COLOR_BURN: _burn,
    BlendMode.SOFT_LIGHT: _soft_light,
    BlendMode.EXCLUSION: _exclusion,
    BlendMode.HUE: _hue,
    BlendMode.SATURATION: _saturation,
    BlendMode.COLOR: _colour,
    BlendMode.LUMINOSITY: _luminosity,
    BlendMode.LINEAR_BURN: _linear_burn,
    BlendMode.LINEAR_LIGHT: _linear_light,
    BlendMode.VIVID_LIGHT: _vivid_light,
    BlendMode.PIN_LIGHT: _pin_light,
    BlendMode.HARD_MIX: _hard_mix,
    BlendMode.HARD_MIX_PHOTOSHOP: _hard_mix_photoshop,
    BlendMode.DIVIDE: _divide,
    BlendMode.SUBTRACT: _subtract,
    BlendMode.GRAIN_EXTRACT: _grain_extract,
    BlendMode.GRAIN_MERGE: _grain_merge,
    BlendMode.DARKER_COLOR: _darker_colour,
    BlendMode.LIGHTER_COLOR: _lighter_colour,
}
"""The modes that are drawn here."""
