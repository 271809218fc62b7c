"""Outlines filled into tiles, against areas that are known and against a count of samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.document import TILE, Rect
from scumble.document.tiles import read_tiles
from scumble.paint.shapes import ellipse, polygon, rectangle

BOUNDS = Rect(0, 0, 400, 330)


def read(tiles, rect=BOUNDS):
    return read_tiles(tiles, rect, 1, np.dtype(np.uint8))


def sampled(outline, rect, fine=8):
    """How much of each pixel lies inside, by the winding number of fine × fine samples."""
    offsets = (np.arange(rect.width * fine) + 0.5) / fine + rect.x
    winding = np.zeros((rect.height * fine, rect.width * fine), int)
    for row in range(rect.height * fine):
        y = rect.y + (row + 0.5) / fine
        for (x0, y0), (x1, y1) in zip(outline, [*outline[1:], outline[0]], strict=True):
            if (y0 <= y) != (y1 <= y):
                x = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
                winding[row, offsets > x] += 1 if y1 > y0 else -1
    inside = (winding != 0).reshape(rect.height, fine, rect.width, fine)
    return inside.mean(axis=(1, 3)) * 255


def test_a_rectangle_on_the_grid_is_exact():
    values = read(polygon([(10, 10), (300, 10), (300, 290), (10, 290)], BOUNDS))
    assert np.array_equal(values, read(rectangle(Rect.from_edges(10, 10, 300, 290))))
    assert set(np.unique(values)) == {0, 255}


def test_parts_of_pixels_count():
    values = read(polygon([(10.25, 10.5), (20.75, 10.5), (20.75, 12), (10.25, 12)], BOUNDS))
    assert values[10, 10] == round(255 * 0.75 * 0.5)
    assert values[11, 10] == round(255 * 0.75)
    assert values[10, 15] == round(255 * 0.5)
    assert values[11, 20] == round(255 * 0.75)
    assert values[11, 21] == values[12, 15] == values[9, 15] == 0


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-20, 40), st.floats(-20, 40)), min_size=3, max_size=3),
    st.tuples(st.integers(-40, 40), st.integers(-40, 40)),
)
def test_triangles_are_what_samples_say(points, shift):
    near_seam = [(x + TILE - 10 + shift[0], y + TILE - 10 + shift[1]) for x, y in points]
    window = Rect(TILE - 80, TILE - 80, 150, 150) & BOUNDS
    values = read(polygon(near_seam, BOUNDS), window)
    assert np.abs(values - sampled(near_seam, window, 4)).max() <= 255 * 0.3
    assert abs(values.sum() - sampled(near_seam, window, 4).sum()) <= 255 * 8


def test_what_leaves_the_canvas_is_cut_and_the_rest_is_right():
    outline = [(-500.0, 20.5), (290.25, 20.5), (900.0, 100.0), (290.25, 260.5), (-100.0, 700.0)]
    values = read(polygon(outline, BOUNDS))
    expected = sampled(outline, BOUNDS, 4)
    assert np.abs(values - expected).max() <= 255 * 0.3
    assert np.abs(values - expected).mean() < 0.5


def test_no_bit_lies_outside_the_canvas():
    bounds = Rect(0, 0, 300, 270)
    tiles = polygon([(-50, -50), (800, -50), (800, 800), (-50, 800)], bounds)
    everything = read(tiles, Rect(-TILE, -TILE, 4 * TILE, 4 * TILE))
    assert everything.sum() == 255 * bounds.area


def test_a_line_that_crosses_itself_keeps_both_lobes():
    values = read(polygon([(10, 10), (110, 110), (110, 10), (10, 110)], BOUNDS))
    assert values[60, 20] == 255
    assert values[60, 100] == 255
    assert values[20, 60] == 0


def test_going_round_twice_leaves_no_hole():
    loop = [(50, 50), (150, 50), (150, 150), (50, 150)]
    values = read(polygon([*loop, *loop], BOUNDS))
    assert values[100, 100] == 255


def test_hard_edges_have_no_shades():
    values = read(polygon(ellipse(10, 10, 200, 150), BOUNDS, smooth=False))
    assert set(np.unique(values)) == {0, 255}
    assert abs((values > 0).sum() / (math.pi * 95 * 70) - 1) < 0.005


@pytest.mark.parametrize("box", [(10, 10, 390, 320), (100.5, 60.25, 104.5, 61.75), (250, 250, 262, 262)])
def test_the_area_of_an_ellipse(box):
    values = read(polygon(ellipse(*box), BOUNDS))
    area = math.pi * (box[2] - box[0]) / 2 * (box[3] - box[1]) / 2
    assert values.sum() / 255 == pytest.approx(area, rel=0.005, abs=0.05)


def test_a_large_inside_is_one_shared_tile():
    bounds = Rect(0, 0, 4096, 4096)
    tiles = polygon(ellipse(0, 0, 4096, 4096), bounds)
    inner = {id(tile) for (x, y), tile in tiles.items() if 5 <= x < 11 and 5 <= y < 11}
    assert len(inner) == 1
    assert sum(int(tile.pixels.sum()) for tile in tiles.values()) / 255 == pytest.approx(math.pi * 2048**2, rel=1e-5)


@pytest.mark.parametrize(
    "outline", [[], [(1, 1)], [(1, 1), (5, 5)], [(1, 1), (1, 1), (1, 1)], [(5, 5), (9, 5), (7, 5)]]
)
def test_what_encloses_nothing_selects_nothing(outline):
    assert polygon(outline, BOUNDS) == {}


def test_tiles_between_two_prongs_are_left_out_and_whole_ones_are_shared():
    wide = Rect(0, 0, 5 * TILE, 3 * TILE)
    right, low = 5 * TILE, 3 * TILE
    prongs = [(0, 0), (50, 0), (50, 700), (right - 50, 700), (right - 50, 0), (right, 0), (right, low), (0, low)]
    tiles = polygon(prongs, wide)
    assert (1, 0) not in tiles
    assert (3, 1) not in tiles
    values = np.full((low, right), 255)
    values[:700, 50 : right - 50] = 0
    assert (read(tiles, wide) == values).all()
    whole = rectangle(Rect(10, 10, 4 * TILE, 2 * TILE))
    assert len({id(whole[index]) for index in ((1, 1), (2, 1), (3, 1))}) == 1
    assert (read(whole, wide) == 255).sum() == 8 * TILE * TILE
