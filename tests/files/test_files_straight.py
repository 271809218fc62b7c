"""Storage ↔ straight: a save must not change a pixel."""

import numpy as np
import pytest

from scumble.document import BGRA8, FORMATS, RGBA16
from scumble.files.straight import as_rgba, from_straight, to_straight


def all_pairs_of_8_bits():
    """Every (value, alpha) with value ≤ alpha, as stored BGRA pixels (1, n, 4)."""
    alpha, value = np.divmod(np.arange(65536), 256)
    legal = value <= alpha
    value, alpha = value[legal], alpha[legal]
    return np.stack([value, value, value, alpha], axis=-1).astype(np.uint8)[None]


def many_pairs_of_16_bits():
    """For each of the 65 536 alphas the ends of the range and 60 values in between."""
    rng = np.random.default_rng(5)
    alpha = np.arange(65536, dtype=np.int64)[:, None]
    value = np.concatenate([alpha * 0, alpha // 2, alpha, rng.integers(0, alpha + 1, (65536, 60))], axis=1)
    alpha = np.broadcast_to(alpha, value.shape)
    return np.stack([value, value, value, alpha], axis=-1).astype(np.uint16).reshape(-1, 1024, 4)


@pytest.mark.parametrize(
    ("pixel_format", "stored"), [(BGRA8, all_pairs_of_8_bits()), (RGBA16, many_pairs_of_16_bits())]
)
def test_premultiplied_to_straight_and_back_is_exact(pixel_format, stored):
    assert np.array_equal(from_straight(pixel_format, to_straight(pixel_format, stored)), stored)


def test_the_tables_agree_with_the_definition_for_every_pair():
    alpha, value = np.divmod(np.arange(65536), 256)
    straight = np.stack([value, 255 - value, value // 2, alpha], axis=-1).astype(np.uint8).reshape(256, 256, 4)
    assert np.array_equal(from_straight(BGRA8, straight), BGRA8.from_straight(straight))
    stored = all_pairs_of_8_bits()
    assert np.array_equal(to_straight(BGRA8, stored), BGRA8.to_straight(stored))


@pytest.mark.parametrize("pixel_format", FORMATS.values(), ids=FORMATS)
def test_opaque_pixels_are_only_put_in_order(pixel_format):
    rng = np.random.default_rng(1)
    straight = rng.integers(0, pixel_format.maximum + 1, (5, 7, 4)).astype(pixel_format.dtype)
    straight[..., 3] = pixel_format.maximum
    stored = from_straight(pixel_format, straight)
    assert np.array_equal(stored[..., list(pixel_format.order)], straight)
    assert np.array_equal(to_straight(pixel_format, stored), straight)


def test_the_given_pixels_are_left_alone():
    stored = all_pairs_of_8_bits()
    stored.flags.writeable = False
    straight = to_straight(BGRA8, stored)
    straight.flags.writeable = False
    from_straight(BGRA8, straight)
    assert np.array_equal(stored, all_pairs_of_8_bits())


def test_eight_bits_become_sixteen_without_loss():
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    deep = to_straight(RGBA16, from_straight(RGBA16, ramp))
    assert np.array_equal(deep[..., :3], ramp.astype(np.uint16) * 257)
    assert deep[..., 3].min() == 65535


def test_grey_and_grey_with_alpha_become_rgba():
    grey = np.array([[[7]], [[9]]], np.uint8)
    assert as_rgba(grey).tolist() == [[[7, 7, 7, 255]], [[9, 9, 9, 255]]]
    faint = np.array([[[7, 3]]], np.uint16)
    assert as_rgba(faint).tolist() == [[[7, 7, 7, 3]]]
