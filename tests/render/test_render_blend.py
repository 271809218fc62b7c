"""The formulae against values worked out by hand from the specification."""

import numpy as np
import pytest

from scumble.document import BGRA8, FORMATS, BlendMode
from scumble.render.blend import blend, quantised, to_float, to_stored
from scumble.render.formulae import FORMULAE, Workspace
from scumble.render.planar import blend_stored

JUMPS = {
    BlendMode.HARD_MIX,
    BlendMode.HARD_MIX_PHOTOSHOP,
    BlendMode.VIVID_LIGHT,
    BlendMode.DARKER_COLOR,
    BlendMode.LIGHTER_COLOR,
}
BELOW, ABOVE = (0.2, 0.5, 0.9), (0.6, 0.25, 1.0)


def opaque(colour):
    return np.array([[[*colour, 1.0]]], np.float32)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (BlendMode.NORMAL, ABOVE),
        (BlendMode.MULTIPLY, (0.12, 0.125, 0.9)),
        (BlendMode.SCREEN, (0.68, 0.625, 1.0)),
        (BlendMode.OVERLAY, (0.24, 0.25, 1.0)),
        (BlendMode.DARKEN, (0.2, 0.25, 0.9)),
        (BlendMode.LIGHTEN, (0.6, 0.5, 1.0)),
        (BlendMode.COLOR_DODGE, (0.5, 2 / 3, 1.0)),
        (BlendMode.COLOR_BURN, (0.0, 0.0, 0.9)),
        (BlendMode.HARD_LIGHT, (0.36, 0.25, 1.0)),
        (BlendMode.SOFT_LIGHT, (0.2 + 0.2 * (0.448 - 0.2), 0.375, np.sqrt(0.9))),
        (BlendMode.DIFFERENCE, (0.4, 0.25, 0.1)),
        (BlendMode.EXCLUSION, (0.56, 0.5, 0.1)),
        (BlendMode.ADD, (0.8, 0.75, 1.0)),
        (BlendMode.LINEAR_BURN, (0.0, 0.0, 0.9)),
        (BlendMode.LINEAR_LIGHT, (0.4, 0.0, 1.0)),
        (BlendMode.VIVID_LIGHT, (0.25, 0.0, 1.0)),
        (BlendMode.PIN_LIGHT, (0.2, 0.5, 1.0)),
        (BlendMode.HARD_MIX, (0.0, 0.0, 1.0)),
        (BlendMode.HARD_MIX_PHOTOSHOP, (0.0, 0.0, 1.0)),
        (BlendMode.DIVIDE, (1 / 3, 1.0, 0.9)),
        (BlendMode.SUBTRACT, (0.0, 0.25, 0.0)),
        (BlendMode.GRAIN_EXTRACT, (0.1, 0.75, 0.4)),
        (BlendMode.GRAIN_MERGE, (0.3, 0.25, 1.0)),
        (BlendMode.DARKER_COLOR, ABOVE),
        (BlendMode.LIGHTER_COLOR, BELOW),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, BlendMode) else "",
)
def test_separable_modes(mode, expected):
    assert blend(mode, opaque(BELOW), opaque(ABOVE))[0, 0].tolist() == pytest.approx([*expected, 1.0], abs=1e-6)


def luma(colour):
    return float(np.dot(colour, (0.3, 0.59, 0.11)))


def spread(colour):
    return float(max(colour) - min(colour))


def test_modes_of_hue_saturation_and_luminosity_take_what_they_are_named_after():
    below, above = (0.3, 0.5, 0.45), (0.6, 0.35, 0.5)
    made = {
        mode: blend(mode, opaque(below), opaque(above))[0, 0, :3]
        for mode in (BlendMode.HUE, BlendMode.SATURATION, BlendMode.COLOR, BlendMode.LUMINOSITY)
    }
    for mode in (BlendMode.HUE, BlendMode.SATURATION, BlendMode.COLOR):
        assert luma(made[mode]) == pytest.approx(luma(below), abs=1e-6)
    assert luma(made[BlendMode.LUMINOSITY]) == pytest.approx(luma(above), abs=1e-6)
    assert spread(made[BlendMode.HUE]) == pytest.approx(spread(below), abs=1e-6)
    assert spread(made[BlendMode.SATURATION]) == pytest.approx(spread(above), abs=1e-6)
    assert spread(made[BlendMode.COLOR]) == pytest.approx(spread(above), abs=1e-6)
    assert np.argsort(made[BlendMode.HUE]).tolist() == np.argsort(above).tolist()
    assert np.argsort(made[BlendMode.SATURATION]).tolist() == np.argsort(below).tolist()


@pytest.mark.parametrize("mode", list(BlendMode), ids=lambda mode: mode.name.lower())
def test_nothing_above_or_below_changes_nothing(mode):
    nothing = np.zeros((1, 1, 4), np.float32)
    half = np.array([[[0.1, 0.3, 0.5, 0.5]]], np.float32)
    assert np.allclose(blend(mode, half, nothing), half, atol=1e-7)
    assert np.allclose(blend(mode, nothing, half), half, atol=1e-7)


@pytest.mark.parametrize("mode", list(BlendMode), ids=lambda mode: mode.name.lower())
def test_results_stay_in_range_at_the_corners(mode):
    corners = np.array(np.meshgrid(*[(0.0, 0.25, 0.5, 1.0)] * 3), np.float32).reshape(3, -1).T
    below = np.concatenate([corners, np.ones((len(corners), 1), np.float32)], axis=1)[:, None]
    above = np.swapaxes(below, 0, 1)
    result = blend(mode, *(np.ascontiguousarray(a) for a in np.broadcast_arrays(below, above)))
    assert np.isfinite(result).all()
    assert result.min() >= -1e-6
    assert result.max() <= 1.0 + 1e-6


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_floats_and_storage(name):
    pixel_format = FORMATS[name]
    stored = pixel_format.from_straight(np.random.default_rng(0).integers(0, 256, (9, 9, 4), dtype=np.uint8))
    assert np.array_equal(to_stored(to_float(stored, pixel_format), pixel_format), stored)
    assert to_float(np.broadcast_to(pixel_format.solid(1.0, 0.5, 0.0), (1, 1, 4)), pixel_format)[0, 0].tolist() == (
        pytest.approx([1.0, 0.5, 0.0, 1.0], abs=0.002)
    )


def test_opacity_takes_effect_in_steps():
    assert quantised(1.0) == 1.0
    assert quantised(0.001) == 0.0
    assert quantised(0.5) == pytest.approx(128 / 255)


@pytest.mark.parametrize("mode", [BlendMode.ADD, *FORMULAE], ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_planes_agree_with_the_formulae_at_every_corner(name, mode):
    """Colours and alphas at the ends of their ranges, where quotients have nothing to divide by."""
    pixel_format = FORMATS[name]
    levels = np.array([0, 1, 127, 128, 254, 255], np.uint8)
    colours = np.array(np.meshgrid(levels, levels, levels, levels[[0, 1, 3, 5]])).reshape(4, -1).T
    below, above = (pixel_format.from_straight(colours[order][None]) for order in (np.s_[:], np.s_[::-1]))
    rng = np.random.default_rng(1)
    for _ in range(4):
        above = above[:, rng.permutation(above.shape[1])]
        plain = to_stored(blend(mode, to_float(below, pixel_format), to_float(above, pixel_format)), pixel_format)
        made = below.copy()
        blend_stored(mode, made, above, 1.0, None, pixel_format, Workspace())
        steps = np.abs(made.astype(int) - plain) * 255 / pixel_format.maximum
        # A tie may fall to either side where a mode jumps.
        assert (steps > 1).any(axis=-1).mean() <= (0.03 if mode in JUMPS else 0.0)
        assert np.abs(made[..., 3].astype(int) - plain[..., 3]).max() <= pixel_format.maximum // 65535
        assert (made[..., :3] <= made[..., 3:]).all()


@pytest.mark.parametrize("mode", list(FORMULAE), ids=lambda mode: mode.name.lower())
def test_planes_leave_alone_what_nothing_is_put_on(mode):
    rng = np.random.default_rng(2)
    pixels = BGRA8.from_straight(rng.integers(0, 256, (70, 9, 4), dtype=np.uint8))
    made = pixels.copy()
    blend_stored(mode, made, np.zeros_like(pixels), 1.0, None, BGRA8, Workspace())
    assert np.array_equal(made, pixels)
    blend_stored(mode, made, pixels[::-1].copy(), 0.7, np.zeros((70, 9), np.uint8), BGRA8, Workspace())
    assert np.array_equal(made, pixels)
    nothing = np.zeros_like(pixels)
    blend_stored(mode, nothing, pixels, 1.0, None, BGRA8, Workspace())
    assert np.array_equal(nothing, pixels)
