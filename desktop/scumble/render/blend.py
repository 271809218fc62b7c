"""How a layer meets what lies below, in numpy: every blend mode of a document, on floating-point pixels.

Formulae: W3C, Compositing and Blending Level 1, sections 9 (general formula), 10.1 (separable modes) and 10.2
(non-separable modes); `plus` is section 9.1.14. The modes that the W3C lacks are arithmetic on straight colours held in
0…1, and agree with Krita 5.1 to a step of 8 bits. Pixels are `(…, 4)` float32 in the order red, green, blue, alpha,
premultiplied, 0…1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scumble.document import BlendMode, PixelFormat, Pixels

Floats: TypeAlias = NDArray[np.floating[Any]]
Formula: TypeAlias = Callable[[Floats, Floats], Floats]

OPACITY_STEPS: Final = 255
"""An opacity takes effect in this many steps, whatever the depth of the pixels."""

LUMINOSITY: Final = np.array([0.3, 0.59, 0.11], np.float32)
"""The share of red, green and blue in the luminosity of section 10.2."""

LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
"""Their share in the luma of ITU-R BT.601, by which Krita tells the darker of two colours."""


NOISE: Final = np.float32(2e-6)
"""What float32 may add to a sum that is 1: less than a step of 16 bits, and no reason to jump."""


def to_float(stored: Pixels, pixel_format: PixelFormat) -> Floats:
    """Stored pixels → float32 red, green, blue, alpha in 0…1, still premultiplied."""
    values: Floats = stored[..., pixel_format.order].astype(np.float32)
    values *= np.float32(1.0 / pixel_format.maximum)
    return values


def to_stored(values: Floats, pixel_format: PixelFormat) -> Pixels:
    """The inverse of `to_float`, rounded to nearest; colours are held at or below their alpha."""
    alpha = np.clip(values[..., 3:], 0.0, 1.0)
    ordered = np.empty(values.shape, np.float32)
    ordered[..., pixel_format.order[:3]] = np.clip(values[..., :3], 0.0, alpha)
    ordered[..., pixel_format.alpha] = alpha[..., 0]
    ordered *= pixel_format.maximum
    return np.rint(ordered, out=ordered).astype(pixel_format.dtype)


def quantised(opacity: float) -> float:
    """The opacity that takes effect: the nearest of the steps."""
    return round(opacity * OPACITY_STEPS) / OPACITY_STEPS


def blend(mode: BlendMode, backdrop: Floats, source: Floats) -> Floats:
    """The source over the backdrop in a blend mode; a new array."""
    if mode is BlendMode.ADD:
        return np.minimum(backdrop + source, np.float32(1.0))
    below, above = backdrop[..., 3:], source[..., 3:]
    result = source + backdrop * (1.0 - above)
    if mode is BlendMode.NORMAL:
        return result
    mixed = _FORMULAE[mode](straight(backdrop), straight(source))
    result[..., :3] += below * (above * mixed - source[..., :3])
    return result


def blend_atop(mode: BlendMode, backdrop: Floats, source: Floats) -> Floats:
    """The source on the backdrop as if that were opaque, and then as transparent as the backdrop is; a new array.

    What a clipped layer does to its base.
    """
    solid = np.empty_like(backdrop)
    solid[..., :3], solid[..., 3] = straight(backdrop), 1.0
    result = blend(mode, solid, source)
    result *= backdrop[..., 3:]
    return result


def straight(pixels: Floats) -> Floats:
    """The colours `(…, 3)` without their alpha, held in 0…1; 0 where alpha is 0."""
    alpha = pixels[..., 3:]
    colour: Floats = pixels[..., :3] / np.where(alpha > 0.0, alpha, np.float32(1.0))
    return np.clip(colour, 0.0, 1.0, out=colour)


def _multiply(below: Floats, above: Floats) -> Floats:
    return below * above


def _screen(below: Floats, above: Floats) -> Floats:
    return below + above - below * above


def _overlay(below: Floats, above: Floats) -> Floats:
    return _hard_light(above, below)


def _hard_light(below: Floats, above: Floats) -> Floats:
    return np.where(above <= 0.5, below * 2.0 * above, _screen(below, 2.0 * above - 1.0))


def _soft_light(below: Floats, above: Floats) -> Floats:
    curve = np.where(below <= 0.25, ((16.0 * below - 12.0) * below + 4.0) * below, np.sqrt(below))
    darker = below - (1.0 - 2.0 * above) * below * (1.0 - below)
    return np.where(above <= 0.5, darker, below + (2.0 * above - 1.0) * (curve - below))


def _dodge(below: Floats, above: Floats) -> Floats:
    quotient = np.minimum(below / np.maximum(1.0 - above, np.float32(1e-7)), np.float32(1.0))
    return np.where(below <= 0.0, np.float32(0.0), np.where(above >= 1.0, np.float32(1.0), quotient))


def _burn(below: Floats, above: Floats) -> Floats:
    quotient = 1.0 - np.minimum((1.0 - below) / np.maximum(above, np.float32(1e-7)), np.float32(1.0))
    return np.where(below >= 1.0, np.float32(1.0), np.where(above <= 0.0, np.float32(0.0), quotient))


def _difference(below: Floats, above: Floats) -> Floats:
    return np.abs(below - above)


def _exclusion(below: Floats, above: Floats) -> Floats:
    return below + above - 2.0 * below * above


def _luminosity_of(colour: Floats, weights: Floats = LUMINOSITY) -> Floats:
    result: Floats = (colour @ weights)[..., None]
    return result


def _saturation_of(colour: Floats) -> Floats:
    result: Floats = colour.max(axis=-1, keepdims=True) - colour.min(axis=-1, keepdims=True)
    return result


def _with_luminosity(colour: Floats, luminosity: Floats) -> Floats:
    """`SetLum` with `ClipColor` of section 10.2."""
    moved = colour + (luminosity - _luminosity_of(colour))
    lowest, highest = moved.min(axis=-1, keepdims=True), moved.max(axis=-1, keepdims=True)
    tiny = np.float32(1e-7)
    moved = np.where(
        lowest < 0.0, luminosity + (moved - luminosity) * luminosity / np.maximum(luminosity - lowest, tiny), moved
    )
    return np.where(
        highest > 1.0,
        luminosity + (moved - luminosity) * (1.0 - luminosity) / np.maximum(highest - luminosity, tiny),
        moved,
    )


def _with_saturation(colour: Floats, saturation: Floats) -> Floats:
    """`SetSat` of section 10.2: smallest channel to 0, largest to the saturation, middle in proportion."""
    lowest = colour.min(axis=-1, keepdims=True)
    spread = colour.max(axis=-1, keepdims=True) - lowest
    scaled: Floats = (colour - lowest) * (saturation / np.where(spread > 0.0, spread, np.float32(1.0)))
    return scaled


def _hue(below: Floats, above: Floats) -> Floats:
    return _with_luminosity(_with_saturation(above, _saturation_of(below)), _luminosity_of(below))


def _saturation(below: Floats, above: Floats) -> Floats:
    return _with_luminosity(_with_saturation(below, _saturation_of(above)), _luminosity_of(below))


def _colour(below: Floats, above: Floats) -> Floats:
    return _with_luminosity(above, _luminosity_of(below))


def _luminosity(below: Floats, above: Floats) -> Floats:
    return _with_luminosity(below, _luminosity_of(above))


def _linear_burn(below: Floats, above: Floats) -> Floats:
    return np.maximum(below + above - 1.0, 0.0)


def _linear_light(below: Floats, above: Floats) -> Floats:
    return np.clip(below + 2.0 * above - 1.0, 0.0, 1.0)


def _vivid_light(below: Floats, above: Floats) -> Floats:
    return np.where(above <= 0.5, _burn(below, 2.0 * above), _dodge(below, 2.0 * above - 1.0))


def _pin_light(below: Floats, above: Floats) -> Floats:
    pinned: Floats = np.maximum(np.minimum(below, 2.0 * above), 2.0 * above - 1.0)
    return pinned


def _hard_mix(below: Floats, above: Floats) -> Floats:
    return np.where(below > 0.5, _dodge(below, above), _burn(below, above))


def _hard_mix_photoshop(below: Floats, above: Floats) -> Floats:
    return np.where(below + above > 1.0 + NOISE, np.float32(1.0), np.float32(0.0))


def _divide(below: Floats, above: Floats) -> Floats:
    return _dodge(below, 1.0 - above)


def _subtract(below: Floats, above: Floats) -> Floats:
    return np.maximum(below - above, 0.0)


def _grain_extract(below: Floats, above: Floats) -> Floats:
    return np.clip(below - above + 0.5, 0.0, 1.0)


def _grain_merge(below: Floats, above: Floats) -> Floats:
    return np.clip(below + above - 0.5, 0.0, 1.0)


def _darker_colour(below: Floats, above: Floats) -> Floats:
    return np.where(_luminosity_of(above, LUMA) < _luminosity_of(below, LUMA), above, below)


def _lighter_colour(below: Floats, above: Floats) -> Floats:
    return np.where(_luminosity_of(above, LUMA) > _luminosity_of(below, LUMA), above, below)


_FORMULAE: Final[Mapping[BlendMode, Formula]] = {
    BlendMode.MULTIPLY: _multiply,
    BlendMode.SCREEN: _screen,
    BlendMode.OVERLAY: _overlay,
    BlendMode.DARKEN: np.minimum,
    BlendMode.LIGHTEN: np.maximum,
    BlendMode.COLOR_DODGE: _dodge,
    BlendMode.COLOR_BURN: _burn,
    BlendMode.HARD_LIGHT: _hard_light,
    BlendMode.SOFT_LIGHT: _soft_light,
    BlendMode.DIFFERENCE: _difference,
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
