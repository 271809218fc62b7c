import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.document import BGRA8, FORMATS, NOWHERE, RGBA16, TILE, Rect, tile_rect

small = st.integers(-700, 700)
rects = st.builds(Rect, small, small, st.integers(-5, 600), st.integers(-5, 600))


def test_every_premultiplied_pixel_survives_the_road_through_straight():
    alpha, colour = np.meshgrid(np.arange(256), np.arange(256))
    keep = colour <= alpha
    stored = np.zeros((1, int(keep.sum()), 4), np.uint8)
    stored[0, :, BGRA8.alpha] = alpha[keep]
    stored[0, :, BGRA8.order[0]] = colour[keep]
    straight = BGRA8.to_straight(stored)
    assert np.array_equal(BGRA8.from_straight(straight), stored)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_opaque_colours_survive_in_order(name):
    straight = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    stored = FORMATS[name].from_straight(straight)
    assert stored.dtype == FORMATS[name].dtype
    back = FORMATS[name].to_straight(stored)
    assert np.array_equal(back[..., :3], straight)
    assert back[..., 3].min() == 255


def test_sixteen_bits_survive():
    straight = np.random.default_rng(0).integers(0, 65536, (5, 7, 4), dtype=np.uint16)
    straight[..., 3] = 65535
    assert np.array_equal(RGBA16.to_straight(RGBA16.from_straight(straight), np.uint16), straight)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_solid_colour_is_premultiplied_and_held_in_range(name):
    pixel_format = FORMATS[name]
    pixel = pixel_format.solid(2.0, 0.5, -1.0, 0.5)
    top = pixel_format.maximum
    assert [int(pixel[place]) for place in pixel_format.order] == [top, round(top / 4), 0, round(top / 2)]


@given(rects, rects)
def test_rectangles_meet_and_join(first, second):
    both, round_ = first & second, first | second
    assert first.covers(both)
    assert second.covers(both)
    assert first.empty or round_.covers(first)
    assert round_.covers(second)
    assert both.area <= min(first.area, second.area)
    assert (first & NOWHERE).empty
    assert first.expanded(3).expanded(-3) == first
    assert first.translated(3, 4).translated(-3, -4) == first


@given(rects)
def test_tiles_cover_a_rectangle_and_nothing_else(rect):
    parts = [tile_rect(index) & rect for index in rect.tiles()]
    assert sum(part.area for part in parts) == rect.area
    assert all(not part.empty for part in parts)
    assert tile_rect((-1, 2)) == Rect(-TILE, 2 * TILE, TILE, TILE)
