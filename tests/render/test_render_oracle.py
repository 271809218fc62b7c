"""The quick compositor against the plain one: `flatten` by QPainter within one step of 8 bits of `oracle.flatten`."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scumble.document import BGRA8, FORMATS, RGBA16, BlendMode, Document, Group, Rect, edits, walk
from scumble.render import flatten, oracle

MODES = list(BlendMode)
# A tiny error below becomes a large one above where these formulae are steep, in any arithmetic.
STEEP = {BlendMode.COLOR_DODGE, BlendMode.COLOR_BURN, BlendMode.SATURATION, BlendMode.HUE, BlendMode.DIVIDE}
# And where they jump from one colour to another, it decides which.
JUMPS = {
    BlendMode.HARD_MIX,
    BlendMode.HARD_MIX_PHOTOSHOP,
    BlendMode.VIVID_LIGHT,
    BlendMode.DARKER_COLOR,
    BlendMode.LIGHTER_COLOR,
}
SMOOTH = [mode for mode in MODES if mode not in STEEP | JUMPS]


def noise(pixel_format, rng, height, width):
    """Random pixels with every kind of alpha, many of them opaque and many absent."""
    straight = rng.integers(0, 256, (height, width, 4)).astype(np.uint16) * 257
    kind = rng.random((height, width))
    straight[kind < 0.25, 3] = 65535
    straight[kind > 0.85, 3] = 0
    return pixel_format.from_straight(straight if pixel_format is RGBA16 else (straight // 257).astype(np.uint8))


def difference(document, rect=None, but=0.0):
    """The greatest difference between the two, in steps of 8 bits, leaving out a share `but` of the worst."""
    snapshot = document.snapshot()
    rect = rect or document.bounds
    quick, plain = flatten(snapshot, rect).astype(float), oracle.flatten(snapshot, rect).astype(float)
    steps = np.abs(quick - plain) * 255 / document.format.maximum
    return float(np.quantile(steps, 1.0 - but)) if steps.size else 0.0


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_each_mode_at_each_opacity_with_and_without_a_mask(name, mode):
    rng = np.random.default_rng(5)
    for opacity in (1.0, 0.996, 0.5, 0.37, 0.01):
        for masked in (False, True):
            document = Document(256, 256, FORMATS[name])
            edits.add_layer(document, "below", pixels=noise(document.format, rng, 256, 256))
            mask = rng.integers(0, 256, (256, 256), dtype=np.uint8) if masked else None
            layer = edits.add_layer(
                document, "above", pixels=noise(document.format, rng, 256, 256), mask=mask, opacity=opacity, mode=mode
            )
            # Masking rounds once more before it blends, so that two roundings may meet.
            but = 0.001 if mode in JUMPS else 0.0
            assert difference(document, but=but) <= (2.0 if masked and name == "bgra8" else 1.0)
            if masked:
                edits.set_layer(document, layer, "off", mask_enabled=False)
                assert difference(document, but=but) <= 1.0


def grow(document, rng, modes, parent=None, depth=0, clipped=0.0):
    """Puts a few random layers, and groups of them, into a group."""
    for _ in range(int(rng.integers(1, 4))):
        fields = {
            "mode": modes[rng.integers(len(modes))],
            "opacity": float(rng.choice([1.0, 1.0, rng.random()])),
            "visible": bool(rng.random() < 0.9),
            "clip": bool(rng.random() < clipped),
        }
        if depth < 2 and rng.random() < 0.4:
            made = edits.add_group(document, "group")
            fields["isolated"] = bool(rng.random() < 0.5)
            grow(document, rng, modes, made, depth + 1, clipped)
            if rng.random() < 0.3:
                edits.select(document, Rect(10, 5, 60, 70), 130)
                edits.add_mask(document, made)
        else:
            side = int(rng.integers(20, 100))
            mask = rng.integers(0, 256, (side, side), dtype=np.uint8) if rng.random() < 0.3 else None
            origin = (int(rng.integers(180, 300)), int(rng.integers(-20, 40)))
            made = edits.add_layer(
                document, "layer", pixels=noise(document.format, rng, side, side), origin=origin, mask=mask
            )
        edits.set_layer(document, made, "fields", **fields)
        if parent is not None:
            edits.move_layer(document, made, parent=parent, index=0)


many = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(st.integers(0, 2**32 - 1))
def test_random_trees_agree_to_a_step_on_sixteen_bits(seed):
    rng = np.random.default_rng(seed)
    document = Document(300, 90, RGBA16)
    grow(document, rng, SMOOTH)
    assert difference(document) <= 1.0


@many
@given(st.integers(0, 2**32 - 1))
def test_random_trees_on_eight_bits_lose_a_step_or_two_for_each_layer(seed):
    rng = np.random.default_rng(seed)
    document = Document(300, 90, BGRA8)
    grow(document, rng, SMOOTH)
    roundings = sum(1 + (layer.mask is not None) + isinstance(layer, Group) for layer in walk(document.layers))
    assert difference(document) <= 1.0 + roundings


@many
@given(st.integers(0, 2**32 - 1))
def test_random_trees_with_clipping_agree_to_a_step_on_sixteen_bits(seed):
    rng = np.random.default_rng(seed)
    document = Document(300, 90, RGBA16)
    grow(document, rng, SMOOTH, clipped=0.5)
    assert difference(document) <= 1.0


@many
@given(st.integers(0, 2**32 - 1))
def test_random_trees_with_clipping_on_eight_bits_lose_a_step_or_two_for_each_layer(seed):
    rng = np.random.default_rng(seed)
    document = Document(300, 90, BGRA8)
    grow(document, rng, SMOOTH, clipped=0.5)
    roundings = sum(
        1 + (layer.mask is not None) + isinstance(layer, Group) + 2 * layer.clip for layer in walk(document.layers)
    )
    assert difference(document) <= 1.0 + roundings


def test_a_deep_stack_of_opaque_and_soft_layers_stays_near():
    rng = np.random.default_rng(3)
    document = Document(256, 256, BGRA8)
    for _ in range(20):
        edits.add_layer(document, "layer", pixels=noise(BGRA8, rng, 256, 256), opacity=0.5)
    snapshot = document.snapshot()
    quick, plain = flatten(snapshot, document.bounds).astype(int), oracle.flatten(snapshot, document.bounds).astype(int)
    assert np.abs(quick - plain).max() <= 5
    assert np.abs(quick - plain).mean() <= 0.75


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_any_rectangle_is_a_part_of_the_whole(name):
    rng = np.random.default_rng(1)
    document = Document(300, 270, FORMATS[name])
    grow(document, rng, MODES)
    snapshot = document.snapshot()
    for make in (flatten, oracle.flatten):
        whole = make(snapshot, document.bounds)
        for rect in (Rect(250, 3, 20, 80), Rect(0, 0, 1, 1), Rect(256, 256, 44, 14)):
            assert np.array_equal(make(snapshot, rect), whole[rect.slices(document.bounds)])
        around = make(snapshot, Rect(-10, -10, 320, 290))
        assert np.array_equal(around[10:280, 10:310], whole)
        assert not around[:10].any()
        assert not around[280:].any()
        assert make(snapshot, Rect(4, 4, 0, 0)).shape == (0, 0, 4)
