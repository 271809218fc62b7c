"""Grow and feather that come by themselves, against the worked figures of the best peer, in proportion."""

import math

import numpy as np
import pytest

from scumble.document import Rect
from scumble.generation import composite_mask, default_blend, denoise_mask


@pytest.mark.parametrize(
    ("native", "size", "strength", "feather"),
    [(512, (300, 200), 1.0, 36), (512, (300, 200), 0.5, 18), (512, (40, 30), 1.0, 32), (128, (75, 50), 1.0, 9)],
)
def test_the_feather_follows_strength_and_size(native: int, size: tuple[int, int], strength: float, feather: int):
    assert default_blend(Rect(0, 0, *size), native=native, strength=strength).feather == feather


def test_what_needs_no_model_stays_close_to_the_selection():
    assert default_blend(Rect(20, 225, 90, 37), native=None).reach < 16


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_the_fall_lies_about_where_the_peer_has_it(strength: float):
    """The peer grows by 4 + feather // 2, erodes by half of min(25, grow + feather // 2) and blurs: where it is half
    opaque, and where it ends."""
    selection = np.zeros((400, 500), np.uint8)
    selection[100:300, 100:400] = 255
    blend = default_blend(Rect(100, 100, 300, 200), native=512, strength=strength)
    grow = 4 + blend.feather // 2
    half = grow + blend.feather // 2 - min(25, grow + blend.feather // 2) // 2
    for mask in (composite_mask(selection, blend), denoise_mask(selection, blend)):
        row = mask[200, 400:].astype(int)
        assert (mask[selection == 255] == 255).all()
        assert abs(int(np.count_nonzero(row > 127)) - half) <= 6
        assert np.count_nonzero(row) <= 1.3 * (grow + blend.feather // 2)


def test_a_weaker_job_changes_less_around_the_selection():
    bounds = Rect(0, 0, 300, 200)
    reaches = [default_blend(bounds, native=512, strength=strength).reach for strength in (0.2, 0.6, 1.0)]
    assert reaches == sorted(reaches)
    assert reaches[0] < reaches[-1] / 2


def test_in_proportion_a_model_of_another_side_blends_alike():
    small, large = (default_blend(Rect(0, 0, 3 * side, 2 * side), native=side) for side in (128, 1024))
    assert math.isclose(large.reach / small.reach, 8, rel_tol=0.1)
