"""The formulae of blend modes in planes of float32, homogeneous as `planar` needs them.

Sources: Compositing and Blending Level 1 (W3C), sections 10.1 and 10.2, and `scumble.render.blend` for the others.
Numpy's `where` is ten times as slow as arithmetic here, so that a choice is a product with the condition.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scumble.document import BlendMode
from scumble.render.blend import LUMA, LUMINOSITY, NOISE

Planes: TypeAlias = NDArray[np.float32]
"""Red, green and blue `(3, h, w)`, or one plane `(h, w)`."""

_PLANES: Final = 30
"""How many planes of a band the thirstiest formula takes."""

_TINY: Final = np.float32(1e-12)
_TWO: Final = np.float32(2.0)
_HALF: Final = np.float32(0.5)
_ZERO: Final = np.float32(0.0)
_ONE: Final = np.float32(1.0)


class Workspace:
    """Memory for the planes of one band, taken in turn and all given back at once.

    Planes of this size from the system's allocator would be fetched anew each time, page by page, which takes longer
    than all of the arithmetic.
    """

    def __init__(self) -> None:
        self._memory = np.empty(0, np.float32)
        self._taken = 0

    def begin(self, rows: int, columns: int) -> None:
        """Gives back all planes and makes room for those of a band."""
        self._taken = 0
        if self._memory.size < _PLANES * rows * columns:
            self._memory = np.empty(_PLANES * rows * columns, np.float32)

    def take(self, *shape: int) -> Planes:
        """Planes of any values."""
        size = math.prod(shape)
        start, self._taken = self._taken, self._taken + size
        return self._memory[start : self._taken].reshape(shape)

    def like(self, planes: Planes) -> Planes:
        """As many planes as there are in others."""
        return self.take(*planes.shape)


Formula: TypeAlias = Callable[[Planes, Planes, Planes, Workspace], Planes]
"""(x, y, m) to F; x and y are the formula's to write on, m is not."""


def _held(values: Planes, m: Planes) -> Planes:
    """The values held in 0…m, in place."""
    np.maximum(values, _ZERO, out=values)
    return np.minimum(values, m, out=values)


def _dodge(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    np.subtract(m, y, out=y)
    return _divide(x, y, m, work)


def _burn(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    np.subtract(m, x, out=x)
    return np.subtract(m, _divide(x, y, m, work), out=x)


def _divide(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    """m·x / y, no more than m; 0 where x is 0 and m where only y is. Written over x."""
    np.maximum(y, _TINY, out=y)
    np.divide(x, y, out=x)
    # Held before it meets m, which may be 0 where the quotient is huge.
    np.minimum(x, _ONE, out=x)
    x *= m
    return x


def _soft_light(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    y *= _TWO
    y -= m
    below = np.divide(x, np.maximum(m, _TINY, out=work.like(m)), out=work.like(x))
    curve = np.multiply(below, np.float32(16.0), out=work.like(x))
    curve -= np.float32(12.0)
    curve *= below
    curve += np.float32(4.0)
    curve *= below
    root = np.sqrt(below, out=work.like(x))
    root -= curve
    root *= below > np.float32(0.25)
    curve += root
    square = np.multiply(below, below, out=root)
    curve -= below
    below -= square
    return _lifted(_either(y > _ZERO, curve, below), y, x)


def _lifted(curve: Planes, by: Planes, x: Planes) -> Planes:
    curve *= by
    curve += x
    return curve


def _either(condition: NDArray[np.bool_], this: Planes, other: Planes) -> Planes:
    """One or the other of two finite values. Written over `this`."""
    this -= other
    this *= condition
    this += other
    return this


def _exclusion(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    product = np.multiply(x, y, out=work.like(x))
    product *= np.divide(_TWO, np.maximum(m, _TINY, out=work.like(m)), out=work.like(m))
    x += y
    x -= product
    return x


def _linear_burn(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    x += y
    x -= m
    return np.maximum(x, _ZERO, out=x)


def _linear_light(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    x += y
    x += y
    x -= m
    return _held(x, m)


def _vivid_light(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    y *= _TWO
    light = y > m
    x_again, y_again = work.like(x), work.like(y)
    x_again[:] = x
    dodged = _dodge(x_again, np.subtract(y, m, out=y_again), m, work)
    return _either(light, dodged, _burn(x, y, m, work))


def _pin_light(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    y *= _TWO
    np.minimum(x, y, out=x)
    y -= m
    return np.maximum(x, y, out=x)


def _hard_mix(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    light = x > np.multiply(m, _HALF, out=work.like(m))
    x_again, y_again = work.like(x), work.like(y)
    x_again[:], y_again[:] = x, y
    return _either(light, _dodge(x_again, y_again, m, work), _burn(x, y, m, work))


def _hard_mix_photoshop(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    x += y
    return np.multiply(x > np.multiply(m, _ONE + NOISE, out=work.like(m)), m, out=x)


def _subtract(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    x -= y
    return np.maximum(x, _ZERO, out=x)


def _grain_extract(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    x -= y
    x += np.multiply(m, _HALF, out=work.like(m))
    return _held(x, m)


def _grain_merge(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    x += y
    x -= np.multiply(m, _HALF, out=work.like(m))
    return _held(x, m)


def _luminosity_of(colour: Planes, work: Workspace, weights: NDArray[np.float32] = LUMINOSITY) -> Planes:
    luminosity: Planes = np.multiply(colour[0], weights[0], out=work.like(colour[0]))
    part = work.like(luminosity)
    for plane, weight in zip(colour[1:], weights[1:], strict=True):
        luminosity += np.multiply(plane, weight, out=part)
    return luminosity


def _range_of(colour: Planes, work: Workspace) -> tuple[Planes, Planes]:
    lowest = np.minimum(colour[0], colour[1], out=work.like(colour[0]))
    highest = np.maximum(colour[0], colour[1], out=work.like(colour[0]))
    return np.minimum(lowest, colour[2], out=lowest), np.maximum(highest, colour[2], out=highest)


def _saturation_of(colour: Planes, work: Workspace) -> Planes:
    lowest, highest = _range_of(colour, work)
    return np.subtract(highest, lowest, out=highest)


def _with_luminosity(colour: Planes, luminosity: Planes, m: Planes, work: Workspace) -> Planes:
    """`SetLum` with `ClipColor` of section 10.2; written over the colour, whose own luminosity must be 0.

    Then the clipping only scales the distance of each channel from the luminosity.
    """
    lowest, highest = _range_of(colour, work)
    np.maximum(np.negative(lowest, out=lowest), _TINY, out=lowest)
    np.divide(luminosity, lowest, out=lowest)
    np.minimum(lowest, _ONE, out=lowest)
    room = np.subtract(m, luminosity, out=work.like(m))
    room /= np.maximum(highest, _TINY, out=highest)
    lowest *= np.minimum(room, _ONE, out=room)
    colour *= lowest
    colour += luminosity
    return colour


def _spread_to(colour: Planes, saturation: Planes, work: Workspace) -> Planes:
    """`SetSat` of section 10.2 but for a shift of all channels, which `_with_luminosity` makes anyway."""
    spread = _saturation_of(colour, work)
    # Greys have no hue to spread; rounding must not make one up.
    saturation *= spread > _ZERO
    saturation /= np.maximum(spread, _TINY, out=spread)
    colour -= _luminosity_of(colour, work)
    colour *= saturation
    return colour


def _hue(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    return _with_luminosity(_spread_to(y, _saturation_of(x, work), work), _luminosity_of(x, work), m, work)


def _saturation(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    luminosity = _luminosity_of(x, work)
    return _with_luminosity(_spread_to(x, _saturation_of(y, work), work), luminosity, m, work)


def _colour(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    y -= _luminosity_of(y, work)
    return _with_luminosity(y, _luminosity_of(x, work), m, work)


def _luminosity(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    x -= _luminosity_of(x, work)
    return _with_luminosity(x, _luminosity_of(y, work), m, work)


def _darker_colour(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    return _either(_luminosity_of(y, work, LUMA) < _luminosity_of(x, work, LUMA), y, x)


def _lighter_colour(x: Planes, y: Planes, m: Planes, work: Workspace) -> Planes:
    return _either(_luminosity_of(y, work, LUMA) > _luminosity_of(x, work, LUMA), y, x)


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
