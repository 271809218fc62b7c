"""The formulae of blend modes in planes of float32, homogeneous as `planar` needs them.

Sources: Compositing and Blending Level 1 (W3C), sections 10.1 and 10.2, and `scumble.render.blend` for the others.
Numpy's `where` is ten times as slow as arithmetic here, so that a choice is made by signs and by clipping. To clip at a
number, and to sum planes by weights, OpenCV takes half as long as numpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from scumble.document import BlendMode, Pixels
from scumble.render.blend import LUMA, LUMINOSITY, NOISE

Planes: TypeAlias = NDArray[np.float32]
"""Red, green and blue `(3, h, w)`, or one plane `(h, w)`."""

_PLANES: Final = 25
"""How many planes of a band the thirstiest formula takes."""

_LARGE_PAGE: Final = 2 << 20
"""Bytes of a large page."""

_TINY: Final = np.float32(1e-12)
_HALF: Final = np.float32(0.5)
_QUARTER: Final = np.float32(0.25)
_ONE: Final = np.float32(1.0)
_SIGN: Final = np.uint32(1 << 31)


class Workspace:
    """Memory for the planes of one band, taken in turn and all given back at once.

    Planes of this size from the system's allocator would be fetched anew each time, page by page, which takes longer
    than all of the arithmetic.
    """

    def __init__(self) -> None:
        self._memory = np.empty(0, np.float32)
        self._taken = 0
        self._stored = np.empty(0, np.uint8)

    def begin(self, rows: int, columns: int) -> None:
        """Gives back all planes and makes room for those of a band."""
        self._taken = 0
        if self._memory.size < _PLANES * rows * columns:
            self._memory = _in_large_pages(_PLANES * rows * columns)

    def take(self, *shape: int) -> Planes:
        """Planes of any values."""
        size = math.prod(shape)
        start, self._taken = self._taken, self._taken + size
        return self._memory[start : self._taken].reshape(shape)

    def like(self, planes: Planes) -> Planes:
        """As many planes as there are in others."""
        return self.take(*planes.shape)

    def stored(self, like: Pixels) -> Pixels:
        """The four channels of stored pixels `(h, w, 4)` as planes `(4, h, w)` of any values; always the same ones.

        Each begins elsewhere in a line of the cache: OpenCV splits and merges past the cache what is aligned, which is
        then missed by the step that comes next.
        """
        rows, columns, _ = like.shape
        size = rows * columns
        if self._stored.dtype != like.dtype or self._stored.size < 4 * (size + 1):
            self._stored = np.empty(4 * (size + 1), like.dtype)
        return self._stored[: 4 * (size + 1)].reshape(4, size + 1)[:, 1:].reshape(4, rows, columns)


def _in_large_pages(size: int) -> NDArray[np.float32]:
    """Memory for so many values that begins where a large page of the processor does.

    Numpy asks the system for large pages where an array has 4 MiB. With small ones a tenth of the time goes into
    finding them.
    """
    wanted = 4 * size
    room = np.empty(wanted + 2 * _LARGE_PAGE, np.uint8)
    start = -room.ctypes.data % _LARGE_PAGE
    return room[start : start + wanted].view(np.float32)


Formula: TypeAlias = Callable[[Planes, Planes, Planes, Workspace], None]
"""(x, y, m): F is written over x, or F − x by those of `FROM_BELOW`. What is in y afterwards is undefined; m stays."""


def flat(planes: Planes) -> Planes:
    """Planes below one another as the one plane that OpenCV takes."""
    return planes.reshape(-1, planes.shape[-1])


def _at_least_0(planes: Planes) -> None:
    cv2.threshold(flat(planes), 0.0, 0.0, cv2.THRESH_TOZERO, flat(planes))


def _at_most(planes: Planes, most: float) -> None:
    cv2.threshold(flat(planes), most, 0.0, cv2.THRESH_TRUNC, flat(planes))


def _held(values: Planes, m: Planes) -> None:
    """Holds values in 0…m."""
    _at_least_0(values)
    np.minimum(values, m, out=values)


def _half(m: Planes, work: Workspace) -> Planes:
    return np.multiply(m, _HALF, out=work.like(m))


def _share_of(x: Planes, y: Planes, work: Workspace) -> None:
    """x / y, no more than 1; 0 where x is 0 and 1 where only y is. Written over x."""
    least = work.take(*y.shape[1:])
    least.fill(_TINY)
    np.maximum(y, least, out=y)
    np.divide(x, y, out=x)
    _at_most(x, 1.0)


def _divide(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    _share_of(x, y, work)
    x *= m


def _dodge(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    np.subtract(m, y, out=y)
    _divide(x, y, m, work)


def _burn(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    np.subtract(m, x, out=x)
    _divide(x, y, m, work)
    np.subtract(m, x, out=x)


def _soft_light(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    """With the curve of section 10.1, less b, as 16c³ − s + √s, where c is b − ¼ or 0 if that is less, s is b − c."""
    y += y
    y -= m
    below = np.divide(x, np.maximum(m, _TINY, out=work.like(m)), out=work.like(x))
    low = np.subtract(below, _QUARTER, out=x)
    _at_most(low, 0.0)
    rest = np.subtract(below, low, out=work.like(x))
    curve = work.like(x)
    cv2.sqrt(flat(rest), flat(curve))
    curve -= rest
    cv2.multiply(flat(low), flat(low), flat(rest), 16.0)
    cv2.accumulateProduct(flat(rest), flat(low), flat(curve))
    below -= np.square(below, out=rest)
    lighter = rest
    cv2.threshold(flat(y), 0.0, 0.0, cv2.THRESH_TOZERO, flat(lighter))
    y -= lighter
    np.multiply(curve, lighter, out=x)
    cv2.accumulateProduct(flat(below), flat(y), flat(x))


def _exclusion(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    x *= np.divide(np.float32(-2.0), np.maximum(m, _TINY, out=work.like(m)), out=work.like(m))
    x += _ONE
    x *= y


def _linear_burn(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    x += y
    x -= m
    _at_least_0(x)


def _linear_light(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    x += y
    x += y
    x -= m
    _held(x, m)


def _vivid_light(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    """To burn is to dodge from the other end, so that both are one where signs are turned."""
    half = _half(m, work)
    y += y
    y -= m
    dark = _signs(y, work)
    np.subtract(m, np.abs(y, out=y), out=y)
    _turned(x, half, dark)
    _share_of(x, y, work)
    _turned(x, _HALF, dark)
    x *= m


def _hard_mix(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    half = _half(m, work)
    np.subtract(half, x, out=x)
    light = _signs(x, work)
    np.abs(x, out=x)
    x += half
    np.subtract(m, y, out=y)
    _turned(y, half, np.bitwise_xor(light, _SIGN, out=light))
    _share_of(x, y, work)
    _turned(x, _HALF, light)
    x *= m


def _signs(planes: Planes, work: Workspace) -> NDArray[np.uint32]:
    """The bits that say what is negative."""
    return np.bitwise_and(planes.view(np.uint32), _SIGN, out=work.like(planes).view(np.uint32))


def _turned(planes: Planes, middle: Planes | np.float32, signs: NDArray[np.uint32]) -> None:
    """Mirrors values about a middle where there is a sign, in place."""
    planes -= middle
    bits = planes.view(np.uint32)
    bits ^= signs
    planes += middle


def _pin_light(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    y += y
    np.minimum(x, y, out=x)
    y -= m
    np.maximum(x, y, out=x)


def _hard_mix_photoshop(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    x += y
    np.multiply(x > np.multiply(m, _ONE + NOISE, out=work.like(m)), m, out=x)


def _subtract(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    np.minimum(x, y, out=x)
    np.negative(x, out=x)


def _grain_extract(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    x -= y
    x += _half(m, work)
    _held(x, m)


def _grain_merge(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    x += y
    x -= _half(m, work)
    _held(x, m)


def _luminosity_of(colour: Planes, work: Workspace, weights: NDArray[np.float32] = LUMINOSITY) -> Planes:
    luminosity = work.like(colour[0])
    red, green, blue = (float(weight) for weight in weights)
    cv2.addWeighted(colour[0], red, colour[1], green, 0.0, luminosity)
    cv2.scaleAdd(colour[2], blue, luminosity, luminosity)
    return luminosity


def _range_of(colour: Planes, work: Workspace) -> tuple[Planes, Planes]:
    """The lowest of the channels, and how far the highest is from it."""
    lowest = np.minimum(colour[0], colour[1], out=work.like(colour[0]))
    highest = np.maximum(colour[0], colour[1], out=work.like(colour[0]))
    np.minimum(lowest, colour[2], out=lowest)
    np.maximum(highest, colour[2], out=highest)
    return lowest, np.subtract(highest, lowest, out=highest)


def _recoloured(
    x: Planes, colour: Planes, luminosity: Planes, saturation: Planes | None, m: Planes, work: Workspace
) -> None:
    """`SetLum` with `ClipColor` of section 10.2, after `SetSat` where there is a saturation; written over x.

    All three do no more than scale the distances between the channels, so that one factor serves: the least of theirs.
    Counted from the lowest channel, the distances of a grey are exactly 0.
    """
    lowest, spread = _range_of(colour, work)
    colour -= lowest
    own = _luminosity_of(colour, work)
    room = np.subtract(m, luminosity, out=lowest)
    above = np.subtract(spread, own, out=work.like(own))
    room /= np.maximum(above, _TINY, out=above)
    factor = np.divide(luminosity, np.maximum(own, _TINY, out=above), out=above)
    np.minimum(factor, room, out=factor)
    if saturation is None:
        np.minimum(factor, _ONE, out=factor)
    else:
        np.minimum(factor, np.divide(saturation, np.maximum(spread, _TINY, out=spread), out=spread), out=factor)
    own *= factor
    colour *= factor
    np.add(colour, np.subtract(luminosity, own, out=own), out=x)


def _hue(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    _recoloured(x, y, _luminosity_of(x, work), _range_of(x, work)[1], m, work)


def _saturation(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    _recoloured(x, x, _luminosity_of(x, work), _range_of(y, work)[1], m, work)


def _colour(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    _recoloured(x, y, _luminosity_of(x, work), None, m, work)


def _luminosity(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    _recoloured(x, x, _luminosity_of(y, work), None, m, work)


def _darker_colour(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    _where_lighter(x, y, -LUMA, work)


def _lighter_colour(x: Planes, y: Planes, m: Planes, work: Workspace) -> None:
    _where_lighter(x, y, LUMA, work)


def _where_lighter(x: Planes, y: Planes, weights: NDArray[np.float32], work: Workspace) -> None:
    """Puts y in the place of x where the weighted sum of its channels is greater."""
    np.subtract(y, x, out=x)
    more = _luminosity_of(x, work, weights)
    cv2.threshold(more, 0.0, 1.0, cv2.THRESH_BINARY, more)
    x *= more


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

FROM_BELOW: Final = frozenset(
    {
        BlendMode.SOFT_LIGHT,
        BlendMode.EXCLUSION,
        BlendMode.SUBTRACT,
        BlendMode.DARKER_COLOR,
        BlendMode.LIGHTER_COLOR,
    }
)
"""The modes whose formula writes F − x, which is less to calculate."""
